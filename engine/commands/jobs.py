"""The job table: leases, attempts, and the incident when the last one has failed.

A lease is the random id of a worker with an expiry: a worker that dies gives its jobs back by doing nothing. What failed
rests for a while, longer each time; after the last attempt an incident waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from engine import feel, tables
from engine.bpmn.model import ServiceTask
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import Conflict, ExecutionError, NotFound
from engine.history import Entry
from engine.runtime import Token

TIMER, EXTERNAL = "timer", "external"
LEASE = timedelta(minutes=1)
#: How long a job rests after its first failure; doubled after each further one.
BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(hours=1)
TIMER_ATTEMPTS = 5
EXTERNAL_ATTEMPTS = 3
MAX_ATTEMPTS = 100

_jobs = tables.jobs.c
_ready = (
    select(_jobs.id)
    .where(
        _jobs.kind == bindparam("kind"),
        _jobs.state == "open",
        _jobs.due_at <= bindparam("now"),
        or_(_jobs.leased_until.is_(None), _jobs.leased_until <= bindparam("now")),
    )
    .order_by(_jobs.due_at, _jobs.id)
    .limit(bindparam("limit"))
)
_row = select(tables.jobs).where(_jobs.id == bindparam("id"))
_change = update(tables.jobs).where(_jobs.id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker holds until ``leased_until``."""

    id: int
    type: str
    instance_id: int
    element: str
    attempts: int
    leased_until: datetime
    variables: Mapping[str, Any]


def any_ready(unit: Unit, kind: str, now: datetime) -> bool:
    """Tell whether any job of a kind could be leased."""
    return unit.execute(_ready, {"kind": kind, "now": now, "limit": 1}).first() is not None


def lease(
    unit: Unit,
    kind: str,
    worker: str,
    now: datetime,
    limit: int,
    *,
    type: str | None = None,
    until: datetime | None = None,
) -> list[Any]:
    """Take ready jobs for a worker, the oldest first, and return their rows; other workers pass them over."""
    query = _ready if type is None else _ready.where(_jobs.type == type)
    wanted = {"kind": kind, "now": now, "limit": limit}
    ids = unit.execute(query.with_for_update(skip_locked=True), wanted).scalars().all()
    if not ids:
        return []
    held = (
        update(tables.jobs).where(_jobs.id.in_(ids)).values(lease=worker, leased_until=until or now + LEASE)
    )
    unit.execute(held)
    rows = unit.execute(select(tables.jobs).where(_jobs.id.in_(ids)).order_by(_jobs.due_at, _jobs.id))
    return list(rows.all())


def activate(ports: Ports, unit: Unit, type: str, worker: str, limit: int, lasting: timedelta) -> list[Job]:
    """Give a worker outside jobs of a type, with the variables that their tasks see."""
    now = ports.clock.now()
    found = []
    for row in lease(unit, EXTERNAL, worker, now, limit, type=type, until=now + lasting):
        act = load_instance(ports, unit, row.instance_id, "system", lock=False)
        token = token_of(act, row.token)
        visible = act.scopes.visible(act.scopes.nearest(token.id, token.scope))
        found.append(
            Job(row.id, row.type, row.instance_id, row.element, row.attempts, row.leased_until, visible)
        )
    return found


def take(
    ports: Ports, unit: Unit, job_id: int, worker: str | None, actor: str
) -> tuple[Any, Act, Token] | None:
    """Lock a job's instance and return its row, act and token; None where it is done or gone.

    Raises :class:`Conflict` where another worker holds it; without ``worker`` the lease isn't asked for.
    """
    row = unit.execute(_row, {"id": job_id}).first()
    if row is None:
        return None
    act = load_instance(ports, unit, row.instance_id, actor)
    row = unit.execute(_row, {"id": job_id}).first()  # anew: only now the instance is locked
    if row is None or row.state != "open":
        return None
    if worker is not None and row.lease != worker:
        raise Conflict("job.not_leased")
    return row, act, token_of(act, row.token)


def finish(
    ports: Ports, unit: Unit, job_id: int, worker: str | None, variables: Mapping[str, Any], actor: str
) -> int:
    """Finish a job that was done outside, with the variables that it gave; return the instance's id."""
    row, act, token = _external(ports, unit, job_id, worker, actor)
    body = {"step": token.element.label, "type": row.type, "result": dict(variables)}
    act.entries.append(Entry("service.done", actor, act.now, row.element, body))
    act.results(token, variables)
    act.changes.done_jobs.add(token.id)
    act.execution.complete(token.id)
    act.execution.run()
    writer.write(unit, [act])
    return act.instance.id


def throw(ports: Ports, unit: Unit, job_id: int, worker: str | None, code: str, actor: str) -> int:
    """Throw a BPMN error out of a job; return the instance's id.

    Where nothing catches it the job fails for good, and an incident says so.
    """
    row, act, token = _external(ports, unit, job_id, worker, actor)
    body = {"step": token.element.label, "type": row.type, "error": code}
    act.entries.append(Entry("service.error", actor, act.now, row.element, body))
    if act.execution.throw_error(token.id, code):
        act.changes.done_jobs.add(token.id)
        act.execution.run()
    else:
        error = ExecutionError("job.no_error_caught", row.element, type=row.type, error=code)
        _give_up(unit, act, row, error)
    writer.write(unit, [act])
    return act.instance.id


def fail(ports: Ports, unit: Unit, job_id: int, worker: str | None, reason: str, actor: str) -> None:
    """Count a failed attempt of an external job; after the last one there is an incident."""
    row, act, token = _external(ports, unit, job_id, worker, actor)
    _count(unit, act, row, reason, _attempts(act, token))
    writer.write(unit, [act])


def fail_timer(ports: Ports, unit: Unit, job_id: int, worker: str, reason: str) -> None:
    """Count a timer whose command failed for a reason outside the process."""
    found = take(ports, unit, job_id, worker, "system")
    if found is not None:
        row, act, _ = found
        _count(unit, act, row, reason, TIMER_ATTEMPTS)
        writer.write(unit, [act])


def revive(unit: Unit, act: Act, token: int) -> None:
    """Let the failed job of a token be tried anew."""
    act.recovered(token)
    mine = (_jobs.instance_id == act.instance.id) & (_jobs.token == token) & (_jobs.state == "failed")
    values = {"state": "open", "attempts": 0, "lease": None, "leased_until": None, "error": None}
    unit.execute(update(tables.jobs).where(mine).values(values))


def change(unit: Unit, job_id: int, **values: Any) -> None:
    """Change a job's row."""
    unit.execute(_change.values(values), {"key": job_id})


def _external(
    ports: Ports, unit: Unit, job_id: int, worker: str | None, actor: str
) -> tuple[Any, Act, Token]:
    found = take(ports, unit, job_id, worker, actor)
    if found is None or found[0].kind != EXTERNAL:
        raise NotFound("job.unknown")
    return found


def _count(unit: Unit, act: Act, row: Any, reason: str, allowed: int) -> None:
    attempts = row.attempts + 1
    body = {"type": row.type, "attempt": attempts, "reason": reason[:2000]}
    act.entries.append(Entry("job.failed", act.actor, act.now, row.element, body))
    if attempts >= allowed:
        error = ExecutionError("job.failed", row.element, type=row.type, reason=reason[:500])
        _give_up(unit, act, row, error, attempts)
        return
    rest = min(MAX_BACKOFF, BACKOFF * 2 ** min(row.attempts, 10))
    change(unit, row.id, attempts=attempts, lease=None, leased_until=act.now + rest, error=reason[:2000])


def _give_up(unit: Unit, act: Act, row: Any, error: ExecutionError, attempts: int | None = None) -> None:
    values = {"state": "failed", "attempts": attempts or row.attempts + 1, "error": error.message("en")}
    change(unit, row.id, **values, lease=None, leased_until=None)
    act.progress.failed.append(row.token)
    act.changes.incidents[row.token] = error


def _attempts(act: Act, token: Token) -> int:
    """Return how often a service task's job may be tried: its ``retries``, or three times."""
    element = token.element
    if not isinstance(element, ServiceTask) or element.retries is None:
        return EXTERNAL_ATTEMPTS
    try:
        number = int(act.value(element.retries, act.names(token), element.id))
    except (ExecutionError, TypeError, ValueError, ArithmeticError, feel.FeelError):
        return EXTERNAL_ATTEMPTS
    return max(1, min(MAX_ATTEMPTS, number))
