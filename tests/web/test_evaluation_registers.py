"""The registers of self-evaluations and of adjustments show what their cases do not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import select

from budget import cases
from budget.cases import CaseKind
from budget.evaluations import EvaluationState, ScoreType
from budget.tables import Adjustment, Evaluation, Project, Unit
from tests.web.conftest import Site, texts

CHIEF = "jixiao.guzhang"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
FIRST = 910_000


def opened(site: Site, kind: CaseKind) -> Project:
    with site.engine.database.write() as unit, unit.savepoint() as session:
        query = (
            select(Project)
            .join(Unit, Unit.code == Project.unit)
            .where(~Project.secret_flag, ~Unit.secret_flag)
        )
        project = session.scalars(query.order_by(Project.fiscal_year.desc(), Project.id)).first()
        assert project is not None
        cases.open_case(
            session,
            FIRST,
            kind,
            fiscal_year=project.fiscal_year,
            now=NOW,
            unit=project.unit,
            project_id=project.id,
        )
        cases.submitted(session, FIRST, NOW)
        session.expunge(project)
        return project


def test_a_self_evaluation_shows_its_newest_score_rounded_and_the_reviews(site: Site) -> None:
    project = opened(site, CaseKind.SELF_EVALUATION)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        for number, (kind, score, state) in enumerate(
            (
                (ScoreType.SELF, "61.5", EvaluationState.SUBMITTED),
                (ScoreType.SELF, "89.996", EvaluationState.ACCEPTED),
                (ScoreType.SELF, "12.34", EvaluationState.WITHDRAWN),
                (ScoreType.REVIEW, "85.5", EvaluationState.ACCEPTED),
            ),
            1,
        ):
            session.add(
                Evaluation(
                    instance_id=FIRST,
                    score_type=kind,
                    version=number,
                    state=state,
                    project_id=project.id,
                    unit=project.unit,
                    fiscal_year=project.fiscal_year,
                    activity_year=2026,
                    total=Decimal(score),
                    grade="良",
                    submitted_at=NOW,
                    submitted_by="user:li",
                )
            )
    page = texts(site.browser(CHIEF).get(f"/registers/self_evaluation?year={project.fiscal_year}").text)
    assert "90.00" in page
    assert "85.50" in page
    assert "61.5" not in page
    assert "12.34" not in page


def test_an_adjustment_shows_its_type_and_what_the_budget_becomes(site: Site) -> None:
    project = opened(site, CaseKind.ADJUSTMENT)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        session.add(
            Adjustment(
                instance_id=FIRST,
                project_id=project.id,
                fiscal_year=project.fiscal_year,
                type="RECLAIM",
                reason="SURPLUS",
                amount_before=100_000_000,
                delta=-12_000_000,
                amount_after=88_000_000,
                state="SUBMITTED",
                submitted_at=NOW,
                submitted_by="user:li",
            )
        )
    browser = site.browser(CHIEF)
    page = texts(browser.get(f"/registers/adjustment?year={project.fiscal_year}").text)
    for said in ("收回", "资金结余", "-12.00", "88.00"):
        assert said in page
