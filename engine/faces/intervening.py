"""How operators stop, hold and release cases and processes, alone or by two, as the county's settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.commands import interventions
from engine.commands.interventions import Intervened, Intervention, Proposal
from engine.commands.ports import Ports
from engine.database import Database
from engine.errors import Conflict
from engine.faces.operating import operator
from engine.identity import Actor

#: What is done to each case when its process is suspended or resumed with its cases.
_WITH_CASES = {"suspend_process": ("suspend", False), "resume_process": ("resume", True)}


class Intervening:
    """The engine's interventions in cases and processes; each needs the right of an operator, and a reason."""

    database: Database
    ports: Ports

    def suspend(
        self, instance_id: int, *, actor: Actor | str, reason: str, request_key: str | None = None
    ) -> Intervened:
        """Suspend a case (挂起): nobody can decide anything in it, its timers and jobs wait; dates stay.

        Raises :class:`Conflict` for one that is suspended or over.
        """
        return self.intervene(
            "suspend", actor=actor, reason=reason, instance_id=instance_id, request_key=request_key
        )

    def resume(
        self, instance_id: int, *, actor: Actor | str, reason: str, request_key: str | None = None
    ) -> Intervened:
        """Resume a suspended case (恢复); what came due meanwhile happens now, in the order of its times."""
        return self.intervene(
            "resume", actor=actor, reason=reason, instance_id=instance_id, request_key=request_key
        )

    def terminate(
        self, instance_id: int, *, actor: Actor | str, reason: str, request_key: str | None = None
    ) -> Intervened:
        """End a case at once (终止): its open work items are cancelled, its timers and jobs dropped."""
        return self.intervene(
            "terminate", actor=actor, reason=reason, instance_id=instance_id, request_key=request_key
        )

    def suspend_process(
        self,
        process_id: str,
        *,
        actor: Actor | str,
        reason: str,
        version: int | None = None,
        cases: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Intervened:
        """Let no new case of a process start, of all versions or of one; ``cases`` suspends those that run, too.

        Cases that another process calls go on, because a called process runs inside its caller.
        """
        params = {"version": version, "cases": cases}
        return self.intervene(
            "suspend_process",
            actor=actor,
            reason=reason,
            process_id=process_id,
            params=params,
            progress=progress,
        )

    def resume_process(
        self,
        process_id: str,
        *,
        actor: Actor | str,
        reason: str,
        version: int | None = None,
        cases: bool = False,
        progress: Callable[[int], None] | None = None,
    ) -> Intervened:
        """Let cases of a process start again; ``cases`` resumes those that were suspended with it."""
        params = {"version": version, "cases": cases}
        return self.intervene(
            "resume_process",
            actor=actor,
            reason=reason,
            process_id=process_id,
            params=params,
            progress=progress,
        )

    def intervene(
        self,
        operation: str,
        *,
        actor: Actor | str,
        reason: str,
        instance_id: int | None = None,
        process_id: str | None = None,
        params: Mapping[str, Any] | None = None,
        request_key: str | None = None,
        progress: Callable[[int], None] | None = None,
        two_people: bool = False,
    ) -> Intervened:
        """Do an operation of :data:`engine.commands.interventions.OPERATIONS`, or propose it.

        ``params`` are those of the engine's method of that name (of ``jump``: ``source``, ``to``, ``token``; of ``skip``:
        ``incident_id``, ``variables``; of ``set_variables``: ``values``, ``scope``, ``retype``), which refuse to do alone
        what takes two people.

        Where the setting ``second_person`` names the operation, or with ``two_people``, it is only proposed;
        :meth:`confirm` by another operator does it. Raises :class:`Forbidden` for anybody but operators and the system.
        """
        wanted = Intervention(operation, reason, operator(actor), instance_id, process_id, params)
        answer = self.database.retry(
            lambda unit: interventions.ask(self.ports, unit, wanted, request_key, two_people=two_people)
        )
        if answer.done:
            self._follow(wanted, progress)
        return answer

    def proposals(self, actor: Actor | str) -> list[Proposal]:
        """Return the interventions that wait for a second person."""
        operator(actor)
        with self.database.read() as unit:
            return interventions.proposals(unit)

    def confirm(
        self, proposal_id: int, *, actor: Actor | str, progress: Callable[[int], None] | None = None
    ) -> None:
        """Do what another operator proposed; raises :class:`Forbidden` for who proposed it."""
        who = operator(actor)
        done = self.database.retry(lambda unit: interventions.confirm(self.ports, unit, proposal_id, who))
        self._follow(done, progress)

    def decline(self, proposal_id: int, *, actor: Actor | str, reason: str) -> None:
        """Turn a proposal down, or take one's own back."""
        who = operator(actor)
        self.database.retry(lambda unit: interventions.decline(self.ports, unit, proposal_id, who, reason))

    def _follow(self, done: Intervention, progress: Callable[[int], None] | None) -> None:
        """Do to the cases of a process what was done to it, each in a transaction of its own."""
        if done.operation not in _WITH_CASES or not (done.params or {}).get("cases"):
            return
        operation, suspended = _WITH_CASES[done.operation]
        with self.database.read() as unit:
            ids = interventions.waiting_of(unit, done.process_id or "", suspended=suspended)
        for number, id in enumerate(ids, 1):
            one = replace(done, operation=operation, instance_id=id, params=None)
            self._each(one)
            if progress is not None:
                progress(number)

    def _each(self, one: Intervention) -> None:
        carry_out = interventions.OPERATIONS[one.operation]
        try:
            self.database.retry(lambda unit: carry_out(self.ports, unit, one))
        except Conflict:
            return  # it ended, or somebody else suspended or resumed it, in the meantime
