"""A unit's self-evaluation of its overall spending: nearly all was spent, every indicator reached, accepted as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.money import round_half_up
from engine.engine import Reply
from workflows.simulation.office import Answer, Item, Office

#: What a unit has whose overall goal of the year is on paper, in 万元, and how much of it is spent.
_BUDGET, _SPENT = Decimal(400), Decimal("0.97")
_INDICATORS = (
    ("OUTPUT", "重点工作办结率", "≥95%", "97%"),
    ("BENEFIT", "服务对象覆盖人数", "≥1200人", "1260人"),
)


def fill(office: Office, item: Item) -> Answer:
    """The clerk reports what the unit as a whole spent and reached."""
    task = office.view(item)
    variables = task.variables
    if variables["unit"]["secret"]:
        return Answer("涉密线下办理")
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    budget = Decimal(task.answers.get("budget_full") or _BUDGET)
    form: dict[str, Any] = dict(task.answers) | {
        "budget_full": budget,
        "executed": round_half_up(budget * _SPENT, 2),
        "goal_actual": "年度整体目标全部完成，重点工作办结率和覆盖人数达到要求，服务对象反映良好。",
        "indicators": _rows(100 - Decimal(variables["exec_weight"])),
        "problems": "资金支付集中在下半年。",
    }
    return Answer("提交", form)


def _rows(points: Decimal) -> list[dict[str, Any]]:
    """Return the indicators, which share the points that execution leaves; each gets all of its own."""
    half = points // 2
    weights = (half, points - half)
    return [
        {
            "level1": level1,
            "name": name,
            "target": target,
            "actual": actual,
            "weight": weight,
            "score": weight,
        }
        for (level1, name, target, actual), weight in zip(_INDICATORS, weights, strict=True)
    ]


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True}, "同意上报。")


def review(_office: Office, _item: Item) -> Answer:
    """The section agrees."""
    return Answer("同意", opinion="情况属实。")


def gather(_office: Office, _item: Item) -> Answer:
    """The performance section accepts it."""
    return Answer("纳入汇总")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_report": fill,
    "unit_sign": sign,
    "section_review": review,
    "gather": gather,
}
