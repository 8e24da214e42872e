"""Figures come out of the records: each counted once, nothing secret, as of a moment, means by their names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from budget import statistics
from budget.statistics import FIGURES, Scope, compute
from budget.statistics.standing import Growth, growth
from budget.tables import (
    Evaluation,
    KeyEvaluation,
    Rectification,
    Unit,
)
from tests.budget.test_records import a_project, session

__all__ = ["session"]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WHOLE = Scope(2026, NOW)


def evaluation(session: Session, code: str, score: str, executed: int, **more: object) -> int:
    """Write an accepted self-evaluation of a project of 2025; return its project."""
    project = a_project(session, code=code, fiscal_year=2025, annual_amount=executed)
    values = {
        "instance_id": project.id,
        "score_type": "SELF",
        "version": 1,
        "state": "ACCEPTED",
        "project_id": project.id,
        "unit": project.unit,
        "fiscal_year": 2025,
        "activity_year": 2026,
        "budget_full": executed * 2,
        "executed": executed,
        "total": Decimal(score),
        "grade": "优" if Decimal(score) >= 90 else "良",
        "submitted_at": NOW - timedelta(days=9),
        "submitted_by": "user:li",
        "accepted_at": NOW - timedelta(days=5),
    }
    session.add(Evaluation(**values | more))
    session.flush()
    return project.id


def test_both_means_are_told_by_their_names_and_belong_to_the_year_before(session: Session) -> None:
    evaluation(session, "A", "90", 100)
    evaluation(session, "B", "99", 300)
    found = compute(
        session, WHOLE, ["selfeval.projects", "selfeval.avg", "selfeval.avg.weighted", "selfeval.amount"]
    )
    assert found == {
        "selfeval.projects": 2,
        "selfeval.avg": Decimal("94.5"),
        "selfeval.avg.weighted": Decimal("96.75"),
        "selfeval.amount": 800,
    }
    offsets = {figure.id: figure.offset for figure in FIGURES}
    assert offsets["selfeval.avg"] == -1
    assert offsets["goal.projects"] == 0


def test_what_was_accepted_later_is_not_there_yet_and_growth_is_beside_the_year_before(
    session: Session,
) -> None:
    evaluation(session, "A", "90", 100)
    evaluation(session, "B", "99", 300, accepted_at=NOW + timedelta(days=1))
    figures = [one for one in FIGURES if one.id == "selfeval.projects"]
    assert growth(session, WHOLE, figures) == {"selfeval.projects": Growth(1, 0)}
    assert Growth(166, 28).change == 138
    assert Growth(None, 28).change is None
    assert Growth(5, 0).rate is None


def test_a_key_score_is_no_self_evaluation_and_is_told_with_who_evaluated(session: Session) -> None:
    project = evaluation(session, "A", "93.47", 500, score_type="KEY", fiscal_year=2025)
    session.add(
        KeyEvaluation(
            instance_id=project,
            project_id=project,
            fiscal_year=2025,
            state="FINALIZED",
            evaluator="THIRD_PARTY",
            opened_at=NOW,
        )
    )
    session.flush()
    ids = [
        "selfeval.projects",
        "keyeval.projects",
        "keyeval.third",
        "keyeval.bureau",
        "keyeval.avg",
        "keyeval.amount",
    ]
    assert list(compute(session, WHOLE, ids).values()) == [0, 1, 1, 0, Decimal("93.47"), 500]


def test_rectifications_are_counted_by_the_year_of_their_notice(session: Session) -> None:
    project = a_project(session, code="A", fiscal_year=2026)
    for number, (issued, state, closed) in enumerate(
        (
            (NOW - timedelta(days=40), "CLOSED", NOW - timedelta(days=10)),
            (NOW - timedelta(days=20), "RECTIFYING", None),
            (NOW - timedelta(days=400), "CLOSED", NOW - timedelta(days=300)),
        )
    ):
        session.add(
            Rectification(
                instance_id=number,
                project_id=project.id,
                source="MONITOR",
                state=state,
                opened_at=issued,
                issued_at=issued,
                closed_at=closed,
            )
        )
    session.flush()
    found = compute(session, WHOLE, ["rect.issued", "rect.closed", "rect.rate", "rect.days"])
    assert list(found.values()) == [2, 1, Decimal("0.5"), Decimal(30)]


def test_nothing_of_a_secret_unit_is_counted_but_the_unit_itself(session: Session) -> None:
    evaluation(session, "A", "90", 100)
    unit = session.get_one(Unit, "U001")
    unit.secret_flag = True
    session.flush()
    found = compute(session, WHOLE)
    assert found["units.secret"] == 1
    assert found["selfeval.projects"] == found["selfeval.amount"] == 0
    assert found["coverage"] is None


def test_every_figure_has_an_id_of_its_own_and_is_computed_of_an_empty_county(session: Session) -> None:
    assert len({figure.id for figure in FIGURES}) == len(FIGURES)
    assert all(not value for value in statistics.compute(session, WHOLE).values())
