"""The bell rings without a reload; a bulletin goes to the clipboard and becomes a picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine import InboxQuery
from engine.database import Home
from engine.engine import Engine
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.services import axe
from tests.services.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]

CLERK, HEAD, CHIEF = "jiaotongju.jingban", "jiaotongju.fuzeren", "jixiao.guzhang"


def mention(server: Server, text: str) -> None:
    """Let the clerk name the head in a comment, as from another machine."""
    home = Home(server.home)
    engine = Engine(home.open("demo"))
    clerk = engine.actor(CLERK)
    instance = engine.inbox(clerk, InboxQuery(limit=1)).rows[0].instance_id
    engine.comment(instance, actor=clerk, text=text, mentions=[f"user:{HEAD}"])
    home.close()


def test_the_bell_shows_a_new_message_without_a_reload_and_counts_down_when_it_is_read(
    visit: Visit, server: Server
) -> None:
    page = visit(HEAD)
    page.goto("/messages/")
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.get_by_text("已全部标为已读。")).to_be_visible()
    page.clock.install()
    page.goto("/inbox")
    expect(page.locator("[data-bell-count]")).to_be_hidden()
    mention(server, "请看第三项指标")
    page.clock.fast_forward(25_000)
    expect(page.locator("[data-bell-count]")).to_have_text("1")
    expect(page.get_by_role("link", name="消息，1 条未读")).to_be_visible()
    page.get_by_role("link", name="消息，1 条未读").click()
    page.get_by_role("link", name="在评论中提到您").first.click()
    expect(page).to_have_url(re.compile("/instances/"))
    expect(page.locator("[data-bell-count]")).to_be_hidden()


@pytest.mark.parametrize("size", [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")])
def test_the_pages_of_messages_and_bulletins_fit_and_have_no_grave_fault(
    visit: Visit, size: dict[str, int]
) -> None:
    page = visit(CHIEF, size=size)
    for address in ("/messages/", "/messages/settings", "/goals/progress"):
        page.goto(address)
        fits(page)
        assert "\n".join(axe.grave_findings(page)) == "", address
    page = visit("admin", size=size)
    for address in ("/admin/channels/", "/admin/channels/new?type=mail", "/admin/channels/new?type=sms"):
        page.goto(address)
        fits(page)
        assert "\n".join(axe.grave_findings(page)) == "", address


def test_a_bulletin_is_copied_as_text_and_saved_as_a_picture(visit: Visit, tmp_path: Path) -> None:
    page = visit(CHIEF)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/goals?year=2027")  # the year that is being declared
    page.get_by_role("link", name="进度通报").click()
    text = page.get_by_label("通报文字").input_value()
    assert "截至" in text
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_text("已复制，可以粘贴了。")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text
    page.get_by_role("button", name="复制图片").click()
    types = "navigator.clipboard.read().then((items) => items.flatMap((item) => item.types))"
    page.wait_for_function(f"{types}.then((found) => found.includes('image/png'))")
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载图片").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.suffix == ".png"
    assert file.read_bytes().startswith(b"\x89PNG")
    drawn = "(canvas) => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, 400).data).size"
    assert page.locator("canvas").evaluate(drawn) > 20


def test_the_text_is_copied_where_the_page_has_no_clipboard_of_its_own(visit: Visit) -> None:
    page = visit(CHIEF)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/goals/progress?year=2027")
    expect(page.get_by_role("button", name="复制图片")).to_be_hidden()
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_text("已复制，可以粘贴了。")).to_be_visible()
