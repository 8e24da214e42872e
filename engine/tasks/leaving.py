"""What somebody who leaves has in their hands: the open tasks that wait for them by name, and posts that only they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engine import tables
from engine.arranging import may_hand_over
from engine.commands.handing import items_of
from engine.database import Unit
from engine.errors import Forbidden
from engine.identity import Actor, load_actor, members
from engine.tasks.views import PostView
from engine.values import load_plain

_items, _instances, _definitions = tables.work_items.c, tables.instances.c, tables.definitions.c
_listed = (
    select(
        _items.id,
        _items.step,
        _items.element,
        _items.state,
        _items.assignee,
        _items.candidates,
        _items.drafter,
        _items.due_at,
        _instances.subject,
        _instances.unit,
        _definitions.process_id,
        _definitions.name.label("process_name"),
    )
    .join(tables.instances, _instances.id == _items.instance_id)
    .join(tables.definitions, _definitions.id == _instances.definition_id)
    .where(_items.id.in_(bindparam("ids", expanding=True)))
    .order_by(_definitions.name, _items.step, _instances.unit, _items.id)
)
_waiting = select(func.count()).where(tables.inbox.c.principal == bindparam("post"))
#: As many ids go into one statement.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class InHand:
    """An open task of somebody who leaves; ``kind`` is ``held``, ``drafting``, ``named`` (one of several), ``pending``
    (their turn comes) or ``asked`` (it comes back to them).
    """

    item_id: int
    process: str
    process_name: str
    element: str
    step: str
    subject: str | None
    unit: str | None
    due_at: datetime | None
    kind: str


@dataclass(frozen=True, slots=True)
class Orphaned:
    """A post that nobody else holds, and how many open tasks wait for it."""

    post: PostView
    waiting: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to be handed over when a person leaves."""

    person: str
    name: str
    items: Sequence[InHand]
    orphaned: Sequence[Orphaned]


def leaving(unit: Unit, plugins: Any, person: str, actor: Actor, today: date) -> Leaving:
    """Return what a person has in hand; raises :class:`Forbidden` where the actor may not hand it over."""
    who = load_actor(unit, person, today)
    if not may_hand_over(plugins, actor, who):
        raise Forbidden("handover.own_only")
    ids = items_of(unit, person)
    rows = [
        row
        for start in range(0, len(ids), _CHUNK)
        for row in unit.execute(_listed, {"ids": ids[start : start + _CHUNK]})
    ]
    orphaned = []
    for post in who.posts:
        if members(unit, post.role, post.org, today) == [who.principal]:
            count = int(unit.execute(_waiting, {"post": post.principal}).scalar_one())
            orphaned.append(Orphaned(PostView(post.role, post.org, post.org_name), count))
    return Leaving(who.person, who.name, [_in_hand(row, who.principal) for row in rows], orphaned)


def _in_hand(row: Any, me: str) -> InHand:
    kind = "asked"
    if row.state == "pending":
        kind = "pending"
    elif row.assignee == me:
        kind = "held"
    elif row.drafter == me:
        kind = "drafting"
    elif me in load_plain(row.candidates):
        kind = "named"
    return InHand(
        row.id,
        row.process_id,
        row.process_name,
        row.element,
        row.step,
        row.subject,
        row.unit,
        row.due_at,
        kind,
    )
