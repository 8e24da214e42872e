"""What is begun during the year by hand: an adjustment of a project (P08), and a project that comes new (S4: 109 → 117)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import years
from budget.adjustments import adjustable
from budget.codes import ProjectAttr, ProjectLevel
from budget.projects import Register
from budget.tables import Project, Unit
from engine import StartRequest
from workflows import profiles
from workflows.budget_adjustment.handlers import GROUPS
from workflows.goal_declaration import campaign as declaration

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.identity import Actor


def start_adjustment(engine: Engine, project_id: int, actor: Actor) -> int:
    """Begin the adjustment of a project and return its instance.

    Raises :class:`budget.adjustments.AdjustmentError` where none may be asked for, and
    :class:`engine.errors.Refused` about a year that is closed.
    """
    with engine.database.read() as unit, Session(unit.connection) as session:
        project = adjustable(session, project_id)
        years.require_open(session, project.fiscal_year, project.unit, engine.clock.now())
        variables = Register(session).variables(project)
    return engine.start(
        "budget_adjustment",
        actor=actor,
        variables={
            "project": variables,
            "profile": profiles.of(engine).variables(*GROUPS),
            "origin": None,
            "reason": None,
        },
        business_key=f"adjust-{variables['code']}",
    ).instance_id


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that comes new during the year; ``amount`` in 分."""

    year: int
    name: str
    unit: str
    category: str
    type: str
    fund_book: str
    amount: int
    leader: str
    phone: str
    start: date
    end: date


def add_project(engine: Engine, new: NewProject, due: datetime) -> tuple[int, int]:
    """Write a project into the register and begin the declaration of its goal; return both ids.

    Once its goal is approved it is monitored from the next checkpoint on. Raises
    :class:`sqlalchemy.exc.NoResultFound` for an unknown unit, :class:`engine.errors.Refused` about a year that is closed.
    """
    profile = profiles.of(engine)
    with engine.database.write() as unit, unit.savepoint() as session:
        owner = session.get_one(Unit, new.unit)
        years.require_open(session, new.year, new.unit, engine.clock.now())
        project = Project(
            fiscal_year=new.year,
            code=_code(session, new),
            name=new.name,
            category=new.category,
            type=new.type,
            attr=ProjectAttr.NEW,
            level=ProjectLevel.L1,
            unit=new.unit,
            section=owner.section,
            leader=new.leader,
            phone=new.phone,
            start_date=new.start,
            end_date=new.end,
            total_amount=new.amount,
            annual_amount=new.amount,
            fund_book=new.fund_book,
        )
        session.add(project)
        session.flush()
        register = Register(session)
        variables = {
            "project": register.variables(project),
            "campaign": None,
            "deadline": due.astimezone(profile.zone).isoformat(),
            "profile": profile.variables(*declaration.GROUPS),
        }
        documents = {} if owner.secret_flag else {"goal": register.prefilled(project)}
        key, project_id = f"goal-{project.code}", project.id
    (started,) = engine.start_many(
        "goal_declaration", [StartRequest(variables, key, documents)], actor="system"
    )
    return project_id, started.instance_id


def _code(session: Session, new: NewProject) -> str:
    """Return the next free code of the unit's projects that came during the year: 2026-U1-Z01."""
    prefix = f"{new.year}-{new.unit}-Z"
    count = session.scalar(
        select(func.count()).where(Project.fiscal_year == new.year, Project.code.startswith(prefix))
    )
    return f"{prefix}{(count or 0) + 1:02d}"
