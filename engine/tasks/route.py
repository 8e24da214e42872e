"""Where a case is on its way (流程到哪了): the steps that were done, those that are open, those that are expected."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from engine import tables
from engine.calendar import ZONE
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.loading import Item
from engine.commands.ports import Ports
from engine.database import Unit
from engine.identity import Actor, names
from engine.tasks.contacts import Contact, contacts
from engine.tasks.doers import doer
from engine.tasks.forecast import Ahead, ahead
from engine.tasks.instance import load_seen, step_of
from engine.tasks.usual import Usual, usual
from engine.tasks.views import Doer

log = logging.getLogger(__name__)

DONE, NOW, NEXT = "done", "now", "next"
#: As many steps are told of what was done, the last ones, and of what is to come.
MOST = 30

_items = tables.work_items.c
_completed = (
    select(
        _items.element,
        _items.step,
        _items.completed_by,
        _items.completed_as,
        _items.completed_for,
        _items.completed_at,
        _items.outcome,
    )
    .where(_items.instance_id == bindparam("instance"), _items.state == "completed")
    .order_by(_items.completed_at.desc(), _items.id.desc())
    .limit(10 * MOST)
)


@dataclass(frozen=True, slots=True)
class RouteStep:
    """A step on the way: ``state`` is ``done``, ``now`` or ``next``.

    ``by`` and ``at`` tell who did it and when; ``who`` are those who have it, or will be asked; ``since`` and ``due_at``
    are of what is open. ``perhaps`` it is passed by; ``beside`` others it runs at the same time. ``who`` is empty where
    only later is known who will be asked.
    """

    element: str
    step: str
    state: str
    who: Sequence[Contact] = ()
    by: Doer | None = None
    at: datetime | None = None
    outcome: str | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    usual: Usual | None = None
    perhaps: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a case; ``whole`` tells whether what is to come is known to the end."""

    steps: Sequence[RouteStep]
    whole: bool = True


def route(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> Route:
    """Return the way of an instance; raises :class:`NotFound` for one that the actor may not know of."""
    act, items = load_seen(ports, unit, instance_id, actor)
    return way(unit, act, items)


def way(unit: Unit, act: Act, items: Sequence[Item]) -> Route:
    """Return the way of an instance with its open items, which the actor may know of."""
    coming, whole = _expected(act)
    open_now = {item.element for item in items}
    coming = [one for one in coming if one.element not in open_now]
    having = {
        item.id: seen_by(item.candidates, item.assignee, item.drafter, item.handed_in_at is not None)
        for item in items
    }
    asked = {one for several in having.values() for one in several}
    asked |= {one for step in coming[:MOST] for one in step.principals}
    known = contacts(unit, asked, act.now.astimezone(ZONE).date())
    places = [step_of(act, item) for item in items]
    places += [(one.process_id, one.element) for one in coming[:MOST]]
    spans = usual(act.ports, unit, places, act.now)
    steps = _done(unit, act, open_now | {one.element for one in coming})
    for item, place in zip(items, places, strict=False):
        who = [one for principal in having[item.id] for one in known.get(principal, ())]
        steps.append(_open(item, who, spans.get(place)))
    for one in coming[:MOST]:
        who = [contact for principal in one.principals for contact in known.get(principal, ())]
        steps.append(
            RouteStep(
                one.element,
                one.step,
                NEXT,
                who,
                usual=spans.get((one.process_id, one.element)),
                perhaps=one.perhaps,
                beside=one.beside,
            )
        )
    return Route(steps, whole and len(coming) <= MOST)


def _expected(act: Act) -> tuple[list[Ahead], bool]:
    """Return what is to come; a process that can't be foreseen never keeps a page from being shown."""
    if act.execution.ended:
        return [], True
    try:
        return ahead(act)
    except Exception:
        log.exception("the way of instance %s could not be foreseen", act.instance.id)
        return [], False


def _done(unit: Unit, act: Act, again: set[str]) -> list[RouteStep]:
    """Return the steps that were done and aren't to be done once more, each once, in the order of their last time."""
    rows = {}
    for row in unit.execute(_completed, {"instance": act.instance.id}):
        if row.element not in again and row.element not in rows:
            rows[row.element] = row
    shown = list(rows.values())[:MOST]
    known = names(
        unit, {one for row in shown for one in (row.completed_by, row.completed_as, row.completed_for) if one}
    )
    return [
        RouteStep(
            row.element,
            row.step,
            DONE,
            by=doer(known, row.completed_by, row.completed_as, row.completed_for)
            if row.completed_by
            else None,
            at=row.completed_at,
            outcome=row.outcome,
        )
        for row in reversed(shown)
    ]


def _open(item: Item, who: Sequence[Contact], known: Usual | None) -> RouteStep:
    return RouteStep(
        item.element, item.step, NOW, who, since=item.created_at, due_at=item.due_at, usual=known
    )
