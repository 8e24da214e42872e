"""What people keep beside the inbox: copies, drafts, followed cases, and what waits on others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from engine import InboxQuery, NotFound, Refused, StartRequest
from tests.engine.office import FILL_AND_REVIEW, Office


def cases(office: Office, count: int) -> list[int]:
    """Start cases whose first step waits for the clerks; return them."""
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    requests = [StartRequest({"title": f"项目{n}"}) for n in range(count)]
    return [one.instance_id for one in office.engine.start_many("p", requests, actor=office.who("li"))]


@contextmanager
def statements(office: Office) -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = office.engine.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class TestCopies:
    """抄送我的: pages of what one was sent, the newest first, and what of it is unread."""

    def test_pages_neither_skip_nor_repeat_in_either_direction(self, office: Office, clock: Any) -> None:
        for instance in cases(office, 12):
            clock.advance(timedelta(minutes=1))
            office.engine.copy(instance, actor=office.who("li"), to=["qian"], text=f"第{instance}件")
        qian = office.who("qian")
        pages, cursor = [], None
        while True:
            page = office.engine.copies(qian, InboxQuery(limit=5, sort="newest", cursor=cursor))
            pages.append([row.note_id for row in page.rows])
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [len(page) for page in pages] == [5, 5, 2]
        there = [one for page in pages for one in page]
        assert there == sorted(set(there), reverse=True)
        assert page.previous_cursor
        back = office.engine.copies(qian, InboxQuery(limit=5, sort="newest", cursor=page.previous_cursor))
        assert [row.note_id for row in back.rows] == pages[1]
        oldest = office.engine.copies(qian, InboxQuery(limit=3, sort="oldest"))
        assert [row.note_id for row in oldest.rows] == sorted(there)[:3]

    def test_it_says_who_sent_what_and_the_filters_narrow_it(self, office: Office) -> None:
        first, second = cases(office, 2)
        for instance in (first, second):
            office.engine.copy(instance, actor=office.who("li"), to=["qian"], text="请阅")
        office.engine.index()
        (row,) = office.engine.copies(office.who("qian"), InboxQuery(text="项目1")).rows
        assert (row.instance_id, row.sender_name, row.text, row.read_at) == (second, "李", "请阅", None)
        assert office.engine.copies(office.who("sun")).rows == []

    def test_several_are_marked_as_read_at_once_or_none(self, office: Office) -> None:
        instances = cases(office, 3)
        for instance in instances:
            office.engine.copy(instance, actor=office.who("li"), to=["qian", "sun"])
        qian = office.who("qian")
        mine = [row.note_id for row in office.engine.copies(qian).rows]
        other = office.engine.copies(office.who("sun")).rows[0].note_id
        with pytest.raises(NotFound):
            office.engine.read_notes([*mine, other], actor=qian)
        assert len(office.engine.copies(qian, unread=True).rows) == 3
        assert office.engine.read_notes(mine[:2], actor=qian) == 2
        assert office.engine.read_notes(mine, actor=qian) == 1
        assert office.engine.copies(qian, unread=True).rows == []
        assert len(office.engine.copies(office.who("sun"), unread=True).rows) == 3
        with pytest.raises(Refused):
            office.engine.read_notes(list(range(200)), actor=qian)
        office.sound()


class TestDrafts:
    """草稿: what was typed and not submitted, of open items and of those that are gone."""

    def test_the_last_saved_comes_first_and_a_submitted_one_is_gone(self, office: Office, clock: Any) -> None:
        cases(office, 3)
        li = office.who("li")
        items = [row.item_id for row in office.rows("li")]
        for item in items:
            clock.advance(timedelta(minutes=1))
            office.engine.save_draft(item, actor=li, answers={"a": 1}, based_on=None)
        assert [row.item_id for row in office.engine.drafts(li).rows] == items[::-1]
        first = office.rows("li")[0]
        office.engine.complete(first.item_id, actor=li, version=first.version, outcome="提交")
        assert [row.item_id for row in office.engine.drafts(li).rows] == [items[2], items[1]]
        office.engine.discard_draft(items[1], actor=li)
        assert [row.item_id for row in office.engine.drafts(li).rows] == [items[2]]
        assert office.engine.drafts(office.who("liu")).rows == []

    def test_one_of_an_item_that_a_colleague_completed_meanwhile_says_so(self, office: Office) -> None:
        cases(office, 1)
        row = office.row("li")
        office.engine.save_draft(row.item_id, actor=office.who("li"), answers={"a": 1}, based_on=None)
        office.do("liu", "提交")
        (draft,) = office.engine.drafts(office.who("li")).rows
        assert (draft.item_state, draft.subject) == ("completed", "项目0")


class TestFollowing:
    """关注: the cases that one watches, and where each of them stands."""

    def test_it_tells_where_they_stand(self, office: Office, clock: Any) -> None:
        first, second = cases(office, 2)
        li = office.who("li")
        for instance in (first, second):
            clock.advance(timedelta(minutes=1))
            office.engine.follow(instance, actor=li)
        row = next(row for row in office.rows("li") if row.instance_id == first)
        office.engine.complete(row.item_id, actor=li, version=row.version, outcome="提交")
        page = office.engine.following(li)
        assert [one.instance_id for one in page.rows] == [second, first]
        (step,) = page.standing[first]
        assert [(one.name, one.role) for one in step.who] == [("机构S1", "chief")]
        assert (step.step, step.since) == ("review", clock.now())
        office.engine.follow(second, actor=li, on=False)
        assert [one.instance_id for one in office.engine.following(li).rows] == [first]
        with statements(office) as sent:
            office.engine.following(li)
        assert len(sent) == 3

    def test_one_that_ended_stands_nowhere(self, office: Office) -> None:
        (instance,) = cases(office, 1)
        office.engine.follow(instance, actor=office.who("li"))
        office.do("li", "提交")
        office.do("wang", "同意")
        page = office.engine.following(office.who("li"))
        assert (page.rows[0].state, page.standing) == ("ended", {})


class TestOutstanding:
    """等别人的: what one started or handed on and somebody else has now."""

    def test_what_one_handed_on_waits_on_the_next_the_longest_first(self, office: Office, clock: Any) -> None:
        cases(office, 3)
        li = office.who("li")
        assert office.engine.outstanding(li) == []
        for row in list(office.rows("li"))[:2]:
            clock.advance(timedelta(hours=1))
            office.engine.complete(row.item_id, actor=li, version=row.version, outcome="提交")
        found = office.engine.outstanding(li)
        assert [one.subject for one in found] == ["项目0", "项目1"]
        assert found[0].standing.since < found[1].standing.since
        assert not found[0].asked
        assert [one.subject for one in office.engine.outstanding(li, limit=1)] == ["项目0"]

    def test_what_is_in_ones_own_hands_or_none_of_ones_business_is_not_among_them(
        self, office: Office
    ) -> None:
        cases(office, 2)
        assert office.engine.outstanding(office.who("li")) == []
        assert office.engine.outstanding(office.who("qian")) == []

    def test_whom_one_asked_is_waited_for(self, office: Office) -> None:
        cases(office, 1)
        row = office.row("liu")
        office.engine.delegate(row.item_id, actor=office.who("liu"), version=row.version, to="sun")
        (one,) = office.engine.outstanding(office.who("liu"))
        assert one.asked
        assert [who.name for who in one.standing.who] == ["孙"]
        liu = office.who("liu")
        with statements(office) as sent:
            office.engine.outstanding(liu)
        assert len(sent) == 2


def test_the_started_list_says_where_each_case_stands(office: Office) -> None:
    first, _ = cases(office, 2)
    page = office.engine.started_by(office.who("li"))
    (step,) = page.standing[first]
    assert [(one.name, one.role) for one in step.who] == [("机构U1", "clerk")]
    row = next(row for row in office.rows("li") if row.instance_id == first)
    office.engine.claim(row.item_id, actor=office.who("liu"), version=row.version)
    (step,) = office.engine.started_by(office.who("li")).standing[first]
    assert [(one.name, one.role) for one in step.who] == [("刘", "")]


def test_the_badges_count_what_waits_is_unread_and_begun_in_two_statements(office: Office) -> None:
    instances = cases(office, 3)
    li = office.who("li")
    for instance in instances[:2]:
        office.engine.copy(instance, actor=li, to=["liu"])
    item = office.rows("liu")[0].item_id
    office.engine.save_draft(item, actor=office.who("liu"), answers={"a": 1}, based_on=None)
    office.engine.read_note(office.engine.copies(office.who("liu")).rows[0].note_id, actor=office.who("liu"))
    liu = office.who("liu")
    with statements(office) as sent:
        found = office.engine.badges(liu)
    assert (found.waiting.all, found.copies, found.drafts) == (3, 1, 1)
    assert len(sent) == 2


@pytest.mark.parametrize("backend", ["sqlite"])  # a plan of PostgreSQL depends on its statistics
def test_drafts_and_followed_cases_are_read_in_the_order_of_an_index(office: Office) -> None:
    cases(office, 1)
    li = office.who("li")
    for read in (office.engine.drafts, office.engine.following, office.engine.copies):
        with statements(office) as sent:
            read(li)
        with office.engine.database.read() as unit:
            raw: Any = unit.connection.connection.dbapi_connection
            parameters = ["x"] * sent[0].count("?")
            plan = " ".join(str(row) for row in raw.execute(f"EXPLAIN QUERY PLAN {sent[0]}", parameters))
        assert "SCAN drafts" not in plan
        assert "SCAN follows" not in plan
        assert "SCAN notes" not in plan
        if read != office.engine.copies:  # which merges one scan for each principal
            assert "TEMP B-TREE" not in plan
