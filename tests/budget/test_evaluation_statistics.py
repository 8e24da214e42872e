"""Averages of evaluations: two reckonings, each named, by county, section, unit, type and budget (A17)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from budget.evaluations import EvaluationState, ScoreType
from budget.statistics import Scope, compute, shown
from budget.statistics.evaluations import By, averages, pooled
from budget.tables import Evaluation, Project, Section, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.database import Database

NOW = datetime(2021, 6, 1, tzinfo=UTC)
SCOPE = Scope(2021, NOW)


@pytest.fixture
def backend() -> str:
    """The sums are made in Python: one database is enough."""
    return "sqlite"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as unit, unit.savepoint() as session:
        session.add_all([Section(code="S1", name="教科文股"), Section(code="S2", name="农业股")])
        session.flush()
        session.add_all(
            [
                Unit(code="U1", name="教育局", section="S1"),
                Unit(code="U2", name="农业局", section="S2"),
                Unit(code="U3", name="武装部", section="S2", secret_flag=True),
            ]
        )
        session.flush()
        yield session


def evaluated(session: Session, number: int, score: str, executed: int, **more: Any) -> None:
    """Add a project of 2020 with an accepted self-evaluation; ``executed`` in 万元."""
    unit = more.get("unit", "U1")
    project = Project(
        fiscal_year=2020,
        code=f"P{number}",
        name="项目",
        category="SPECIFIC",
        type=more.get("type", "SERVICE"),
        attr="NEW",
        level="L1",
        unit=unit,
        section="S1" if unit == "U1" else "S2",
        start_date=date(2020, 1, 1),
        end_date=date(2020, 12, 31),
        total_amount=1_000_000_000,
        annual_amount=1_000_000_000,
        fund_book=more.get("book", "GENERAL"),
    )
    session.add(project)
    session.flush()
    session.add(
        Evaluation(
            instance_id=number,
            score_type=more.get("score_type", ScoreType.SELF),
            version=1,
            state=more.get("state", EvaluationState.ACCEPTED),
            project_id=project.id,
            unit=unit,
            fiscal_year=2020,
            activity_year=more.get("activity_year", 2021),
            budget_full=1_000_000_000,
            executed=executed * 1_000_000,
            total=Decimal(score),
            grade=more.get("grade", "优"),
            submitted_at=NOW,
            submitted_by="user:li",
            accepted_at=more.get("accepted_at", NOW),
        )
    )
    session.flush()


def test_the_simple_and_the_weighted_average_are_both_told(session: Session) -> None:
    evaluated(session, 1, "96", 300)
    evaluated(session, 2, "80", 100, grade="良")
    found = compute(
        session, SCOPE, ("selfeval.avg", "selfeval.avg.weighted", "selfeval.projects", "selfeval.good")
    )
    assert found == {
        "selfeval.avg": Decimal(88),
        "selfeval.avg.weighted": Decimal(92),
        "selfeval.projects": 2,
        "selfeval.good": 1,
    }


def test_only_what_is_accepted_by_then_in_that_year_and_not_secret_counts(session: Session) -> None:
    evaluated(session, 1, "90", 100)
    evaluated(session, 2, "10", 100, state=EvaluationState.SUBMITTED)
    evaluated(session, 3, "10", 100, accepted_at=datetime(2021, 7, 1, tzinfo=UTC))
    evaluated(session, 4, "10", 100, activity_year=2020)
    evaluated(session, 5, "10", 100, unit="U3")
    evaluated(session, 6, "10", 100, score_type=ScoreType.REVIEW)
    found = compute(session, SCOPE, ("selfeval.avg", "selfeval.projects", "selfeval.review.avg"))
    assert found == {"selfeval.avg": 90, "selfeval.projects": 1, "selfeval.review.avg": 10}


def test_an_average_is_rounded_when_it_is_shown_and_not_before(session: Session) -> None:
    for number, score in enumerate(("96.075", "96.085", "96.08"), 1):
        evaluated(session, number, score, 100)
    value = compute(session, SCOPE, ("selfeval.avg",))["selfeval.avg"]
    assert shown(value, "分") == Decimal("96.08")


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (By.COUNTY, [("", 3, Decimal(90))]),
        (By.SECTION, [("S1", 2, Decimal(95)), ("S2", 1, Decimal(80))]),
        (By.UNIT, [("U1", 2, Decimal(95)), ("U2", 1, Decimal(80))]),
        (By.TYPE, [("IT", 1, Decimal(100)), ("SERVICE", 2, Decimal(85))]),
        (By.BOOK, [("GENERAL", 2, Decimal(95)), ("GOV_FUND", 1, Decimal(80))]),
    ],
)
def test_averages_are_told_by_group(
    session: Session, by: By, expected: list[tuple[str, int, Decimal]]
) -> None:
    evaluated(session, 1, "100", 100, type="IT")
    evaluated(session, 2, "90", 0)
    evaluated(session, 3, "80", 100, unit="U2", book="GOV_FUND", grade="良")
    assert [(one.code, one.count, one.simple) for one in averages(session, SCOPE, by)] == expected


def test_where_nothing_was_spent_there_is_no_weighted_average(session: Session) -> None:
    evaluated(session, 1, "90", 0)
    (one,) = averages(session, SCOPE)
    assert one.weighted is None
    assert one.grades == {"优": 1, "良": 0, "中": 0, "差": 0}
    assert compute(session, Scope(2019, NOW), ("selfeval.avg",)) == {"selfeval.avg": None}


def test_groups_of_too_few_are_told_as_one_or_not_at_all(session: Session) -> None:
    for number, (unit, score) in enumerate([("U1", "90"), ("U1", "96"), ("U2", "60")], 1):
        evaluated(session, number, score, 100, unit=unit)
    assert pooled(session, SCOPE, By.UNIT, 4) == []
    (whole,) = pooled(session, SCOPE, By.UNIT, 3)
    assert (whole.code, whole.count, whole.simple) == ("", 3, 82)
    evaluated(session, 4, "93", 100)
    evaluated(session, 5, "61", 100, unit="U2")
    evaluated(session, 6, "62", 100, unit="U2")
    assert [(one.code, one.count) for one in pooled(session, SCOPE, By.UNIT, 3)] == [("U1", 3), ("U2", 3)]
