"""What is typed is lost neither by a browser that dies, nor by a session that ends, nor by a server that is killed."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Playwright, Route, expect

from tests.browser.conftest import Visit, sign_in, sign_out
from tests.browser.people import field, open_task
from tests.browser.profiles import kill, launch
from tests.services.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]

PROJECT = "机关办公用房维修改造"
CLERK = "jiguanshiwu.jingban"
SAVED = re.compile(r"已保存 \d\d:\d\d")


#: What this browser keeps of what was typed, as one text.
KEPT = """
() => new Promise((resolve) => {
  const asked = indexedDB.open('bihuan');
  asked.onsuccess = () => {
    const known = asked.result.objectStoreNames.contains('typed');
    if (!known) { asked.result.close(); resolve(''); return; }
    const all = asked.result.transaction('typed').objectStore('typed').getAll();
    all.onsuccess = () => { asked.result.close(); resolve(JSON.stringify(all.result)); };
  };
})
"""


def keeps(page: Page, text: str) -> bool:
    """Whether this browser keeps a text."""
    return text in page.evaluate(KEPT)


def typed(page: Page, text: str) -> None:
    """Type a text into the form and wait until this browser has it."""
    page.wait_for_load_state(
        "networkidle"
    )  # the scripts that keep what is typed come when the task is opened
    field(page, "overview").fill(text)
    for _ in range(100):
        if keeps(page, text):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the browser does not keep what was typed")


def test_what_was_typed_in_the_last_second_survives_a_browser_that_is_killed(
    playwright_driver: Playwright, server: Server, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    context = launch(playwright_driver, profile, server.url)
    page = context.new_page()
    sign_in(page, CLERK)
    open_task(page, PROJECT)
    address = page.url
    page.wait_for_load_state("networkidle")
    field(page, "project_leader").fill("存到服务器的人")
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=15_000)
    typed(page, "刚打的字，还没有到十秒。")
    assert kill(profile)
    with suppress(Error):  # there is nobody left to say goodbye to
        context.close()

    context = launch(playwright_driver, profile, server.url)
    page = context.new_page()
    page.goto(address)
    if "/sign-in" in page.url:
        sign_in(page, CLERK)
        page.goto(address)
    expect(field(page, "project_leader")).to_have_value("存到服务器的人")
    bar = page.locator("[data-restore]")
    expect(bar).to_contain_text("恢复未保存的内容")
    expect(bar).to_contain_text("刚打的字，还没有到十秒。")
    # Typing on before one has decided loses nothing of what is offered.
    field(page, "overview").fill("恢复之前又打的字。")
    page.wait_for_timeout(600)
    page.get_by_role("button", name="恢复这份内容").click()
    expect(field(page, "overview")).to_have_value("刚打的字，还没有到十秒。")
    expect(bar).to_be_hidden()
    context.close()


def test_what_is_typed_before_the_pages_scripts_have_come_is_saved_too(visit: Visit) -> None:
    page = visit(CLERK)
    open_task(page, PROJECT)
    held: list[Route] = []
    page.route("**/dist/*.js", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    field(page, "overview").fill("脚本还没有来的时候打的字。")
    page.route("**/dist/*.js", lambda route: route.continue_())
    for route in held:
        route.continue_()
    expect(page.locator("[data-saved]")).to_have_text("有未保存的修改", timeout=15_000)
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=15_000)
    page.goto(page.url)
    expect(field(page, "overview")).to_have_value("脚本还没有来的时候打的字。")


def test_signing_out_hands_what_is_typed_to_the_server_and_leaves_nothing_in_the_browser(
    visit: Visit,
) -> None:
    page = visit(CLERK)
    open_task(page, PROJECT)
    address = page.url
    typed(page, "退出之前打的字。")
    page.locator("details.me > summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(re.compile("/sign-in"))
    assert not keeps(page, "退出之前打的字。")
    sign_in(page, CLERK)
    page.goto(address)
    expect(field(page, "overview")).to_have_value("退出之前打的字。")
    expect(page.locator("[data-restore]")).to_be_hidden()


def test_of_a_form_that_is_marked_secret_nothing_is_kept(visit: Visit) -> None:
    page = visit(CLERK, expected=("status of 422",))
    open_task(page, PROJECT)
    typed(page, "勾选涉密之前打的字。")
    page.locator("input[data-secret]").check()
    page.wait_for_timeout(1_500)
    assert not keeps(page, "勾选涉密之前打的字。")
    page.locator("input[data-secret]").uncheck()
    page.wait_for_timeout(1_500)
    page.locator("#opinion").fill("解除以后打的字。")
    for _ in range(100):
        if keeps(page, "解除以后打的字。"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("after the mark was taken away nothing is kept")


def test_two_windows_at_one_task_show_both_versions_and_neither_is_lost(visit: Visit) -> None:
    first = visit(CLERK, expected=("status of 409",))
    open_task(first, PROJECT)
    second = first.context.new_page()
    second.goto(first.url)
    for page in (first, second):
        page.wait_for_load_state("networkidle")
    field(first, "project_leader").fill("甲窗口的人")
    expect(first.locator("[data-saved]")).to_have_text(SAVED, timeout=15_000)
    field(second, "project_leader").fill("乙窗口的人")
    bar = second.locator("[data-restore]")
    expect(bar).to_contain_text("另一窗口已于", timeout=15_000)
    expect(bar).to_contain_text("甲窗口的人")
    expect(bar).to_contain_text("乙窗口的人")
    bar.get_by_role("button", name="保留这里的").click()
    expect(second.locator("[data-saved]")).to_have_text(SAVED)
    field(first, "project_leader").fill("甲窗口又改")
    expect(first.locator("[data-restore]")).to_contain_text("乙窗口的人", timeout=15_000)
    first.get_by_role("button", name="改用另一窗口的").click()
    expect(field(first, "project_leader")).to_have_value("乙窗口的人")


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
