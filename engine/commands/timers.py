"""Timers that are due, jobs that workers outside finish, and incidents that somebody has repaired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from engine import tables
from engine.calendar import next_of
from engine.commands import writer
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import ExecutionError, NotFound
from engine.history import Entry

#: How long a timer rests after its command failed for a reason outside the process, the first time.
BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(hours=1)

_jobs = tables.jobs.c
_due = (
    select(_jobs.id)
    .where(
        _jobs.kind == "timer",
        _jobs.state == "open",
        _jobs.due_at <= bindparam("now"),
        or_(_jobs.leased_until.is_(None), _jobs.leased_until <= bindparam("now")),
    )
    .order_by(_jobs.due_at, _jobs.id)
    .limit(bindparam("limit"))
)
_job = select(tables.jobs).where(_jobs.id == bindparam("id"))
_again = (
    update(tables.jobs)
    .where(_jobs.id == bindparam("key"))
    .values(due_at=bindparam("due"), repeats=bindparam("left"), attempts=0, leased_until=None, error=None)
)


def due(unit: Unit, now: datetime, limit: int) -> list[int]:
    """Return the ids of timers that are due, the oldest first."""
    return list(unit.execute(_due, {"now": now, "limit": limit}).scalars())


def fire(ports: Ports, unit: Unit, job_id: int, now: datetime) -> bool:
    """Let a timer go off; tell whether it did, for another runner may have been faster."""
    row = unit.execute(_job, {"id": job_id}).first()
    if row is None:
        return False
    act = load_instance(ports, unit, row.instance_id, "system")
    row = unit.execute(_job, {"id": job_id}).first()  # anew: now the instance is locked
    if row is None or row.state != "open" or row.due_at > now:
        return False
    token = token_of(act, row.token)
    left = None if row.repeats is None else row.repeats - 1
    last = row.cycle is None or left == 0
    act.entries.append(
        Entry("timer.fired", "system", act.now, row.element, {"step": token.element.label, "due": row.due_at.isoformat()})
    )
    act.execution.fire(row.token, last=last)
    if last or row.token not in {one.id for one in act.execution.waiting()}:
        act.changes.done_jobs.add(row.token)
    else:
        unit.execute(_again, {"key": row.id, "due": next_of(row.due_at, row.cycle), "left": left})
    act.execution.run()
    writer.write(unit, [act])
    return True


def postpone(unit: Unit, job_id: int, now: datetime, error: Exception) -> None:
    """Let a timer rest whose command failed, longer each time, so that it doesn't hold up the others."""
    row = unit.execute(_job, {"id": job_id}).first()
    if row is None:
        return
    rest = min(MAX_BACKOFF, BACKOFF * 2 ** min(row.attempts, 10))
    values = {"attempts": row.attempts + 1, "leased_until": now + rest, "error": repr(error)[:2000]}
    unit.execute(update(tables.jobs).where(_jobs.id == job_id), values)


def finish_job(ports: Ports, unit: Unit, job_id: int, variables: Mapping[str, Any], actor: str) -> int:
    """Finish a job that was done outside, with the variables that it gave; return the instance's id.

    Raises :class:`NotFound` where there is no such open job.
    """
    row = _external(unit, job_id)
    act = load_instance(ports, unit, row.instance_id, actor)
    token = token_of(act, row.token)
    act.results(token, variables)
    act.changes.done_jobs.add(token.id)
    body = {"step": token.element.label, "type": row.type, "result": dict(variables)}
    act.entries.append(Entry("service.done", actor, act.now, row.element, body))
    act.execution.complete(token.id)
    act.execution.run()
    writer.write(unit, [act])
    return int(row.instance_id)


def throw_job_error(ports: Ports, unit: Unit, job_id: int, code: str, actor: str) -> int:
    """Throw a BPMN error out of a job; return the instance's id.

    Raises :class:`ExecutionError` ``job.no_error_caught`` where nothing catches it.
    """
    row = _external(unit, job_id)
    act = load_instance(ports, unit, row.instance_id, actor)
    token = token_of(act, row.token)
    if not act.execution.throw_error(token.id, code):
        raise ExecutionError("job.no_error_caught", row.element, type=row.type, error=code)
    act.changes.done_jobs.add(token.id)
    body = {"step": token.element.label, "type": row.type, "error": code}
    act.entries.append(Entry("service.error", actor, act.now, row.element, body))
    act.execution.run()
    writer.write(unit, [act])
    return int(row.instance_id)


def retry(ports: Ports, unit: Unit, incident_id: int, actor: str) -> int:
    """Let the failed element of an open incident try again; return the instance's id. Raises :class:`NotFound`."""
    incidents = tables.incidents.c
    query = select(tables.incidents).where(incidents.id == incident_id, incidents.state == "open")
    row = unit.execute(query).first()
    if row is None:
        raise NotFound("incident.unknown")
    act = load_instance(ports, unit, row.instance_id, actor)
    values = {"state": "resolved", "resolved_at": act.now, "resolved_by": actor}
    closed = unit.execute(
        update(tables.incidents).where(incidents.id == incident_id, incidents.state == "open"), values
    )
    if closed.rowcount != 1:
        raise NotFound("incident.unknown")
    act.entries.append(Entry("incident.resolved", actor, act.now, row.element, {"code": row.code}))
    act.execution.resume(row.token)
    act.execution.run()
    writer.write(unit, [act])
    return int(row.instance_id)


def _external(unit: Unit, job_id: int) -> Any:
    row = unit.execute(_job, {"id": job_id}).first()
    if row is None or row.kind != "external" or row.state != "open":
        raise NotFound("job.unknown")
    return row
