"""Which reports were reviewed: how many of each kind, the mean of their scores, and where points were lost (S1-10, A01)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from budget.report_reviews import Aspect, ReportType
from budget.statistics.evaluations import GRADES
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Project, ReportPoint, ReportReview, ReportSeat, Unit


@read_once
def _graded(session: Session, scope: Scope) -> Sequence[ReportReview]:
    """Return the reviews that were graded in the scope's year by then; nothing that is secret."""
    query = (
        select(ReportReview)
        .join(Unit, Unit.code == ReportReview.unit)
        .outerjoin(Project, Project.id == ReportReview.project_id)
        .where(
            ReportReview.graded_at >= scope.begins,
            ReportReview.graded_at <= scope.ends,
            ~or_(Unit.secret_flag, func.coalesce(Project.secret_flag, False)),
        )
    )
    if scope.section:
        query = query.where(func.coalesce(Project.section, Unit.section) == scope.section)
    if scope.unit:
        query = query.where(ReportReview.unit == scope.unit)
    return session.scalars(query).all()


def _count(session: Session, scope: Scope) -> int:
    return len(_graded(session, scope))


def _of(kind: ReportType, id: str, en: str) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        return sum(one.report_type == kind for one in _graded(session, scope))

    return Figure(id, f"评审的{kind.zh}", en, "份", count, -1)


def _mean(session: Session, scope: Scope) -> Decimal | None:
    scores = [one.score for one in _graded(session, scope) if one.score is not None]
    return sum(scores, Decimal(0)) / len(scores) if scores else None


def _with(grade: str, en: str) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        return sum(one.grade == grade for one in _graded(session, scope))

    return Figure(f"report.{en}", f"报告评审等级：{grade}", f"Reports reviewed: {en}", "份", count, -1)


@read_once
def _shares(session: Session, scope: Scope) -> dict[str, Decimal]:
    """Return the mean share of its points that each aspect got, by code."""
    rounds = {one.instance_id: one.round for one in _graded(session, scope)}
    query = (
        select(
            ReportSeat.review_id, ReportSeat.round, ReportPoint.aspect, ReportPoint.score, ReportPoint.points
        )
        .join(ReportPoint, ReportPoint.seat_id == ReportSeat.id)
        .where(ReportSeat.review_id.in_(rounds))
    )
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in session.execute(query):
        if rounds[row.review_id] == row.round:
            score, points = sums.get(row.aspect, (Decimal(0), Decimal(0)))
            sums[row.aspect] = score + row.score, points + row.points
    return {aspect: score / points for aspect, (score, points) in sums.items()}


def _aspect(aspect: Aspect) -> Figure:
    def share(session: Session, scope: Scope) -> Decimal | None:
        return _shares(session, scope).get(aspect)

    return Figure(
        f"report.aspect.{aspect.value.lower()}",
        f"报告评审得分率：{aspect.zh}",
        f"Share of points: {aspect.en}",
        "%",
        share,
        -1,
    )


FIGURES = (
    Figure("report.sampled", "抽查评审的自评报告", "Reports reviewed", "份", _count, -1),
    _of(ReportType.DEPT_OVERALL, "report.dept", "Overall reports reviewed"),
    _of(ReportType.PROJECT, "report.project", "Reports on projects reviewed"),
    Figure("report.avg", "报告评审平均分", "Mean of the reviews of reports", "分", _mean, -1),
    *(_with(grade, en) for grade, en in GRADES.items()),
    *map(_aspect, Aspect),
)
