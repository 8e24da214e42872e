"""What is typed is lost neither by a browser that dies, nor by a session that ends, nor by a server that is killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import DESK, Visit, sign_in, sign_out
from tests.browser.people import field, open_task
from tests.services import chromium
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


@pytest.fixture
def profile() -> Iterator[Path]:
    """A browser's folder that outlives its process."""
    folder = Path(tempfile.mkdtemp())
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def launch(driver: Playwright, profile: Path, url: str) -> BrowserContext:
    found = chromium.find()
    return driver.chromium.launch_persistent_context(
        profile,
        executable_path=str(found.path),
        args=list(found.arguments),
        env={**os.environ, **found.environment},
        viewport=DESK,  # type: ignore[arg-type]
        locale="zh-CN",
        base_url=url,
    )


def kill(profile: Path) -> int:
    """Kill the browser that runs on a profile, all its processes at once; return how many there were."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    found = [int(line.split()[0]) for line in listed.splitlines() if f"--user-data-dir={profile}" in line]
    for process in found:
        with suppress(ProcessLookupError):  # the first one takes others with it
            os.kill(process, signal.SIGKILL)
    return len(found)


def test_what_was_typed_survives_a_browser_that_is_killed(
    playwright_driver: Playwright, server: Server, profile: Path
) -> None:
    context = launch(playwright_driver, profile, server.url)
    page = context.new_page()
    sign_in(page, CLERK)
    open_task(page, PROJECT)
    address = page.url
    saved = page.locator("[data-saved]")
    field(page, "project_leader").fill("存到服务器的人")
    expect(saved).to_have_text(SAVED, timeout=15_000)
    typed(page, "刚打的字，还没有到十秒。")
    page.wait_for_timeout(1_500)  # the browser writes what it keeps to the disk within a second
    assert kill(profile)
    context.close()

    context = launch(playwright_driver, profile, server.url)
    page = context.new_page()
    page.goto(address)
    if "/sign-in" in page.url:
        sign_in(page, CLERK)
        page.goto(address)
    expect(field(page, "project_leader")).to_have_value("存到服务器的人")
    if field(page, "overview").input_value() != "刚打的字，还没有到十秒。":
        page.get_by_role("button", name="恢复这份内容").click()
    expect(field(page, "overview")).to_have_value("刚打的字，还没有到十秒。")
    context.close()


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
    server.kill()
    typed(page, "服务器不在的时候打的字。")
    expect(page.locator("[data-saved]")).to_contain_text("内容已留在本机", timeout=15_000)
    server.start()
    # It is tried again by itself, the session is the same, and the page says when it was saved.
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=25_000)
    page.goto(address)
    expect(field(page, "overview")).to_have_value("服务器不在的时候打的字。")
