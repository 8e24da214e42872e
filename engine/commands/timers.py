"""Timers that go off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.calendar import next_of
from engine.commands import jobs, writer
from engine.commands.ports import Ports
from engine.commands.waiting import TIMER_ATTEMPTS
from engine.database import Unit
from engine.history import Entry
from engine.values import iso


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer that went off; ``next_due`` is the earliest time for which it left a timer behind."""

    next_due: datetime | None


def fire(ports: Ports, unit: Unit, job_id: int, worker: str) -> Fired | None:
    """Let a timer go off that a worker has leased; None where it didn't: it may be gone with its task meanwhile."""
    found = jobs.take(ports, unit, job_id, worker, "system")
    if found is None:
        return None
    row, act, token = found
    left_behind: list[datetime] = []
    left = None if row.repeats is None else row.repeats - 1
    last = row.cycle is None or left == 0
    body = {"step": token.element.label, "due": iso(row.due_at)}
    act.entries.append(Entry("timer.fired", "system", act.now, row.element, body))
    act.execution.fire(row.token, last=last)
    if last or act.execution.awaits(row.token) is None:
        act.changes.done_jobs.add(row.token)
    else:
        due = next_of(row.due_at, row.cycle)
        left_behind.append(due)
        fresh = {"attempts": 0, "retries": TIMER_ATTEMPTS, "error": None, **jobs.FREE}
        jobs.change(unit, row.id, due_at=due, repeats=left, **fresh)
    act.execution.run()
    writer.write(unit, [act])
    left_behind += [new.due_at for new in act.changes.jobs.values() if new.kind == jobs.TIMER]
    return Fired(min(left_behind, default=None))
