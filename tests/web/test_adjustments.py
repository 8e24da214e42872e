"""A unit asks for an adjustment from its list of projects; the budget section enters a project that comes new."""

from __future__ import annotations

import re

from sqlalchemy import select

from budget.codes import GoalState
from budget.tables import Case, Goal, Project
from tests.web.conftest import Site, texts

CLERK, OTHER, BUDGET = "jiaotongju.jingban", "shangwuju.jingban", "yusuan.guzhang"


def approved(site: Site) -> Project:
    """Return a project of the clerk's unit whose goal is approved."""
    with site.engine.database.write() as unit, unit.savepoint() as session:
        clerk = next(post.org for post in site.engine.actor(CLERK).posts)
        year = int(site.engine.setting("year", 0)) or site.clock.now().year
        query = select(Goal).join(Project).where(Project.unit == clerk, Project.fiscal_year == year)
        goal = session.scalars(query.order_by(Goal.state != GoalState.APPROVED, Goal.id)).first()
        assert goal is not None
        goal.state = GoalState.APPROVED
        project = goal.project
        session.flush()
        session.expunge(project)
        return project


def test_a_unit_begins_an_adjustment_of_its_own_project_and_no_second_one(site: Site) -> None:
    project = approved(site)
    browser = site.browser(CLERK)
    assert project.name in texts(browser.get("/adjustments").text)
    begun = browser.post(f"/adjustments/{project.id}", {})
    assert begun.status_code == 303
    assert "调整申请" in texts(browser.get(begun.location).text)
    assert "查看在办的调整" in browser.get("/adjustments").text
    again = browser.post(f"/adjustments/{project.id}", {})
    assert again.location.endswith("/adjustments")
    assert site.browser(OTHER).post(f"/adjustments/{project.id}", {}).status_code == 404


def test_the_budget_section_enters_a_project_whose_unit_is_asked_for_the_goal(site: Site) -> None:
    browser = site.browser(BUDGET)
    page = browser.get("/projects/new").text
    unit = next(post.org for post in site.engine.actor(CLERK).posts)
    assert f'value="{unit}"' in page
    typed = {
        "name": "县城内涝治理应急项目",
        "unit": unit,
        "category": "SPECIFIC",
        "type": "ENGINEERING",
        "fund_book": "GENERAL",
        "amount": "１,200.50",
        "start": "2027-06-01",
        "end": "2027-12-31",
        "due": "2027-06-20",
    }
    wrong = browser.post("/projects/new", typed | {"amount": "-3", "end": "2027-01-01"})
    assert wrong.status_code == 422
    assert len(re.findall("大于0|结束不早于开始", texts(wrong.text))) == 2
    assert "县城内涝治理应急项目" in wrong.text
    done = browser.post("/projects/new", typed)
    assert done.status_code == 303
    with site.engine.database.read() as unit_, unit_.connection.begin_nested():
        row = unit_.execute(
            select(Project.annual_amount, Project.code, Case.kind, Case.unit)
            .join(Case, Case.project_id == Project.id)
            .where(Project.name == "县城内涝治理应急项目")
        ).one()
    assert row == (1_200_500_000, f"{row.code[:4]}-{unit}-Z01", "GOAL", unit)
