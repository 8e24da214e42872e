"""What a unit has to publish of a kind: approved goals, accepted evaluations, final reports; nothing that is secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from budget.codes import Code, Level1, Level2, VersionState
from budget.evaluations import EvaluationState, ScoreType, target_of
from budget.ex_ante import Conclusion, summary
from budget.key_codes import Dimension, KeyState
from budget.money import round_half_up, wan_from_fen
from budget.monitoring.codes import Light, RecordState
from budget.publishing.codes import PublicationKind
from budget.publishing.content import Content
from budget.tables import (
    Evaluation,
    ExAnteEvaluation,
    Goal,
    GoalVersion,
    KeyEvaluation,
    MonitoringRecord,
    Project,
    Unit,
    UnitGoal,
)


@dataclass(frozen=True, slots=True)
class Collected:
    """An item to publish, as it stands in the records; ``amount`` in 分."""

    unit: str
    project_id: int | None
    code: str
    name: str
    amount: int | None
    content: Content


def collect(
    session: Session, kind: PublicationKind, fiscal_year: int, unit: str | None = None
) -> Iterator[Collected]:
    """Yield what one unit, or all, have to publish, by unit and project; secret ones have nothing (domain §6.4)."""
    return _COLLECTORS[kind](session, fiscal_year, unit)


def _open(fiscal_year: int, unit: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions on projects and units of what may be published at all."""
    found = [
        Project.fiscal_year == fiscal_year,
        Project.secret_flag.is_(False),
        Unit.secret_flag.is_(False),
    ]
    return found if unit is None else [*found, Project.unit == unit]


def _goals(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    newest = (
        select(GoalVersion.goal_id, func.max(GoalVersion.version).label("version"))
        .where(GoalVersion.state == VersionState.FROZEN)
        .group_by(GoalVersion.goal_id)
        .subquery()
    )
    query = (
        select(Project, GoalVersion)
        .join(Unit, Unit.code == Project.unit)
        .join(Goal, Goal.project_id == Project.id)
        .join(newest, newest.c.goal_id == Goal.id)
        .join(
            GoalVersion,
            (GoalVersion.goal_id == newest.c.goal_id) & (GoalVersion.version == newest.c.version),
        )
        .where(*_open(fiscal_year, unit))
        .order_by(Project.unit, Project.code)
    )
    for project, version in session.execute(query):
        yield _of_project(
            project,
            version.annual_amount,
            [
                ("目标编号", version.number or ""),
                ("年度资金（万元）", _wan(version.annual_amount)),
                ("年度总体目标", version.goal_annual),
            ],
            ("一级指标", "二级指标", "三级指标", "指标值"),
            [
                (_zh(Level1, row.level1), _zh(Level2, row.level2), row.level3_name, target_of(row))
                for row in version.indicators
            ],
        )


def _unit_goals(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    query = (
        select(UnitGoal, Unit)
        .join(Unit, Unit.code == UnitGoal.unit)
        .where(
            UnitGoal.fiscal_year == fiscal_year,
            UnitGoal.state == VersionState.FROZEN,
            Unit.secret_flag.is_(False),
        )
        .order_by(UnitGoal.unit, UnitGoal.version)
    )
    if unit is not None:
        query = query.where(UnitGoal.unit == unit)
    newest = {goal.unit: (goal, owner) for goal, owner in session.execute(query)}
    for goal, owner in newest.values():
        facts = [
            ("编号", goal.number or ""),
            ("部门整体支出（万元）", _wan(goal.total_amount)),
            ("其中：基本支出（万元）", _wan(goal.basic_personnel + goal.basic_public)),
            ("其中：项目支出（万元）", _wan(goal.project_amount)),
        ]
        rows = [(task.name, task.content, _wan(task.amount)) for task in goal.tasks]
        content = Content(facts, ("年度主要任务", "主要内容", "金额（万元）"), rows)
        yield Collected(owner.code, None, owner.code, owner.name, goal.total_amount, content)


def _monitoring(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    """Yield the newest report that was accepted; a deviation that nobody has looked at is not told (domain §8.2)."""
    query = (
        select(Project, MonitoringRecord)
        .join(Unit, Unit.code == Project.unit)
        .join(MonitoringRecord, MonitoringRecord.project_id == Project.id)
        .where(*_open(fiscal_year, unit), MonitoringRecord.state == RecordState.ACCEPTED)
        .order_by(Project.unit, Project.code, MonitoringRecord.as_of, MonitoringRecord.version)
    )
    newest = {project.id: (project, record) for project, record in session.execute(query)}
    for project, record in newest.values():
        light = _zh(Light, record.light) if record.light else ""
        facts = [
            ("数据截至", record.as_of.isoformat()),
            ("年度预算（万元）", _wan(record.budget_adjusted)),
            ("已执行（万元）", _wan(record.executed)),
            ("目标进展", record.goal_progress),
            ("监控结果", f"{light}灯" if light else ""),
        ]
        rows = [(row.name, f"{row.target}{row.unit or ''}", row.actual) for row in record.indicators]
        yield _of_project(project, record.budget_adjusted, facts, ("绩效指标", "指标值", "完成情况"), rows)


def _self_evaluations(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    query = (
        select(Project, Evaluation)
        .join(Unit, Unit.code == Project.unit)
        .join(Evaluation, Evaluation.project_id == Project.id)
        .where(
            *_open(fiscal_year, unit),
            Evaluation.score_type == ScoreType.SELF,
            Evaluation.state == EvaluationState.ACCEPTED,
        )
        .order_by(Project.unit, Project.code, Evaluation.version)
    )
    newest = {project.id: (project, found) for project, found in session.execute(query)}
    for project, found in newest.values():
        facts = [
            ("全年预算（万元）", _wan(found.budget_full)),
            ("全年执行（万元）", _wan(found.executed)),
            ("自评得分", f"{round_half_up(found.total, 2):f}"),
            ("等级", found.grade),
            ("目标完成情况", found.goal_actual),
            ("存在问题", found.problems),
            ("改进措施", found.improvement),
        ]
        rows = [
            (_zh(Level1, row.level1), row.name, row.target, row.actual, f"{row.weight:f}", f"{row.points:f}")
            for row in found.points
        ]
        headings = ("一级指标", "三级指标", "指标值", "完成值", "分值", "得分")
        yield _of_project(project, found.budget_full, facts, headings, rows)


def _key_evaluations(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    """Yield final reports; working papers and the experts' own opinions are never published (D09)."""
    query = (
        select(Project, KeyEvaluation)
        .join(Unit, Unit.code == Project.unit)
        .join(KeyEvaluation, KeyEvaluation.project_id == Project.id)
        .where(*_open(fiscal_year, unit), KeyEvaluation.state == KeyState.FINALIZED)
        .order_by(Project.unit, Project.code, KeyEvaluation.instance_id)
    )
    for project, found in session.execute(query):
        score = "" if found.score is None else f"{round_half_up(found.score, 2):f}"
        issues = [f"{place}. {one.content}" for place, one in enumerate(found.issues, 1)]
        facts = [
            ("评价得分", score),
            ("等级", found.grade or ""),
            ("存在问题", " ".join(issues)),
            ("建议", " ".join(one.suggestion for one in found.issues if one.suggestion)),
        ]
        rows = [
            (
                _zh(Dimension, row.level1),
                row.level2,
                row.level3,
                f"{row.points:f}",
                "" if row.score is None else f"{row.score:f}",
            )
            for row in found.indicators
        ]
        headings = ("一级指标", "二级指标", "三级指标", "分值", "得分")
        yield _of_project(project, project.annual_amount, facts, headings, rows)


def _ex_ante(session: Session, fiscal_year: int, unit: str | None) -> Iterator[Collected]:
    """Yield what passed (S3-22); who scored it and what each wrote is never published (D09)."""
    query = (
        select(Project, ExAnteEvaluation)
        .join(Unit, Unit.code == Project.unit)
        .join(ExAnteEvaluation, ExAnteEvaluation.project_id == Project.id)
        .where(*_open(fiscal_year, unit), ExAnteEvaluation.conclusion == Conclusion.PASS)
        .order_by(Project.unit, Project.code, ExAnteEvaluation.instance_id)
    )
    newest = {project.id: (project, found) for project, found in session.execute(query)}
    for project, found in newest.values():
        counted = summary(found)
        facts = [
            ("评估编号", found.number or ""),
            ("申请资金（万元）", _wan(found.amount)),
            ("核减（万元）", _wan(found.cut_amount) if found.cut_amount else ""),
            ("评估得分", f"{round_half_up(counted.score, 2):f}"),
            ("结论", Conclusion.PASS.zh),
        ]
        rows = [(aspect.zh, f"{round_half_up(points, 2):f}") for aspect, points in counted.aspects.items()]
        yield _of_project(project, found.amount, facts, ("评估方面", "得分"), rows)


def _of_project(
    project: Project,
    amount: int | None,
    facts: Sequence[tuple[str, str]],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> Collected:
    content = Content([fact for fact in facts if fact[1]], headings if rows else (), rows)
    return Collected(project.unit, project.id, project.code, project.name, amount, content)


def _zh(codes: type[Code], code: str) -> str:
    """Return a code's Chinese; what is no code, as a level of a framework of the county's own, as it is."""
    return next((one.zh for one in codes if one.value == code), code)


def _wan(fen: int | None) -> str:
    return "" if fen is None else f"{wan_from_fen(fen):,f}"


_COLLECTORS: Mapping[PublicationKind, Callable[[Session, int, str | None], Iterator[Collected]]] = {
    PublicationKind.GOAL: _goals,
    PublicationKind.UNIT_GOAL: _unit_goals,
    PublicationKind.MONITORING: _monitoring,
    PublicationKind.SELF_EVALUATION: _self_evaluations,
    PublicationKind.KEY_EVALUATION: _key_evaluations,
    PublicationKind.EX_ANTE: _ex_ante,
}
