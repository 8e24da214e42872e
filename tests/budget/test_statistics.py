"""Figures come out of the records: each counted once, nothing secret, as of a moment, means by their names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from budget import annual, books, statistics
from budget.statistics import FIGURES, Scope, compute
from budget.statistics.standing import Growth, growth
from budget.tables import (
    Accountability,
    Evaluation,
    KeyEvaluation,
    Oversight,
    OversightOpinion,
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


def test_the_growth_in_a_report_is_the_difference_of_the_figures_that_stand_beside_it(
    session: Session,
) -> None:
    evaluation(session, "A", "96.084", 100)
    last = NOW - timedelta(days=365)
    evaluation(session, "B", "95.076", 100, activity_year=2025, accepted_at=last)
    found = {one["id"]: one for one in annual.compute(session, 2026, NOW)["lines"]}["selfeval.avg"]
    assert (found["value"], found["before"], found["change"]) == ("96.08", "95.08", "1.00")


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


def test_training_and_documents_are_added_up_by_year_and_what_was_struck_out_is_not(session: Session) -> None:
    typed = {"title": "专题培训", "audience": "UNITS", "batches": "5", "units": "118", "people": "100"}
    kept = [
        books.write(
            session,
            books.BOOKS[book],
            year,
            books.read(session, books.BOOKS[book], year, values).columns,
            by="user:wu",
            now=NOW - timedelta(days=1),
        )
        for book, year, values in (
            ("training", 2026, typed),
            ("training", 2026, typed),
            ("training", 2025, typed),
            ("documents", 2026, {"title": "合同", "copies": "12", "purpose": "DISBURSE"}),
        )
    ]
    ids = ["train.batches", "train.units", "train.people", "disburse.documents"]
    assert [*compute(session, WHOLE, ids).values()] == [10, 236, 200, 12]
    books.strike(session, kept[0], reason="重复登记", by="user:wu", now=NOW - timedelta(hours=1))
    assert [*compute(session, WHOLE, ids).values()] == [5, 118, 100, 12]


def test_rules_and_leading_groups_count_while_they_hold(session: Session) -> None:
    unit = a_project(session, code="A", fiscal_year=2026).unit
    rule = {"issuer": "区财政局", "kind": "MEASURES", "state": "IN_FORCE"}
    head = {"unit": unit, "part": "HEAD", "post": "局长"}
    for book, values in (
        ("basis", {"title": "绩效目标管理办法", "on": "2026-03-01", **rule}),
        ("basis", {"title": "绩效评价管理办法", "on": "2020-03-01", **rule}),
        ("basis", {"title": "旧办法", "on": "2019-03-01", "until": "2020-03-01", **rule}),
        ("leading_group", {"title": "王某", "on": "2024-01-01", **head}),
        ("leading_group", {"title": "李某", "on": "2024-01-01", **head}),
    ):
        given = books.read(session, books.BOOKS[book], 2026, values)
        assert given.wrong == []
        books.write(session, books.BOOKS[book], 2026, given.columns, by="user:wu", now=NOW)
    ids = ["basis.issued", "basis.in_force", "group.units"]
    assert [*compute(session, WHOLE, ids).values()] == [1, 2, 1]


def test_what_followed_from_the_ledger_is_told_of_the_year_in_which_it_was_issued(session: Session) -> None:
    unit = a_project(session, code="A", fiscal_year=2026).unit
    for number, (state, measure, issued) in enumerate(
        (
            ("RECORDED", "BULLETIN_TALK", NOW - timedelta(days=9)),
            ("ISSUED", "TALK", NOW - timedelta(days=1)),
            ("REVOKED", "BULLETIN", NOW - timedelta(days=5)),
            ("RECORDED", "BULLETIN", NOW - timedelta(days=400)),
            ("DRAFTING", None, None),
        )
    ):
        session.add(
            Accountability(
                instance_id=number,
                unit=unit,
                fiscal_year=2026,
                state=state,
                event="NOT_REPORTED",
                measure=measure,
                points=Decimal("1.5"),
                appealed=state == "REVOKED",
                opened_at=NOW - timedelta(days=500),
                issued_at=issued,
            )
        )
    session.flush()
    ids = [f"ledger.{name}" for name in ("units", "bulletins", "talks", "points", "appeals", "revoked")]
    assert [*compute(session, WHOLE, ids).values()] == [1, 1, 2, 3, 1, 1]


def test_inspections_by_the_congress_are_told_of_the_year_and_of_three_before(session: Session) -> None:
    for number, (year, kind, state) in enumerate(
        (
            (2026, "INSPECTION", "RECORDED"),
            (2026, "INSPECTION", "CANCELLED"),
            (2026, "QUESTIONS", "HELD"),
            (2025, "INSPECTION", "RECORDED"),
            (2023, "INSPECTION", "RECORDED"),
            (2022, "INSPECTION", "RECORDED"),
        )
    ):
        project = a_project(session, code=f"P{number}", fiscal_year=2026)
        opinions = [
            OversightOpinion(no=1, link="EXECUTION", opinion="加快进度", rectify=True, answer="已加快"),
            OversightOpinion(no=2, link="PUBLICATION", opinion="及时公开"),
        ]
        session.add(
            Oversight(
                instance_id=number,
                project_id=project.id,
                kind=kind,
                state=state,
                held_on=date(year, 6, 1),
                opinions=opinions if number == 0 else [],
            )
        )
    session.flush()
    ids = [
        *(f"npc.{name}" for name in ("inspected", "inspected.1", "inspected.2", "inspected.3", "questioned")),
        *(f"npc.{name}" for name in ("opinions", "rectify", "answered")),
    ]
    assert [*compute(session, WHOLE, ids).values()] == [1, 1, 0, 1, 1, 2, 1, 1]
