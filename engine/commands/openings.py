"""Who has opened a task's page, and whether they have seen what it shows now; they are told when the task is withdrawn
from under their eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_item, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.identity import Actor
from engine.tasks.access import drafts, holds

_openings, _items, _instances = tables.openings.c, tables.work_items.c, tables.instances.c
_mine = (_openings.item_id == bindparam("item")) & (_openings.person == bindparam("me"))
_opened = select(_openings.opened_at).where(_mine)
_open_again = update(tables.openings).where(_mine).values(opened_at=bindparam("now"))
_who = (
    select(_openings.person)
    .where(
        _openings.item_id.in_(bindparam("items", expanding=True)),
        _openings.person != bindparam("me"),
        _openings.told_at.is_(None),
    )
    .order_by(_openings.opened_at, _openings.person)
)
_tell = (
    update(tables.openings)
    .where(_openings.item_id.in_(bindparam("items", expanding=True)), _openings.person != bindparam("me"))
    .values(told_at=bindparam("now"), told_by=bindparam("by"))
)
_notices = (
    select(
        _items.id, _items.instance_id, _items.step, _instances.subject, _openings.told_by, _openings.told_at
    )
    .select_from(tables.openings)
    .join(tables.work_items, _items.id == _openings.item_id)
    .join(tables.instances, _instances.id == _items.instance_id)
    .where(_openings.person == bindparam("me"), _openings.told_at.is_not(None), _openings.seen_at.is_(None))
    .order_by(_openings.told_at.desc(), _items.id.desc())
    .limit(100)
)
_seen = update(tables.openings).where(_mine, _openings.seen_at.is_(None)).values(seen_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class Notice:
    """A task that somebody had opened and that was then withdrawn by ``by``."""

    item_id: int
    instance_id: int
    step: str
    subject: str | None
    by: str
    at: datetime


def opened_at(unit: Unit, item_id: int, actor: Actor) -> datetime | None:
    """Return when the actor has opened the page of an item: the first time, or the first since something on it changed."""
    found: datetime | None = unit.execute(_opened, {"item": item_id, "me": actor.principal}).scalar()
    return found


def changed_at(act: Act, item: Item, element: UserTask) -> datetime | None:
    """Return when something of what the page of an open item shows was last saved: its own document, or others."""
    scope = act.scopes.document_scope(token_of(act, item.token).scope)
    names = {name for name in (element.saved_as, element.pins, *element.shows) if name}
    heads = [head for name in names if (head := act.progress.head(act.place(scope, name), name)) is not None]
    return max((datetime.fromisoformat(head.saved_at) for head in heads), default=None)


def opened(ports: Ports, unit: Unit, item_id: int, actor: Actor) -> bool:
    """Note that the actor has a task before them that is theirs to do; tell whether there was anything to note.

    Only the first time counts, and the first since something on the page has changed. In a transaction that only reads
    nothing is noted.
    """
    item, act = load_item(ports, unit, item_id, actor.principal, lock=False)
    actor = actor.within(act.process.process_id)
    if item.state != "open" or not (holds(item, actor) or drafts(item, actor)):
        return False
    before, now = opened_at(unit, item_id, actor), ports.clock.now()
    if before is not None:
        changed = changed_at(act, item, user_task(act, item))
        if changed is None or changed <= before:
            return False
    if not unit.writes:
        return True
    key = {"item": item_id, "me": actor.principal, "now": now}
    if before is not None:
        unit.execute(_open_again, key)
    else:
        row = {"item_id": item_id, "person": actor.principal, "opened_at": now}
        unit.execute(insert(tables.openings), row)
    return True


def readers(unit: Unit, act: Act, items: Sequence[int]) -> list[str]:
    """Return who has opened one of these items, who would be told if it ended."""
    if not items:
        return []
    return list(dict.fromkeys(unit.execute(_who, {"items": list(items), "me": act.actor}).scalars()))


def tell(unit: Unit, act: Act, items: Sequence[int]) -> list[str]:
    """Leave a notice for everybody who had opened one of these items; return who they are."""
    people = readers(unit, act, items)
    if people:
        unit.execute(_tell, {"items": list(items), "me": act.actor, "now": act.now, "by": act.actor})
    return people


def notices(unit: Unit, actor: Actor) -> list[Notice]:
    """Return the notices that the actor hasn't put away, the newest first."""
    rows = unit.execute(_notices, {"me": actor.principal})
    return [Notice(row.id, row.instance_id, row.step, row.subject, row.told_by, row.told_at) for row in rows]


def put_away(unit: Unit, item_id: int, actor: Actor, now: datetime) -> None:
    """Put a notice away."""
    unit.execute(_seen, {"item": item_id, "me": actor.principal, "now": now})
