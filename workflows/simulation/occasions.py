"""What happens in a year besides the campaigns of its calendar: payments, adjustments, selections, figures, the report.

Each is begun by whoever begins it in a county, with the functions that their pages call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import books, holds
from budget.adjustments import AdjustmentType
from budget.codes import GoalState
from budget.money import fen_from_wan, wan_from_fen
from budget.monitoring import figures
from budget.monitoring.codes import FigureSource
from budget.tables import Goal, Hold, Project, Unit
from engine.identity import SEC_ADMIN, SYS_ADMIN
from workflows import midyear, offers, profiles
from workflows.annual_report import starting as annual_report
from workflows.demo.amounts import amounts, share_out
from workflows.key_selection import starting as key_selection
from workflows.profiles import versions
from workflows.simulation.acting.budget_adjustment import TYPE
from workflows.simulation.acting.disbursement import AMOUNT
from workflows.simulation.acting.engagement import OBJECTS

if TYPE_CHECKING:
    from random import Random

    from engine.engine import Engine
    from engine.identity import Actor
    from workflows.simulation.office import Office

#: Of the money that is told of poverty projects, what is spent by the end of each month (S4-22: followed closely).
_SPENT_BY = {4: Decimal("0.42"), 7: Decimal("0.66"), 11: Decimal(1)}
#: The types of adjustments that are asked for in a year, a project each.
ADJUSTED = (
    AdjustmentType.RECLAIM,
    AdjustmentType.DECREASE,
    AdjustmentType.INCREASE,
    AdjustmentType.GOAL_ONLY,
)


def name_pilots(engine: Engine, units: Sequence[str]) -> None:
    """Name the units that try out overall goals in the county's rules; two administrators are needed for it (S3-10)."""
    admins = []
    for person, role in (("admin1", SYS_ADMIN), ("admin2", SEC_ADMIN)):
        engine.people.create_person(person, person)
        engine.people.add_post(person, role, "BUREAU")
        admins.append(engine.actor(person))
    now = profiles.of(engine)
    wanted = versions.params(
        now,
        {"unit_goal.pilots": replace(now.settings["unit_goal.pilots"], value=list(units))},
        effective_from=now.effective_from,
        basis="部门整体绩效管理试点工作方案",
        by=admins[0].principal,
        why="确定试点单位",
    )
    asked = engine.admin.ask(versions.REQUEST, now.code, "确定试点单位", actor=admins[0], params=wanted)
    engine.admin.confirm(asked, actor=admins[1])


def open_projects(session: Session, year: int) -> Sequence[Project]:
    """Return the year's projects of which a payment or an adjustment may be asked, the largest first."""
    query = (
        select(Project)
        .join(Goal, Goal.project_id == Project.id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == year,
            Goal.state == GoalState.APPROVED,
            ~Project.secret_flag,
            ~Unit.secret_flag,
        )
        .order_by(Project.annual_amount.desc(), Project.code)
    )
    return session.scalars(query).all()


def plan_payments(
    office: Office, year: int, count: int, amount: Decimal, random: Random
) -> Sequence[Sequence[int]]:
    """Plan which projects ask for how much, large ones for much, and return their ids month by month, March first."""
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        able = open_projects(session, year)[:count]
        asked = sorted(amounts(len(able), amount, random, 1.2), reverse=True) if able else []
        for project, one in zip(able, asked, strict=True):
            office.plans[AMOUNT, project.code] = wan_from_fen(min(one, project.annual_amount))
        ids = [project.id for project in able]
    random.shuffle(ids)
    return [ids[month::8] for month in range(8)]


def ask_for_money(office: Office, projects: Sequence[int]) -> Sequence[int]:
    """Let units ask for payments of projects, each through its clerk; what isn't offered to the clerk isn't asked for.

    Return what is wanted for each that is asked for, in 分.
    """
    wanted = []
    offer = offers.offers()["disbursement"]
    profile = profiles.of(office.engine)
    for id in projects:
        with office.engine.database.read() as unit, Session(unit.connection) as session:
            project = session.get_one(Project, id)
            clerk = _clerk(office, project)
            offered = offers.projects(offer, clerk.posts, [project.fiscal_year]).where(Project.id == id)
            if session.execute(offered).first() is None:
                continue
            request = offers.request(session, offer, project, None, profile)
            planned = office.plans.get((AMOUNT, project.code))
            wanted.append(project.annual_amount // 10 if planned is None else fen_from_wan(planned))
        office.engine.start_many(offer.process, [request], actor=clerk)
    return wanted


def receive_documents(office: Office, year: int, copies: int) -> None:
    """Let the performance section note the papers that came in with requests for payments, one with each (S5-04)."""
    if copies:
        typed = {"title": "拨付申请所附绩效资料", "purpose": "DISBURSE", "copies": str(copies)}
        _write_down(office, "documents", year, typed)


def train(office: Office, year: int, given: Mapping[str, int]) -> None:
    """Let the performance section note the year's training: ``batches``, ``units``, ``people`` (S4-04)."""
    typed = {"title": "预算绩效管理业务专题培训", "audience": "UNITS"}
    _write_down(office, "training", year, typed | {name: str(number) for name, number in given.items()})


def _write_down(office: Office, book: str, year: int, typed: Mapping[str, str]) -> None:
    """Write a line of a book as its page does."""
    by = office.holders("role:perf_staff@PERF")[0].principal
    with office.engine.database.write() as unit, unit.savepoint() as session:
        given = books.read(session, books.BOOKS[book], year, {"on": office.today.isoformat(), **typed})
        if given.wrong:
            raise ValueError(f"{book}: {given.wrong}")
        books.write(session, books.BOOKS[book], year, given.columns, by=by, now=office.clock.now())


def projects_on_hold(office: Office, year: int) -> Sequence[int]:
    """Return projects whose money is on hold, the largest first: their units ask for it all the same."""
    now = office.clock.now()
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        since = select(Hold.project_id).where(Hold.since <= now).distinct()
        known = set(session.scalars(since))
        able = [project.id for project in open_projects(session, year) if project.id in known]
        return [id for id in able if holds.in_force(session, id, now)]


def adjust(office: Office, year: int) -> None:
    """Let units ask for an adjustment of each type, of projects in the middle of the list."""
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        able = open_projects(session, year)
        middle = able[len(able) // 4 :][: len(ADJUSTED)]
        chosen = [(project.id, project.code, _clerk(office, project)) for project in middle]
    for kind, (id, code, clerk) in zip(ADJUSTED, chosen, strict=False):
        office.plans[TYPE, code] = kind.value
        midyear.start_adjustment(office.engine, id, clerk)


def select_key(office: Office, year: int, codes: Sequence[str]) -> None:
    """Let the performance section propose projects of a year for key evaluation, picked among the candidates."""
    staff = office.holders("role:perf_staff@PERF")[0]
    profile = profiles.of(office.engine)
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        picked = [one for one in key_selection.offered(session, year, profile) if one.code in codes]
    request = key_selection.start(year, picked, profile)
    office.engine.start_many(key_selection.PROCESS, [request], actor=staff)


def engage(office: Office, year: int, codes: Sequence[str]) -> None:
    """Let the performance section engage a third party for the projects of a year that are evaluated as key."""
    offer = offers.offers()["engagement"]
    profile = profiles.of(office.engine)
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        query = select(Project).join(Unit, Unit.code == Project.unit).order_by(Project.code)
        query = query.where(Project.fiscal_year == year, Project.code.in_(codes))
        projects = session.scalars(query.where(~Project.secret_flag, ~Unit.secret_flag)).all()
        first = projects[0]
        office.plans[OBJECTS, first.code] = [project.code for project in projects]
        request = offers.request(session, offer, first, None, profile)
    office.engine.start_many(offer.process, [request], actor=office.holders("role:perf_staff@PERF")[0])


def oversee(office: Office, year: int, count: int) -> None:
    """Let the performance section note that the people's congress inspects some of the year's projects (S5-23)."""
    offer = offers.offers()["npc_oversight"]
    profile = profiles.of(office.engine)
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        chosen = open_projects(session, year)[:count]
        requests = [offers.request(session, offer, project, None, profile) for project in chosen]
    office.engine.start_many(offer.process, requests, actor=office.holders("role:perf_staff@PERF")[0])


def register_spending(office: Office, year: int, month: int, rate: Decimal) -> None:
    """Take over what poverty projects have spent by the end of a month from the platform that follows them.

    ``rate`` is the share of their money that is spent in the end (S4-22).
    """
    with office.engine.database.write() as unit, unit.savepoint() as session:
        query = select(Project).where(Project.fiscal_year == year, Project.poverty_flag)
        found = session.scalars(query.order_by(Project.code)).all()
        budgets = [float(project.annual_amount) for project in found]
        whole = int(sum(project.annual_amount for project in found) * rate * _SPENT_BY[month])
        spent = share_out(budgets, whole) if found else []
        figures.register(
            session,
            [figures.Figure(project.id, month, one) for project, one in zip(found, spent, strict=True)],
            source=FigureSource.FILE,
            by="system",
            now=office.clock.now(),
            note="扶贫资金动态监控平台",
        )


def report_months(year: int) -> Sequence[tuple[date, int]]:
    """Return on which days which months' spending is taken over."""
    return [(date(year, month + 1, 1), month) for month in _SPENT_BY]


def report(office: Office, year: int) -> int:
    """Let the performance section begin the report on a year's work; return its instance."""
    return annual_report.start(office.engine, year, office.holders("role:perf_staff@PERF")[0])


def _clerk(office: Office, project: Project) -> Actor:
    return office.holders(f"role:unit_clerk@{project.unit}")[0]
