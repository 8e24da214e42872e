"""A project's evaluations in its life: each submitted score, and when it was accepted; a draft's score isn't shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.evaluations import EvaluationState, ScoreType
from budget.life.model import MONEY, SCORE, Details, Figure, Step, both
from budget.tables import Evaluation


def steps(session: Session, instances: Sequence[int]) -> Details:
    """Return the scores that instances gave; what was taken back is left out."""
    found: dict[int, list[Step]] = defaultdict(list)
    query = (
        select(Evaluation)
        .where(Evaluation.instance_id.in_(instances), Evaluation.state != EvaluationState.WITHDRAWN)
        .order_by(Evaluation.version)
    )
    for one in session.scalars(query):
        score = ScoreType[one.score_type]
        figures = [
            Figure(both(score.zh, score.en), one.total, SCORE),
            Figure(both("等级", "grade"), one.grade),
        ]
        if one.executed is not None:
            figures.append(Figure(both("全年执行数", "spent in the year"), one.executed, MONEY))
        if score != ScoreType.KEY:
            what = both(f"{score.zh}第 {one.version} 版", f"{score.en}, version {one.version}")
            found[one.instance_id].append(
                Step(one.submitted_at, what, figures, one.submitted_by, note=one.problems)
            )
        if one.accepted_at is not None:
            what = both(f"{score.zh}确认", f"{score.en} accepted")
            found[one.instance_id].append(Step(one.accepted_at, what, figures, tone="ok"))
    return found
