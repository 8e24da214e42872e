"""What is known of a project when its money is asked for: its goal, what was paid, its light, what holds the money back.

These are the inputs of D06 and the computed half of the four questions (S5-03); form F9 shows them.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from budget import disbursements, holds, rectification
from budget.cases import CaseKind, CaseState
from budget.codes import ProjectType
from budget.goals import approved_version
from budget.holds import HoldKind
from budget.money import wan_from_fen
from budget.monitoring.baseline import previous_record
from budget.monitoring.codes import Light
from budget.monitoring.figures import executed_by
from budget.monitoring.progress import percent
from budget.rectification import RectificationState
from budget.tables import Case, Project

_ZERO = Decimal(0)


def facts(session: Session, project: Project, today: date, now: datetime) -> dict[str, Any]:
    """Return the variable ``facts`` of a payment: amounts in 万元, progress in per cent, sentences in Chinese.

    What was paid is what the treasury section reported here, or the imported figure where that is larger.
    """
    version = approved_version(session, project.id)
    in_force = holds.in_force(session, project.id, now)
    newest = rectification.newest_of(session, project.id)
    return {
        "goal_approved": version is not None,
        "goal_no": version.number if version is not None else None,
        "goal_managed": version is not None
        and bool(version.indicators)
        and version.annual_amount >= project.annual_amount,
        "budget": wan_from_fen(project.annual_amount),
        "paid_cum": wan_from_fen(paid(session, project.id, today)),
        "months": [
            wan_from_fen(amount)
            for amount in disbursements.months_of(session, project.id, project.fiscal_year)
        ],
        "works": project.type == ProjectType.ENGINEERING,
        "key": _is_key(session, project),
        "stopped": any(hold.kind == HoldKind.STOP for hold in in_force),
        "held": any(hold.kind == HoldKind.HOLD for hold in in_force),
        "hold_reasons": "；".join(f"{HoldKind[hold.kind].zh}：{hold.reason}" for hold in in_force),
        "rect_overdue": bool(rectification.overdue_of(session, project.id, now)),
        "rect_status": "无" if newest is None else f"{newest.number} {RectificationState[newest.state].zh}",
        "rect_failed": newest is not None and newest.state == RectificationState.FAILED,
        "unreported": _unreported(session, project.id),
        **_monitored(session, project),
    }


def paid(session: Session, project_id: int, today: date) -> int:
    """Return what was paid of a project: reported here, or imported for a month that ended by ``today``; in 分."""
    return max(disbursements.paid_of(session, project_id), executed_by(session, project_id, today) or 0)


def payment_ratio(
    amount: Decimal, paid_cum: Decimal, budget: Decimal, contract: Decimal | None
) -> Decimal | None:
    """Return what is paid after this payment in per cent of the contract, or of the budget without one."""
    whole = contract if contract is not None and contract > _ZERO else budget
    return (paid_cum + amount) * 100 / whole if whole > _ZERO else None


def _monitored(session: Session, project: Project) -> dict[str, Any]:
    """Return what the newest monitoring says: its light, whether it explains itself, progress (q3), achievement (q4)."""
    record = previous_record(session, project, date(project.fiscal_year + 1, 12, 31))
    if record is None:
        return {
            "light": None,
            "light_name": "尚未监控",
            "explained": False,
            "progress": None,
            "progress_text": "",
            "achievement": "",
        }
    light = Light[record.light] if record.light else None
    reached = percent(record.goal_actual)
    return {
        "light": light.value if light is not None else None,
        "light_name": f"{record.as_of.isoformat()} {light.zh if light is not None else '未评定'}",
        "explained": bool(record.statement.strip()),
        "progress": record.work_progress
        if record.work_progress is not None
        else percent(record.money_actual),
        "progress_text": record.goal_progress,
        "achievement": "" if reached is None else f"截至{record.as_of.isoformat()}，指标平均完成{reached}%。",
    }


def _unreported(session: Session, project_id: int) -> bool:
    """Whether a monitoring of the project is overdue and not reported."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Case.project_id == project_id,
                    Case.kind == CaseKind.MONITORING,
                    Case.state.in_((CaseState.OPEN, CaseState.RETURNED)),
                    Case.overdue_at.is_not(None),
                )
            )
        )
    )


def _is_key(session: Session, project: Project) -> bool:
    """Whether the project is among the year's key evaluations."""
    return bool(
        session.scalar(
            select(exists().where(Case.project_id == project.id, Case.kind == CaseKind.KEY_EVALUATION))
        )
    )
