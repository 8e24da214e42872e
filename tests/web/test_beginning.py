"""发起事项: a unit asks for a payment of its own approved projects, the performance section calls for a rectification."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import GoalState
from budget.tables import DisbursementRequest, Goal, Project, Rectification, Unit
from engine.identity import members
from tests.web.conftest import Site, hidden


def approved(site: Site) -> tuple[Project, str]:
    """Return an approved project, and its clerk."""
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = (
            select(Project).join(Goal, Goal.project_id == Project.id).where(Goal.state == GoalState.APPROVED)
        )
        project = session.scalars(query.order_by(Project.fiscal_year.desc(), Project.id)).first()
        assert project is not None
        session.expunge(project)
        return project, project.unit


def clerk_of(site: Site, unit: str) -> str:
    with site.engine.database.read() as found, Session(found.connection) as session:
        return members(session, "unit_clerk", unit, site.clock.now().date())[0].removeprefix("user:")


def test_a_clerk_asks_for_money_of_an_approved_project_and_is_led_to_the_form(site: Site) -> None:
    project, unit = approved(site)
    browser = site.browser(clerk_of(site, unit))
    page = browser.get("/begin/disbursement").text
    assert f'value="{project.id}"' in page
    data = {"_request_key": hidden(page, "_request_key"), "project": str(project.id)}
    answer = browser.post("/begin/disbursement", data)
    assert answer.status_code == 303
    assert re.search(r"/tasks/\d+", answer.location)
    assert browser.post("/begin/disbursement", data).location == answer.location
    with site.engine.database.read() as found, Session(found.connection) as session:
        assert len(session.scalars(select(DisbursementRequest)).all()) == 1
    listed = browser.get(f"/registers/disbursement?year={project.fiscal_year}").text
    assert project.name in listed
    assert "送审（次）" in listed


def test_nobody_asks_for_money_of_another_units_project_or_of_one_without_a_goal(site: Site) -> None:
    project, unit = approved(site)
    with site.engine.database.read() as found, Session(found.connection) as session:
        other = session.scalars(
            select(Unit.code).where(Unit.code != unit, Unit.secret_flag.is_(False)).order_by(Unit.code)
        ).first()
        assert other is not None
        bare = session.scalars(
            select(Project.id)
            .outerjoin(Goal, Goal.project_id == Project.id)
            .where(Project.unit == unit, (Goal.id.is_(None)) | (Goal.state != GoalState.APPROVED))
        ).first()
    stranger = site.browser(clerk_of(site, other))
    assert f'value="{project.id}"' not in stranger.get("/begin/disbursement").text
    assert stranger.post("/begin/disbursement", {"project": str(project.id)}).status_code == 404
    if bare is not None:
        own = site.browser(clerk_of(site, unit))
        assert own.post("/begin/disbursement", {"project": str(bare)}).status_code == 404


def test_the_performance_section_calls_for_a_rectification_with_its_source(site: Site) -> None:
    project, _ = approved(site)
    browser = site.browser("jixiao.guzhang")
    page = browser.get(f"/begin/rectification?text={project.code}").text
    data = {"_request_key": hidden(page, "_request_key"), "project": str(project.id)}
    assert browser.post("/begin/rectification", data).status_code == 422
    answer = browser.post("/begin/rectification", data | {"choice": "NPC"})
    assert answer.status_code == 303
    assert "人大监督" in browser.get(answer.location).text
    with site.engine.database.read() as found, Session(found.connection) as session:
        assert session.scalars(select(Rectification.source)).all() == ["NPC"]
    listed = browser.get(f"/registers/rectification?year={project.fiscal_year}").text
    assert project.name in listed
    assert "整改编号" in listed
