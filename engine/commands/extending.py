"""Deadlines that move (延期): a holder asks and the owner of the deadline decides, or the owner moves a whole campaign's.

Reminders and the timers that stand on the task follow by the same span; the old date stays in history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, select, union_all, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import informing, writer
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.conflicts import conflict
from engine.commands.holding import take_up
from engine.commands.loading import Item, load_item, load_items
from engine.commands.moving import reason_of
from engine.commands.owning import owners_of
from engine.commands.passing import note_of
from engine.commands.ports import Ports
from engine.commands.signing import signers_of
from engine.database import Unit
from engine.errors import BihuanError, Conflict, Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, names
from engine.values import dump_json, iso, load_plain

#: How many items one preview of a campaign covers.
MAX_CHANGES = 3_000
#: So many open items of a step are asked whether their deadline is the actor's.
SAMPLE = 20

_rows, _items, _jobs = tables.extensions.c, tables.work_items.c, tables.jobs.c
_asked = select(_rows.id).where(_rows.item_id == bindparam("item"), _rows.state == "open")
_open = (
    select(tables.extensions, _items.step, _items.due_at.label("old_due"), tables.instances.c.subject)
    .join(tables.work_items, _items.id == _rows.item_id)
    .join(tables.instances, tables.instances.c.id == _rows.instance_id)
    .where(_rows.state == "open", _items.state.in_(("open", "pending")))
    .order_by(_rows.id)
)
_open_of = _open.where(_rows.instance_id == bindparam("instance"))
_decide = (
    update(tables.extensions)
    .where(_rows.id == bindparam("key"), _rows.state == "open")
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("by"),
        decided_at=bindparam("now"),
        answer=bindparam("why"),
    )
)
_move = (
    update(tables.work_items)
    .where(_items.id == bindparam("key"))
    .values(
        version=_items.version + 1,
        due_at=bindparam("new_due"),
        due_provisional=False,  # somebody named the day; no calendar that is known later changes it
        follow_up_at=bindparam("remind"),
    )
)
_inbox = (
    update(tables.inbox).where(tables.inbox.c.item_id == bindparam("key")).values(due_at=bindparam("new_due"))
)
_timers = select(_jobs.id, _jobs.due_at).where(
    _jobs.instance_id == bindparam("instance"),
    _jobs.kind == "timer",
    _jobs.token.in_(bindparam("tokens", expanding=True)),
)
_shift = (
    update(tables.jobs)
    .where(_jobs.id == bindparam("key"))
    .values(due_at=bindparam("new_due"), due_provisional=False)
)


@dataclass(frozen=True, slots=True)
class Extension:
    """A holder's request for a later deadline; ``state`` is open, granted or refused."""

    id: int
    instance_id: int
    item_id: int
    step: str
    subject: str | None
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    old_due_at: datetime | None
    due_at: datetime
    reason: str
    state: str
    #: The principals of whom one decides.
    owners: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DueChange:
    """What moving a campaign's deadlines would do to one item; ``refusal`` is the code of why it can't be done."""

    item_id: int
    version: int
    instance_id: int
    subject: str | None
    unit: str | None
    step: str
    before: datetime
    after: datetime
    timers: int
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step with open deadlines of which the actor owns at least one: how many are open, and the first and the last."""

    process_id: str
    process_name: str
    element: str
    step: str
    open: int
    first: datetime
    last: datetime


def ask(
    ports: Ports, unit: Unit, item_id: int, actor: Actor, version: int, due: datetime, reason: str
) -> int:
    """Ask for a later deadline; return the request's id. Its owners decide, at once where the actor is one of them.

    Raises :class:`Refused` for an item without a deadline, a date that is not later, or a request that is open.
    """
    item, act, element = take_up(ports, unit, "extend", item_id, actor, version)
    _later(act, item, due)
    if unit.execute(_asked, {"item": item.id}).first() is not None:
        raise Refused("extend.asked_already", step=item.step)
    why = reason_of(reason)
    owners = owners_of(act, item, element)
    decided = not actor.principals.isdisjoint(owners)
    row = {
        "instance_id": item.instance_id,
        "item_id": item.id,
        "asked_by": actor.principal,
        "asked_at": act.now,
        "due_at": due,
        "reason": why,
        "owners": dump_json(owners),
        "state": "granted" if decided else "open",
        "decided_by": actor.principal if decided else None,
        "decided_at": act.now if decided else None,
    }
    created: int = unit.execute(insert(tables.extensions).returning(_rows.id), row).scalar_one()
    body: dict[str, Any] = {
        "item": item.id,
        "step": item.step,
        "due": iso(due),
        "before": iso(item.due_at),
        "reason": why,
    }
    if decided:
        body["timers"] = move_due(act, item, element, due)
    else:
        informing.asked(unit, act, informing.EXTENSION_ASKED, owners, why, item.id)
    kind = "extension.granted" if decided else "extension.asked"
    act.entries.append(Entry(kind, act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return created


def decide(
    ports: Ports,
    unit: Unit,
    extension_id: int,
    actor: Actor,
    *,
    grant: bool,
    due: datetime | None,
    answer: str,
) -> None:
    """Grant a request, for another date where ``due`` is given, or refuse it.

    Raises :class:`Forbidden` for anybody but an owner of the deadline, and :class:`Conflict` where it is decided.
    """
    row = unit.execute(select(tables.extensions).where(_rows.id == extension_id)).first()
    if row is None or actor.no_business:
        raise NotFound("extension.unknown")
    if actor.principals.isdisjoint(load_plain(row.owners)) and not actor.is_operator:
        raise NotFound("extension.unknown")
    item, act = load_item(ports, unit, row.item_id, actor)
    state = "granted" if grant else "refused"
    decided = {"key": row.id, "new_state": state, "by": actor.principal, "now": act.now}
    if unit.execute(_decide, {**decided, "why": note_of(answer)}).rowcount != 1:
        raise Conflict("extension.decided", step=item.step)
    if item.state not in ("open", "pending"):
        raise conflict(unit, item)
    new = due or row.due_at
    body: dict[str, Any] = {
        "item": item.id,
        "step": item.step,
        "before": iso(item.due_at),
        "reason": note_of(answer),
    }
    if grant:
        _later(act, item, new)
        body |= {"due": iso(new), "timers": move_due(act, item, user_task(act, item), new)}
    told = informing.EXTENSION_GRANTED if grant else informing.EXTENSION_REFUSED
    informing.asked(unit, act, told, [row.asked_by], note_of(answer), item.id)
    act.entries.append(Entry(f"extension.{state}", act.actor, act.now, item.element, body))
    writer.write(unit, [act])


def open_extensions(
    unit: Unit, actor: Actor | None = None, *, instance_id: int | None = None
) -> list[Extension]:
    """Return the open requests that the actor may decide (None: all) of a case (None: of all), the oldest first."""
    found = unit.execute(_open) if instance_id is None else unit.execute(_open_of, {"instance": instance_id})
    rows = [row for row in found if actor is None or not actor.principals.isdisjoint(load_plain(row.owners))]
    known = names(unit, {row.asked_by for row in rows})
    return [
        Extension(
            row.id,
            row.instance_id,
            row.item_id,
            row.step,
            row.subject,
            row.asked_by,
            known.get(row.asked_by, row.asked_by),
            row.asked_at,
            row.old_due,
            row.due_at,
            row.reason,
            row.state,
            tuple(load_plain(row.owners)),
        )
        for row in rows
    ]


def cannot_decide(item: Item, extension: Extension | None, actor: Actor) -> BihuanError | None:
    """Return why a person can't decide the open request for a later deadline of an item."""
    if extension is None:
        return Refused("extend.not_asked", step=item.step)
    if actor.no_business:
        return Forbidden("admin.no_business")
    owns = actor.is_operator or not actor.principals.isdisjoint(extension.owners)
    return None if owns else Forbidden("extend.not_owner", step=item.step)


def cannot_change(act: Act, item: Item, element: UserTask, actor: Actor) -> BihuanError | None:
    """Return why a person can't move the deadline of an item themself."""
    if actor.no_business:
        return Forbidden("admin.no_business")
    if item.state != "open":
        return Refused(f"item.{item.state}", step=item.step, at=item.completed_at)
    if item.due_at is None:
        return Refused("extend.no_due", step=item.step)
    return None if _owns(act, item, element, actor) else Forbidden("extend.not_owner", step=item.step)


def steps(ports: Ports, unit: Unit, actor: Actor) -> list[DueStep]:
    """Return the steps whose deadlines the actor may move, judged by some of their open items."""
    definitions = tables.definitions.c
    waits = (_items.state == "open") & _items.due_at.is_not(None) & _items.completed_at.is_(None)
    query = (
        select(
            definitions.process_id,
            func.max(definitions.name).label("name"),
            _items.element,
            func.max(_items.step).label("step"),
            func.count().label("open"),
            func.min(_items.due_at).label("first"),
            func.max(_items.due_at).label("last"),
        )
        .join(tables.definitions, definitions.id == _items.definition_id)
        .where(waits)
        .group_by(definitions.process_id, _items.element)
        .order_by(definitions.process_id, _items.element)
    )
    rows = unit.execute(query).all()
    samples = _samples(unit, [(row.process_id, row.element) for row in rows], waits)
    # Of most steps the first item tells; only of those where it is not the actor's the others are looked at.
    owned = _owned(ports, unit, actor, [ids[0] for ids in samples.values()])
    left = [ids[1:] for ids in samples.values() if ids[0] not in owned]
    owned |= _owned(ports, unit, actor, [id for ids in left for id in ids])
    return [
        DueStep(row.process_id, row.name, row.element, row.step, row.open, row.first, row.last)
        for row in rows
        if not owned.isdisjoint(samples.get((row.process_id, row.element), ()))
    ]


def _samples(
    unit: Unit, wanted: Sequence[tuple[str, str]], waits: ColumnElement[bool]
) -> dict[tuple[str, str], list[int]]:
    """Return some open items of each step, by process and element; a step without any is left out."""
    if not wanted:
        return {}
    definitions = tables.definitions.c
    parts = [
        select(
            select(_items.id, definitions.process_id, _items.element)
            .join(tables.definitions, definitions.id == _items.definition_id)
            .where(waits, definitions.process_id == process, _items.element == element)
            .limit(SAMPLE)
            .subquery()
        )
        for process, element in wanted
    ]
    found: dict[tuple[str, str], list[int]] = {}
    for one in unit.execute(union_all(*parts)):
        found.setdefault((one.process_id, one.element), []).append(one.id)
    return found


def _owned(ports: Ports, unit: Unit, actor: Actor, items: Sequence[int]) -> set[int]:
    """Return those of the items whose deadline the actor may move."""
    taken = load_items(ports, unit, items, actor)
    return {item.id for item, act in taken if cannot_change(act, item, user_task(act, item), actor) is None}


def preview(
    ports: Ports,
    unit: Unit,
    actor: Actor,
    process: str,
    element: str,
    due: datetime,
    only: Sequence[int] | None,
) -> list[DueChange]:
    """Return what moving the deadline of all open items of a step to ``due`` would do, item by item; nothing is changed.

    ``only`` names the instances; the default is all. Of more than :data:`MAX_CHANGES` it is those that have another
    deadline first, and of them the oldest: who does it again comes to the rest.
    """
    ids = ports.catalogue.ids(unit, process)
    query = (
        select(_items.id)
        .where(
            _items.definition_id.in_(ids),
            _items.element == element,
            _items.completed_at.is_(None),
            _items.state == "open",
            _items.due_at.is_not(None),
        )
        .order_by(_items.due_at == due, _items.id)
        .limit(MAX_CHANGES)
    )
    if only is not None:
        query = query.where(_items.instance_id.in_(list(only)))
    found = []
    for item, act in load_items(ports, unit, unit.execute(query).scalars().all(), actor.principal):
        task = user_task(act, item)
        timers = len(_beside(act, item)) if _span(act, item, task, due) else 0
        error = cannot_change(act, item, task, actor)
        code = None if error is None else error.code
        columns = act.instance.columns
        found.append(
            DueChange(
                item.id,
                item.version,
                item.instance_id,
                columns["subject"],
                columns["unit"],
                item.step,
                item.due_at or due,
                due,
                timers,
                code or ("extend.same" if item.due_at == due else None),
            )
        )
    return found


def change(ports: Ports, unit: Unit, change: DueChange, actor: Actor, reason: str) -> int:
    """Carry out one change of a preview as :func:`move` does; return how many timers followed."""
    return move(ports, unit, change.item_id, change.version, change.after, actor, reason)


def move(
    ports: Ports, unit: Unit, item_id: int, version: int, due: datetime, actor: Actor, reason: str
) -> int:
    """Move an item's deadline on its owner's word; return how many timers followed.

    Raises :class:`Conflict` where the item has another version, :class:`Forbidden` for who doesn't own the deadline.
    """
    item, act = load_item(ports, unit, item_id, actor)
    if item.state != "open" or item.version != version:
        raise conflict(unit, item)
    element = user_task(act, item)
    error = cannot_change(act, item, element, actor)
    if error is not None:
        raise error
    moved = move_due(act, item, element, due)
    body = {
        "item": item.id,
        "step": item.step,
        "due": iso(due),
        "before": iso(item.due_at),
        "timers": moved,
        "reason": reason_of(reason),
    }
    act.entries.append(Entry("due.changed", act.actor, act.now, item.element, body))
    writer.write(unit, [act])
    return moved


def move_due(act: Act, item: Item, element: UserTask, due: datetime) -> int:
    """Set an item's deadline; its reminder and the timers on its task follow. Return how many timers did."""
    unit = act.unit
    own = due - item.due_at if item.due_at is not None else None
    remind = (
        item.follow_up_at + own if item.follow_up_at is not None and own is not None else item.follow_up_at
    )
    span = _span(act, item, element, due)
    unit.execute(_move, {"key": item.id, "new_due": due, "remind": remind})
    unit.execute(_inbox, {"key": item.id, "new_due": due})
    rows = [{"key": row.id, "new_due": row.due_at + span} for row in _beside(act, item)] if span else []
    if rows:
        unit.execute(_shift, rows)
    return len(rows)


def _span(act: Act, item: Item, element: UserTask, due: datetime) -> timedelta:
    """Return by how much the timers on an item's task move: as far as the last deadline of those who are to sign it."""
    if item.due_at is None:
        return timedelta()
    others: list[datetime] = []
    if element.signing is not None:
        signers = signers_of(act.unit, act.instance.id, item.token)
        left = (one for one in signers if one.state in ("open", "pending") and one.item_id != item.id)
        others = [one.dates.due_at for one in left if one.dates.due_at is not None]
    return max([due, *others]) - max([item.due_at, *others])


def _beside(act: Act, item: Item) -> Sequence[Any]:
    """Return the timers that stand on an item's task."""
    tokens = act.execution.beside(item.token)
    if not tokens:
        return []
    return act.unit.execute(_timers, {"instance": item.instance_id, "tokens": tokens}).all()


def _owns(act: Act, item: Item, element: UserTask, actor: Actor) -> bool:
    return actor.is_operator or not actor.principals.isdisjoint(owners_of(act, item, element))


def _later(act: Act, item: Item, due: datetime) -> None:
    if item.due_at is None:
        raise Refused("extend.no_due", step=item.step)
    if due <= item.due_at or due <= act.now:
        raise Refused("extend.not_later", step=item.step, due=item.due_at)
