"""Browsers are called by the names that people know."""

from __future__ import annotations

import pytest

from tests.web.conftest import Site, texts
from web.agents import browser_name

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{_WINDOWS} Chrome/128.0.0.0 Safari/537.36", "Chrome 128 · Windows"),
        (f"{_WINDOWS} Chrome/128.0.0.0 Safari/537.36 Edg/127.0.2", "Edge 127 · Windows"),
        (f"{_IPHONE} Version/17.4 Mobile/15E148 Safari/604.1", "Safari 17 · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox 130 · Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_told_by_name_version_and_system(site: Site, agent: str, name: str) -> None:
    with site.app.test_request_context():
        assert browser_name(agent) == name


def test_an_own_session_shows_the_browser_and_not_its_raw_line(site: Site) -> None:
    browser = site.browser("juzhang")
    page = browser.get("/sessions").text
    assert "本次" in texts(page)
    assert 'class="agent" title="' in page
