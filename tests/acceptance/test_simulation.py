"""A county's year, played small: every case ends, the books stay sound, the figures are those of the records."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import annual
from budget.annual import ReportState
from budget.cases import CaseKind, CaseState
from budget.tables import Case, Project
from workflows.simulation import shape as shapes
from workflows.simulation.acceptance import Assertion, Check, Source
from workflows.simulation.year import Year

if TYPE_CHECKING:
    from engine.engine import Engine

#: A twentieth of a small county.
SCALE = 0.05


@pytest.fixture
def played(engine: Engine) -> Year:
    """The county's year; on the database server two processes share the work."""
    workers = 2 if engine.database.dialect == "postgresql" else 1
    year = Year(engine, shapes.load("qiaokou").scaled(SCALE), workers=workers)
    year.prepare()
    year.run()
    return year


@pytest.mark.long
def test_a_year_is_played_to_its_end_and_its_figures_come_from_the_records(played: Year) -> None:
    assert played.report is not None
    with played.engine.database.read() as unit, Session(unit.connection) as session:
        kinds = set(session.scalars(select(Case.kind).distinct()))
        report = annual.report_of(session, played.report)
        session.expunge(report)
        states = dict(session.execute(select(Case.state, func.count()).group_by(Case.state)).all())  # type: ignore[arg-type]
        projects = session.scalar(
            select(func.count()).select_from(Project).where(Project.fiscal_year == played.shape.year)
        )
    assert projects == played.shape.goals.projects
    assert set(states) <= {CaseState.CLOSED, CaseState.OFFLINE}
    assert states[CaseState.OFFLINE] >= 1
    assert kinds >= {CaseKind.DISBURSEMENT, CaseKind.ADJUSTMENT, CaseKind.KEY_SELECTION, CaseKind.RESULT}
    assert report.state == ReportState.SUBMITTED
    told = {line["id"]: line["value"] for line in annual.figures_of(report)["lines"]}
    assert {id: told[id] for id in ("goal.projects", "selfeval.avg", "disburse.amount")} == {
        id: f"{played.figures[id]:,f}" for id in ("goal.projects", "selfeval.avg", "disburse.amount")
    }
    assert played.figures["goal.projects"] == played.figures["goal.reviewed"]
    assert 0 < played.figures["goal.projects"] < projects  # the secret unit's don't count
    assert played.figures["units.secret"] == 1
    assert played.figures["disburse.items"] >= 1
    assert played.figures["result.priority"] >= 1
    accepted = played.acceptance()
    assert [check for one in accepted for check in one.checks if not check.holds] == []
    assert {one.name for one in accepted if not one.applies} == {"A08", "A09", "A16"}
    assert played.engine.doctor() == []
    assert played.engine.verify_history() == []


def test_a_smaller_county_is_compared_with_no_report() -> None:
    whole = shapes.load("qapqal")
    assert whole.goals.projects == 109
    assert {one.id for one in whole.expected} >= {"S4.goal.units", "S4.goal.projects", "S4.goal.amount"}
    small = whole.scaled(0.1)
    assert (small.goals.projects, small.expected) == (11, ())
    assert small.goals.amount == (whole.goals.amount * 11 / 109).quantize(small.goals.amount)


def test_each_assertion_names_figures_that_the_report_gives() -> None:
    for code in shapes.names():
        one = shapes.load(code)
        known = {expected.id for expected in one.expected}
        for ids in one.assertions.values():
            assert set(ids) <= known


def test_a_comparison_that_is_away_from_what_is_expected_fails_its_assertion() -> None:
    right = Check("monitor.amount", Decimal("74000.00"), Decimal(74000), Source.REPORT)
    assert Assertion("A04", [right]).holds
    for cmp, found, expected, holds in (
        ("=", Decimal("74000.01"), Decimal(74000), False),
        ("=", None, Decimal(0), False),
        ("=", "良", "优", False),
        (">", Decimal(130000), Decimal(130000), False),
        (">=", Decimal(85), Decimal(85), True),
        ("<=", Decimal(67), Decimal(66), False),
        ("~", Decimal(95000), Decimal(100000), True),
        ("~", Decimal(94999), Decimal(100000), False),
        ("±0.01", Decimal("87.45"), Decimal("87.44"), True),
        ("±0.01", Decimal("87.46"), Decimal("87.44"), False),
    ):
        wrong = Check("x", found, expected, Source.INPUT, cmp)
        assert Assertion("A04", [right, wrong]).holds is holds, (cmp, found)
    assert not Assertion("A16", []).applies
