"""Common phrases: one's own are added, changed, ordered and deleted; the office's come by role and step."""

from __future__ import annotations

import re
from html import unescape

import pytest

from engine import Refused
from tests.web.conftest import Browser, Site
from web import phrases
from web.phrases import OfficePhrase

CHIEF = "jingjian.guzhang"
CLERK = "jiaotongju.jingban"
OTHER = "jingjian.guyuan1"


def own(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'name="old" value="([^"]*)"', page)]


def act(browser: Browser, act: str, **data: str) -> str:
    answer = browser.post("/phrases", {"act": act, **data})
    assert answer.status_code == 303, answer.text
    return browser.get("/phrases").text


def offered(browser: Browser, item: int) -> list[str]:
    page = browser.get(f"/tasks/{item}").text
    return [unescape(text) for text in re.findall(r"data-phrase[^>]*>([^<]+)<", page)]


def test_ones_own_phrases_are_kept_in_their_order_and_offered_first(site: Site) -> None:
    browser = site.browser(CHIEF)
    act(browser, "add", text="指标偏低，请核实。")
    assert own(act(browser, "add", text=" 同意  批复。 ")) == ["指标偏低，请核实。", "同意 批复。"]
    assert own(act(browser, "up", old="同意 批复。")) == ["同意 批复。", "指标偏低，请核实。"]
    changed = act(browser, "change", old="指标偏低，请核实。", text="指标值偏低，请核实<b>。")
    assert own(changed) == ["同意 批复。", "指标值偏低，请核实<b>。"]
    item = site.waiting(CHIEF, "section_review")
    assert offered(browser, item)[:3] == ["同意 批复。", "指标值偏低，请核实<b>。", "同意。"]
    assert own(act(browser, "remove", old="同意 批复。")) == ["指标值偏低，请核实<b>。"]
    assert own(site.browser(OTHER).get("/phrases").text) == []


def test_what_is_no_phrase_is_refused_with_a_reason(site: Site) -> None:
    browser = site.browser(CHIEF)
    act(browser, "add", text="一条")
    for data, reason in (
        ({"act": "add", "text": " "}, "没有写内容"),
        ({"act": "add", "text": "长" * 201}, "最多 200 个字"),
        ({"act": "add", "text": "一条"}, "已经有这一条"),
        ({"act": "change", "old": "别的", "text": "x"}, "已经改过或删除了"),
        ({"act": "remove", "old": "别的"}, "已经改过或删除了"),
    ):
        answer = browser.post("/phrases", data)
        assert (answer.status_code, reason in answer.text) == (422, True), data
    assert browser.post("/phrases", {"act": "burn"}).status_code == 400


def test_the_offices_phrases_come_by_role_and_step(site: Site) -> None:
    with site.app.test_request_context("/"):
        phrases.set_office(
            [
                OfficePhrase("人人可用。"),
                OfficePhrase("股长专用。", roles=frozenset({"section_chief"})),
                OfficePhrase("预算股专用。", roles=frozenset({"budget_chief"})),
                OfficePhrase("初审专用。", steps=frozenset({"section_review"})),
                OfficePhrase("终审专用。", steps=frozenset({"budget_decision"})),
            ],
            "user:admin",
        )
        with pytest.raises(Refused) as caught:
            phrases.set_office([OfficePhrase("重复"), OfficePhrase("重复")], "user:admin")
        assert caught.value.code == "phrase.known"
    item = site.waiting(CHIEF, "section_review")
    assert offered(site.browser(CHIEF), item) == ["人人可用。", "股长专用。", "初审专用。"]


def test_who_fills_in_a_form_is_offered_only_their_own(site: Site) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    assert offered(browser, item) == []
    act(browser, "add", text="已按要求填报。")
    assert offered(browser, item) == ["已按要求填报。"]
