"""Chinese on an English page is marked as such, and nothing else of the page changes."""

from __future__ import annotations

import re

import pytest
from lxml import html

from tests.web.conftest import Site
from web.marking import marked

CHIEF = "jingjian.guzhang"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>Held by 毛亚楠.</p>", '<p>Held by <span lang="zh">毛亚楠</span>.</p>'),
        ('<p lang="zh">毛亚楠 <b>预算股</b></p>', '<p lang="zh">毛亚楠 <b>预算股</b></p>'),
        ("<option value=1>县教育局</option>", '<option lang="zh" value=1>县教育局</option>'),
        ("<textarea>\n同意。</textarea>", '<textarea lang="zh">\n同意。</textarea>'),
        ("<script>const a = '中';</script>", "<script>const a = '中';</script>"),
        (
            '<input value="县"><br>x &amp; y &#8230; <!-- 县 -->',
            '<input value="县"><br>x &amp; y &#8230; <!-- 县 -->',
        ),
        ('<svg viewBox="0 0 1 1"><use href="#a"/></svg>', '<svg viewBox="0 0 1 1"><use href="#a"/></svg>'),
        ("<!doctype html><p>plain", "<!doctype html><p>plain"),
        ("Sum: 万元", 'Sum: <span lang="zh">万元</span>'),
    ],
)
def test_only_chinese_that_nobody_marked_is_marked(page: str, expected: str) -> None:
    assert marked(page) == expected


def test_all_chinese_on_an_english_page_is_marked_and_a_chinese_page_left_alone(site: Site) -> None:
    browser = site.browser(CHIEF)
    item = site.engine.inbox(site.engine.actor(CHIEF)).rows[0].item_id
    address = f"/tasks/{item}"
    before = browser.get(address).text
    browser.post("/language", {"language": "en", "back": address})
    page = html.fromstring(browser.get(address).text)
    assert page.get("lang") == "en"
    unmarked = "//text()[not(ancestor::*[starts-with(@lang, 'zh')]) and not(ancestor::script)]"
    assert [text for text in page.xpath(unmarked) if re.search("[\u4e00-\u9fff]", text)] == []
    browser.post("/language", {"language": "zh", "back": address})
    after = browser.get(address).text
    assert after.count('lang="zh"') == before.count('lang="zh"')
