"""A report's review: the unit hands in its text, two read it, the performance section sends the review."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from workflows.simulation.office import Answer, Item, Office

#: How reviewers grade reports: the mean and the spread (domain §9.4).
POINTS = (78.0, 9.0)
#: Within how many points of the mean a reviewer stays.
_LOWEST, _HIGHEST = 50, 98
_SENTENCE = "对照批复的绩效目标逐项核对完成情况，列明依据和数据来源，说明偏差的原因和改进的办法。"


def chapters(least: int) -> dict[str, str]:
    """Return six chapters with at least so many characters together."""
    each = -(-least // 6)
    return {f"chapter_{number}": _SENTENCE * (each // len(_SENTENCE) + 1) for number in range(1, 7)}


def submit(office: Office, item: Item) -> Answer:
    """The unit hands in its own report."""
    task = office.view(item)
    form = task.answers | chapters(int(task.variables["profile"]["report_review"]["min_words"]))
    return Answer("报送", form | {"prepared_by": "SELF", "self_score": Decimal(95)})


def choose(office: Office, item: Item) -> Answer | None:
    """The chief chooses as many reviewers as are needed; it waits where too few may review."""
    variables = office.view(item).variables
    offered = [one["value"] for one in variables["reviewer_choices"]]
    needed = int(variables["needed"])
    if len(offered) < needed:
        return None
    return Answer("提交", {"reviewers": office.random.sample(offered, needed)})


def read(office: Office, item: Item) -> Answer:
    """A reviewer gives each aspect its share of points, with reasons where they are few, and names a problem."""
    variables = office.view(item).variables
    wanted = max(_LOWEST, min(_HIGHEST, round(office.random.gauss(*POINTS))))
    return Answer("提交", opinion(variables["scores"], wanted))


def opinion(template: list[Mapping[str, Any]], wanted: int) -> dict[str, Any]:
    """Return a filled form F10 whose points add up to about ``wanted``."""
    scores = [
        dict(row)
        | {
            "score": (Decimal(row["points"]) * wanted / 100).quantize(Decimal("0.01")),
            "reason": "论述不够充分，数据来源没有写明。",
        }
        for row in template
    ]
    return {
        "scores": scores,
        "issues": [{"content": "绩效分析与指标对应不紧。", "suggestion": "逐条指标写明完成值和佐证。"}],
        "opinion_text": "报告结构完整，分析有待深入。",
    }


def feed_back(office: Office, item: Item) -> Answer:
    """The performance section sends the problems that were named; a poor report on a project is to be rectified."""
    variables = office.view(item).variables
    poor = variables["graded"]["grade"] == "差" and variables["project"] is not None
    return Answer(
        "反馈单位",
        {"comment": "请对照问题改进自评工作。", "issues": variables["issues"], "rectify": poor},
    )


def receive(_office: Office, _item: Item) -> Answer:
    """The unit receives the review."""
    return Answer("签收")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "submit_report": submit,
    "choose_reviewers": choose,
    "score_report": read,
    "write_feedback": feed_back,
    "receive_feedback": receive,
}
