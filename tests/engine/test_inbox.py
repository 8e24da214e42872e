"""The inbox: pages that neither skip nor repeat, counts, filters, and what is visible through two principals once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from engine import BihuanError, InboxQuery, StartRequest
from tests.engine.office import Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

DUE = '<zeebe:taskSchedule dueDate="=due"/>'
ONE_STEP = process(
    task("fill", extra=DUE),
    "s -> fill -> e",
    subject="=title",
    unit="=unit",
    section="=section",
    amount="=amount",
    reference="=no",
)
BOTH = (
    '<zeebe:assignmentDefinition candidateUsers="user:li" '
    'candidateGroups="=[role(&quot;clerk&quot;, &quot;U1&quot;), org(&quot;U1&quot;)]"/>'
)


def fill(office: Office, *requests: dict[str, Any]) -> None:
    """Start an instance for each of ``requests``, which say what differs from the usual."""
    usual = {"title": "路灯", "unit": "一中", "section": "S1", "amount": 1, "no": "A-1", "due": None}
    office.engine.deploy({"p.bpmn": ONE_STEP}, actor="user:root")
    office.engine.start_many("p", [StartRequest(usual | one) for one in requests], actor="system")
    office.engine.index()


def numbers(office: Office, **query: Any) -> list[int]:
    """Return the amounts of the first page."""
    return [row.amount or 0 for row in office.engine.inbox(office.who("li"), InboxQuery(**query)).rows]


def counts(office: Office, **query: Any) -> tuple[int, int, int, int]:
    found = office.engine.inbox(office.who("li"), InboxQuery(**query)).counts
    return found.all, found.overdue, found.today, found.week


@pytest.mark.parametrize("sort", ["due", "latest", "newest", "oldest", "amount", "smallest"])
def test_pages_neither_skip_nor_repeat_in_either_direction(
    office: Office, clock: SteppedClock, sort: str
) -> None:
    now = clock.now()
    days = [None if n % 5 == 0 else (now + timedelta(days=n % 3)).isoformat() for n in range(45)]
    fill(office, *({"amount": n % 7, "due": day} for n, day in enumerate(days)))
    li = office.who("li")
    pages, cursor = [], None
    while True:
        page = office.engine.inbox(li, InboxQuery(limit=10, sort=sort, cursor=cursor))
        pages.append([row.item_id for row in page.rows])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    there = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [10, 10, 10, 10, 5]
    assert len(set(there)) == 45
    back = [pages[-1]]
    while page.previous_cursor:
        page = office.engine.inbox(li, InboxQuery(limit=10, sort=sort, cursor=page.previous_cursor))
        back.insert(0, [row.item_id for row in page.rows])
    assert back == pages


def test_a_page_stays_the_same_when_work_arrives_before_it(office: Office) -> None:
    fill(office, *({"amount": n} for n in range(1, 31)))
    li = office.who("li")
    first = office.engine.inbox(li, InboxQuery(limit=10, sort="newest"))
    office.engine.start_many(
        "p",
        [StartRequest({"title": "新", "unit": "u", "amount": 99, "no": "", "due": None})] * 3,
        actor="system",
    )
    second = office.engine.inbox(li, InboxQuery(limit=10, sort="newest", cursor=first.next_cursor))
    assert [row.amount for row in second.rows] == list(range(20, 10, -1))


def test_what_is_due_soonest_comes_first_and_what_is_never_due_last(
    office: Office, clock: SteppedClock
) -> None:
    now = clock.now()
    fill(
        office,
        {"amount": 1},
        {"amount": 2, "due": (now + timedelta(days=9)).isoformat()},
        {"amount": 3, "due": (now - timedelta(days=1)).isoformat()},
    )
    assert numbers(office) == [3, 2, 1]
    assert numbers(office, sort="latest") == [1, 2, 3]
    assert numbers(office, sort="amount") == [3, 2, 1]
    assert numbers(office, sort="smallest") == [1, 2, 3]
    assert numbers(office, sort="oldest") == [1, 2, 3]


def test_the_counters_count_late_today_and_this_week(office: Office, clock: SteppedClock) -> None:
    now = clock.now()  # a Monday, nine in the morning
    offsets = {
        1: timedelta(days=-3),
        2: timedelta(hours=-1),
        3: timedelta(hours=3),
        4: timedelta(days=6),
        5: timedelta(days=7),
    }
    fill(office, *({"amount": n, "due": (now + by).isoformat()} for n, by in offsets.items()), {"amount": 6})
    assert counts(office) == (6, 2, 1, 2)
    assert numbers(office, due="overdue") == [1, 2]
    assert numbers(office, due="today") == [3]
    assert numbers(office, due="week") == [3, 4]


def test_counts_stop_at_a_hundred(office: Office) -> None:
    fill(office, *({"amount": n} for n in range(130)))
    assert counts(office) == (100, 0, 0, 0)


def test_filters_narrow_rows_and_counts(office: Office) -> None:
    fill(
        office,
        {"amount": 1, "title": "一中操场改造", "unit": "一中"},
        {"amount": 2, "title": "100%达标", "unit": "二中", "no": "XJ-2026"},
    )
    assert numbers(office, text="操场") == [1]
    assert numbers(office, text="xj-20") == [2]
    assert numbers(office, text="100%") == [2]
    assert numbers(office, text="%") == []
    assert numbers(office, text="_") == []
    assert numbers(office, unit="二中") == [2]
    assert numbers(office, process="other") == []
    assert counts(office, text="操场") == (1, 0, 0, 0)


def test_what_is_visible_through_several_principals_is_there_once(office: Office) -> None:
    office.run(process(task("fill", BOTH), "s -> fill -> e"), {})
    page = office.engine.inbox(office.who("li"))
    assert len(page.rows) == 1
    assert page.counts.all == 1


@pytest.mark.parametrize(
    "query", [{"cursor": "nonsense"}, {"cursor": "k8PCwg"}, {"sort": "colour"}, {"due": "soon"}]
)
def test_an_address_that_was_tampered_with_is_an_error_of_ours(office: Office, query: dict[str, Any]) -> None:
    with pytest.raises(BihuanError):
        office.engine.inbox(office.who("li"), InboxQuery(**query))


@pytest.mark.parametrize("backend", ["sqlite"])  # a plan of PostgreSQL depends on its statistics
def test_a_page_and_its_counts_read_indexes_only(office: Office) -> None:
    fill(office, {"amount": 1})
    with office.engine.database.read() as unit:
        plan = unit.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT due_at, item_id FROM inbox WHERE principal = 'role:clerk@U1' "
                "AND (due_at, item_id) > ('2026', 1) ORDER BY due_at, item_id LIMIT 21"
            )
        ).all()
    told = " ".join(str(row) for row in plan)
    assert "SEARCH inbox USING" in told
    assert "TEMP B-TREE" not in told


def test_done_and_started_list_what_a_person_did(office: Office) -> None:
    fill(office, *({"amount": n} for n in range(1, 4)))
    li = office.who("li")
    office.engine.start(
        "p", actor=li, variables={"title": "我的", "unit": "u", "amount": 9, "no": "", "due": None}
    )
    for row in list(office.rows("li")):
        office.engine.complete(row.item_id, actor=li, version=row.version)
    done = office.engine.done(li, InboxQuery(limit=3))
    assert [row.amount for row in done.rows] == [9, 3, 2]
    rest = office.engine.done(li, InboxQuery(limit=3, cursor=done.next_cursor))
    assert [row.amount for row in rest.rows] == [1]
    assert [row.amount for row in office.engine.done(li, InboxQuery(sort="oldest")).rows] == [1, 2, 3, 9]
    assert [row.subject for row in office.engine.started_by(li).rows] == ["我的"]
    assert office.engine.done(office.who("liu")).rows == []
