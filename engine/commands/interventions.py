"""Suspending, resuming and terminating: an operator's act, or the proposal of one that another operator confirms.

The setting ``second_person`` lists the operations that need two people. A suspended case keeps its work items and its
dates; nobody can decide anything in it, its timers and jobs wait, and what came due meanwhile happens when it is resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from engine import history, tables
from engine.commands import errands, incidents, jumping, requests, writer
from engine.commands.act import Act
from engine.commands.incidents import running
from engine.commands.jumping import Jump
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.commands.scopes import storable
from engine.database import Unit
from engine.errors import BihuanError, Conflict, Forbidden, NotFound
from engine.history import Entry
from engine.identity import called
from engine.values import dump_json, load_plain, stamp

#: The setting that lists the operations which need a second person.
SECOND_PERSON = "second_person"
#: The chain of history of what is done to processes rather than to cases.
CHAIN = "interventions"
#: The operation that archives what has ended, and the kind of errand that does it.
ARCHIVE = "archive"

_proposals = tables.proposals.c
_jobs = tables.jobs.c


@dataclass(frozen=True, slots=True)
class Intervention:
    """What is to be done: to a case (``instance_id``) or to a process (``process_id``), why, and on whose word."""

    operation: str
    reason: str
    actor: str
    instance_id: int | None = None
    process_id: str | None = None
    params: Mapping[str, Any] | None = None
    confirmed_by: str | None = None

    def body(self, **more: Any) -> dict[str, Any]:
        """Return what history keeps of it."""
        second = {"confirmed_by": self.confirmed_by} if self.confirmed_by else {}
        return {"reason": self.reason, **(self.params or {}), **second, **more}


@dataclass(frozen=True, slots=True)
class Intervened:
    """What came of it: done, or, where a second person is needed, the proposal that they must confirm."""

    done: bool
    proposal_id: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An intervention that waits for a second person."""

    id: int
    operation: str
    instance_id: int | None
    process_id: str | None
    params: Mapping[str, Any]
    reason: str
    asked_by: str
    asked_at: datetime


#: Carries an intervention out inside its transaction.
Operation = Callable[[Ports, Unit, Intervention], object]


def ask(
    ports: Ports,
    unit: Unit,
    wanted: Intervention,
    request_key: str | None = None,
    *,
    two_people: bool = False,
) -> Intervened:
    """Carry an intervention out, or propose it where it needs a second person, by the setting or by ``two_people``."""
    asked = requests.fingerprint("intervene", wanted.body(), *_named(wanted))
    known = requests.answer(unit, request_key, asked)
    if known is not None:
        return Intervened(**known)
    answer = _ask(ports, unit, wanted, two_people)
    requests.remember(unit, request_key, asked, asdict(answer), ports.clock.now())
    return answer


def _named(wanted: Intervention) -> tuple[Any, ...]:
    return wanted.operation, wanted.actor, wanted.instance_id, wanted.process_id


def _ask(ports: Ports, unit: Unit, wanted: Intervention, two_people: bool) -> Intervened:
    if not wanted.reason.strip():
        raise BihuanError("operation.no_reason")
    _operation(wanted.operation)
    for name in _NEEDED.get(wanted.operation, ()):
        if name not in (wanted.params or {}):
            raise BihuanError("operation.params", operation=wanted.operation, name=name)
    if not two_people and wanted.operation not in _two_people(unit):
        OPERATIONS[wanted.operation](ports, unit, wanted)
        return Intervened(True)
    now = ports.clock.now()
    row = {
        "operation": wanted.operation,
        "instance_id": wanted.instance_id,
        "process_id": wanted.process_id,
        "params": dump_json(storable(wanted.params or {})),
        "reason": wanted.reason,
        "state": "open",
        "asked_by": wanted.actor,
        "asked_at": now,
    }
    id = int(unit.execute(insert(tables.proposals).returning(_proposals.id), row).scalar_one())
    _note(ports, unit, wanted, "proposal.asked", {"proposal": id, "operation": wanted.operation})
    return Intervened(False, id)


def one_person(operation: str, unit: Unit) -> None:
    """Raise :class:`Forbidden` for an operation that needs a second person, and must be proposed."""
    if operation in _two_people(unit):
        raise Forbidden("operation.second_person", operation=operation)


def confirm(ports: Ports, unit: Unit, proposal_id: int, actor: str) -> Intervention:
    """Carry a proposal out on a second person's word; return what was done.

    Raises :class:`NotFound`, :class:`Forbidden` for who proposed it, and :class:`Conflict` where it is decided already.
    """
    row = _open(unit, proposal_id)
    if row.asked_by == actor:
        raise Forbidden("proposal.same_person")
    confirmed = Intervention(
        row.operation,
        row.reason,
        row.asked_by,
        row.instance_id,
        row.process_id,
        load_plain(row.params),
        confirmed_by=actor,
    )
    _decide(unit, proposal_id, "confirmed", actor, ports.clock.now())
    _operation(row.operation)(ports, unit, confirmed)
    return confirmed


def decline(ports: Ports, unit: Unit, proposal_id: int, actor: str, reason: str) -> None:
    """Turn a proposal down; who made it may take it back so."""
    if not reason.strip():
        raise BihuanError("operation.no_reason")
    row = _open(unit, proposal_id)
    _decide(unit, proposal_id, "declined", actor, ports.clock.now())
    declined = Intervention(row.operation, reason, actor, row.instance_id, row.process_id)
    _note(ports, unit, declined, "proposal.declined", {"proposal": proposal_id, "operation": row.operation})


def proposals(unit: Unit) -> list[Proposal]:
    """Return what waits for a second person, the oldest first."""
    rows = unit.execute(select(tables.proposals).where(_proposals.state == "open").order_by(_proposals.id))
    return [
        Proposal(
            row.id,
            row.operation,
            row.instance_id,
            row.process_id,
            load_plain(row.params),
            row.reason,
            row.asked_by,
            row.asked_at,
        )
        for row in rows
    ]


def waiting_of(unit: Unit, process_id: str, *, suspended: bool) -> list[int]:
    """Return the cases of a process that run, or those that were suspended together with it."""
    instances, definitions = tables.instances.c, tables.definitions.c
    states = ("suspended",) if suspended else ("waiting", "incident")
    query = (
        select(instances.id, instances.progress)
        .join(tables.definitions, definitions.id == instances.definition_id)
        .where(definitions.process_id == process_id, instances.state.in_(states))
        .order_by(instances.id)
    )
    rows = unit.execute(query).all()
    return [row.id for row in rows if not suspended or load_plain(row.progress)["suspended"].get("process")]


def _suspend(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    act = _case(ports, unit, wanted)
    if act.progress.suspended is not None:
        raise act.suspension()
    act.progress.suspended = {"by": wanted.actor, "at": stamp(act.now), "reason": wanted.reason}
    if wanted.process_id is not None:
        act.progress.suspended["process"] = True
    mine = (_jobs.instance_id == act.instance.id) & (_jobs.state == "open")
    unit.execute(update(tables.jobs).where(mine).values(state="suspended"))
    _write(unit, act, wanted, "instance.suspended")


def _resume(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    act = _case(ports, unit, wanted)
    if act.progress.suspended is None:
        raise Conflict("instance.not_suspended")
    since = act.progress.suspended["at"]
    act.progress.suspended = None
    mine = (_jobs.instance_id == act.instance.id) & (_jobs.state == "suspended")
    unit.execute(update(tables.jobs).where(mine).values(state="open"))
    act.execution.run()
    _write(unit, act, wanted, "instance.resumed", since=since)


def _terminate(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    act = _case(ports, unit, wanted)
    act.execution.terminate()
    act.progress.suspended = None
    _write(unit, act, wanted, "instance.terminated")


def _suspend_process(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    now = ports.clock.now()
    _process(ports, unit, wanted, now, "process.suspended")


def _resume_process(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    _process(ports, unit, wanted, None, "process.resumed")


def _jump(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    given = wanted.params or {}
    asked = Jump(wanted.instance_id or 0, given["source"], given["to"], wanted.reason, given.get("token"))
    jumping.jump(ports, unit, asked, wanted.actor, wanted.confirmed_by)


def _skip(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    given = wanted.params or {}
    variables, second = given.get("variables", {}), wanted.confirmed_by
    incidents.skip(
        ports, unit, given["incident_id"], wanted.actor, variables, wanted.reason, confirmed_by=second
    )


def _set_variables(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    given = wanted.params or {}
    incidents.set_variables(
        ports,
        unit,
        wanted.instance_id or 0,
        given["values"],
        wanted.actor,
        wanted.reason,
        given.get("scope", 0),
        retype=given.get("retype", False),
        confirmed_by=wanted.confirmed_by,
    )


def _archive(ports: Ports, unit: Unit, wanted: Intervention) -> None:
    """Have the cases archived in the background, as an errand of who asked for it."""
    given = dict(wanted.params or {}) | {"process": wanted.process_id, "confirmed_by": wanted.confirmed_by}
    now, person = ports.clock.now(), wanted.actor.removeprefix("user:")
    errand = errands.order(unit, ARCHIVE, person, given, now)
    body = wanted.body(process=wanted.process_id, errand=errand)
    history.record(unit, CHAIN, Entry("archive.ordered", wanted.actor, now, None, body))


#: What operators may do, by name; each is one transaction. ``params`` are those of the engine's method of that name.
OPERATIONS: dict[str, Operation] = {
    "jump": _jump,
    "skip": _skip,
    "set_variables": _set_variables,
    "suspend": _suspend,
    "resume": _resume,
    "terminate": _terminate,
    "suspend_process": _suspend_process,
    "resume_process": _resume_process,
    ARCHIVE: _archive,
}


#: The parameters without which an operation can't be carried out.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "jump": ("source", "to"),
    "skip": ("incident_id",),
    "set_variables": ("values",),
    ARCHIVE: ("before",),
}


def _operation(name: str) -> Operation:
    if name not in OPERATIONS:
        raise NotFound("operation.unknown", operation=name)
    return OPERATIONS[name]


def _case(ports: Ports, unit: Unit, wanted: Intervention) -> Act:
    act = load_instance(ports, unit, wanted.instance_id or 0, wanted.actor)
    running(act)
    return act


def _write(unit: Unit, act: Act, wanted: Intervention, kind: str, **more: Any) -> None:
    act.entries.append(Entry(kind, wanted.actor, act.now, None, wanted.body(**more)))
    writer.write(unit, [act])


def _process(ports: Ports, unit: Unit, wanted: Intervention, at: datetime | None, kind: str) -> None:
    table = tables.definitions
    version = (wanted.params or {}).get("version")
    mine = table.c.process_id == wanted.process_id
    if version is not None:
        mine &= table.c.version == version
    if not unit.execute(select(table.c.id).where(mine)).all():
        raise NotFound("process.unknown", process=wanted.process_id, version=version)
    changing = table.c.suspended_at.is_(None) if at is not None else table.c.suspended_at.is_not(None)
    changed = unit.execute(update(table).where(mine & changing).values(suspended_at=at)).rowcount
    # One that was cut off before it came to the last case is asked for again: it goes on with the others.
    left = (wanted.params or {}).get("cases") and waiting_of(
        unit, wanted.process_id or "", suspended=at is None
    )
    if not changed and not left:
        raise Conflict(f"{kind}_already", process=wanted.process_id)
    body = wanted.body(process=wanted.process_id)
    history.record(unit, CHAIN, Entry(kind, wanted.actor, ports.clock.now(), None, body))


def _note(ports: Ports, unit: Unit, wanted: Intervention, kind: str, body: Mapping[str, Any]) -> None:
    """Keep a proposal's fate in the history of what it is about."""
    now, whole = ports.clock.now(), {**wanted.body(), **body}
    if wanted.instance_id is None:
        history.record(unit, CHAIN, Entry(kind, wanted.actor, now, None, whole))
        return
    act = load_instance(ports, unit, wanted.instance_id, wanted.actor)
    act.entries.append(Entry(kind, wanted.actor, now, None, whole))
    writer.write(unit, [act])


def _two_people(unit: Unit) -> list[str]:
    row = unit.execute(select(tables.settings.c.value).where(tables.settings.c.key == SECOND_PERSON)).scalar()
    return [] if row is None else list(load_plain(row))


def _open(unit: Unit, proposal_id: int) -> Any:
    row = unit.execute(select(tables.proposals).where(_proposals.id == proposal_id).with_for_update()).first()
    if row is None:
        raise NotFound("proposal.unknown")
    if row.state != "open":
        raise Conflict("proposal.decided", by=called(unit, row.decided_by), at=row.decided_at)
    return row


def _decide(unit: Unit, proposal_id: int, state: str, actor: str, now: datetime) -> None:
    mine = (_proposals.id == proposal_id) & (_proposals.state == "open")
    values = {"state": state, "decided_by": actor, "decided_at": now}
    if unit.execute(update(tables.proposals).where(mine).values(values)).rowcount != 1:
        raise Conflict("proposal.decided", by=called(unit, actor), at=now)
