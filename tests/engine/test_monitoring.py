"""What operators see: processes with their cases by state, where cases wait, how long steps take, a case from inside."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine import BihuanError, Forbidden, NotFound
from engine.monitoring.cases import CaseQuery
from engine.monitoring.steps import Spread
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

BROKEN = process(
    task("fill", extra='<zeebe:taskSchedule dueDate="=now() + duration(&quot;P2D&quot;)"/>'),
    task("review", CHIEFS),
    "exclusiveGateway gate",
    "s -> fill -> gate",
    "gate -> review: amont > 5",
    "gate -> e: default",
    "review -> e",
    subject="=title",
    reference="=number",
)


def test_only_operators_see_the_processes_and_cases_of_others(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    engine = office.engine
    for person in ("li", "wang", "root"):
        actor = office.who(person)
        for ask in (
            lambda actor=actor: engine.process_rows(actor),
            lambda actor=actor: engine.steps("p", actor),
            lambda actor=actor: engine.cases(actor, CaseQuery()),
            lambda actor=actor: engine.case(instance, actor),
        ):
            with pytest.raises(Forbidden):
                ask()
    assert [row.instance_id for row in engine.cases(office.who("wu"), CaseQuery()).rows] == [instance]


def test_a_process_tells_its_versions_and_their_cases_by_state(office: Office, clock: SteppedClock) -> None:
    operator = office.who("wu")
    office.run(FILL_AND_REVIEW)
    office.do("li", "提交")
    office.do("wang", "同意")
    stopped = office.run(FILL_AND_REVIEW)
    office.engine.terminate(stopped, actor=operator, reason="重复")
    office.run(BROKEN, {"title": "甲", "number": "A-1", "amount": 1})
    office.run(BROKEN, {"title": "乙", "number": "A-2", "amount": 1})
    clock.advance(timedelta(days=3))
    (row,) = office.engine.process_rows(operator)
    assert [version.version for version in row.versions] == [2, 1]
    new, old = row.versions
    assert (old.ended, old.terminated, old.running) == (1, 1, 0)
    assert (new.waiting, new.running, row.open_items, row.late_items, row.incidents) == (2, 2, 2, 2, 0)
    assert new.deployed_by == "user:root"
    with pytest.raises(NotFound):
        office.engine.process_rows(operator, "none")


def test_steps_tell_what_waits_and_how_long_they_took(office: Office, clock: SteppedClock) -> None:
    operator = office.who("wu")
    for days in (1, 3, 8):
        office.run(FILL_AND_REVIEW)
        clock.advance(timedelta(days=days))
        office.do("li", "提交")
        clock.advance(timedelta(hours=2))
        office.do("wang", "同意")
    office.run(FILL_AND_REVIEW)
    began = clock.now()
    clock.advance(timedelta(days=1))
    found = {row.element: row for row in office.engine.steps("p", operator).rows}
    fill, review = found["fill"], found["review"]
    day = 24 * 3600
    assert fill.took == Spread(3 * day, 8 * day, 3)
    assert (fill.waiting, fill.oldest, review.waiting) == (1, began, 0)
    assert review.took == Spread(2 * 3600, 2 * 3600, 3)
    assert not found["gate"].busy
    since = clock.now() - timedelta(days=2)
    recent = {row.element: row for row in office.engine.steps("p", operator, since=since).rows}
    assert recent["fill"].took == Spread(8 * day, 8 * day, 1)
    assert office.engine.steps("p", operator).cases is not None


def test_cases_are_found_by_state_step_lateness_time_and_words(office: Office, clock: SteppedClock) -> None:
    operator, engine = office.who("wu"), office.engine
    first = office.run(BROKEN, {"title": "路灯改造", "number": "XM-001", "amount": 1})
    office.do("li")
    clock.advance(timedelta(days=1))
    second = office.run(BROKEN, {"title": "100%_绿化", "number": "XM-002", "amount": 1})

    def ids(**asked: object) -> list[int]:
        return [row.instance_id for row in engine.cases(operator, CaseQuery(**asked)).rows]  # type: ignore[arg-type]

    assert ids() == [second, first]
    assert ids(state="incident") == ids(element="gate") == ids(text="xm-001") == [first]
    assert ids(state="waiting") == ids(element="fill") == ids(text="%_") == [second]
    assert ids(state="running") == [second, first]
    assert ids(state="ended") == ids(process_id="q") == ids(version=9) == ids(late=True) == []
    assert ids(text=str(first)) in ([first], [second, first])
    assert ids(started_from=clock.now()) == [second]
    assert ids(started_before=clock.now()) == [first]
    clock.advance(timedelta(days=3))
    assert ids(late=True) == [second]
    rows = engine.cases(operator, CaseQuery()).rows
    assert [(row.late, row.incidents, list(row.steps)) for row in rows] == [
        (True, 0, ["fill"]),
        (False, 1, []),
    ]
    with pytest.raises(BihuanError, match="no state"):
        engine.cases(operator, CaseQuery(state="odd"))


def test_pages_of_cases_lead_there_and_back(office: Office) -> None:
    made = [office.run(FILL_AND_REVIEW) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = office.engine.cases(office.who("wu"), CaseQuery(limit=2, cursor=cursor))
        seen += [row.instance_id for row in page.rows]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == made[::-1]
    back = office.engine.cases(office.who("wu"), CaseQuery(limit=2, cursor=page.previous_cursor))
    assert [row.instance_id for row in back.rows] == [made[2], made[1]]


def test_a_case_shows_its_tokens_variables_jobs_and_what_may_be_skipped(office: Office) -> None:
    instance = office.run(BROKEN, {"title": "甲", "number": "A-1", "amount": 7})
    operator, engine = office.who("wu"), office.engine
    case = engine.case(instance, operator)
    assert [(token.element, token.failed) for token in case.tokens] == [("fill", False)]
    assert case.scopes[0].variables["amount"] == 7
    assert ("p", "review", "review") in case.elements
    assert "s" not in [element for _, element, _ in case.elements]
    office.do("li")
    case = engine.case(instance, operator)
    (incident,) = case.incidents
    assert (incident.element, incident.skippable, case.state) == ("gate", False, "incident")
    assert [(token.element, token.failed) for token in case.tokens] == [("gate", True)]
    with pytest.raises(NotFound):
        engine.case(instance + 99, operator)
