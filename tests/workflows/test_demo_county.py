"""The demo county is as large as its figures say, and every goal that it declares is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

import forms
from budget.answers import GoalAnswers
from budget.goals import snapshot
from budget.money import fen_from_wan
from budget.projects import Register
from budget.quality import check_goal, demand_reasons
from budget.quality.thresholds import Thresholds
from budget.tables import Base, GoalVersion, Indicator, Project, Unit
from engine import feel
from workflows import files_of
from workflows.demo import ACCOUNTS, PASSWORD, declarations
from workflows.demo.amounts import STEP, amounts
from workflows.demo.catalogue import county
from workflows.demo.catalogue import projects as project_rows
from workflows.demo.register import add_last_year, add_projects, add_units, staff

YEAR = 2027
ENV = feel.Environment(now=lambda: datetime(2026, 11, 3, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        random = Random(1)
        people = staff(random)
        add_units(session, YEAR)
        add_projects(session, YEAR, people, random)
        heads = {person.org: person.name for person in people if person.role == "unit_head"}
        assert len(list(add_last_year(session, YEAR, heads, random))) == 78
        yield session


def this_year(session: Session) -> list[Project]:
    return list(session.scalars(select(Project).where(Project.fiscal_year == YEAR).order_by(Project.id)))


@given(st.integers(1, 300), st.integers(1, 10**6), st.integers(0, 2**32))
def test_amounts_add_up_exactly_whatever_is_drawn(count: int, wan: int, seed: int) -> None:
    total = Decimal(wan) + count
    parts = amounts(count, total, Random(seed))
    assert sum(parts) == fen_from_wan(total)
    assert min(parts) >= 50 * STEP
    assert all(part % STEP == 0 for part in parts)


def test_the_county_has_39_units_and_109_projects_of_62500_wan(session: Session) -> None:
    projects = this_year(session)
    assert session.scalar(select(func.count()).select_from(Unit)) == 39
    assert len(projects) == county()["projects"] == 109
    assert len({project.unit for project in projects}) == 39
    assert sum(project.annual_amount for project in projects) == fen_from_wan(Decimal("62500.00"))


def test_one_unit_is_secret_and_two_are_new_without_a_year_before(session: Session) -> None:
    assert len(list(session.scalars(select(Unit).where(Unit.secret_flag)))) == 1
    new = list(session.scalars(select(Unit.code).where(Unit.established_at.is_not(None))))
    assert len(new) == 2
    assert all(project.previous_id is None for project in this_year(session) if project.unit in new)


def test_people_have_different_names_and_accounts() -> None:
    people = staff(Random(county()["seed"]))
    assert len({person.id for person in people}) == len({person.name for person in people}) == len(people)
    assert Counter(person.role for person in people)["unit_clerk"] == 39


def test_goals_stand_at_every_step_of_the_process() -> None:
    stages = Counter(row.stage for row in project_rows())
    assert stages["fill"] + stages["draft"] + stages["late"] + stages["today"] >= 35
    assert stages["approved"] == 15
    assert {
        "sign",
        "review",
        "returned",
        "second",
        "decide",
        "refine",
        "rejected",
        "offline",
        "secret",
    } <= set(stages)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_goal_that_is_submitted_passes_the_checks_and_the_form(session: Session, seed: int) -> None:
    form = forms.read(files_of("goal_declaration")["goal_declaration.form"])
    register, thresholds, random = Register(session), Thresholds.read(), Random(seed)
    points = {"OUTPUT": 50, "BENEFIT": 30, "SATISFACTION": 10}
    for project in this_year(session):
        variables = register.variables(project)
        if variables["secret"]:
            continue
        weights = points if project.category == "SPECIFIC" and random.random() < 0.5 else None
        sound = declarations.sound(register.prefilled(project), random, head="张三", weights=weights)
        for answers in (sound, declarations.weak(sound), declarations.improved(sound)):
            found = [f for f in check_goal(answers, thresholds) if f.severity != "info"]
            if (
                answers is not sound
            ):  # a target that was changed no longer is the goal's text, which is explained
                found = [f for f in found if f.code != "DQ06"]
            assert found == [], (project.name, found)
        if weights is None:
            given = declarations.warned(sound)
            severities = {
                f.severity
                for f in demand_reasons(check_goal(given, thresholds), GoalAnswers.read(given), thresholds)
            }
            assert severities == {"warning"}, project.name
        outer = {"project": variables}
        assert forms.check(form, forms.compute(form, sound, outer, ENV), outer, ENV) == [], project.name


def test_last_years_goals_are_approved_with_numbers_and_typed_rows(session: Session) -> None:
    versions = list(session.scalars(select(GoalVersion)))
    assert {version.number for version in versions} == {f"{YEAR - 1}-{n:03d}" for n in range(1, 79)}
    assert session.scalar(select(func.count()).select_from(Indicator)) > 5 * len(versions)
    assert all(snapshot(version)["indicators"] for version in versions)


def test_a_continued_project_begins_with_last_years_indicators(session: Session) -> None:
    project = next(p for p in this_year(session) if p.name == "农村公路提质改造")
    form = Register(session).prefilled(project)
    assert form["indicators"][0]["level3_name"] == "改造农村公路里程"
    assert form["overview"]
    assert "goal_annual" not in form


def test_the_guide_names_the_accounts_and_figures_that_the_county_has() -> None:
    guide = Path(__file__).parents[2].joinpath("docs/demo.md").read_text(encoding="utf-8")
    for id, name, title, what in ACCOUNTS:
        assert f"| `{id}` | {name} | {title} | {what} |" in guide
    assert PASSWORD in guide
    assert "39 家预算单位、109 个项目、62,500.00 万元" in guide
