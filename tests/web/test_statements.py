"""How many statements each page sends, so that none grows with its rows, nor by something that nobody noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine import InboxQuery
from tests.web.conftest import Browser, Site
from tests.web.test_meetings import to_sign

CHIEF = "jingjian.guzhang"
#: The most statements of a page when its process is in memory; the frame around each page sends eight of them.
LISTS = {
    "/": 16,
    "/inbox": 13,
    "/inbox?text=公路": 15,
    "/inbox?amount_from=1&urgent=1&reference=2": 13,
    "/done": 13,
    "/started": 13,
    "/copies": 13,
    "/drafts": 13,
    "/followed": 13,
    "/search?text=满意度": 21,
    "/goals": 13,
}
TASK, INSTANCE = 50, 44
#: Those who together see every page that the navigation leads to, and the most statements of each of these pages.
EVERYBODY = ("jixiao.guzhang", "jiaotongju.jingban", "yunwei1", "admin")
#: A few for each checkpoint of the year.
PAGE, MORE = 20, {"/dashboard": 32}
#: A meeting whose chair has something to decide.
MEETING = {"kind": "BUREAU", "title": "研究公文", "held_on": "2026-03-11", "chair": "fenguan"}
#: What gives a file, or ends the session.
NO_PAGE = re.compile(r"\d|export|xlsx|static|sign-out|password")


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Note what is sent to the county's database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        seen.append(sql)

    event.listen(site.engine.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(site.engine.database.engine, "before_cursor_execute", note)


def sent(site: Site, browser: Browser, address: str) -> list[str]:
    """Return the statements of a page's second visit."""
    browser.get(address)
    with statements(site) as seen:
        assert browser.get(address).status_code == 200
    return seen


def test_no_list_sends_more_statements_than_it_is_allowed_however_many_rows_it_has(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.browser(CHIEF)
    for address, most in LISTS.items():
        monkeypatch.setitem(site.app.config, "PAGE_SIZE", 1)
        few = sent(site, browser, address)
        monkeypatch.setitem(site.app.config, "PAGE_SIZE", 100)
        many = sent(site, browser, address)
        assert len(many) <= most, f"{address}\n" + "\n".join(many)
        assert abs(len(many) - len(few)) <= 1, address  # names are only asked for where there are any


def test_no_page_of_the_navigation_sends_more_statements_than_it_is_allowed(site: Site) -> None:
    seen: set[str] = set()
    over: dict[str, int] = {}
    for person in EVERYBODY:
        browser = site.browser(person)
        for address in set(re.findall(r'href="(/[^"#?]*)"', browser.get("/").text)) - seen:
            if NO_PAGE.search(address) or browser.get(address).status_code != 200:
                continue
            seen.add(address)
            found = len(sent(site, browser, address))
            if found > MORE.get(address, PAGE):
                over[address] = found
    assert over == {}
    assert len(seen) > 40


def test_a_task_and_an_instance_send_no_more_statements_than_they_are_allowed(site: Site) -> None:
    browser = site.browser(CHIEF)
    row = site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=1)).rows[0]
    for address, most in ((f"/tasks/{row.item_id}", TASK), (f"/instances/{row.instance_id}", INSTANCE)):
        found = sent(site, browser, address)
        assert len(found) <= most, f"{address}\n" + "\n".join(found)


def test_a_meeting_a_book_and_the_letters_send_no_more_statements_for_more_rows(site: Site) -> None:
    browser, section = site.browser("jixiao.guzhang"), site.browser(CHIEF)
    meeting = browser.post("/meetings", {**MEETING, "csrf_token": browser.token}).headers["Location"]
    units = re.findall(r'<option value="(\w+)" lang="zh">', browser.get("/letters").text)
    counted: dict[str, list[int]] = {
        meeting: [],
        f"{meeting} (agenda)": [],
        "/books/leading_group": [],
        "/letters": [],
    }

    def grow(codes: list[str]) -> None:
        for code in codes:
            to_sign(site)
            browser.post("/letters", {"kind": "BULLETIN", "unit": code})
            head = {"title": "张局长", "part": "HEAD", "post": "局长", "unit": code}
            assert browser.post("/books/leading_group", head).status_code == 303
        counted[meeting].append(len(sent(site, browser, meeting)))
        page = browser.get(meeting).text
        browser.post(f"{meeting}/agenda", {"item": re.findall(r'name="item" value="(\d+)"', page)})
        counted[f"{meeting} (agenda)"].append(len(sent(site, browser, meeting)))
        for one, reader in (("/books/leading_group", section), ("/letters", browser)):
            counted[one].append(len(sent(site, reader, one)))

    grow(units[:1])
    grow(units[1:5])
    assert {one: more for one, (few, more) in counted.items() if more > few + 1} == {}, counted
    assert max(more for _, more in counted.values()) <= PAGE
