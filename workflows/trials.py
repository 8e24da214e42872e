"""What a designer tries a process out for: a project or a unit of the county, with what such an instance starts with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.projects import Register
from budget.tables import Project, Unit
from workflows import profiles

#: So many are offered at once; who looks for another one types a part of its name.
OFFERED = 50
#: A trial that has a deadline has it so many days after its beginning.
_DAYS = 30


def subjects(session: Session, inputs: Sequence[str], text: str) -> list[tuple[str, str]]:
    """Return projects for a process that starts with ``project``, units for one that starts with ``unit``.

    Secret ones are never offered (domain §6.4).
    """
    wanted = text.strip()
    units = select(Unit).where(Unit.secret_flag.is_(False))
    if "project" in inputs:
        statement = (
            select(Project, Unit)
            .join(Unit, Unit.code == Project.unit)
            .where(Unit.secret_flag.is_(False), Project.secret_flag.is_(False))
            .where(
                Project.name.contains(wanted, autoescape=True) | Unit.name.contains(wanted, autoescape=True)
            )
            .order_by(Project.fiscal_year.desc(), Unit.code, Project.id)
        )
        return [
            (f"project:{project.id}", f"{unit.name} · {project.fiscal_year} · {project.name}")
            for project, unit in session.execute(statement.limit(OFFERED))
        ]
    if "unit" in inputs:
        named = units.where(Unit.name.contains(wanted, autoescape=True)).order_by(Unit.code)
        return [(f"unit:{unit.code}", unit.name) for unit in session.scalars(named.limit(OFFERED))]
    return []


def variables(session: Session, inputs: Sequence[str], subject: str, now: datetime) -> dict[str, Any] | None:
    """Return the variables of a subject: the project or the unit, the rules as they are now, no campaign, and a deadline.

    What else the process starts with is null until the designer says what it is. None for a subject that there isn't.
    """
    kind, _, key = subject.partition(":")
    register = Register(session)
    found: dict[str, Any] = dict.fromkeys(inputs)
    if kind == "project" and key.isdecimal() and len(key) <= 18:
        project = session.get(Project, int(key))
        if project is None or _secret(session, project.unit) or project.secret_flag:
            return None
        found["project"] = register.variables(project)
    elif kind == "unit":
        if _secret(session, key):
            return None
        found["unit"] = register.unit_variables(key)
    else:
        return None
    profile = profiles.current(session)
    groups = {name.partition(".")[0] for name in profile.settings}
    found["profile"] = profile.variables(*sorted(groups))
    found["deadline"] = (now + timedelta(days=_DAYS)).astimezone(profile.zone).isoformat()
    return {name: value for name, value in found.items() if name in inputs}


def _secret(session: Session, unit: str) -> bool:
    """Whether a unit isn't there, or is a secret one."""
    found = session.get(Unit, unit)
    return found is None or found.secret_flag
