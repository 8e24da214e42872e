"""Fills an empty county with made-up offices, people, units and projects of a given shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import goals
from budget.codes import Category, FundBook, ProjectAttr, ProjectType
from budget.evaluations import EvaluationState, ScoreType
from budget.money import fen_from_wan
from budget.oversight import OversightKind, OversightState
from budget.projects import Register
from budget.quality.thresholds import Thresholds
from budget.tables import Evaluation, ExAnte, Oversight, Project, Section, Unit
from engine.identity import Organisation
from engine.plugins import Document
from workflows.demo import declarations
from workflows.demo.amounts import amounts, share_out
from workflows.simulation.shape import Batch, Shape

if TYPE_CHECKING:
    from engine.engine import Engine

#: The offices of a finance bureau that the processes name, with the roles of those who work there.
OFFICES: Mapping[str, Sequence[str]] = {
    "BUDGET": ("budget_chief", "budget_staff"),
    "PERF": ("perf_chief", "perf_staff", "perf_staff"),
    "TREASURY": ("treasury_chief", "treasury_staff"),
    "INVEST": ("invest_chief", "invest_staff"),
    "SUPERVISION": ("supervision_chief", "supervision_staff"),
    "BUREAU": ("bureau_leader", "deputy_leader"),
    "EXPERTS": ("expert",) * 8,
    "A01": ("agency_lead", "agency_member"),
}
#: Shares of the project types in a county (domain §9.3).
_TYPES: Mapping[str, float] = {
    ProjectType.POLICY_SUBSIDY: 0.26,
    ProjectType.SERVICE: 0.30,
    ProjectType.ENGINEERING: 0.22,
    ProjectType.EQUIPMENT: 0.12,
    ProjectType.IT: 0.10,
}
#: Shares of the four budgets (domain §9.2).
_BOOKS: Mapping[str, float] = {
    FundBook.GENERAL: 0.78,
    FundBook.GOV_FUND: 0.16,
    FundBook.STATE_CAPITAL: 0.02,
    FundBook.SOCIAL_INS: 0.04,
}
_NAMES: Mapping[str, str] = {
    ProjectType.POLICY_SUBSIDY: "惠民补助资金",
    ProjectType.SERVICE: "专项服务",
    ProjectType.ENGINEERING: "建设工程",
    ProjectType.EQUIPMENT: "设备购置",
    ProjectType.IT: "信息化建设",
    ProjectType.OTHER: "运行保障",
}
#: The share of projects that go on from the year before (domain §9.3).
_CONTINUED = 0.65
#: The lowest and the highest score that was taken over from papers.
_SCORES = (91.0, 99.0)
#: So many projects are written at once.
_AT_ONCE = 500
#: The points of those that were evaluated before they came into the budget.
_PASSED = Decimal(90)


@dataclass(frozen=True, slots=True)
class Place:
    """The county's offices: codes of its sections and of its units, those with projects first."""

    sections: Sequence[str]
    units: Sequence[str]
    section_of: Mapping[str, str]


def offices(shape: Shape) -> Place:
    """Return the codes of a county's sections and units; each unit is in the charge of one section."""
    sections = [f"S{number:02d}" for number in range(1, shape.sections + 1)]
    units = [f"U{number:04d}" for number in range(1, shape.units + 1)]
    return Place(sections, units, {unit: sections[place % len(sections)] for place, unit in enumerate(units)})


def fill_people(engine: Engine, place: Place) -> None:
    """Create organisations, and an account for every post that somebody must hold."""
    orgs = [
        *(Organisation(code, code, "section", None) for code in OFFICES),
        *(Organisation(code, f"业务{code}股", "section", None) for code in place.sections),
        *(Organisation(code, f"预算单位{code}", "unit", None) for code in place.units),
    ]
    engine.people.add_orgs(orgs)
    for person, role, org in _posts(place):
        engine.people.create_person(person, person.replace(".", ""))
        engine.people.add_post(person, role, org)


def _posts(place: Place) -> Iterator[tuple[str, str, str]]:
    for org, roles in OFFICES.items():
        for number, role in enumerate(roles, 1):
            yield f"{org.lower()}.{role}{number}", role, org
    for org in place.sections:
        yield f"{org.lower()}.chief", "section_chief", org
        yield f"{org.lower()}.staff", "section_staff", org
    for org in place.units:
        yield f"{org.lower()}.clerk", "unit_clerk", org
        yield f"{org.lower()}.head", "unit_head", org


def fill_units(session: Session, shape: Shape, place: Place) -> None:
    """Write sections and units; the last ones are the secret and the new ones."""
    for code in place.sections:
        session.add(Section(code=code, name=f"业务{code}股", duties=""))
    session.flush()
    secret = set(place.units[len(place.units) - shape.secret :])
    new = set(place.units[len(place.units) - shape.secret - shape.new : len(place.units) - shape.secret])
    for code in place.units:
        session.add(
            Unit(
                code=code,
                name=f"预算单位{code}",
                section=place.section_of[code],
                secret_flag=code in secret,
                established_at=date(shape.year - 1, 3, 1) if code in new else None,
                function="履行部门职责，组织实施本部门项目，管好用好财政资金。",
            )
        )
    session.flush()


def add_projects(
    session: Session,
    shape: Shape,
    place: Place,
    batch: Batch,
    year: int,
    random: Random,
    *,
    mark: str = "",
    books: Sequence[str] = (),
    evaluated: bool = True,
) -> Iterator[Project]:
    """Write a batch of projects of a year, whose amounts add up to the batch's exactly; ``mark`` is part of their codes.

    They are yielded as they are written, and the session keeps none of them. Each unit that has projects gets at least one
    as long as there are enough. ``books`` are the budgets that pay them, all four without it. New ones have passed their
    evaluation before the budget was drawn up (DQ36), as it is recorded from papers; where they are not ``evaluated``, all
    are new and have not.
    """
    owners = list(place.units[: batch.units or shape.with_projects])
    chosen = [*owners[: batch.projects]]
    chosen += random.choices(owners, k=batch.projects - len(chosen))
    chosen.sort()
    types, categories, books = (
        random.choices(list(shares), list(shares.values()), k=batch.projects)
        for shares in (
            _TYPES,
            shape.categories,
            {book: share for book, share in _BOOKS.items() if not books or book in books},
        )
    )
    types = [
        type if category == Category.SPECIFIC else ProjectType.OTHER
        for type, category in zip(types, categories, strict=True)
    ]
    money = _amounts(batch, random)
    upper = _upper(batch, money)
    rows = enumerate(zip(chosen, types, categories, books, money, strict=True), 1)
    while some := list(islice(rows, _AT_ONCE)):
        found = [
            Project(
                fiscal_year=year,
                code=f"{year}-{mark}{number:05d}",
                name=f"{_NAMES[type]}{mark}{number:05d}号",
                category=category,
                type=type,
                attr=ProjectAttr.CONTINUED if evaluated and random.random() < _CONTINUED else ProjectAttr.NEW,
                level="L1",
                unit=unit,
                section=place.section_of[unit],
                leader="项目负责人",
                phone="0999-3612345",
                start_date=date(year, 1, 1),
                end_date=date(year, 12, 31),
                total_amount=amount,
                annual_amount=amount,
                upper_amount=upper[number - 1],
                poverty_flag=number <= batch.poverty,
                fund_book=book,
            )
            for number, (unit, type, category, book, amount) in some
        ]
        _write(session, found, evaluated=evaluated)
        yield from found


def _write(session: Session, projects: Sequence[Project], *, evaluated: bool) -> None:
    """Write projects, where they are ``evaluated`` the new ones with the result of it, and let the session forget them."""
    session.add_all(projects)
    session.flush()
    results = [
        ExAnte(
            project_id=project.id,
            number=f"E{project.code}",
            passed=True,
            score=_PASSED,
            concluded_on=date(project.fiscal_year - 1, 8, 31),
        )
        for project in projects
        if evaluated and project.attr == ProjectAttr.NEW
    ]
    session.add_all(results)
    session.flush()
    for one in (*projects, *results):
        session.expunge(one)


def _amounts(batch: Batch, random: Random) -> list[int]:
    """Return what the projects of a batch have, in 分; those that relieve poverty come first."""
    if not batch.poverty:
        return amounts(batch.projects, batch.amount, random, batch.sigma)
    rest = batch.projects - batch.poverty
    return [
        *amounts(batch.poverty, batch.poverty_amount, random, batch.sigma),
        *amounts(rest, batch.amount - batch.poverty_amount, random, batch.sigma),
    ]


def _upper(batch: Batch, money: Sequence[int]) -> list[int]:
    """Return how much of each project's money comes from above: all alike, to the 分 as the batch says."""
    return share_out([float(one) for one in money], fen_from_wan(batch.upper))


def take_over_scores(session: Session, projects: Sequence[Project], random: Random) -> None:
    """Write the self-evaluations that projects had a year later, as they are taken over from papers."""
    for project in projects:
        year = project.fiscal_year + 1
        accepted = datetime(year, 4, 30, 2, tzinfo=UTC)
        score = Decimal(str(round(random.uniform(*_SCORES), 2)))
        session.add(
            Evaluation(
                instance_id=-project.id,  # papers have no instance
                score_type=ScoreType.SELF,
                version=1,
                state=EvaluationState.ACCEPTED,
                project_id=project.id,
                unit=project.unit,
                fiscal_year=project.fiscal_year,
                activity_year=year,
                budget_full=project.annual_amount,
                executed=project.annual_amount,
                total=score,
                grade="优",
                submitted_at=accepted,
                submitted_by="system",
                accepted_at=accepted,
            )
        )
    session.flush()


def take_over_inspections(
    session: Session, projects: Sequence[Project], inspected: Mapping[str, int]
) -> None:
    """Write how many projects the people's congress inspected in earlier years (S5-23), as papers tell it."""
    left = iter(projects)
    for year, count in inspected.items():
        for project in islice(left, count):
            session.add(
                Oversight(
                    instance_id=-project.id,  # papers have no instance
                    project_id=project.id,
                    kind=OversightKind.INSPECTION,
                    state=OversightState.RECORDED,
                    held_on=date(int(year), 6, 15),
                    led_by="县人大常委会",
                )
            )
    session.flush()


def take_over(
    session: Session, projects: Sequence[Project], random: Random, told: Callable[[int], None]
) -> None:
    """Write the approved goals of projects of the year before, as they are taken over from papers."""
    register, thresholds = Register(session), Thresholds.read()
    for number, project in enumerate(projects, 1):
        moment = datetime(project.fiscal_year - 1, 12, 18, 2, tzinfo=UTC)
        form = declarations.sound(register.prefilled(project), random, head="单位负责人", weights=None)
        document = Document("goal", 1, form, "system", moment, sha256(repr(form).encode()).hexdigest())
        goals.open_goal(session, project.id, None, moment)
        goals.submit(session, project.id, document, (), thresholds, moment)
        goals.freeze(
            session,
            project.id,
            document=document,
            grade="优",
            pattern=goals.NUMBER_PATTERN,
            by="system",
            now=moment,
        )
        told(number)


def projects_of(session: Session, year: int) -> Sequence[Project]:
    """Return the projects of a year in the order of their codes."""
    return session.scalars(select(Project).where(Project.fiscal_year == year).order_by(Project.code)).all()
