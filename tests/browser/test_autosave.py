"""What is typed is lost neither by a browser that dies, nor by a session that ends, nor by a server that is killed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, sign_out
from tests.browser.people import field, open_task
from tests.services.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROJECT = "机关办公用房维修改造"
CLERK = "jiguanshiwu.jingban"
SAVED = re.compile(r"已保存 \d\d:\d\d")


def typed(page: Page, text: str) -> None:
    """Type a text into the form and wait until this browser has it."""
    field(page, "overview").fill(text)
    page.wait_for_function(
        "text => Object.values(localStorage).some((copy) => copy.includes(text))", arg=text
    )


def test_what_was_typed_survives_a_session_that_ends_while_typing(visit: Visit) -> None:
    page = visit(CLERK, expected=("status of 401",))
    open_task(page, PROJECT)
    address = page.url
    sign_out(page)
    typed(page, "登录已经结束时打的字。")
    expect(page.locator("#toasts [data-ended]")).to_be_visible(timeout=15_000)
    with page.expect_navigation():
        page.locator("#toasts [data-ended]").click()
    page.get_by_label("账号", exact=True).fill(CLERK)
    from workflows.demo import PASSWORD

    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(address)  # back where one was
    page.get_by_role("button", name="恢复这份内容").click()
    expect(field(page, "overview")).to_have_value("登录已经结束时打的字。")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)


def test_what_was_typed_survives_a_server_that_is_killed_and_started_again(
    visit: Visit, server: Server
) -> None:
    page = visit(CLERK, expected=("ERR_CONNECTION_REFUSED", "Failed to load resource"))
    open_task(page, PROJECT)
    address = page.url
    page.wait_for_load_state(
        "networkidle"
    )  # the scripts that keep what is typed come when the task is opened
    server.kill()
    typed(page, "服务器不在的时候打的字。")
    expect(page.locator("[data-saved]")).to_contain_text("内容已留在本机", timeout=15_000)
    server.start()
    # It is tried again by itself, the session is the same, and the page says when it was saved.
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=25_000)
    page.goto(address)
    expect(field(page, "overview")).to_have_value("服务器不在的时候打的字。")
