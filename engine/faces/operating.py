"""What operators do when the process itself can't go on: incidents, variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.commands import incidents, interventions
from engine.commands.incidents import IncidentQuery, IncidentRow, Retried, VariableScope
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import Forbidden
from engine.identity import SYSTEM, Actor


class Operating:
    """The engine's interventions; each needs the right of an operator, and most a reason."""

    database: Database
    ports: Ports

    def incidents(self, actor: Actor | str, query: IncidentQuery | None = None) -> list[IncidentRow]:
        """Return open incidents, the oldest first; raises :class:`Forbidden`."""
        _repairer(actor)
        with self.database.read() as unit:
            return incidents.listed(unit, query or IncidentQuery())

    def retry(self, incident_id: int, actor: Actor | str) -> Retried:
        """Let the element of an incident try again, after its cause was repaired.

        Raises :class:`Forbidden` for anybody but operators, administrators and the system, and :class:`NotFound`.
        """
        who = _repairer(actor)
        return self.database.retry(lambda unit: incidents.retry(self.ports, unit, incident_id, who))

    def retry_all(
        self, query: IncidentQuery, actor: Actor | str, progress: Callable[[int], None] | None = None
    ) -> list[Retried]:
        """Let all incidents of one cause try again, each in a transaction of its own; ``progress`` is told how many did.

        What fails again is a new incident, whose instance is in the state ``incident`` in the result.
        """
        rows = self.incidents(actor, query)
        done = []
        for row in rows:
            done.append(self.retry(row.id, actor))
            if progress is not None:
                progress(len(done))
        return done

    def skip(
        self,
        incident_id: int,
        actor: Actor | str,
        *,
        reason: str,
        variables: Mapping[str, Any] | None = None,
        request_key: str | None = None,
    ) -> Retried:
        """Count the element of an incident as done, with the variables that it should have given.

        Raises :class:`Forbidden` for anybody but operators and the system, :class:`Refused` for an element that can't be
        skipped, and :class:`NotFound`.
        """
        who, given = operator(actor), variables or {}

        def command(unit: Unit) -> Retried:
            interventions.one_person("skip", unit)
            return incidents.skip(self.ports, unit, incident_id, who, given, reason, request_key)

        return self.database.retry(command)

    def variables(self, instance_id: int, actor: Actor | str) -> list[VariableScope]:
        """Return all variables of an instance for an operator; raises :class:`Forbidden`."""
        operator(actor)
        with self.database.read() as unit:
            return incidents.variables(self.ports, unit, instance_id)

    def set_variables(
        self,
        instance_id: int,
        values: Mapping[str, Any],
        *,
        actor: Actor | str,
        reason: str,
        scope: int = 0,
        retype: bool = False,
        request_key: str | None = None,
    ) -> None:
        """Set variables of a running instance; history keeps who, why, the old values and the new ones.

        Raises :class:`Forbidden`, and :class:`BihuanError` for a value of another type than before unless ``retype``.
        """
        who = operator(actor)

        def command(unit: Unit) -> None:
            interventions.one_person("set_variables", unit)
            incidents.set_variables(
                self.ports,
                unit,
                instance_id,
                values,
                who,
                reason,
                scope,
                retype=retype,
                request_key=request_key,
            )

        self.database.retry(command)


def operator(actor: Actor | str) -> str:
    """Return the principal of an operator or of the system; raises :class:`Forbidden` for anybody else."""
    if isinstance(actor, str):
        return actor
    if actor is not SYSTEM and (actor.no_business or not actor.is_operator):
        raise Forbidden("operator.only")
    return actor.principal


def _repairer(actor: Actor | str) -> str:
    """Return who may let things try again: operators and, since nothing is decided by it, administrators."""
    return actor.principal if isinstance(actor, Actor) and actor.is_admin else operator(actor)
