"""Says who was first: the typed conflict of a command that came too late, with who did what and when."""

from __future__ import annotations

from sqlalchemy import select

from engine import tables
from engine.commands.loading import Item
from engine.database import Unit
from engine.errors import Conflict
from engine.history import chain_of
from engine.identity import names
from engine.values import load_plain


def conflict(unit: Unit, item: Item) -> Conflict:
    """Return the conflict of a command on an item that is closed, or not at the version that the page showed."""
    if item.state in ("completed", "returned", "withdrawn"):
        by = item.completed_by or ""
        return Conflict(
            f"item.{item.state}",
            item=item.id,
            step=item.step,
            by=names(unit, [by]).get(by, by),
            at=item.completed_at,
            outcome=item.outcome or "",
        )
    if item.state == "cancelled":
        return Conflict("item.cancelled", item=item.id, step=item.step, at=item.completed_at)
    if item.state == "pending":
        return Conflict("item.pending", item=item.id, step=item.step)
    last = _last_change(unit, item)
    if last is None:
        return Conflict("item.stale", item=item.id, step=item.step)
    kind, by, at, to = last
    known = names(unit, [one for one in (by, to) if one])
    return Conflict(
        f"{kind}_meanwhile",
        item=item.id,
        step=item.step,
        by=known.get(by, by),
        at=at,
        to=known.get(to, to) if to else "",
    )


def held(unit: Unit, item: Item) -> Conflict:
    """Return the conflict of acting on an item that somebody else has taken."""
    by = item.assignee or ""
    return Conflict("item.held", item=item.id, step=item.step, by=names(unit, [by]).get(by, by))


def _last_change(unit: Unit, item: Item) -> tuple[str, str, object, str | None] | None:
    events = tables.events.c
    query = (
        select(events.kind, events.actor, events.at, events.body)
        .where(
            events.chain == chain_of(item.instance_id), events.kind.like("item.%"), events.body.is_not(None)
        )
        .order_by(events.seq.desc())
        .limit(50)
    )
    for row in unit.execute(query):
        body = load_plain(row.body)
        if body.get("item") == item.id:
            return row.kind, row.actor, row.at, body.get("to")
    return None
