"""What has changed in an inbox since a page of it was shown: new items are counted, those that went say who has them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine import InboxQuery, StartRequest
from engine.tasks.watching import Changes
from tests.engine.office import FILL_AND_REVIEW, Office


def start(office: Office, count: int) -> None:
    requests = [StartRequest({"title": f"项目{n}"}) for n in range(count)]
    office.engine.start_many("p", requests, actor=office.who("li"))


class Page:
    """A page of the clerk's inbox as it was shown."""

    def __init__(self, office: Office, query: InboxQuery | None = None) -> None:
        self.office, self.query = office, query or InboxQuery(limit=5)
        self.since = office.engine.clock.now()
        rows = office.engine.inbox(office.who("li"), self.query).rows
        self.shown = [row.item_id for row in rows]

    def changes(self) -> Changes:
        return self.office.engine.inbox_changes(self.office.who("li"), self.query, self.shown, self.since)


def test_nothing_has_changed_when_nothing_did(office: Office, clock: Any) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    start(office, 7)
    page = Page(office)
    clock.advance(timedelta(minutes=1))
    found = page.changes()
    assert (found.arrived, found.gone, found.counts.all) == (0, (), 7)


def test_what_came_is_counted_wherever_it_stands(office: Office, clock: Any) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    start(office, 7)
    first = Page(office)
    second = Page(
        office,
        InboxQuery(limit=5, cursor=office.engine.inbox(office.who("li"), first.query).next_cursor),
    )
    clock.advance(timedelta(minutes=1))
    start(office, 3)
    assert first.changes().arrived == 3
    assert second.changes().arrived == 3
    assert first.changes().counts.all == 10


def test_what_moves_up_because_another_went_is_no_news(office: Office, clock: Any) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    start(office, 7)
    page = Page(office)
    clock.advance(timedelta(minutes=1))
    row = office.rows("liu")[2]
    office.engine.complete(row.item_id, actor=office.who("liu"), version=row.version, outcome="提交")
    found = page.changes()
    assert found.arrived == 0
    (gone,) = found.gone
    assert (gone.item_id, gone.state, gone.by, gone.me) == (row.item_id, "completed", "刘", False)


def test_who_took_an_item_is_named_and_a_transferred_one_is_news(office: Office, clock: Any) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    start(office, 3)
    page = Page(office)
    clock.advance(timedelta(minutes=1))
    claimed, mine, _ = office.rows("liu")
    office.engine.claim(claimed.item_id, actor=office.who("liu"), version=claimed.version)
    office.engine.complete(mine.item_id, actor=office.who("li"), version=mine.version, outcome="提交")
    found = {one.item_id: one for one in page.changes().gone}
    assert (found[claimed.item_id].state, found[claimed.item_id].by) == ("open", "刘")
    assert found[mine.item_id].me
    later = Page(office)
    clock.advance(timedelta(minutes=1))
    row = next(row for row in office.rows("liu") if row.item_id == claimed.item_id)
    office.engine.transfer(row.item_id, actor=office.who("liu"), version=row.version, to="li")
    assert later.changes().arrived == 1


def test_of_an_item_that_was_never_ones_business_nothing_is_told(office: Office) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    start(office, 1)
    item = office.row("li").item_id
    found = office.engine.inbox_changes(office.who("sun"), InboxQuery(), [item], office.engine.clock.now())
    (gone,) = found.gone
    assert (gone.state, gone.by) == ("", "")
