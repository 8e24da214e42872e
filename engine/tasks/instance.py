"""The view of an instance for one person: where it is, in whose hands, what happened, and what they may read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from engine import history, tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE
from engine.commands import asking, attaching, extending, notes, withdrawing
from engine.commands.act import Act
from engine.commands.loading import Item, load_instance
from engine.commands.ports import Ports
from engine.commands.progress import scope_and_name
from engine.commands.secrecy import is_secret
from engine.database import Unit
from engine.errors import NotFound
from engine.identity import SYSTEM, Actor, members, name_of_principal, names
from engine.tables import subscriptions
from engine.tasks import comments as thread
from engine.tasks import grounds, offers, reading
from engine.tasks.access import drafts, holds, may_see
from engine.tasks.doers import doer
from engine.tasks.usual import Step, Usual, usual
from engine.tasks.views import Active, Awaited, DoneView, Event, Holder, Incident, InstanceView
from engine.values import load_json

#: For so many of the steps that somebody completed it is told whether they can be taken back.
_TAKEN_BACK = 3
#: As many people are named as holders of a pooled item; of more, the organisation is.
_NAMED = 3
#: What an event's body holds besides what happened: for machines, or for the audience of an opinion.
_KEPT_BACK = frozenset(
    {
        "path",
        "flows",
        "opened",
        "variables",
        "payload",
        "opinion",
        "opinion_audience",
        "pins",
        "replies",
        "trace",
        "result",
        "changes",
        "inputs",
        "post",
        "scope",
        "target_process",
    }
)


def instance(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> InstanceView:
    """Return the view of an instance; raises :class:`NotFound` for one that the actor may not know of."""
    act, items = load_seen(ports, unit, instance_id, actor)
    return view(unit, act, items, actor)


def load_seen(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> tuple[Act, list[Item]]:
    """Take up an instance for reading, with its open items; raises as :func:`instance` does."""
    act = load_instance(ports, unit, instance_id, actor.principal, lock=False)
    return act, items_seen(unit, act, actor)


def items_seen(unit: Unit, act: Act, actor: Actor) -> list[Item]:
    """Return the open items of an instance that was taken up for reading; raises as :func:`instance` does."""
    actor = actor.within(act.process.process_id)
    items = _open_items(unit, act.instance.id)
    participants, readers = act.progress.participants, act.progress.readers
    known = actor is SYSTEM or actor.is_operator or not actor.principals.isdisjoint({*participants, *readers})
    if actor.reads_all:
        return items
    if actor.no_business or not (known or any(may_see(item, participants, actor) for item in items)):
        raise NotFound("instance.unknown", instance=act.instance.id)
    return items


def view(unit: Unit, act: Act, items: Sequence[Item], actor: Actor) -> InstanceView:
    """Return the view of an instance with its open items, which the actor may know of."""
    rows = history.events_of(unit, act.instance.id)
    bodies = [load_json(row.body) if row.body else {} for row in rows]
    finished = dict.fromkeys(element for body in bodies for element in body.get("path", ()))
    flows = dict.fromkeys(flow for body in bodies for flow in body.get("flows", ()))
    top = act.process.process_id
    active = [
        Active(token.element.id, token.element.kind)
        for token in act.execution.waiting()
        if token.process_id == top and getattr(token.element, "attached_to", None) is None
    ]
    active += [Active(token.element.id, token.element.kind, True) for token in act.execution.parked()]
    instance, columns = act.instance, act.instance.columns
    urged = notes.urged(unit, act, actor) if items else {}
    takes_part = _takes_part(act, items, actor)
    secret = is_secret(act)
    case = offers.on_case(act, actor, takes_part=takes_part)
    waits = any(item.due_at is not None for item in items)
    initiator = names(unit, [instance.initiator]).get(instance.initiator, instance.initiator)
    newest = sorted(act.progress.heads(), key=lambda one: one[2].saved_at)
    visible = [(scope, name) for scope, name, _ in newest]
    visible += [key for key in map(scope_and_name, act.progress.parts) if act.progress.head(*key) is None]
    documents = reading.documents(act, actor, visible)
    guarded = {name for _, name, head in act.progress.heads() if head.audience is not None}
    spans = usual(act.ports, unit, [step_of(act, item) for item in items], act.now)
    return InstanceView(
        id=instance.id,
        state=instance.state,
        subject=columns["subject"],
        unit=columns["unit"],
        reference=columns["reference"],
        amount=columns["amount"],
        business_key=instance.business_key,
        process_id=top,
        process_name=act.process.name,
        definition_version=act.process.version,
        bpmn=act.process.source,
        initiator=instance.initiator,
        initiator_name=initiator,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        active=active,
        finished=list(finished),
        flows_taken=list(flows),
        holders=[_holder(unit, act, item, actor, urged, spans) for item in items],
        timeline=_timeline(unit, act, rows, bodies, actor),
        documents=documents,
        restricted=[one.title for one in documents if one.name in guarded],
        pins=_pins(act, actor),
        attachments=attaching.listed(act, actor),
        incidents=_incidents(unit, instance.id),
        decisions=grounds.decisions(act, rows, bodies, actor),
        subscriptions=_awaited(unit, act),
        comments=thread.comments(act, rows, bodies, actor),
        may_comment=takes_part and not secret,
        secret=secret,
        can={name: None if error is None else error.code for name, error in case.items()},
        following=notes.follows(unit, instance.id, actor),
        done=_done(unit, act, actor),
        extensions=extending.open_extensions(unit, instance_id=instance.id) if waits else (),
    )


def _done(unit: Unit, act: Act, actor: Actor) -> list[DoneView]:
    """Return what the person completed last of each step, while the case runs: it may be taken back or asked back."""
    if act.execution.ended or actor.no_business:
        return []
    actor = actor.within(act.process.process_id)
    mine = [actor.principal, *(one.principal for one in actor.stands_in)]
    table = tables.work_items.c
    query = (
        select(tables.work_items)
        .where(
            table.instance_id == act.instance.id,
            table.state == "completed",
            or_(table.completed_by.in_(mine), table.completed_for.in_(mine)),
        )
        .order_by(table.completed_at.desc(), table.id.desc())
    )
    last: dict[tuple[str, int], Item] = {}
    for row in unit.execute(query):
        item = Item(row)
        last.setdefault((item.element, item.item), item)
    return [_taken(unit, act, item, actor) for item in list(last.values())[:_TAKEN_BACK]]


def _taken(unit: Unit, act: Act, item: Item, actor: Actor) -> DoneView:
    prospect = withdrawing.prospect(unit, act, item, actor)
    found = {"withdraw": prospect.error, "ask_withdrawal": asking.cannot_ask(unit, act, item, prospect)}
    known = names(unit, prospect.opened_by) if prospect.opened_by else {}
    return DoneView(
        item.id,
        item.step,
        item.outcome or "",
        item.completed_at or act.now,
        {name: None if error is None else error.code for name, error in found.items()},
        {name: error.params for name, error in found.items() if error is not None},
        [known.get(one, one) for one in prospect.opened_by],
    )


def _takes_part(act: Act, items: Sequence[Item], actor: Actor) -> bool:
    """Whether a person may speak about a case: they take part, may read a record of it, or have an open item."""
    participants, readers = act.progress.participants, act.progress.readers
    return not actor.no_business and (
        not actor.principals.isdisjoint({*participants, *readers})
        or any(may_see(item, participants, actor) for item in items)
    )


def _open_items(unit: Unit, instance_id: int) -> list[Item]:
    table = tables.work_items.c
    query = (
        select(tables.work_items)
        .where(table.instance_id == instance_id, table.state == "open")
        .order_by(table.id)
    )
    return [Item(row) for row in unit.execute(query)]


def step_of(act: Act, item: Item) -> Step:
    """Return the process and the element that an item stands in."""
    bound = (name for name, id in act.process.versions.items() if id == item.definition_id)
    return next(bound, act.process.process_id), item.element


def _holder(
    unit: Unit,
    act: Act,
    item: Item,
    actor: Actor,
    urged: Mapping[int, datetime],
    spans: Mapping[Step, Usual],
) -> Holder:
    known = spans.get(step_of(act, item))
    error = notes.cannot_urge(act, item, actor, urged)
    return Holder(
        item.id,
        item.element,
        item.step,
        _who(unit, act, item),
        item.created_at,
        item.due_at,
        None if known is None else known.seconds,
        holds(item, actor) or drafts(item, actor),
        {"urge": None if error is None else error.code},
        {} if error is None else {"urge": error.params},
    )


def _who(unit: Unit, act: Act, item: Item) -> list[str]:
    """Return the names of who has an item: of one person, of the few who could take it, or of their organisation."""
    having = [item.assignee] if item.assignee else list(item.candidates)
    if item.drafter and item.handed_in_at is None:
        having.append(item.drafter)
    today = act.now.astimezone(ZONE).date()
    found: dict[str, None] = {}
    for principal in having:
        kind, _, rest = principal.partition(":")
        people = [principal]
        if kind == "role":
            role, _, org = rest.partition("@")
            people = members(unit, role, org or None, today)
        if kind == "org" or not 0 < len(people) <= _NAMED:
            people = [principal]
        known = names(unit, people)
        found.update(dict.fromkeys(name_of_principal(one, known) for one in people))
    return list(found)


def _timeline(
    unit: Unit, act: Act, rows: Sequence[Any], bodies: Sequence[Mapping[str, Any]], actor: Actor
) -> list[Event]:
    told = [(row, body) for row, body in zip(rows, bodies, strict=True) if row.kind != "moved"]
    people = {row.actor for row, _ in told}
    people |= {body[key] for _, body in told for key in ("to", "drafter", "for", "post") if body.get(key)}
    people |= {one for _, body in told for one in body.get("to_all", ())}
    known = names(unit, people)
    gone = thread.struck(rows, bodies)
    told_now = [
        (row, {**body, "opinion": None, "struck": True} if row.seq in gone else body) for row, body in told
    ]
    return [_event(act, row, body, actor, known) for row, body in told_now]


def _event(act: Act, row: Any, body: Mapping[str, Any], actor: Actor, known: Mapping[str, str]) -> Event:
    element = reading.element_of(act, row.element) if row.element else None
    outcome = body.get("outcome")
    data: dict[str, Any] = {name: value for name, value in body.items() if name not in _KEPT_BACK}
    if row.kind == "decision.evaluated":
        data = {}
    for name in ("pins", "replies"):
        if body.get(name):
            data[name] = ["…"] * len(body[name])
    for name in ("to", "drafter", "for"):
        if body.get(name):
            data[f"{name}_name"] = known.get(body[name], body[name])
    if body.get("to_all"):
        data["to_name"] = "、".join(name_of_principal(one, dict(known)) for one in body["to_all"])
    audience = body.get("opinion_audience")
    reads = row.actor == actor.principal or actor.may_read(audience, act.progress.participants)
    return Event(
        row.at,
        row.actor,
        known.get(row.actor, row.actor),
        row.kind,
        row.element,
        body.get("step") or (element.label if element is not None else None),
        outcome,
        isinstance(element, UserTask) and outcome in element.rejects,
        (body.get("opinion") or None) if reads else None,
        doer(known, row.actor, body.get("post"), body.get("for")),
        data,
    )


def _pins(act: Act, actor: Actor) -> list[Any]:
    allowed = {name for scope, name, _ in act.progress.heads() if reading.readable(act, scope, name, actor)}
    return reading.pins(act, actor, only=allowed) if allowed else []


def _awaited(unit: Unit, act: Act) -> list[Awaited]:
    table = subscriptions.c
    query = select(subscriptions).where(table.instance_id == act.instance.id).order_by(table.id)
    found = []
    for row in unit.execute(query):
        element = act.process.element(row.process_id, row.element)
        beside = element.attached_to is not None or element.kind == "startEvent"
        found.append(Awaited(row.kind, row.name, row.key, row.element, element.label, row.created_at, beside))
    return found


def _incidents(unit: Unit, instance_id: int) -> list[Incident]:
    table = tables.incidents.c
    query = select(tables.incidents).where(table.instance_id == instance_id, table.state == "open")
    return [
        Incident(row.id, row.element, row.code, load_json(row.params), row.raised_at)
        for row in unit.execute(query.order_by(table.id))
    ]
