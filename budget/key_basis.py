"""What those who are entrusted with a key evaluation read of the project (domain §6.3): goal, monitoring, self-evaluation.

No other case is opened to them; what is approved and accepted of this one project is told to them in the evaluation's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from budget.evaluations import ScoreType, target_of
from budget.goals import approved_version
from budget.key_scores import accepted
from budget.money import round_half_up, wan_from_fen
from budget.monitoring.baseline import previous_record
from budget.monitoring.codes import Light
from budget.tables import Project


def basis_of(session: Session, project_id: int) -> str:
    """Return the project's approved goal, its last monitoring and its accepted self-evaluation as Markdown."""
    project = session.get_one(Project, project_id)
    parts = (*_goal(session, project), *_monitoring(session, project), *_evaluation(session, project))
    return "\n\n".join(part for part in parts if part)


def _goal(session: Session, project: Project) -> Iterator[str]:
    version = approved_version(session, project.id)
    if version is None:
        return
    yield f"**批复的绩效目标**（{version.number}，年度资金{wan_from_fen(version.annual_amount):,f}万元）"
    yield version.goal_annual
    yield "\n".join(f"- {row.level3_name}：{target_of(row)}" for row in version.indicators)


def _monitoring(session: Session, project: Project) -> Iterator[str]:
    last = previous_record(session, project, date(project.fiscal_year + 1, 1, 1))
    if last is None or last.light is None:
        return
    spent = f"执行{wan_from_fen(last.executed):,f}万元"
    yield f"**最近一次运行监控**（截至{last.as_of:%Y-%m-%d}，{Light[last.light].zh}，{spent}）"
    yield last.goal_progress


def _evaluation(session: Session, project: Project) -> Iterator[str]:
    own = accepted(session, project.id, ScoreType.SELF)
    if own is None:
        return
    yield f"**单位自评**（{round_half_up(own.total, 2):f}分，{own.grade}）"
    yield own.goal_actual
    if own.points:
        yield "\n".join(
            f"- {row.name}：完成{row.actual}，得{row.points:f}分（满分{row.weight:f}分）"
            for row in own.points
        )
    if own.problems:
        yield f"存在问题：{own.problems}"
