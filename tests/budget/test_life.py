"""A project's life: what was there on a day is what the page of that day says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from budget import cases
from budget.cases import CaseKind, CaseState
from budget.life import Stage, life
from budget.monitoring import figures
from budget.monitoring.codes import FigureSource
from budget.tables import Goal, GoalVersion
from tests.budget.test_records import a_project, session

__all__ = ["session"]

MARCH = datetime(2026, 3, 2, 2, tzinfo=UTC)


def a_year(session: Session) -> tuple[int, int]:
    """Write a project with last year's, an approved goal and spending; return the ids of both years."""
    before = a_project(session, fiscal_year=2025, code="2025-1")
    project = a_project(session, fiscal_year=2026, code="2026-1", previous_id=before.id)
    cases.open_case(
        session, 1, CaseKind.GOAL, fiscal_year=2026, now=MARCH, unit="U001", project_id=project.id
    )
    goal = Goal(
        project_id=project.id,
        instance_id=1,
        state="APPROVED",
        opened_at=MARCH,
        changed_at=MARCH,
        number="2026-001",
    )
    session.add(goal)
    session.flush()
    session.add(
        GoalVersion(
            goal_id=goal.id,
            version=1,
            round=1,
            state="FROZEN",
            number="2026-001",
            document_version=1,
            document_sha256="a" * 64,
            goal_annual="建成农村公路 12 公里",
            total_amount=100,
            annual_amount=100,
            submitted_at=MARCH + timedelta(days=1),
            submitted_by="user:li",
            frozen_at=MARCH + timedelta(days=5),
            frozen_by="user:chen",
        )
    )
    cases.submitted(session, 1, MARCH + timedelta(days=1))
    cases.closed(session, 1, MARCH + timedelta(days=5), result="APPROVED")
    for month, days in ((3, 30), (4, 60)):
        figures.register(
            session,
            [figures.Figure(project.id, month, month * 1000)],
            source=FigureSource.FILE,
            by="user:guo",
            now=MARCH + timedelta(days=days),
        )
    return before.id, project.id


def matters(session: Session, project: int, days: int) -> dict[str, Any]:
    """Return the matters of a project some days after it began, by stage."""
    return {one.stage: one for one in life(session, project, MARCH + timedelta(days=days)).matters}


def test_a_day_before_the_approval_shows_the_submitted_version_only(session: Session) -> None:
    _, project = a_year(session)
    (goal,) = matters(session, project, 2).values()
    assert [step.what["zh"] for step in goal.steps] == ["发起", "第 1 版送审"]
    assert goal.state == CaseState.SUBMITTED
    assert goal.result is None


def test_the_day_of_the_beginning_shows_nothing_reported(session: Session) -> None:
    _, project = a_year(session)
    (goal,) = matters(session, project, 0).values()
    assert goal.state == CaseState.OPEN
    assert life(session, project, MARCH - timedelta(days=1)).matters == []


def test_later_days_show_the_approval_and_each_months_spending(session: Session) -> None:
    _, project = a_year(session)
    then = matters(session, project, 31)
    assert then[Stage.GOAL].result == "APPROVED"
    assert then[Stage.GOAL].steps[2].figures[0].value == "2026-001"
    assert [step.figures[0].value for step in then[Stage.MONEY].steps] == [3000]
    assert [step.figures[0].value for step in matters(session, project, 61)[Stage.MONEY].steps] == [
        3000,
        4000,
    ]


def test_a_life_leads_to_the_years_before_and_after_and_to_next_years_money(session: Session) -> None:
    before, project = a_year(session)
    found = life(session, before, MARCH + timedelta(days=90))
    assert found.years == [(2025, before), (2026, project)]
    assert found.glance[-1][0] == Stage.RESULT
    assert found.glance[-1][1].value == 850_000_000
