"""What waits on others: the open steps, with somebody else, of cases that a person started, worked on, or asked about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, union

from engine import tables
from engine.database import Unit
from engine.identity import Actor
from engine.tables import inbox
from engine.tasks.standing import Standing, told

#: So many of the cases that one started last, and of the items that one completed last, are looked at.
RECENT = 1_000


@dataclass(frozen=True, slots=True)
class Outstanding:
    """An open step that is in somebody else's hands, and what the case is about; ``asked`` where one asked them oneself."""

    standing: Standing
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    amount: int | None
    asked: bool


_items, _instances, _definitions = tables.work_items.c, tables.instances.c, tables.definitions.c
_started = (
    select(_instances.id)
    .where(_instances.initiator == bindparam("me"))
    .order_by(_instances.started_at.desc(), _instances.id.desc())
    .limit(RECENT)
    .subquery()
)
_done = (
    select(_items.instance_id)
    .where(_items.completed_by == bindparam("me"))
    .order_by(_items.completed_at.desc(), _items.id.desc())
    .limit(RECENT)
    .subquery()
)
_cases = union(select(_started.c.id), select(_done.c.instance_id)).subquery()
_open = union(
    select(_items.id).join(_cases, _cases.c.id == _items.instance_id).where(_items.state == "open"),
    select(_items.id).where(_items.delegated_by == bindparam("me"), _items.state == "open"),
).subquery()
_waiting = (
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
        _items.delegated_by,
        _definitions.process_id,
        _definitions.name.label("process_name"),
        _instances.subject,
        _instances.unit,
        _instances.amount,
    )
    .select_from(_open)
    .join(tables.work_items, _items.id == _open.c.id)
    .join(tables.instances, _instances.id == _items.instance_id)
    .join(tables.definitions, _definitions.id == _instances.definition_id)
    .where(
        ~select(inbox.c.item_id)
        .where(inbox.c.item_id == _items.id, inbox.c.principal.in_(bindparam("mine", expanding=True)))
        .exists()
    )
    .order_by(_items.created_at, _items.id)
    .limit(bindparam("limit"))
)


def outstanding(unit: Unit, actor: Actor, limit: int) -> list[Outstanding]:
    """Return at most ``limit`` of these steps, the longest open first: one statement, and at most two for the names."""
    wanted = {"me": actor.principal, "mine": sorted(actor.principals), "limit": limit}
    rows = unit.execute(_waiting, wanted).all()
    return [
        Outstanding(
            standing,
            row.process_id,
            row.process_name,
            row.subject,
            row.unit,
            row.amount,
            row.delegated_by == actor.principal,
        )
        for row, standing in zip(rows, told(unit, rows), strict=True)
    ]
