"""Runs the handlers that are jobs: outside every transaction, each under a lease, its result taken over by a command.

A worker that dies gives its job back when the lease is over. Where the handler says that it is idempotent another worker
does it again; where it isn't, nobody does, and an incident asks a person to find out what happened.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.commands import jobs
from engine.commands.act import Act
from engine.commands.handling import document
from engine.commands.loading import load_instance, token_of
from engine.errors import BihuanError, Conflict, NotFound
from engine.plugins import BpmnError, Document, Handler, InstanceInfo, JobFailed

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobRun:
    """What a handler that is a job is given: see :class:`engine.plugins.JobContext`."""

    key: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    instance: InstanceInfo
    element: str
    now: datetime
    attempt: int
    engine: Engine
    _scope: int

    def document(self, name: str) -> Document | None:
        """Return the newest version of the instance's document ``name``, as it is now."""
        with self.engine.database.read() as unit:
            act = load_instance(self.engine.ports, unit, self.instance.id, "system", lock=False)
            return document(act, self._scope, name)


def types(engine: Engine) -> list[str]:
    """Return the types of the service tasks whose handlers here are jobs."""
    handlers = engine.catalogue.handlers
    return sorted(type for type, handler in handlers.items() if handler.job and type in handlers)


def run(engine: Engine, now: datetime, limit: int) -> int:
    """Run up to ``limit`` jobs that are ready, the oldest first; return how many were taken up."""
    mine = types(engine)
    if not mine:
        return 0
    with engine.database.read() as unit:
        if not jobs.any_ready(unit, jobs.EXTERNAL, now, mine):
            return 0
    done = 0
    while done < limit and _next(engine, mine, now):
        done += 1
    return done


def _next(engine: Engine, types: list[str], now: datetime) -> bool:
    """Lease and run one job; tell whether there was one. One at a time, so that no lease runs out in a queue."""
    worker = secrets.token_hex(16)
    leased = engine.database.retry(
        lambda unit: jobs.lease(unit, jobs.EXTERNAL, worker, now, 1, types=types, until=now + jobs.LEASE)
    )
    for row, lost in leased:
        try:
            _work(engine, row, worker, lost=lost)
        except (Conflict, NotFound) as error:
            log.warning("job %s of county %s: %s", row.id, engine.database.code, error.message("en"))
    return bool(leased)


def _work(engine: Engine, row: Any, worker: str, *, lost: bool) -> None:
    handler = engine.catalogue.handlers[row.type]
    if lost and not handler.idempotent:
        engine.database.retry(lambda unit: jobs.interrupted(engine.ports, unit, row.id, worker))
        return
    context = engine.database.retry(lambda unit: _begin(engine, unit, handler, row, worker))
    try:
        found = dict(handler.run(context) or {})
        engine.complete_job(row.id, worker, found)
    except BpmnError as error:
        engine.throw_job_error(row.id, worker, error.code, error.variables)
    except (Conflict, NotFound):
        raise
    except Exception as error:
        log.exception("handler %s failed at job %s", row.type, row.id)
        engine.fail_job(row.id, worker, **_failure(error, handler))


def _begin(engine: Engine, unit: Any, handler: Handler, row: Any, worker: str) -> JobRun:
    """Lengthen the lease to what the handler needs, and gather what it is given."""
    now = engine.clock.now()
    jobs.extend(unit, row.id, worker, now, timedelta(seconds=handler.seconds))
    act: Act = load_instance(engine.ports, unit, row.instance_id, "system", lock=False)
    token = token_of(act, row.token)
    job = jobs.job_of(act, row, token)
    key = f"{engine.database.code}/{row.instance_id}/{row.token}"
    scope = act.scopes.document_scope(token.scope)
    return JobRun(
        key, job.variables, job.headers, act.info(), row.element, now, row.attempts + 1, engine, scope
    )


def _failure(error: Exception, handler: Handler) -> dict[str, Any]:
    """Say how a failed attempt counts: one that may have had an effect isn't repeated unless the handler knows better."""
    reason = error.message("en") if isinstance(error, BihuanError) else f"{type(error).__name__}: {error}"
    if isinstance(error, JobFailed):
        return {"reason": error.reason, "retries": error.retries, "rest": error.rest}
    return {"reason": reason, "retries": None if handler.idempotent else 0}
