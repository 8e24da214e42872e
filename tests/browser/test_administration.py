"""Two administrators at two browsers: one asks for a new first password, the other confirms, the person gets in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_new_first_password_by_two_administrators(visit: Visit) -> None:
    one, two = visit("admin"), visit("admin2", size=PHONE)
    one.get_by_role("link", name="人员", exact=True).click()
    one.get_by_placeholder("姓名或账号").fill("shangwuju.jingban")
    one.get_by_role("button", name="查询").click()
    one.locator("tr[data-row]", has_text="shangwuju.jingban").get_by_role("link").click()
    one.get_by_placeholder("例如：本人忘记密码").fill("本人忘记密码")
    one.get_by_role("button", name="申请重置密码").click()
    expect(one.get_by_text("等另一位管理员确认")).to_be_visible()
    two.goto("/admin/approvals/")
    assert two.evaluate("document.documentElement.scrollWidth") <= 360
    two.get_by_role("button", name="确认", exact=True).click()
    password = two.locator(".secret-once").inner_text()
    person = visit()
    person.goto("/sign-in")
    person.get_by_label("账号", exact=True).fill("shangwuju.jingban")
    person.get_by_label("密码", exact=True).fill(password)
    person.get_by_role("button", name="登录", exact=True).click()
    expect(person.get_by_text("这是第一次登录")).to_be_visible()
