"""What happens in the review of a self-evaluation's report (P11): drawn, handed in, read by two, graded, given back.

Plain functions on a session, called inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from budget import seating
from budget.answers import number, rows, text
from budget.cases import CaseKind, CaseState
from budget.codes import Code
from budget.evaluations import EvaluationState, ScoreType
from budget.tables import (
    Case,
    Evaluation,
    Project,
    ReportIssue,
    ReportPoint,
    ReportReview,
    ReportSeat,
    Unit,
    UnitEvaluation,
)


class ReportType(Code):
    """What a report is about; decides the template (S1-03)."""

    DEPT_OVERALL = ("DEPT_OVERALL", "部门整体支出自评报告", "overall report of a department")
    PROJECT = ("PROJECT", "项目支出自评报告", "report on a project")


class Aspect(Code):
    """What a report is reviewed by: six of these in each template (S1-12, S1-13)."""

    TEXT = ("TEXT", "文本规范性", "form of the text")
    GOALS = ("GOALS", "目标及指标体系", "goals and indicators")
    BASICS = ("BASICS", "评价基本情况", "how it was evaluated")
    INDICATORS = ("INDICATORS", "评价指标体系", "indicators of the evaluation")
    ANALYSIS = ("ANALYSIS", "绩效分析", "analysis")
    CONCLUSION = ("CONCLUSION", "自评结论", "conclusion")
    PROBLEMS = ("PROBLEMS", "问题分析", "problems")
    ADVICE = ("ADVICE", "有关建议", "advice")


#: The chapters of a report of each type, in their order.
TEMPLATES: Mapping[ReportType, Sequence[Aspect]] = {
    ReportType.DEPT_OVERALL: (
        *(Aspect.TEXT, Aspect.GOALS, Aspect.ANALYSIS),
        *(Aspect.CONCLUSION, Aspect.PROBLEMS, Aspect.ADVICE),
    ),
    ReportType.PROJECT: (
        *(Aspect.TEXT, Aspect.BASICS, Aspect.INDICATORS),
        *(Aspect.ANALYSIS, Aspect.PROBLEMS, Aspect.ADVICE),
    ),
}
#: The fields of form ``review_report`` that hold the chapters.
CHAPTERS = tuple(f"chapter_{number}" for number in range(1, 7))


class ReportError(Exception):
    """A review can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the scores of a round say: the mean total (0 to 100, not rounded), the spread of the totals, the weakest aspect
    with its mean share of its points (0 to 1), and how many have signed."""

    score: Decimal
    spread: Decimal
    weakest: Decimal
    aspect: Aspect
    signed: int


def drawn(code: str, fiscal_year: int) -> str:
    """Return what a unit or a project stands by in the draw: it follows from its code and the year alone."""
    return sha256(f"report-{fiscal_year}-{code}".encode()).hexdigest()


def sample_units(session: Session, fiscal_year: int, levels: Sequence[int], count: int) -> list[Unit]:
    """Draw the units of which the overall report is reviewed: not secret, not new, not reviewed yet (S1-09, S1-10)."""
    query = select(Unit).where(
        Unit.in_campaign,
        Unit.level.in_(levels),
        ~Unit.secret_flag,
        or_(Unit.established_at.is_(None), func.extract("year", Unit.established_at) < fiscal_year),
        Unit.code.not_in(_reviewed(fiscal_year, Case.unit, Case.project_id.is_(None))),
    )
    found = sorted(session.scalars(query), key=lambda unit: drawn(unit.code, fiscal_year))
    return sorted(found[:count], key=lambda unit: unit.code)


def sample_projects(
    session: Session, fiscal_year: int, covered: Iterable[str], count: int
) -> list[tuple[Project, Evaluation]]:
    """Draw the projects whose report is reviewed, of those with an accepted self-evaluation.

    Those that the checks force first (DQ18); units of which nothing is reviewed yet (not in ``covered``) come before a
    second report of any, so that nearly all units are reached (S1-10).
    """
    query = (
        select(Project, Evaluation)
        .join(Evaluation, Evaluation.project_id == Project.id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == fiscal_year,
            Evaluation.score_type == ScoreType.SELF,
            Evaluation.state == EvaluationState.ACCEPTED,
            Unit.in_campaign,
            ~Project.secret_flag,
            ~Unit.secret_flag,
            or_(Unit.established_at.is_(None), func.extract("year", Unit.established_at) < fiscal_year),
            Project.id.not_in(_reviewed(fiscal_year, Case.project_id, Case.project_id.is_not(None))),
        )
    )
    order = sorted(
        session.execute(query).all(), key=lambda row: (not row[1].forced, drawn(row[0].code, fiscal_year))
    )
    reached = set(covered)
    first: list[tuple[Project, Evaluation]] = []
    more: list[tuple[Project, Evaluation]] = []
    for project, evaluation in order:
        (more if project.unit in reached else first).append((project, evaluation))
        reached.add(project.unit)
    return [*first, *more][:count]


def _reviewed(fiscal_year: int, column: Any, *conditions: Any) -> Any:
    return select(column).where(
        Case.kind == CaseKind.REPORT_REVIEW,
        Case.fiscal_year == fiscal_year,
        Case.state != CaseState.WITHDRAWN,
        *conditions,
    )


def open_review(
    session: Session,
    instance_id: int,
    *,
    unit: str,
    project_id: int | None,
    fiscal_year: int,
    self_score: Decimal | None,
    now: datetime,
) -> ReportReview:
    """Begin the review of a report; where the instance has one already it begins again."""
    found = session.get(ReportReview, instance_id)
    if found is not None:
        session.delete(found)
        session.flush()
    found = ReportReview(
        instance_id=instance_id,
        report_type=ReportType.DEPT_OVERALL if project_id is None else ReportType.PROJECT,
        unit=unit,
        project_id=project_id,
        fiscal_year=fiscal_year,
        round=0,
        self_score=self_score,
        words=0,
        opened_at=now,
    )
    session.add(found)
    session.flush()
    return found


def drop(session: Session, instance_id: int) -> None:
    """Undo :func:`open_review`."""
    session.delete(of_instance(session, instance_id))
    session.flush()


def of_instance(session: Session, instance_id: int) -> ReportReview:
    """Return the review of an instance; raises :class:`ReportError` where it has none."""
    found = session.get(ReportReview, instance_id)
    if found is None:
        raise ReportError(f"instance {instance_id} reviews no report")
    return found


def length(answers: Mapping[str, Any]) -> int:
    """Return how many characters the chapters of a report have together, spaces left out."""
    return sum(len("".join(text(answers.get(chapter)).split())) for chapter in CHAPTERS)


def submit(session: Session, instance_id: int, answers: Mapping[str, Any]) -> ReportReview:
    """Note that a report was handed in: the next round begins."""
    found = of_instance(session, instance_id)
    found.round += 1
    found.words = length(answers)
    found.agency = text(answers.get("agency")) or None if answers.get("prepared_by") == "AGENCY" else None
    typed = number(answers.get("self_score"))
    if typed is not None:  # asked for only where no self-evaluation was accepted
        found.self_score = typed
    session.flush()
    return found


def unsubmit(session: Session, instance_id: int) -> None:
    """Undo :func:`submit`."""
    found = of_instance(session, instance_id)
    found.seats = [seat for seat in found.seats if seat.round < found.round]
    found.round -= 1
    session.flush()


def seats_of(review: ReportReview) -> list[ReportSeat]:
    """Return the seats of the round that the report is in."""
    return [seat for seat in review.seats if seat.round == review.round]


def ask(
    session: Session, instance_id: int, reviewers: Sequence[tuple[str, str]], now: datetime
) -> list[ReportSeat]:
    """Ask reviewers, each a principal and a name, for their scores; return the seats that are waited for.

    Raises :class:`ReportError` for somebody who has a seat in the round already.
    """
    review = of_instance(session, instance_id)
    taken = {seat.principal for seat in seats_of(review)}
    for principal, name in reviewers:
        if principal in taken:
            raise ReportError(f"{principal} has a seat in review {instance_id} already")
        review.seats.append(ReportSeat(round=review.round, principal=principal, name=name, asked_at=now))
    session.flush()
    return seating.waiting(seats_of(review))


def dismiss(session: Session, instance_id: int) -> None:
    """Undo :func:`ask`: the seats that were asked last are taken away."""
    review = of_instance(session, instance_id)
    for seat in seating.last_asked(seats_of(review)):
        review.seats.remove(seat)
    session.flush()


def collect(
    session: Session, instance_id: int, forms: Iterable[Mapping[str, Any]], now: datetime, *, late: bool
) -> list[ReportSeat]:
    """Write the signed forms F10 to their seats; return the seats that are still empty.

    ``late`` says that the time is over: who has not signed is absent.
    """
    empty = seating.sign(seats_of(of_instance(session, instance_id)), forms, now, _write, late=late)
    session.flush()
    return empty


def _write(seat: ReportSeat, form: Mapping[str, Any]) -> None:
    seat.points = [
        ReportPoint(
            position=position,
            aspect=Aspect[row["aspect"]],
            points=Decimal(row["points"]),
            score=Decimal(row["score"]),
            reason=text(row.get("reason")),
        )
        for position, row in enumerate(rows(form.get("scores")), 1)
    ]
    seat.total = sum((point.score for point in seat.points), Decimal(0))
    seat.opinion = text(form.get("opinion_text"))


def uncollect(session: Session, instance_id: int) -> None:
    """Undo :func:`collect`: what was written last is taken out of the seats."""
    seating.unsign(seats_of(of_instance(session, instance_id)), lambda seat: seat.points.clear())
    session.flush()


def summary(review: ReportReview) -> Summary:
    """Work out what the signed seats of the round say; raises :class:`ReportError` where nobody has signed."""
    signed = [seat for seat in seats_of(review) if seat.total is not None]
    if not signed:
        raise ReportError("nobody has signed")
    totals = seating.totals(signed)
    shares = _shares(signed)
    aspect = min(shares, key=lambda one: shares[one])
    return Summary(seating.mean(totals), max(totals) - min(totals), shares[aspect], aspect, len(signed))


def _shares(signed: Iterable[ReportSeat]) -> dict[Aspect, Decimal]:
    """Return each aspect's mean share of its points, 0 to 1, in the order of the template."""
    given: dict[Aspect, list[tuple[Decimal, Decimal]]] = {}
    for seat in signed:
        for point in seat.points:
            given.setdefault(Aspect[point.aspect], []).append((point.score, point.points))
    return {
        aspect: sum((score for score, _ in pairs), Decimal(0)) / sum((most for _, most in pairs), Decimal(0))
        for aspect, pairs in given.items()
    }


def grade(
    session: Session,
    instance_id: int,
    *,
    grade: str,
    issues: Sequence[Mapping[str, Any]],
    rectify: bool,
    now: datetime,
) -> ReportReview:
    """Write the score, the grade (优, 良, 中, 差) and the problems of the round."""
    review = of_instance(session, instance_id)
    found = summary(review)
    review.score, review.spread, review.weakest = found.score, found.spread, found.weakest
    review.grade, review.rectify, review.graded_at = grade, rectify, now
    review.issues = [
        ReportIssue(
            position=position, content=text(row.get("content")), suggestion=text(row.get("suggestion"))
        )
        for position, row in enumerate(issues, 1)
    ]
    session.flush()
    return review


def ungrade(session: Session, instance_id: int) -> None:
    """Undo :func:`grade`."""
    review = of_instance(session, instance_id)
    review.score = review.spread = review.weakest = review.grade = review.graded_at = None
    review.rectify, review.issues = False, []
    session.flush()


def accepted_score(session: Session, unit: str, fiscal_year: int, project_id: int | None) -> Decimal | None:
    """Return the score that the unit gave its project, or its year as a whole, where it was accepted."""
    if project_id is None:
        whole = select(UnitEvaluation.total).where(
            UnitEvaluation.unit == unit,
            UnitEvaluation.fiscal_year == fiscal_year,
            UnitEvaluation.state == EvaluationState.ACCEPTED,
        )
        return session.scalar(whole.order_by(UnitEvaluation.instance_id.desc()).limit(1))
    return session.scalar(
        select(Evaluation.total)
        .where(
            Evaluation.project_id == project_id,
            Evaluation.score_type == ScoreType.SELF,
            Evaluation.state == EvaluationState.ACCEPTED,
        )
        .order_by(Evaluation.id.desc())
        .limit(1)
    )
