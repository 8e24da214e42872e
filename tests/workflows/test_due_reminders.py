"""Reminders of what is due soon (domain §5.1): in working days, of each step by its own rule, once, and of no secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.letters import LetterKind
from engine import tables
from engine.calendar import WorkingDays
from engine.engine import NewPin
from engine.values import load_plain
from tests.workflows.county import County, open_county, start
from workflows import due_reminders, files_of, profiles
from workflows.letter import starting as letters

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine


@pytest.fixture
def backend() -> str:
    """One database is enough: the query is the same on both."""
    return "sqlite"


def told(engine: Engine) -> list[tuple[str, str]]:
    """Return whom was told of which step."""
    notes = tables.notes.c
    with engine.database.read() as unit:
        query = select(notes.principal, notes.text).where(notes.kind == "notice").order_by(notes.id)
        rows = [(row.principal.removeprefix("user:"), load_plain(row.text)) for row in unit.execute(query)]
    return [(who, said["params"]["step"]) for who, said in rows if said["code"] == "due.soon"]


def on(engine: Engine, clock: SteppedClock, day: str) -> list[tuple[str, str]]:
    """Let an evening come, look twice, and return who was told of what by then."""
    clock.set(datetime.fromisoformat(f"{day}T19:00:00+08:00"))
    while engine.run_due():
        pass
    engine.run_routines()
    engine.run_routines()
    return told(engine)


def test_a_section_is_reminded_a_working_day_before_its_review_is_due_and_once(
    engine: Engine, clock: SteppedClock
) -> None:
    county = open_county(engine)
    county.submit()
    assert on(engine, clock, "2026-03-02") == []
    #: The head of the unit signs within three working days, to Thursday 5 March.
    assert on(engine, clock, "2026-03-03") == []
    assert on(engine, clock, "2026-03-04") == [("zhao", "单位负责人签批")]
    county.sign()
    #: The section reviews within five working days, to Wednesday 11 March.
    assert on(engine, clock, "2026-03-09")[1:] == []
    assert on(engine, clock, "2026-03-10")[1:] == [("wang", "股室初审")]
    assert on(engine, clock, "2026-03-11")[1:] == [("wang", "股室初审")], "not again on the day itself"


def test_what_is_due_on_a_free_day_is_told_of_before_it() -> None:
    friday, working = date(2026, 3, 6), WorkingDays()
    first, last = due_reminders.span(working, friday, 0)
    assert (first.date(), last.date()) == (friday, date(2026, 3, 9))
    first, last = due_reminders.span(working, friday, 1)
    assert (first.date(), last.date()) == (date(2026, 3, 9), date(2026, 3, 10))


def test_a_clerk_whom_no_campaign_calls_hears_of_the_deadline_and_of_a_correction(
    engine: Engine, clock: SteppedClock
) -> None:
    county = open_county(engine)
    #: The goal is due on Tuesday 31 March: T-5 and T-2 are reminded of by the file's own timers.
    assert on(engine, clock, "2026-03-23") == []
    assert on(engine, clock, "2026-03-24") == [("li", "填报绩效目标")]
    assert on(engine, clock, "2026-03-30") == [("li", "填报绩效目标")] * 2
    county.submit()
    county.sign()
    county.do("wang", "退回补正", opinion="请补充。", pins=_pins())
    due = county.task("li").due_at
    assert due is not None
    before = WorkingDays().add((due + timedelta(hours=8)).date(), -1)
    assert on(engine, clock, before.isoformat())[-1] == ("li", "补正绩效目标")


def test_a_secret_project_is_reminded_of_by_nobody(engine: Engine, clock: SteppedClock) -> None:
    county = open_county(engine, begin=False)
    start(county, secret=True)
    for day in ("2026-03-24", "2026-03-27", "2026-03-30", "2026-03-31"):
        assert on(engine, clock, day) == []


def test_the_receipt_of_a_letter_and_a_payment_follow_their_own_rules(
    engine: Engine, clock: SteppedClock
) -> None:
    county = open_county(engine, begin=False)
    ahead = {name: int(profiles.of(engine).value(name)) for name in due_reminders.SETTINGS}
    assert ahead == {
        "reminders.steps": 1,
        "reminders.drafts": 7,
        "reminders.opinions": 2,
        "reminders.payments": 0,
    }
    _letter(county)
    #: Drafted within three working days, to Thursday 5 March.
    assert on(engine, clock, "2026-03-03") == []
    assert on(engine, clock, "2026-03-04") == [("wu", "拟稿")]


def _letter(county: County) -> None:
    """Let the performance section begin minutes."""
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        request = letters.start(session, LetterKind.MINUTES, None, None, now=county.engine.clock.now())
    county.engine.start_many(letters.PROCESS, [request], actor=county.who("wu"))


def _pins() -> Sequence[NewPin]:
    return [NewPin("goal", "basis_necessity", None, "请补充必要性。")]


def test_every_step_that_a_rule_names_is_there() -> None:
    for process, element in {*due_reminders.SETTING, *due_reminders.OWN}:
        assert f'id="{element}"'.encode() in files_of(process)[f"{process}.bpmn"], (process, element)
