"""What a person keeps for themself: drafts that they didn't submit yet (草稿), and the cases that they follow (关注)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from engine import tables
from engine.database import Unit
from engine.identity import Actor
from engine.tasks.filters import CASES, ITEMS, Asked
from engine.tasks.lists import ListPage, page
from engine.tasks.query import InboxQuery
from engine.tasks.standing import standing

_instances, _definitions = tables.instances.c, tables.definitions.c


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft: ``item_state`` is ``open``, or what became of the item before the draft was submitted."""

    item_id: int
    instance_id: int
    step: str
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    due_at: datetime | None
    round: int
    item_state: str
    state: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class FollowedRow:
    """A case that the person follows, since when, and its state."""

    instance_id: int
    process: str
    process_name: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    since: datetime
    ended_at: datetime | None
    state: str


def drafts(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> ListPage:
    """Return a page of the person's drafts, saved last first, in one statement."""
    mine, items = tables.drafts.c, tables.work_items.c
    rows = (
        select(
            items.id,
            items.instance_id,
            items.step,
            _definitions.process_id,
            _definitions.name,
            _instances.subject,
            _instances.unit,
            _instances.reference,
            _instances.amount,
            items.due_at,
            items.round,
            items.state,
            _instances.state,
            mine.saved_at,
        )
        .select_from(tables.drafts)
        .join(tables.work_items, items.id == mine.item_id)
        .join(tables.instances, _instances.id == items.instance_id)
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(mine.person == actor.principal)
    )
    asked = Asked.of(unit, actor, query, now, replace(CASES, item=ITEMS))
    return page(unit, rows, asked, mine.saved_at, mine.item_id, DraftRow, "saved_at", "item_id")


def followed(unit: Unit, actor: Actor, query: InboxQuery, now: datetime) -> ListPage:
    """Return a page of the cases that the person follows, the last one first, and where each of them stands."""
    mine = tables.follows.c
    rows = (
        select(
            _instances.id,
            _definitions.process_id,
            _definitions.name,
            _instances.subject,
            _instances.unit,
            _instances.reference,
            _instances.amount,
            mine.since,
            _instances.ended_at,
            _instances.state,
        )
        .select_from(tables.follows)
        .join(tables.instances, _instances.id == mine.instance_id)
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(mine.person == actor.principal)
    )
    asked = Asked.of(unit, actor, query, now)
    found = page(unit, rows, asked, mine.since, mine.instance_id, FollowedRow, "since", "instance_id")
    return replace(found, standing=standing(unit, [row.instance_id for row in found.rows]))
