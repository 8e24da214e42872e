"""What an operator does with what failed: let it try again, count its element as done, mend the variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from engine import tables
from engine.bpmn.model import UserTask
from engine.commands import jobs, requests, signing, writer
from engine.commands.act import Act
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.commands.scopes import plain, storable
from engine.database import Unit
from engine.errors import BihuanError, Conflict, NotFound, Refused
from engine.history import Entry
from engine.messages import sentence
from engine.values import load_json

MAX_NAME = 200

_incidents = tables.incidents.c
_open = select(tables.incidents).where(_incidents.state == "open")


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """Which open incidents are meant: of a process (of all its versions), of an element, with a code; those after an id."""

    process_id: str | None = None
    element: str | None = None
    code: str | None = None
    after: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An open incident, and whose it is."""

    id: int
    instance_id: int
    process_id: str
    version: int
    subject: str | None
    unit: str | None
    element: str
    code: str
    params: Mapping[str, Any]
    raised_at: datetime

    def message(self, language: str = "zh") -> str:
        """Return what failed, as a sentence."""
        return sentence(self.code, {"element": self.element, **self.params}, language)


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of trying an incident again: the state that its instance is in now."""

    incident_id: int
    instance_id: int
    state: str


@dataclass(frozen=True, slots=True)
class VariableScope:
    """The variables of one scope: of the process (0), or of the token of an element inside it."""

    scope: int
    element: str | None
    variables: Mapping[str, Any]


def listed(unit: Unit, query: IncidentQuery) -> list[IncidentRow]:
    """Return open incidents, the oldest first."""
    instances, definitions = tables.instances.c, tables.definitions.c
    rows = (
        select(
            tables.incidents, definitions.process_id, definitions.version, instances.subject, instances.unit
        )
        .join(tables.instances, instances.id == _incidents.instance_id)
        .join(tables.definitions, definitions.id == instances.definition_id)
        .where(_incidents.state == "open", _incidents.id > query.after)
        .order_by(_incidents.id)
        .limit(query.limit)
    )
    if query.process_id is not None:
        rows = rows.where(definitions.process_id == query.process_id)
    if query.element is not None:
        rows = rows.where(_incidents.element == query.element)
    if query.code is not None:
        rows = rows.where(_incidents.code == query.code)
    return [
        IncidentRow(
            row.id,
            row.instance_id,
            row.process_id,
            row.version,
            row.subject,
            row.unit,
            row.element,
            row.code,
            load_json(row.params),
            row.raised_at,
        )
        for row in unit.execute(rows)
    ]


def retry(ports: Ports, unit: Unit, incident_id: int, actor: str) -> Retried:
    """Let what failed with an open incident try again. Raises :class:`NotFound`."""
    row, act = _take_up(ports, unit, incident_id, actor)
    act.entries.append(Entry("incident.resolved", actor, act.now, row.element, {"code": row.code}))
    if row.token in act.progress.failed and isinstance(token_of(act, row.token).element, UserTask):
        signing.retry(act, row.token)
    elif row.token in act.progress.failed:
        jobs.revive(unit, act, token_of(act, row.token))
    else:
        act.execution.resume(row.token)
        act.execution.run()
    writer.write(unit, [act])
    return Retried(incident_id, act.instance.id, act.instance.state)


def skip(
    ports: Ports,
    unit: Unit,
    incident_id: int,
    actor: str,
    variables: Mapping[str, Any],
    reason: str,
    request_key: str | None = None,
    confirmed_by: str | None = None,
) -> Retried:
    """Count the element of an open incident as done, without doing it; its place is taken by ``variables``.

    They go where the element's results would have gone; its output mappings aren't evaluated. Raises :class:`Refused`
    for an element that can't be skipped, because it decides which way to go or catches what happens.
    """
    asked = requests.fingerprint("skip", incident_id, actor, storable(variables), reason)
    known = requests.answer(unit, request_key, asked)
    if known is not None:
        return Retried(**known)
    row, act = _take_up(ports, unit, incident_id, actor)
    tokens = [*act.execution.parked(), *act.execution.waiting()]
    token = next((one for one in tokens if one.id == row.token), None)
    if token is None or not act.execution.skippable(token.id):
        raise Refused("incident.not_skippable", element=row.element)
    body = {"step": token.element.label, "code": row.code, **_why(reason, confirmed_by)}
    act.entries.append(Entry("element.skipped", actor, act.now, row.element, body))
    act.skips(token, variables)
    if row.token in act.progress.failed:
        act.recovered(row.token)
        act.changes.withdrawn.add(row.token)
    act.execution.skip(row.token)
    act.execution.run()
    writer.write(unit, [act])
    skipped = {"incident_id": incident_id, "instance_id": act.instance.id, "state": act.instance.state}
    requests.remember(unit, request_key, asked, skipped, act.now)
    return Retried(incident_id, act.instance.id, act.instance.state)


def variables(ports: Ports, unit: Unit, instance_id: int) -> list[VariableScope]:
    """Return all variables of an instance, scope by scope."""
    act = load_instance(ports, unit, instance_id, "system", lock=False)
    elements = {token.id: token.element.id for token in act.execution.tokens()}
    return [VariableScope(scope.id, elements.get(scope.id), scope.values) for scope in act.scopes.all()]


def set_variables(
    ports: Ports,
    unit: Unit,
    instance_id: int,
    values: Mapping[str, Any],
    actor: str,
    reason: str,
    scope: int,
    *,
    retype: bool,
    request_key: str | None = None,
    confirmed_by: str | None = None,
) -> None:
    """Set variables in a scope of a running instance; history keeps the old and the new values.

    A value keeps its type (text, number, boolean, list, context; null fits all) unless ``retype`` says otherwise.
    """
    asked = requests.fingerprint("variables", instance_id, actor, storable(values), reason, scope, retype)
    if requests.answer(unit, request_key, asked) is not None:
        return
    act = load_instance(ports, unit, instance_id, actor)
    running(act)
    found = act.scopes.find(scope)
    if found is None:
        raise NotFound("scope.unknown", scope=scope)
    changes = []
    for name, value in values.items():
        if not 0 < len(name) <= MAX_NAME or "." in name or act.reserved(name):
            raise BihuanError("variable.bad_name", name=name)
        new, known = plain(value), name in found.values
        old = found.values.get(name)
        if not retype and None not in (old, new) and _kind(old) != _kind(new):
            raise BihuanError("variable.other_type", name=name, old=_kind(old), new=_kind(new))
        changes.append({"name": name, "known": known, "old": old, "new": new})
    for change in changes:
        act.scopes.assign(scope, change["name"], change["new"])
    body = {**_why(reason, confirmed_by), "scope": scope, "changes": changes}
    act.entries.append(Entry("variables.edited", actor, act.now, None, body))
    if act.progress.suspended is None:
        act.execution.run()  # a condition that something waits for may hold now
    writer.write(unit, [act])
    requests.remember(unit, request_key, asked, {"done": True}, act.now)


def running(act: Act) -> None:
    """Raise :class:`Conflict` for an instance that is over."""
    if act.instance.state in ("ended", "terminated"):
        raise Conflict("instance.over", at=act.instance.ended_at)


def _take_up(ports: Ports, unit: Unit, incident_id: int, actor: str) -> tuple[Any, Act]:
    """Lock the instance of an open incident and close the incident; raises :class:`NotFound`."""
    row = unit.execute(_open.where(_incidents.id == incident_id)).first()
    if row is None:
        raise NotFound("incident.unknown")
    act = load_instance(ports, unit, row.instance_id, actor)
    if act.progress.suspended is not None:
        raise act.suspension()
    values = {"state": "resolved", "resolved_at": act.now, "resolved_by": actor}
    mine = (_incidents.id == incident_id) & (_incidents.state == "open")
    if unit.execute(update(tables.incidents).where(mine), values).rowcount != 1:
        raise NotFound("incident.unknown")
    return row, act


def _why(reason: str, confirmed_by: str | None) -> dict[str, Any]:
    """Return what history keeps of an operator's word, and of the second person's."""
    if not reason.strip():
        raise BihuanError("operation.no_reason")
    return {"reason": reason.strip(), **({"confirmed_by": confirmed_by} if confirmed_by else {})}


def _kind(value: Any) -> str:
    """Return the FEEL name of a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string"
        case Mapping():
            return "context"
        case Sequence():
            return "list"
        case _:
            return "number"
