"""Cases as operators look for them: by process, state, step, time and words; and one of them from the inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select

from engine import tables
from engine.bpmn.model import Element
from engine.commands.act import Act
from engine.commands.incidents import VariableScope
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError
from engine.monitoring.processes import RUNNING
from engine.tasks.inbox import MAX_PAGE, read_cursor, write_cursor
from engine.values import load_json

STATES = ("running", *RUNNING, "ended", "terminated")

_instances, _items = tables.instances.c, tables.work_items.c
_incidents, _jobs, _definitions = tables.incidents.c, tables.jobs.c, tables.definitions.c


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """What an operator asks for; ``state`` is one of :data:`STATES`, ``element`` where the case waits or failed.

    ``text`` is sought in subject, unit, reference and business key, ``late`` are those with an overdue work item.
    """

    process_id: str | None = None
    version: int | None = None
    state: str | None = None
    element: str | None = None
    text: str | None = None
    late: bool = False
    started_from: datetime | None = None
    started_before: datetime | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case: ``steps`` are the labels of its open work items, ``late`` whether one of them is overdue."""

    instance_id: int
    process_id: str
    process_name: str
    version: int
    state: str
    subject: str | None
    unit: str | None
    reference: str | None
    business_key: str | None
    started_at: datetime
    ended_at: datetime | None
    steps: Sequence[str]
    late: bool
    incidents: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases, the newest first, with cursors to the neighbouring ones."""

    rows: Sequence[CaseRow]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token: where it is, in which process, and whether an incident holds it."""

    id: int
    element: str
    name: str
    kind: str
    process_id: str
    failed: bool


@dataclass(frozen=True, slots=True)
class JobRow:
    """A timer, or a piece of work for a worker: its state, when it is due, and what went wrong last."""

    id: int
    kind: str
    type: str
    element: str
    state: str
    due_at: datetime
    attempts: int
    retries: int
    leased_until: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An open incident, and whether its element may be skipped."""

    id: int
    element: str
    code: str
    params: Mapping[str, object]
    raised_at: datetime
    skippable: bool


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case from the inside: tokens, variables by scope, timers and jobs, incidents, and the steps that there are.

    ``elements`` are the nodes that a token may be sent to, as (process, element id, label).
    """

    instance_id: int
    process_id: str
    process_name: str
    version: int
    versions: Sequence[int]
    state: str
    suspended: Mapping[str, object] | None
    tokens: Sequence[TokenRow]
    scopes: Sequence[VariableScope]
    jobs: Sequence[JobRow]
    incidents: Sequence[IncidentDetail]
    elements: Sequence[tuple[str, str, str]]


def cases(unit: Unit, query: CaseQuery, now: datetime) -> CasePage:
    """Return a page of cases; raises :class:`BihuanError` for a state or a cursor that there isn't."""
    if query.state and query.state not in STATES:
        raise BihuanError("cases.bad_state", state=query.state)
    limit = max(1, min(MAX_PAGE, query.limit))
    forward, after = read_cursor(query.cursor)
    rows = _filtered(query, now)
    if after is not None:
        rows = rows.where(_instances.id < after[1] if forward else _instances.id > after[1])
    found = list(
        unit.execute(rows.order_by(_instances.id.desc() if forward else _instances.id).limit(limit + 1))
    )
    more, found = len(found) > limit, found[:limit]
    if not forward:
        found.reverse()
    steps, late, failures = _standing(unit, [row.id for row in found], now)
    shown = [
        CaseRow(
            row.id,
            row.process_id,
            row.name,
            row.version,
            row.state,
            row.subject,
            row.unit,
            row.reference,
            row.business_key,
            row.started_at,
            row.ended_at,
            list(dict.fromkeys(steps[row.id])),
            row.id in late,
            failures.get(row.id, 0),
        )
        for row in found
    ]
    following = write_cursor(True, 0, found[-1].id) if found and (more or not forward) else None
    before = (
        write_cursor(False, 0, found[0].id) if found and (after is not None if forward else more) else None
    )
    return CasePage(shown, following, before)


def case(ports: Ports, unit: Unit, instance_id: int) -> CaseDetail:
    """Return a case from the inside; raises :class:`NotFound`."""
    act = load_instance(ports, unit, instance_id, "system", lock=False)
    tokens = {token.id: token for token in act.execution.tokens()}
    parked = {token.id for token in act.execution.parked()} | set(act.progress.failed)
    scopes = [
        VariableScope(scope.id, tokens[scope.id].element.id if scope.id in tokens else None, scope.values)
        for scope in act.scopes.all()
    ]
    process = act.process
    return CaseDetail(
        instance_id,
        process.process_id,
        process.name,
        process.version,
        [row for (row,) in unit.execute(_versions_of(process.process_id))],
        act.instance.state,
        act.progress.suspended,
        [
            TokenRow(
                token.id,
                token.element.id,
                token.element.label,
                token.element.kind,
                token.process_id,
                token.id in parked,
            )
            for token in tokens.values()
            if getattr(token.element, "attached_to", None) is None
        ],
        scopes,
        _jobs_of(unit, instance_id),
        _incidents_of(act, unit),
        [
            (process_id, element.id, element.label)
            for process_id in process.definition.processes
            for element in process.model(process_id).elements.values()
            if _reachable(element)
        ],
    )


def _filtered(query: CaseQuery, now: datetime) -> Select[tuple[object, ...]]:
    rows: Select[tuple[object, ...]] = select(
        _instances.id,
        _definitions.process_id,
        _definitions.name,
        _definitions.version,
        _instances.state,
        _instances.subject,
        _instances.unit,
        _instances.reference,
        _instances.business_key,
        _instances.started_at,
        _instances.ended_at,
    ).join(tables.definitions, _definitions.id == _instances.definition_id)
    if query.process_id:
        rows = rows.where(_definitions.process_id == query.process_id)
    if query.version:
        rows = rows.where(_definitions.version == query.version)
    if query.state:
        wanted = RUNNING if query.state == "running" else (query.state,)
        rows = rows.where(_instances.state.in_(wanted))
    if query.started_from:
        rows = rows.where(_instances.started_at >= query.started_from)
    if query.started_before:
        rows = rows.where(_instances.started_at < query.started_before)
    opened = exists().where(_items.instance_id == _instances.id, _items.state == "open")
    if query.element:
        failed = exists().where(_incidents.instance_id == _instances.id, _incidents.state == "open")
        waits = exists().where(_jobs.instance_id == _instances.id, _jobs.element == query.element)
        rows = rows.where(
            or_(
                opened.where(_items.element == query.element),
                failed.where(_incidents.element == query.element),
                waits,
            )
        )
    if query.late:
        rows = rows.where(opened.where(_items.due_at < now))
    if query.text and query.text.strip():
        text = query.text.strip().lower()
        columns = (_instances.subject, _instances.unit, _instances.reference, _instances.business_key)
        found = [func.lower(column).contains(text, autoescape=True) for column in columns]
        if text.isdecimal() and len(text) <= 18:
            found.append(_instances.id == int(text))
        rows = rows.where(or_(*found))
    return rows


def _standing(
    unit: Unit, ids: Sequence[int], now: datetime
) -> tuple[Mapping[int, list[str]], set[int], Mapping[int, int]]:
    """Return for each case the labels of its open steps, which cases are late, and how many incidents each has."""
    steps: dict[int, list[str]] = defaultdict(list)
    late: set[int] = set()
    if not ids:
        return steps, late, {}
    query = select(_items.instance_id, _items.step, _items.due_at).where(
        _items.instance_id.in_(ids), _items.state == "open"
    )
    for row in unit.execute(query.order_by(_items.id)):
        steps[row.instance_id].append(row.step)
        if row.due_at is not None and row.due_at < now:
            late.add(row.instance_id)
    failures = (
        select(_incidents.instance_id, func.count().label("number"))
        .where(_incidents.instance_id.in_(ids), _incidents.state == "open")
        .group_by(_incidents.instance_id)
    )
    return steps, late, {row.instance_id: row.number for row in unit.execute(failures)}


def _versions_of(process_id: str) -> Select[tuple[int]]:
    query = select(_definitions.version).where(_definitions.process_id == process_id)
    return query.order_by(_definitions.version.desc())


def _jobs_of(unit: Unit, instance_id: int) -> list[JobRow]:
    query = select(tables.jobs).where(_jobs.instance_id == instance_id).order_by(_jobs.due_at, _jobs.id)
    return [
        JobRow(
            row.id,
            row.kind,
            row.type,
            row.element,
            row.state,
            row.due_at,
            row.attempts,
            row.retries,
            row.leased_until,
            row.error,
        )
        for row in unit.execute(query)
    ]


def _incidents_of(act: Act, unit: Unit) -> list[IncidentDetail]:
    query = select(tables.incidents).where(
        _incidents.instance_id == act.instance.id, _incidents.state == "open"
    )
    return [
        IncidentDetail(
            row.id,
            row.element,
            row.code,
            load_json(row.params),
            row.raised_at,
            act.execution.skippable(row.token),
        )
        for row in unit.execute(query.order_by(_incidents.id))
    ]


def _reachable(element: Element) -> bool:
    """Whether a token may be sent to an element: not to what hangs at another, nor to where only an event begins."""
    return getattr(element, "attached_to", None) is None and element.kind != "startEvent"
