"""Messages that no process took within thirty days (domain §7.2): the operators hear of them, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine import tables
from engine.identity import Organisation
from engine.values import load_plain
from workflows import unheard

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

KEPT = timedelta(days=30)


def told(engine: Engine) -> list[tuple[str, int]]:
    """Return who was told of how many messages."""
    notes = tables.notes.c
    with engine.database.read() as unit:
        rows = unit.execute(select(notes.principal, notes.text).where(notes.kind == "notice")).all()
    said = [(row.principal, load_plain(row.text)) for row in rows]
    return [(who, one["params"]["count"]) for who, one in said if one["code"] == "messages.unheard"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_operators_hear_once_of_what_nobody_took_within_thirty_days(
    engine: Engine, clock: SteppedClock
) -> None:
    engine.people.add_orgs([Organisation("SYSTEM", "信息中心", "", None)])
    engine.people.create_person("yun", "运维员")
    engine.people.add_post("yun", "operator", "SYSTEM")
    unheard.tell(engine)
    engine.publish("ResultApplied", "P1", {}, "r-1", KEPT)
    engine.publish("ResultApplied", "P2", {}, "r-2", KEPT)
    engine.publish("Asked", "P3", {}, "a-1", timedelta(hours=1))
    begun = clock.now()
    for days, expected in (
        (29, []),
        (31, [("user:yun", 2)]),
        (32, [("user:yun", 2)]),
        (65, [("user:yun", 2)]),
    ):
        clock.set(begun + timedelta(days=days))
        engine.run_due()
        unheard.tell(engine)
        assert told(engine) == expected, days
