"""What was evaluated as key: projects, money, who evaluated, the means, and how finely (domain T5, T8)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from budget.evaluations import EvaluationState, ScoreType
from budget.key_codes import ChoiceReason, ChoiceState, Evaluator
from budget.statistics.evaluations import GRADES
from budget.statistics.model import Figure, Scope, read_once
from budget.tables import Evaluation, KeyChoice, KeyEvaluation, KeyIndicator, Project, Unit


@read_once
def _final(session: Session, scope: Scope) -> Sequence[tuple[Evaluation, KeyEvaluation, int]]:
    """Return the evaluations that were made final in the year by then, with the budgets of their projects in 分."""
    query = (
        select(Evaluation, KeyEvaluation, Project.annual_amount)
        .join(KeyEvaluation, KeyEvaluation.instance_id == Evaluation.instance_id)
        .join(Project, Project.id == Evaluation.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Evaluation.score_type == ScoreType.KEY,
            Evaluation.state == EvaluationState.ACCEPTED,
            Evaluation.activity_year == scope.year,
            Evaluation.accepted_at <= scope.as_of,
            *scope.covers(),
        )
    )
    return [(one, evaluation, amount) for one, evaluation, amount in session.execute(query)]


def projects(session: Session, scope: Scope) -> int:
    """Count projects whose key evaluation is final."""
    return len({one.project_id for one, _, _ in _final(session, scope)})


def amount(session: Session, scope: Scope) -> int:
    """Add up the budgets of the projects that were evaluated, in 分."""
    return sum({one.project_id: amount for one, _, amount in _final(session, scope)}.values())


def simple(session: Session, scope: Scope) -> Decimal | None:
    """Return the simple mean of the scores (A17)."""
    scores = [one.total for one, _, _ in _final(session, scope)]
    return sum(scores, Decimal(0)) / len(scores) if scores else None


def weighted(session: Session, scope: Scope) -> Decimal | None:
    """Return the mean of the scores weighted by the projects' budgets (A17)."""
    found = _final(session, scope)
    whole = sum(amount for _, _, amount in found)
    return sum((one.total * amount for one, _, amount in found), Decimal(0)) / whole if whole else None


def special(session: Session, scope: Scope) -> int:
    """Count projects that were chosen for their kind of funds; they are among the others and not added (T5)."""
    query = (
        select(func.count(distinct(KeyChoice.project_id)))
        .join(Project, Project.id == KeyChoice.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(
            KeyChoice.reason == ChoiceReason.FUND_NATURE,
            KeyChoice.state == ChoiceState.APPROVED,
            KeyChoice.project_id.in_([one.project_id for one, _, _ in _final(session, scope)]),
            *scope.covers(),
        )
    )
    return session.execute(query).scalar_one()


def books(session: Session, scope: Scope) -> int:
    """Count the budgets that pay for the evaluated projects (S3-05: 三本预算)."""
    evaluated = [one.project_id for one, _, _ in _final(session, scope)]
    query = select(func.count(distinct(Project.fund_book))).where(Project.id.in_(evaluated))
    return session.execute(query).scalar_one()


def _by(evaluator: Evaluator, id: str, zh: str, en: str) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        return sum(evaluation.evaluator == evaluator for _, evaluation, _ in _final(session, scope))

    return Figure(id, zh, en, "个", count)


def _with(grade: str, en: str) -> Figure:
    def count(session: Session, scope: Scope) -> int:
        return sum(one.grade == grade for one, _, _ in _final(session, scope))

    return Figure(f"keyeval.{en}", f"重点评价等级：{grade}", f"Key evaluations: {en}", "个", count)


def _most(column: InstrumentedAttribute[str], id: str, zh: str, en: str) -> Figure:
    """Return how many of a level the finest indicator system of the year has."""

    def count(session: Session, scope: Scope) -> int:
        instances = [one.instance_id for one, _, _ in _final(session, scope)]
        query = (
            select(func.count(distinct(column)))
            .where(KeyIndicator.evaluation_id.in_(instances))
            .group_by(KeyIndicator.evaluation_id)
        )
        return max(session.scalars(query), default=0)

    return Figure(id, zh, en, "个", count)


FIGURES = (
    Figure("keyeval.projects", "重点评价项目", "Projects evaluated as key", "个", projects),
    Figure("keyeval.amount", "重点评价资金", "Money evaluated as key", "万元", amount),
    _by(Evaluator.THIRD_PARTY, "keyeval.third", "第三方实施的重点评价", "Key evaluations by third parties"),
    _by(Evaluator.BUREAU, "keyeval.bureau", "财政局实施的重点评价", "Key evaluations by the bureau"),
    Figure("keyeval.avg", "重点评价平均分（简单平均）", "Mean of key evaluations (simple)", "分", simple),
    Figure(
        "keyeval.avg.weighted",
        "重点评价平均分（资金加权）",
        "Mean of key evaluations (weighted by money)",
        "分",
        weighted,
    ),
    *(_with(grade, en) for grade, en in GRADES.items()),
    Figure("keyeval.books", "重点评价涉及的预算", "Budgets that pay for them", "本", books),
    Figure("special.projects", "特殊资金类型评价项目", "Projects of special kinds of funds", "个", special),
    _most(KeyIndicator.level1, "keyeval.l1", "重点评价一级指标", "Level 1 of key indicators"),
    _most(KeyIndicator.level2, "keyeval.l2", "重点评价二级指标", "Level 2 of key indicators"),
    _most(KeyIndicator.level3, "keyeval.l3", "重点评价三级指标", "Level 3 of key indicators"),
)
