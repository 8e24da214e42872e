"""What has happened that people are told of: news out of work items, notes, incidents, and deadlines that come near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select, true, tuple_
from sqlalchemy.orm import Session

from engine import identity, tables
from engine.bpmn.model import UserTask
from engine.calendar import ZONE
from engine.commands.ports import Ports
from engine.database import Unit
from engine.identity import OPERATOR
from engine.notify.kinds import FINISHED, INCIDENT, NOTICE, OF_NOTES, RETURNED, TASK
from engine.values import load_plain

#: What happened longer ago is no news, however late it is read.
FRESH = timedelta(days=1)

_items, _inbox, _notes = tables.work_items.c, tables.inbox.c, tables.notes.c
_incidents, _instances, _definitions = tables.incidents.c, tables.instances.c, tables.definitions.c
_waiting = select(_inbox.item_id, _inbox.principal).where(
    _inbox.item_id.in_(bindparam("ids", expanding=True))
)
_posts = tables.posts.join(tables.organisations, tables.organisations.c.code == tables.posts.c.org)
_at_posts = select(tables.posts.c.person).select_from(_posts).distinct()


@dataclass(frozen=True, slots=True)
class News:
    """Something that people are told of.

    ``key`` is the same however often it is found. ``to`` are principals, ``process`` decides whose substitutes hear of it
    too. ``code`` is its sentence in :mod:`engine.notify.messages`, or, with ``params``, one of another room where it is
    about no case. A ``secret`` case has neither subject, unit nor text.
    """

    key: str
    kind: str
    code: str
    to: tuple[str, ...]
    at: datetime
    instance_id: int | None = None
    item_id: int | None = None
    process: str = ""
    process_name: str = ""
    subject: str = ""
    unit: str = ""
    step: str = ""
    due_at: datetime | None = None
    sender: str = ""
    text: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = None
    secret: bool = False


def of_items(ports: Ports, unit: Unit, ids: Sequence[int], since: datetime) -> list[News]:
    """Return the news of work items that wait for somebody, of those that came after ``since``."""
    if not ids:
        return []
    rows = unit.execute(
        _with_case(_items, tables.work_items, _items.instance_id).where(
            _items.id.in_(ids), _items.state == "open", _items.created_at > since
        )
    ).all()
    people = waiting_for(unit, [row.id for row in rows])
    back = returned(ports, unit, rows)
    return [
        News(
            f"item:{row.id}",
            kind := RETURNED if row.id in back else TASK,
            f"tell.{kind}",
            tuple(people[row.id]),
            row.created_at,
            row.instance_id,
            row.id,
            row.process_id,
            row.process_name,
            row.subject or "",
            row.unit or "",
            row.step,
            row.due_at,
        )
        for row in rows
        if row.id in people
    ]


def of_notes(unit: Unit, ids: Sequence[int], since: datetime, *, read: bool = False) -> list[News]:
    """Return the news of notes that were sent after ``since``, also of those that were read where ``read`` says so."""
    if not ids:
        return []
    step = _items.step.label("step"), _items.due_at.label("due_at")
    rows = unit.execute(
        _with_case(_notes, tables.notes, _notes.instance_id, *step)
        .outerjoin(tables.work_items, _items.id == _notes.item_id)
        .where(_notes.id.in_(ids), true() if read else _notes.read_at.is_(None), _notes.sent_at > since)
    ).all()
    names = identity.names(unit, {row.sender for row in rows})
    return [
        News(
            f"note:{row.id}",
            OF_NOTES[row.kind],
            f"tell.{row.kind}",
            (row.principal,),
            row.sent_at,
            row.instance_id,
            row.item_id,
            row.process_id or "",
            row.process_name or "",
            row.subject or "",
            row.unit or "",
            row.step or "",
            row.due_at,
            names.get(row.sender, ""),
            *_said(row.kind, row.text),
            row.link,
        )
        for row in rows
        if row.kind in OF_NOTES
    ]


def _said(kind: str, text: str) -> tuple[str, Mapping[str, Any]]:
    """Return what a note says: its sender's words, or a sentence's code and parameters where a machine wrote it."""
    return ("", load_plain(text)) if kind in (FINISHED, NOTICE) else (text, {})


def of_incidents(unit: Unit, ids: Sequence[int], since: datetime) -> list[News]:
    """Return the news of incidents that are open and were raised after ``since``, for those who run the processes."""
    if not ids:
        return []
    rows = unit.execute(
        _with_case(_incidents, tables.incidents, _incidents.instance_id).where(
            _incidents.id.in_(ids), _incidents.state == "open", _incidents.raised_at > since
        )
    ).all()
    return [
        News(
            f"incident:{row.id}",
            INCIDENT,
            "tell.incident",
            (f"role:{OPERATOR}",),
            row.raised_at,
            row.instance_id,
            None,
            "",
            row.process_name,
            row.subject or "",
            row.unit or "",
            row.element,
        )
        for row in rows
    ]


def of_deadlines(
    unit: Unit, kind: str, principals: Collection[str], since: datetime, until: datetime
) -> list[News]:
    """Return the open tasks of these principals whose deadline lies after ``since`` and not after ``until``."""
    mine = select(_inbox.item_id).where(
        _inbox.principal.in_(sorted(principals)), _inbox.due_at > since, _inbox.due_at <= until
    )
    rows = unit.execute(
        _with_case(_items, tables.work_items, _items.instance_id)
        .where(_items.id.in_(mine))
        .order_by(_items.due_at, _items.id)
    ).all()
    people = waiting_for(unit, [row.id for row in rows])
    return [
        News(
            f"{kind}:{row.id}:{int(row.due_at.timestamp())}",
            kind,
            f"tell.{kind}",
            tuple(people.get(row.id, ())),
            row.due_at,
            row.instance_id,
            row.id,
            row.process_id,
            row.process_name,
            row.subject or "",
            row.unit or "",
            row.step,
            row.due_at,
        )
        for row in rows
    ]


def as_deadline(one: News, kind: str) -> News:
    """Return the news of a task as news of its deadline."""
    return replace(one, kind=kind, code=f"tell.{kind}")


def waiting_for(unit: Unit, ids: Collection[int]) -> dict[int, list[str]]:
    """Return in whose inboxes items stand: item → principals."""
    found: dict[int, list[str]] = {}
    if ids:
        for row in unit.execute(_waiting, {"ids": list(ids)}):
            found.setdefault(row.item_id, []).append(row.principal)
    return found


def returned(ports: Ports, unit: Unit, rows: Iterable[Any]) -> set[int]:
    """Return the ids of those items that came back: the act that opened them returned or rejected what was submitted.

    ``rows`` have ``id``, ``instance_id``, ``created_at`` and ``round``.
    """
    again = {(row.instance_id, row.created_at): row.id for row in rows if row.round > 1}
    if not again:
        return set()
    closed = unit.execute(
        select(
            _items.instance_id,
            _items.completed_at,
            _items.state,
            _items.outcome,
            _items.element,
            _items.definition_id,
        ).where(
            _items.instance_id.in_({instance for instance, _ in again}),
            tuple_(_items.instance_id, _items.completed_at).in_(list(again)),
            _items.state.in_(("completed", "returned")),
        )
    ).all()
    return {
        again[row.instance_id, row.completed_at]
        for row in closed
        if row.state == "returned" or _rejects(ports, unit, row)
    }


def secret_cases(plugins: Any, unit: Unit, cases: Sequence[int]) -> set[int]:
    """Return those of the cases that plug-ins call secret."""
    if not cases:
        return set()
    with Session(bind=unit.connection) as session:
        offers = plugins.hook.bihuan_secret_cases(session=session, instances=cases)
    return {instance for offer in offers for instance in offer}


def conceal(plugins: Any, unit: Unit, news: Sequence[News]) -> list[News]:
    """Return news without anything of the cases that plug-ins call secret."""
    secret = secret_cases(
        plugins, unit, sorted({one.instance_id for one in news if one.instance_id is not None})
    )
    return [
        replace(one, subject="", unit="", step="", text="", process_name="", sender="", secret=True)
        if one.instance_id in secret
        else one
        for one in news
    ]


def people_of(unit: Unit, principals: Iterable[str], now: datetime) -> dict[str, list[str]]:
    """Return whom principals mean today: principal → ids of people."""
    today = now.astimezone(ZONE).date()
    found: dict[str, list[str]] = {}
    for principal in dict.fromkeys(principals):
        kind, _, rest = principal.partition(":")
        if kind == "user":
            found[principal] = [rest]
        elif kind == "role":
            role, _, org = rest.partition("@")
            members = identity.members(unit, role, org or None, today)
            found[principal] = [one.removeprefix("user:") for one in members]
        elif kind == "org":
            posts = tables.posts.c
            held = _at_posts.where(posts.org == rest, *identity.held_on(today))
            found[principal] = list(unit.execute(held.order_by(posts.person)).scalars())
    return found


def held_by(unit: Unit, people: Collection[str], now: datetime) -> dict[str, frozenset[str]]:
    """Return the principals that people hold today, without those for whom they act: person → principals."""
    posts, today = tables.posts.c, now.astimezone(ZONE).date()
    found: dict[str, list[identity.Post]] = {person: [] for person in people}
    rows = unit.execute(
        select(posts.person, posts.role, posts.org)
        .select_from(_posts)
        .where(posts.person.in_(sorted(people)), *identity.held_on(today))
    )
    for row in rows:
        found[row.person].append(identity.Post(row.role, row.org, ""))
    return {person: identity.principals_of(person, mine) for person, mine in found.items()}


def substitutes_of(
    unit: Unit, people: Collection[str], now: datetime
) -> list[tuple[str, str, frozenset[str] | None]]:
    """Return who acts today for one of the people: the person, the substitute, and in which processes (None: all)."""
    subs, today = tables.substitutions.c, now.astimezone(ZONE).date()
    rows = unit.execute(
        select(subs.person, subs.substitute, subs.processes).where(
            subs.person.in_(sorted(people)),
            subs.valid_from <= today,
            subs.valid_to >= today,
            subs.ended_at.is_(None),
        )
    )
    return [
        (row.person, row.substitute, None if row.processes is None else frozenset(load_plain(row.processes)))
        for row in rows
    ]


def _with_case(columns: Any, source: Any, instance_id: Any, *more: Any) -> Select[Any]:
    """Return the select of a table's rows with what is told of their cases."""
    return (
        select(
            *columns,
            *more,
            _instances.subject,
            _instances.unit,
            _definitions.process_id,
            _definitions.name.label("process_name"),
        )
        .select_from(source)
        .outerjoin(tables.instances, _instances.id == instance_id)
        .outerjoin(tables.definitions, _definitions.id == _instances.definition_id)
    )


def _rejects(ports: Ports, unit: Unit, row: Any) -> bool:
    process = ports.catalogue.get(unit, row.definition_id)
    element = process.model(process.process_id).elements.get(row.element)
    return isinstance(element, UserTask) and row.outcome in element.rejects
