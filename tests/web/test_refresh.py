"""What a list asks by itself: it is told what came and what went, is answered with 304 else, and keeps no session alive."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from sqlalchemy import event

from tests.web.conftest import Browser, Site, on_both

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"


def question(page: str) -> tuple[str, dict[str, str]]:
    """Return the address that a list asks at, and what it adds to it."""
    found = re.search(r'data-changes="([^"]+)"(?: data-since="([^"]+)")?', page)
    assert found
    return unescape(found[1]), {
        "since": unescape(found[2] or ""),
        "shown": ",".join(re.findall(r'data-item="(\d+)"', page)),
    }


def ask(browser: Browser, page: str, tag: str = "") -> Any:
    address, query = question(page)
    return browser.get(address, query_string=query, headers={"If-None-Match": tag} if tag else {})


@on_both
def test_nothing_new_is_answered_with_304(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    first = ask(browser, page)
    assert first.status_code == 200
    assert (first.json["arrived"], first.json["gone"]) == (0, {})
    again = ask(browser, page, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_what_a_colleague_took_is_told_with_the_name_and_the_counts_follow(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    clerk = site.browser(CLERK)
    page = clerk.get("/inbox").text
    before = ask(clerk, page)
    task = site.engine.task(item, site.engine.actor(CLERK))
    site.engine.transfer(
        item, actor=site.engine.actor(CLERK), version=task.version, to="jiaotongju.fuzeren", reason="休假"
    )
    after = ask(clerk, page, before.headers["ETag"])
    assert after.status_code == 200
    name = site.engine.actor("jiaotongju.fuzeren").name
    assert after.json["gone"] == {str(item): f"现由 {name} 办理"}
    assert int(after.json["counters"][""]) == int(before.json["counters"][""]) - 1
    assert after.json["numbers"]["inbox.waiting"] == after.json["counters"][""]


def test_what_arrives_is_counted(site: Site) -> None:
    browser = site.browser("jiaotongju.fuzeren")
    page = browser.get("/inbox").text
    site.clock.advance(timedelta(minutes=1))
    item = site.waiting(CLERK, "fill_goal")
    task = site.engine.task(item, site.engine.actor(CLERK))
    site.engine.transfer(
        item, actor=site.engine.actor(CLERK), version=task.version, to="jiaotongju.fuzeren", reason="休假"
    )
    assert ask(browser, page).json["arrived"] == 1


def test_the_other_lists_tell_that_they_are_not_the_same_any_more(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/copies").text
    mark = re.search(r'data-mark="(\w+)"', page)
    assert mark
    assert ask(browser, page).json["mark"] == mark[1]
    instance = site.engine.task(site.waiting(CLERK, "fill_goal"), site.engine.actor(CLERK)).instance_id
    site.engine.copy(instance, actor=site.engine.actor(CLERK), to=[CHIEF])
    answer = ask(browser, page).json
    assert answer["mark"] != mark[1]
    assert answer["numbers"]["own.copies"] == "1"
    assert browser.get("/changes").json["numbers"] == answer["numbers"]


def test_asking_keeps_no_session_alive(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    for _ in range(7):
        site.clock.advance(timedelta(minutes=5))
        last = ask(browser, page, "x")
    assert last.status_code == 302
    assert browser.get("/inbox").status_code == 302


def test_hostile_questions_are_refused(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert browser.get("/lists/inbox/changes").status_code == 400
    assert browser.get("/lists/inbox/changes?since=2026-01-01").status_code == 400
    assert browser.get("/lists/nothing/changes").status_code == 404
    odd = {"since": "2026-01-01T00:00:00+00:00", "shown": "1,x,99999999999999999999,-4"}
    answer = browser.get("/lists/inbox/changes", query_string=odd)
    assert answer.status_code == 200
    assert answer.json["gone"] == {"1": "已不在您的待办里"}


def test_a_question_costs_few_statements(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    tag = ask(browser, page).headers["ETag"]
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(site.engine.database.engine, "before_cursor_execute", note)
    assert ask(browser, page, tag).status_code == 304
    event.remove(site.engine.database.engine, "before_cursor_execute", note)
    assert len(sent) <= 11, sent
