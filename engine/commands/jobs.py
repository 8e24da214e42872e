"""The job table: leases, attempts, and the incident when the last one has failed.

A lease is the random id of a worker with an expiry: a worker that dies gives its jobs back by doing nothing. What failed
rests for a while, longer each time; after the last attempt an incident waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from engine import tables
from engine.bpmn.model import ServiceTask
from engine.commands import requests, waiting, writer
from engine.commands.act import Act
from engine.commands.handling import note_done
from engine.commands.loading import load_instance, token_of
from engine.commands.ports import Ports
from engine.commands.scopes import storable
from engine.database import Unit
from engine.errors import Conflict, ExecutionError, NotFound
from engine.history import Entry
from engine.runtime import Token

TIMER, EXTERNAL = "timer", "external"
LEASE = timedelta(minutes=1)
#: How long a job rests after its first failure where its task doesn't say; doubled after each further one.
BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(hours=1)
#: A lease from further in the future was given before the clock was put back; clocks of machines may differ by less.
SKEW = timedelta(minutes=5)
#: What a row holds that nobody has leased.
FREE: Mapping[str, Any] = {"lease": None, "leased_at": None, "leased_until": None}

_jobs = tables.jobs.c
_ready = (
    select(_jobs.id, _jobs.lease)
    .where(
        _jobs.kind == bindparam("kind"),
        _jobs.state == "open",
        _jobs.due_at <= bindparam("now"),
        or_(
            _jobs.leased_until.is_(None),
            _jobs.leased_until <= bindparam("now"),
            _jobs.leased_at > bindparam("future"),
        ),
    )
    .order_by(_jobs.due_at, _jobs.id)
    .limit(bindparam("limit"))
)
_row = select(tables.jobs).where(_jobs.id == bindparam("id"))
_change = update(tables.jobs).where(_jobs.id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker holds until ``leased_until``; ``retries`` attempts are left, this one included.

    ``variables`` are what the task sees, mapped by its inputs, numbers as ``Decimal``; ``headers`` are its
    ``zeebe:taskHeaders``.
    """

    id: int
    type: str
    instance_id: int
    business_key: str | None
    process_id: str
    definition_version: int
    element: str
    attempts: int
    retries: int
    leased_until: datetime
    headers: Mapping[str, str]
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed: why, how many attempts are left and how long to rest where the worker says so, and
    variables to keep at the task.
    """

    reason: str
    retries: int | None = None
    rest: timedelta | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def any_ready(unit: Unit, kind: str, now: datetime, types: Sequence[str] | None = None) -> bool:
    """Tell whether any job of a kind (and of these types) could be leased."""
    return unit.execute(_query(types), _wanted(kind, now, 1)).first() is not None


def lease(
    unit: Unit,
    kind: str,
    worker: str,
    now: datetime,
    limit: int,
    *,
    types: Sequence[str] | None = None,
    until: datetime | None = None,
) -> list[tuple[Any, bool]]:
    """Take ready jobs for a worker, the oldest first; other workers pass them over.

    Returns their rows, and for each whether another worker had it and let its lease run out.
    """
    found = unit.execute(_query(types).with_for_update(skip_locked=True), _wanted(kind, now, limit)).all()
    if not found:
        return []
    lost = {row.id: row.lease is not None for row in found}
    held = {"lease": worker, "leased_at": now, "leased_until": until or now + LEASE}
    unit.execute(update(tables.jobs).where(_jobs.id.in_(lost)).values(held))
    rows = unit.execute(select(tables.jobs).where(_jobs.id.in_(lost)).order_by(_jobs.due_at, _jobs.id))
    return [(row, lost[row.id]) for row in rows]


def activate(
    ports: Ports,
    unit: Unit,
    type: str,
    worker: str,
    limit: int,
    lasting: timedelta,
    fetch: Sequence[str] | None = None,
) -> list[Job]:
    """Give a worker outside jobs of a type, with the variables that their tasks see, or those of ``fetch``."""
    now = ports.clock.now()
    found = []
    for row, _ in lease(unit, EXTERNAL, worker, now, limit, types=[type], until=now + lasting):
        act = load_instance(ports, unit, row.instance_id, "system", lock=False)
        found.append(job_of(act, row, token_of(act, row.token), fetch))
    return found


def job_of(act: Act, row: Any, token: Token, fetch: Sequence[str] | None = None) -> Job:
    """Return a leased row as its worker sees it."""
    visible = act.scopes.visible(act.scopes.nearest(token.id, token.scope))
    if fetch is not None:
        visible = {name: value for name, value in visible.items() if name in fetch}
    return Job(
        row.id,
        row.type,
        row.instance_id,
        act.instance.business_key,
        token.process_id,
        act.process.version,
        row.element,
        row.attempts,
        row.retries,
        row.leased_until,
        token.element.headers,
        visible,
    )


def release(unit: Unit, job_ids: Sequence[int], worker: str) -> None:
    """Give leased jobs back untried."""
    mine = _jobs.id.in_(job_ids) & (_jobs.lease == worker)
    unit.execute(update(tables.jobs).where(mine).values(FREE))


def extend(unit: Unit, job_id: int, worker: str, now: datetime, lasting: timedelta) -> datetime:
    """Give ``worker`` more time for a job, counted from now; return until when.

    Raises :class:`NotFound`, or :class:`Conflict` where the job isn't the worker's any more.
    """
    row = unit.execute(_row.with_for_update(), {"id": job_id}).first()
    if row is None or row.state != "open":
        raise NotFound("job.unknown")
    if row.lease != worker:
        raise Conflict("job.not_leased")
    change(unit, job_id, leased_at=now, leased_until=now + lasting)
    return now + lasting


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
    if row is None or row.state == "failed":
        return None
    if row.state == "suspended":
        raise act.suspension()
    if worker is not None and row.lease != worker:
        raise Conflict("job.not_leased")
    return row, act, token_of(act, row.token)


def finish(
    ports: Ports,
    unit: Unit,
    job_id: int,
    worker: str | None,
    variables: Mapping[str, Any],
    request_key: str | None = None,
) -> None:
    """Finish a job that was done outside, with the variables that it gave."""
    asked = requests.fingerprint("finish", job_id, worker, storable(variables))
    if requests.answer(unit, request_key, asked) is not None:
        return
    _, act, token = _external(ports, unit, job_id, worker)
    if isinstance(token.element, ServiceTask):
        note_done(act, token, token.element, dict(variables))
    act.results(token, variables)
    act.changes.done_jobs.add(token.id)
    act.execution.complete(token.id)
    act.execution.run()
    writer.write(unit, [act])
    requests.remember(unit, request_key, asked, {"done": True}, act.now)


def throw(
    ports: Ports,
    unit: Unit,
    job_id: int,
    worker: str | None,
    code: str,
    variables: Mapping[str, Any],
    request_key: str | None = None,
) -> None:
    """Throw a BPMN error out of a job; what catches it gets the variables.

    Where nothing catches it the job fails for good, and an incident says so.
    """
    asked = requests.fingerprint("throw", job_id, worker, code, storable(variables))
    if requests.answer(unit, request_key, asked) is not None:
        return
    row, act, token = _external(ports, unit, job_id, worker)
    body = {"step": token.element.label, "type": row.type, "error": code}
    act.entries.append(Entry("service.error", act.actor, act.now, row.element, body))
    caught = act.execution.throw_error(token.id, code)
    if caught is not None:
        act.changes.done_jobs.add(token.id)
        act.catches(caught, variables)
        act.execution.run()
    else:
        error = ExecutionError("job.no_error_caught", row.element, type=row.type, error=code)
        _give_up(unit, act, row, error)
    writer.write(unit, [act])
    requests.remember(unit, request_key, asked, {"done": True}, act.now)


def fail(
    ports: Ports,
    unit: Unit,
    job_id: int,
    worker: str | None,
    failure: Failure,
    request_key: str | None = None,
) -> None:
    """Count a failed attempt of an external job; when none is left there is an incident."""
    rest = None if failure.rest is None else failure.rest.total_seconds()
    variables = storable(failure.variables)
    asked = requests.fingerprint(
        "fail", job_id, worker, failure.reason, failure.retries, str(rest), variables
    )
    if requests.answer(unit, request_key, asked) is not None:
        return
    row, act, token = _external(ports, unit, job_id, worker)
    act.keep(token, failure.variables)
    _count(unit, act, row, failure)
    writer.write(unit, [act])
    requests.remember(unit, request_key, asked, {"done": True}, act.now)


def interrupted(ports: Ports, unit: Unit, job_id: int, worker: str) -> None:
    """Make an incident of a job that must not be done twice and whose first worker vanished with it."""
    row, act, _ = _external(ports, unit, job_id, worker)
    error = ExecutionError("job.interrupted", row.element, type=row.type)
    _give_up(unit, act, row, error)
    writer.write(unit, [act])


def fail_timer(ports: Ports, unit: Unit, job_id: int, worker: str, reason: str) -> None:
    """Count a timer whose command failed for a reason outside the process."""
    found = take(ports, unit, job_id, worker, "system")
    if found is not None:
        row, act, _ = found
        _count(unit, act, row, Failure(reason))
        writer.write(unit, [act])


def revive(unit: Unit, act: Act, token: Token) -> None:
    """Let the failed job of a token be tried anew, as often as its task says."""
    element, retries = token.element, waiting.TIMER_ATTEMPTS
    if isinstance(element, ServiceTask):
        try:
            retries = waiting.attempts(act, element, act.names(token))
        except ExecutionError:
            retries = 1  # it was right once: what it names has changed since
    act.recovered(token.id)
    mine = (_jobs.instance_id == act.instance.id) & (_jobs.token == token.id) & (_jobs.state == "failed")
    values = {"state": "open", "attempts": 0, "retries": retries, "error": None, **FREE}
    unit.execute(update(tables.jobs).where(mine).values(values))


def change(unit: Unit, job_id: int, **values: Any) -> None:
    """Change a job's row."""
    unit.execute(_change.values(values), {"key": job_id})


def _query(types: Sequence[str] | None) -> Any:
    return _ready if types is None else _ready.where(_jobs.type.in_(types))


def _wanted(kind: str, now: datetime, limit: int) -> dict[str, Any]:
    return {"kind": kind, "now": now, "future": now + SKEW, "limit": limit}


def _external(ports: Ports, unit: Unit, job_id: int, worker: str | None) -> tuple[Any, Act, Token]:
    found = take(ports, unit, job_id, worker, "system")
    if found is None or found[0].kind != EXTERNAL:
        raise NotFound("job.unknown")
    return found


def _count(unit: Unit, act: Act, row: Any, failure: Failure) -> None:
    attempts = row.attempts + 1
    left = row.retries - 1 if failure.retries is None else max(0, failure.retries)
    reason = failure.reason[:2000]
    body = {"type": row.type, "attempt": attempts, "left": left, "reason": reason}
    act.entries.append(Entry("job.failed", act.actor, act.now, row.element, body))
    if not left:
        error = ExecutionError("job.failed", row.element, type=row.type, reason=failure.reason[:500])
        _give_up(unit, act, row, error)
        return
    rest = failure.rest
    if rest is None:
        first = BACKOFF if row.backoff is None else timedelta(seconds=row.backoff)
        rest = min(max(MAX_BACKOFF, first), first * 2 ** min(row.attempts, 10))
    free = {**FREE, "leased_at": act.now, "leased_until": act.now + rest}
    change(unit, row.id, attempts=attempts, retries=left, error=reason, **free)


def _give_up(unit: Unit, act: Act, row: Any, error: ExecutionError) -> None:
    values = {"state": "failed", "attempts": row.attempts + 1, "retries": 0, "error": error.message("en")}
    change(unit, row.id, **values, **FREE)
    act.progress.failed.append(row.token)
    act.changes.incidents[row.token] = error
