"""Execution figures: the newest counts, the older stay, and what units report otherwise is found."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import FundBook
from budget.monitoring import figures, records
from budget.monitoring.baseline import baseline
from budget.monitoring.codes import Action, FigureSource, Light, MonitorMode, RecordState
from budget.monitoring.figures import Figure
from budget.monitoring.progress import Rules
from budget.tables import ExecutionFigure, MonitoringRecord, Project
from engine.plugins import Document
from tests.budget.test_monitoring_progress import FORM
from tests.budget.test_records import a_project, session

__all__ = ["session"]
NOW = datetime(2027, 6, 1, 1, tzinfo=UTC)
MAY = date(2027, 5, 31)


def load(session: Session, *given: Figure, source: FigureSource = FigureSource.FILE) -> int:
    return figures.register(session, given, source=source, by="user:guoku", now=NOW, note="5月.xlsx")


def report(session: Session, project: Project, as_of: date = MAY, **changes: Any) -> MonitoringRecord:
    body = FORM | changes
    document = Document("monitoring", 1, body, "user:li", NOW, "0" * 64)
    return records.submit(
        session,
        project.id,
        40 + as_of.month,
        document,
        period=f"{as_of.month:02d}",
        as_of=as_of,
        goal_version=None,
        mode=MonitorMode.SELF,
        rules=Rules(),
    )


def test_a_new_figure_replaces_the_old_one_which_stays_as_a_record(session: Session) -> None:
    project = a_project(session)
    assert load(session, Figure(project.id, 5, 30_000_000)) == 1
    assert load(session, Figure(project.id, 5, 30_000_000)) == 0
    assert load(session, Figure(project.id, 5, 31_000_000)) == 1
    rows = session.scalars(select(ExecutionFigure).order_by(ExecutionFigure.id)).all()
    assert [(row.amount, row.state) for row in rows] == [(30_000_000, "REPLACED"), (31_000_000, "CURRENT")]
    assert figures.executed_by(session, project.id, MAY) == 31_000_000


def test_the_newest_month_that_has_ended_counts(session: Session) -> None:
    project = a_project(session)
    load(session, Figure(project.id, 3, 10), Figure(project.id, 5, 30), Figure(project.id, 6, 40))
    assert figures.executed_by(session, project.id, date(2027, 5, 30)) == 10
    assert figures.executed_by(session, project.id, MAY) == 30
    assert figures.executed_by(session, project.id, date(2027, 1, 31)) is None


def test_budgets_are_added_where_there_is_no_figure_of_all(session: Session) -> None:
    project = a_project(session)
    load(session, Figure(project.id, 5, 20, "GENERAL"), Figure(project.id, 5, 5, "GOV_FUND"))
    assert figures.executed_by(session, project.id, MAY) == 25
    assert figures.by_book(session, project.id, MAY) == {FundBook.GENERAL: 20, FundBook.GOV_FUND: 5}
    load(session, Figure(project.id, 5, 26))
    assert figures.executed_by(session, project.id, MAY) == 26


@pytest.mark.parametrize(("month", "last"), [(2, 28), (4, 30), (12, 31)])
def test_a_month_ends_on_its_last_day(month: int, last: int) -> None:
    assert figures.month_end(2027, month) == date(2027, month, last)


def test_a_report_that_differs_from_the_treasurys_figure_is_found(session: Session) -> None:
    project = a_project(session)
    load(session, Figure(project.id, 5, 354_000_000))
    report(session, project)
    assert figures.differences(session, 2027) == []
    load(session, Figure(project.id, 5, 350_000_000, ""))
    (found,) = figures.differences(session, 2027)
    assert (found.code, found.reported, found.registered) == (project.code, 354_000_000, 350_000_000)
    assert found.amount == 4_000_000
    assert len(figures.differences(session, 2027, tolerance=3_999_999)) == 1
    assert figures.differences(session, 2027, tolerance=4_000_000) == []
    assert figures.differences(session, 2027, ["U002"]) == []
    assert figures.differences(session, 2026) == []


class TestRecords:
    """A record is never changed, only its state is."""

    def test_each_submission_is_a_version_with_its_deviations(self, session: Session) -> None:
        project = a_project(session)
        report(session, project)
        second = report(session, project, executed=Decimal(100))
        assert second.version == 2
        assert (second.executed, second.money_actual) == (100_000_000, Decimal("0.1176"))
        assert second.deviation == second.money_deviation > Decimal("0.7")
        (row,) = second.indicators
        assert (row.completion, row.planned, row.deviation) == (
            Decimal("0.416"),
            Decimal("0.4167"),
            Decimal("0.00167987"),
        )

    def test_the_decision_is_written_and_taken_back(self, session: Session) -> None:
        project = a_project(session)
        record = report(session, project)
        records.decide(session, record.instance_id, {"light": "红", "action": "说明并整改"})
        assert (record.light, record.action) == (Light.RED, Action.RECTIFY)
        records.decide(session, record.instance_id, None)
        assert (record.light, record.action) == (None, None)

    def test_what_was_withdrawn_is_not_the_newest(self, session: Session) -> None:
        project = a_project(session)
        first = report(session, project)
        report(session, project)
        records.change_state(session, first.instance_id, RecordState.WITHDRAWN)
        assert records.newest(session, first.instance_id).version == 1
        records.change_state(session, first.instance_id, RecordState.WITHDRAWN)
        with pytest.raises(records.MonitoringError):
            records.newest(session, first.instance_id)

    def test_the_next_checkpoint_begins_with_what_was_reported_before(self, session: Session) -> None:
        project = a_project(session)
        report(session, project)
        load(session, Figure(project.id, 7, 500_000_000))
        begins = baseline(session, project, date(2027, 7, 31), Rules())["baseline"]
        assert begins["previous_period"] == "5月"
        assert begins["previous_executed"] == Decimal("354.00")
        assert begins["executed"] == Decimal("500.00")
        assert begins["plan_rate"] == Decimal("58.33")
        assert baseline(session, project, MAY, Rules())["baseline"]["previous_period"] is None
