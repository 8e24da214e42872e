"""Where running cases stand, many at once: which steps are open, with whom, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine import tables
from engine.commands.assignment import seen_by
from engine.database import Unit
from engine.identity import names
from engine.values import load_plain

#: Of so many people and roles who could take one step the names are told.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Who:
    """Who has a step: ``name`` is the person's or the organisation's, ``role`` what they have to be there, if anything."""

    principal: str
    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """An open step of a case; ``more`` counts those who could take it too and are not named in ``who``."""

    item_id: int
    instance_id: int
    step: str
    who: Sequence[Who]
    more: int
    since: datetime
    due_at: datetime | None


_items = tables.work_items.c
_open = (
    select(
        _items.id,
        _items.instance_id,
        _items.step,
        _items.candidates,
        _items.assignee,
        _items.drafter,
        _items.handed_in_at,
        _items.created_at,
        _items.due_at,
    )
    .where(_items.instance_id.in_(bindparam("instances", expanding=True)), _items.state == "open")
    .order_by(_items.instance_id, _items.created_at, _items.id)
)


def standing(unit: Unit, instances: Collection[int]) -> Mapping[int, Sequence[Standing]]:
    """Return the open steps of cases, the longest open first: one statement, and at most two for the names.

    Whether somebody may know of these cases is for the caller to have asked.
    """
    if not instances:
        return {}
    found: dict[int, list[Standing]] = {}
    for one in told(unit, unit.execute(_open, {"instances": sorted(instances)}).all()):
        found.setdefault(one.instance_id, []).append(one)
    return found


def told(unit: Unit, rows: Sequence[Any]) -> list[Standing]:
    """Return rows of open work items as steps with the names of those who have them."""
    having = [
        seen_by(load_plain(row.candidates), row.assignee, row.drafter, row.handed_in_at is not None)
        for row in rows
    ]
    known = names(unit, {one for several in having for one in several[:NAMED]})
    return [
        Standing(
            row.id,
            row.instance_id,
            row.step,
            [_who(one, known) for one in several[:NAMED]],
            max(0, len(several) - NAMED),
            row.created_at,
            row.due_at,
        )
        for row, several in zip(rows, having, strict=True)
    ]


def _who(principal: str, known: Mapping[str, str]) -> Who:
    kind, _, rest = principal.partition(":")
    if kind != "role":
        return Who(principal, known.get(principal, rest))
    role, _, org = rest.partition("@")
    return Who(principal, known.get(f"org:{org}", org), role)
