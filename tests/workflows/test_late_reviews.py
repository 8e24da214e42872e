"""Reviews that are late (domain §5.1): the chief hears of them after a working day, the deputy leader after three, once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine import tables
from engine.values import load_plain
from tests.workflows.county import County, open_county

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine


def told(county: County) -> dict[str, set[str]]:
    """Return who was told which sentence."""
    notes = tables.notes.c
    with county.engine.database.read() as unit:
        rows = unit.execute(select(notes.principal, notes.text).where(notes.kind == "notice")).all()
    found: dict[str, set[str]] = {}
    for row in rows:
        code = load_plain(row.text)["code"]
        if code.startswith("review."):
            found.setdefault(code, set()).add(row.principal)
    return found


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_who_hears_of_a_late_review_on_which_working_day(engine: Engine, clock: SteppedClock) -> None:
    county = open_county(engine)
    county.submit()
    county.sign()
    due = county.task("wang").due_at
    assert due is not None
    assert due.isoformat()[:10] == "2026-03-09"
    chief = {"review.late_chief": {"user:wang"}}
    #: Monday 9 March is the deadline: T+1 is Tuesday, T+3 Thursday; on Tuesday at eight nobody is told.
    for moment, expected in (
        ("2026-03-09T20:00", {}),
        ("2026-03-10T08:00", {}),
        ("2026-03-10T09:30", chief),
        ("2026-03-11T09:30", chief),
        ("2026-03-12T09:30", chief | {"review.late_leader": {"user:feng"}}),
        ("2026-03-20T09:30", chief | {"review.late_leader": {"user:feng"}}),
    ):
        clock.set(datetime.fromisoformat(f"{moment}:00+08:00"))
        engine.run_routines()
        assert told(county) == expected, moment
    with county.engine.database.read() as unit:
        count = len(unit.execute(select(tables.notes.c.id).where(tables.notes.c.kind == "notice")).all())
    assert engine.run_routines() == 0
    assert count == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_unit_that_is_late_is_no_late_review(engine: Engine, clock: SteppedClock) -> None:
    county = open_county(engine)
    clock.set(datetime.fromisoformat("2026-04-20T09:30:00+08:00"))
    engine.run_routines()
    assert told(county) == {}
