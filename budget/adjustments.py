"""What happens to a project's budget and goal in the year: asked for together (S4-05), approved together, kept by version.

Plain functions on a session, called by the handlers inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import goals
from budget.amounts import initial_amount
from budget.answers import number, rows, text
from budget.cases import CaseKind, CaseState
from budget.codes import FUND_FIELDS, Code, FundBook, GoalState, VersionState
from budget.goals import approved_version
from budget.money import fen_from_wan, wan_from_fen
from budget.quality import check_goal
from budget.quality.thresholds import Thresholds
from budget.tables import Adjustment, BudgetAmount, Case, Goal, GoalVersion, Project, Unit
from engine.plugins import Document, Finding

#: What of the goal an adjustment may change; the rest of the approved form stays.
ADJUSTED = ("goal_annual", "indicators")


class AdjustmentType(Code):
    """调整类型 (S2-16: 调整、收回、盘活)."""

    INCREASE = ("INCREASE", "追加", "increase")
    DECREASE = ("DECREASE", "调减", "decrease")
    RECLAIM = ("RECLAIM", "收回", "reclaim")
    REUSE = ("REUSE", "盘活", "reuse")
    TRANSFER = ("TRANSFER", "调剂", "transfer")
    GOAL_ONLY = ("GOAL_ONLY", "只调目标", "goal only")


class AdjustmentReason(Code):
    """调整原因."""

    POLICY = ("POLICY", "政策变化", "policy")
    EMERGENCY = ("EMERGENCY", "突发事件", "emergency")
    MONITOR_DEVIATION = ("MONITOR_DEVIATION", "监控偏差", "deviation found by monitoring")
    EVAL_RESULT = ("EVAL_RESULT", "评价结果", "result of an evaluation")
    SURPLUS = ("SURPLUS", "资金结余", "surplus")
    OTHER = ("OTHER", "其他", "other")


class AdjustmentState(Code):
    """Where an adjustment is."""

    SUBMITTED = ("SUBMITTED", "审核中", "under review")
    APPROVED = ("APPROVED", "已批复", "approved")
    REJECTED = ("REJECTED", "不予调整", "refused")
    WITHDRAWN = ("WITHDRAWN", "已撤回", "withdrawn")


class AdjustmentError(Exception):
    """An adjustment can't do what was asked; the text says which project and why, in English."""


def under_way(session: Session, project_id: int) -> int | None:
    """Return the instance of the project's adjustment that isn't decided yet, None where there is none."""
    query = select(Case.instance_id).where(
        Case.project_id == project_id,
        Case.kind == CaseKind.ADJUSTMENT,
        Case.state.in_((CaseState.OPEN, CaseState.SUBMITTED, CaseState.RETURNED)),
    )
    return session.scalar(query.limit(1))


def adjustable(session: Session, project_id: int) -> Project:
    """Return a project that an adjustment may be asked for.

    Raises :class:`AdjustmentError` for a secret one (it is handled offline), where no goal is approved, and where an
    adjustment is under way already.
    """
    project = session.get_one(Project, project_id)
    if project.secret_flag or session.get_one(Unit, project.unit).secret_flag:
        raise AdjustmentError(f"project {project_id} is secret")
    if session.scalar(select(Goal.state).where(Goal.project_id == project_id)) != GoalState.APPROVED:
        raise AdjustmentError(f"the goal of project {project_id} is not approved")
    if under_way(session, project_id) is not None:
        raise AdjustmentError(f"an adjustment of project {project_id} is under way")
    return project


def merged(version: GoalVersion, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole goal form as it would be approved: the frozen one with what the adjustment (F8) changes.

    The change of money falls on the year, on the total, and on the budget that gives most of it.
    """
    body = dict(goals.snapshot(version))
    body |= {field: answers[field] for field in ADJUSTED if field in answers}
    delta = number(answers.get("amount_delta")) or Decimal(0)
    largest = max(version.funds, key=lambda fund: fund.amount, default=None)
    changed = ["annual_amount", "total_amount"]
    if largest is not None:
        changed.append(FUND_FIELDS[FundBook[largest.book]])
    for field in changed:
        body[field] = (number(body.get(field)) or Decimal(0)) + delta
    return body


def goal_findings(version: GoalVersion, answers: Mapping[str, Any], thresholds: Thresholds) -> list[Finding]:
    """Return what the checks of a goal find in what an adjustment changes of it."""
    found = check_goal(merged(version, answers), thresholds)
    return [one for one in found if (one.field or "").split(".")[0] in ADJUSTED]


def goal_changed(version: GoalVersion, answers: Mapping[str, Any]) -> bool:
    """Whether the goal or any cell of its indicators differs from the frozen version."""
    before = goals.snapshot(version)
    if text(before.get("goal_annual")) != text(answers.get("goal_annual")):
        return True
    old, new = rows(before.get("indicators")), rows(answers.get("indicators"))
    return len(old) != len(new) or any(
        text(a.get(column)) != text(b.get(column))
        for a, b in zip(old, new, strict=True)
        for column in (
            "level1",
            "level2",
            "level3_name",
            "operator",
            "target_value",
            "target_value_max",
            "unit",
        )
    )


def submit(
    session: Session, instance_id: int, project: Project, document: Document, *, npc_required: bool
) -> Adjustment:
    """Write what is asked for; a later submission of the same instance replaces it."""
    answers = document.body
    delta = fen_from_wan(number(answers.get("amount_delta")) or Decimal(0))
    version = approved_version(session, project.id)
    adjustment = session.scalar(select(Adjustment).where(Adjustment.instance_id == instance_id))
    if adjustment is None:
        adjustment = Adjustment(
            instance_id=instance_id, project_id=project.id, fiscal_year=project.fiscal_year
        )
        session.add(adjustment)
    adjustment.type = text(answers.get("adj_type"))
    adjustment.reason = text(answers.get("reason"))
    adjustment.reason_note = text(answers.get("reason_note"))
    adjustment.basis = text(answers.get("basis"))
    adjustment.impact = text(answers.get("impact"))
    adjustment.source = text(answers.get("source_ref"))
    adjustment.destination = text(answers.get("destination"))
    adjustment.amount_before = project.annual_amount
    adjustment.delta = delta
    adjustment.amount_after = project.annual_amount + delta
    adjustment.state = AdjustmentState.SUBMITTED
    adjustment.npc_required = npc_required
    adjustment.goal_before_id = version.id if version is not None else None
    adjustment.submitted_at = document.saved_at
    adjustment.submitted_by = document.author
    session.flush()
    return adjustment


def adjustment_of(session: Session, instance_id: int) -> Adjustment:
    """Return an instance's adjustment; raises :class:`AdjustmentError` where nothing was submitted."""
    found = session.scalar(select(Adjustment).where(Adjustment.instance_id == instance_id))
    if found is None:
        raise AdjustmentError(f"instance {instance_id} has no adjustment")
    return found


def change_state(
    session: Session, instance_id: int, state: AdjustmentState, now: datetime | None = None
) -> Adjustment:
    """Set where the adjustment is; ``now`` is when that was decided."""
    adjustment = adjustment_of(session, instance_id)
    adjustment.state, adjustment.decided_at = state, now
    session.flush()
    return adjustment


def approve(
    session: Session, instance_id: int, document: Document, thresholds: Thresholds, *, by: str, now: datetime
) -> tuple[Adjustment, GoalVersion]:
    """Approve money and goal together: the goal's next frozen version, and the project's next amount.

    Raises :class:`AdjustmentError` where the project's budget changed since it was submitted.
    """
    adjustment = adjustment_of(session, instance_id)
    project = session.get_one(Project, adjustment.project_id)
    before = approved_version(session, project.id)
    if (
        before is None
        or before.id != adjustment.goal_before_id
        or project.annual_amount != adjustment.amount_before
    ):
        raise AdjustmentError(f"project {project.id} was adjusted by somebody else in the meantime")
    body = merged(before, document.body)
    version = goals.adjust(
        session,
        project.id,
        document=replace(document, body=body),
        findings=goal_findings(before, document.body, thresholds),
        thresholds=thresholds,
        by=by,
        now=now,
    )
    _next_amount(session, project, adjustment, before.frozen_at or now, now)
    project.annual_amount += adjustment.delta
    project.total_amount += adjustment.delta
    adjustment.state, adjustment.decided_at = AdjustmentState.APPROVED, now
    adjustment.goal_after_id = version.id
    session.flush()
    return adjustment, version


def _next_amount(
    session: Session, project: Project, adjustment: Adjustment, first: datetime, now: datetime
) -> None:
    last = session.scalar(
        select(BudgetAmount.version)
        .where(BudgetAmount.project_id == project.id)
        .order_by(BudgetAmount.version.desc())
        .limit(1)
    )
    if last is None:
        last = 0
        session.add(BudgetAmount(project_id=project.id, version=0, amount=project.annual_amount, since=first))
    session.add(
        BudgetAmount(
            project_id=project.id,
            version=last + 1,
            amount=adjustment.amount_after,
            since=now,
            adjustment_id=adjustment.id,
        )
    )


def revoke(session: Session, instance_id: int, now: datetime) -> None:
    """Undo an approval: version and amount stay as records, and count no more.

    Raises :class:`AdjustmentError` where a later adjustment builds on it.
    """
    adjustment = adjustment_of(session, instance_id)
    project = session.get_one(Project, adjustment.project_id)
    version = session.get_one(GoalVersion, adjustment.goal_after_id)
    newest = approved_version(session, project.id)
    if newest is None or newest.id != version.id:
        raise AdjustmentError(f"a later adjustment of project {project.id} builds on this one")
    version.state = VersionState.REVOKED
    amount = session.scalars(select(BudgetAmount).where(BudgetAmount.adjustment_id == adjustment.id)).one()
    amount.revoked_at = now
    amount.adjustment_id = None
    project.annual_amount -= adjustment.delta
    project.total_amount -= adjustment.delta
    adjustment.state, adjustment.decided_at = AdjustmentState.SUBMITTED, None
    adjustment.goal_after_id = None
    session.flush()


def before(session: Session, project: Project, executed: int | None) -> dict[str, Any]:
    """Return what the form (F8) begins with: amounts in 万元, the frozen goal and its indicators."""
    version = approved_version(session, project.id)
    body = goals.snapshot(version) if version is not None else {}
    return {
        "amount_before": wan_from_fen(project.annual_amount),
        "amount_initial": wan_from_fen(initial_amount(session, project)),
        "executed": wan_from_fen(executed or 0),
        "goal_number": version.number if version is not None else None,
        "goal_version": version.version if version is not None else None,
        "goal_annual": text(body.get("goal_annual")),
        "indicators": list(body.get("indicators") or ()),
    }
