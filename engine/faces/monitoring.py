"""What operators see of processes and cases."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from engine.calendar import Clock
from engine.commands.ports import Ports
from engine.database import Database
from engine.faces.operating import operator
from engine.identity import Actor
from engine.monitoring import cases, event_log, processes, steps
from engine.monitoring.cases import CaseDetail, CasePage, CaseQuery
from engine.monitoring.processes import ProcessRow
from engine.monitoring.steps import Steps


class Monitoring:
    """The engine's views for operators; each raises :class:`Forbidden` for anybody else."""

    database: Database
    ports: Ports
    clock: Clock

    def process_rows(self, actor: Actor | str, process_id: str | None = None) -> list[ProcessRow]:
        """Return the deployed processes, or one, with the numbers of cases, open items and incidents."""
        operator(actor)
        with self.database.read() as unit:
            return processes.processes(unit, self.clock.now(), process_id)

    def steps(
        self,
        process_id: str,
        actor: Actor | str,
        *,
        version: int | None = None,
        since: datetime | None = None,
    ) -> Steps:
        """Return what waits at each element of a process, and how long its steps took since a moment."""
        operator(actor)
        with self.database.read() as unit:
            return steps.steps(self.ports, unit, process_id, version, self.clock.now(), since)

    def write_event_log(
        self,
        process_id: str,
        kind: str,
        stream: IO[bytes],
        *,
        actor: Actor | str,
        since: datetime | None = None,
    ) -> None:
        """Write the event log of a process (``xes`` or ``csv``) of the cases that started since a moment.

        It names steps, times and posts, no contents and no person; secret cases aren't in it. Raises :class:`NotFound`.
        """
        operator(actor)
        with self.database.read() as unit:
            event_log.write(unit, self.ports, process_id, kind, stream, since)

    def cases(self, actor: Actor | str, query: CaseQuery) -> CasePage:
        """Return a page of cases of all people, the newest first."""
        operator(actor)
        with self.database.read() as unit:
            return cases.cases(unit, query, self.clock.now())

    def case(self, instance_id: int, actor: Actor | str) -> CaseDetail:
        """Return a case from the inside: tokens, variables, timers and jobs, incidents."""
        operator(actor)
        with self.database.read() as unit:
            return cases.case(self.ports, unit, instance_id)
