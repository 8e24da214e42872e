"""A project's adjustments in its life: what was asked for, and the amount that was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.adjustments import AdjustmentState, AdjustmentType
from budget.life.model import MONEY, Details, Figure, Step, both
from budget.tables import Adjustment


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return the requests of instances and what was decided on them."""
    found: dict[int, list[Step]] = defaultdict(list)
    for one in session.scalars(select(Adjustment).where(Adjustment.instance_id.in_(instances))):
        kind = AdjustmentType[one.type]
        figures = (
            Figure(both("调整额", "change"), one.delta, MONEY),
            Figure(both("调整后预算", "budget afterwards"), one.amount_after, MONEY),
        )
        asked = both(f"申请{kind.zh}", f"{kind.en} asked for")
        found[one.instance_id].append(
            Step(one.submitted_at, asked, figures, one.submitted_by, note=one.reason_note)
        )
        if one.decided_at is not None:
            state = AdjustmentState[one.state]
            tone = "ok" if state == AdjustmentState.APPROVED else "warn"
            found[one.instance_id].append(Step(one.decided_at, both(state.zh, state.en), figures, tone=tone))
    return found
