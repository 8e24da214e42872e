"""A project's monitoring in its life: what was reported at each checkpoint, and which light D03 gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.life.model import MONEY, RATE, Details, Figure, Step, both
from budget.monitoring.codes import Light
from budget.tables import MonitoringRecord

_TONES = {Light.GREEN: "ok", Light.YELLOW: "warn", Light.RED: "bad"}


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return the submitted records of monitoring instances."""
    found: dict[int, list[Step]] = defaultdict(list)
    query = select(MonitoringRecord).where(MonitoringRecord.instance_id.in_(instances))
    for one in session.scalars(query.order_by(MonitoringRecord.version)):
        figures = [
            Figure(both("全年预算数", "the whole year's budget"), one.budget_adjusted, MONEY),
            Figure(both("执行数", "spent"), one.executed, MONEY),
        ]
        if one.money_actual is not None:
            figures.append(Figure(both("执行率", "share spent"), one.money_actual, RATE))
        figures.append(Figure(both("最大偏离度", "largest deviation"), one.deviation, RATE))
        light = Light[one.light] if one.light else None
        what = both(f"第 {one.version} 版报送", f"version {one.version} reported")
        if light is not None:
            what = both(f"{what['zh']}（{light.zh}灯）", f"{what['en']}: {light.en} light")
        found[one.instance_id].append(
            Step(
                one.submitted_at,
                what,
                figures,
                one.submitted_by,
                one.document_sha256,
                one.statement or one.goal_progress,
                _TONES.get(light, "") if light else "",
            )
        )
    return found
