"""A joint review: the performance section chooses experts, everybody gives points, the conclusion follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.simulation.office import Answer, Item, Office

#: How reviewers grade: the mean and the spread of the points that each gives.
POINTS = (92.0, 4.0)
_MAXIMA: Mapping[str, int] = {
    **dict.fromkeys(("completeness_norm", "completeness_clear", "relevance_goal", "relevance_indicator"), 10),
    **dict.fromkeys(("appropriate_perf", "appropriate_fund", "feasible_possible", "feasible_condition"), 15),
}


def form_group(office: Office, item: Item) -> Answer | None:
    """The performance section chooses as many experts as are needed; it waits where too few may review."""
    variables = office.view(item).variables
    offered = [one["value"] for one in variables["expert_choices"]]
    needed = max(1, int(variables["experts_needed"]))
    if len(offered) < needed:
        return None
    return Answer("提交", {"experts": office.random.sample(offered, needed)})


def sign(office: Office, _item: Item) -> Answer:
    """A reviewer gives points, and says what is wrong where they are few."""
    return Answer("提交", opinion_of(min(100, max(60, round(office.random.gauss(*POINTS))))))


def opinion_of(total: int) -> dict[str, Any]:
    """Return a filled form F5 whose points add up to about ``total``, each dimension as good as the others."""
    points = {field: most - (most * (100 - total) + 50) // 100 for field, most in _MAXIMA.items()}
    weak = sum(points.values()) < 90
    lines = (
        [{"where": "绩效指标", "issue": "个别指标值偏低", "suggest": "对照上年实际适当提高"}] if weak else []
    )
    return points | {"opinion": "目标明确，指标与资金匹配。", "line_comments": lines}


def meet(office: Office, item: Item) -> Answer:
    """The meeting agrees on the mean."""
    joint = office.view(item).variables["joint"]
    return Answer(
        "提交",
        {
            "met_on": office.today.isoformat(),
            "attendees": "审查组全体成员",
            "minutes": "各方说明了打分的理由，对分歧较大的指标逐条讨论，取得一致。",
            "agreed_score": joint["score_shown"],
        },
    )


def conclude(office: Office, item: Item) -> Answer:
    """The performance section follows the proposed grade."""
    grade = str(office.view(item).variables["proposed_grade"])
    return Answer(grade, {"conclusion": "综合各方意见，按汇总得分作出结论。"}, "按汇总得分定级。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "form_group": form_group,
    "replace_experts": form_group,
    "sign_review": sign,
    "hold_meeting": meet,
    "conclude_review": conclude,
}
