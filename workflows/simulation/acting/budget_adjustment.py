"""An adjustment: money and goal are changed together, as it was planned, and everybody agrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.adjustments import AdjustmentType
from budget.answers import number
from budget.money import round_half_up
from engine.engine import Reply
from workflows.simulation.acting.goal_declaration import points_of
from workflows.simulation.office import Answer, Item, Office

#: Under which name a project's type of adjustment is in the office's plans, by its code.
TYPE = "adjustment.type"
#: How much of what isn't spent is added or taken.
SHARE = Decimal("0.05")
_REASONS: Mapping[AdjustmentType, str] = {
    AdjustmentType.INCREASE: "POLICY",
    AdjustmentType.RECLAIM: "SURPLUS",
}


def fill(office: Office, item: Item) -> Answer:
    """The clerk asks for what was planned; a target changes with the money, or it is said why it stays."""
    task = office.view(item)
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    form = office.page(item, "budget_adjustment")
    form.pop("amount_after", None)
    planned = office.plans.get((TYPE, task.variables["project"]["code"]), AdjustmentType.GOAL_ONLY)
    kind = AdjustmentType[planned]
    before, spent = number(form["amount_before"]) or Decimal(0), number(form["executed"]) or Decimal(0)
    moved = round_half_up(max(Decimal(0), before - spent) * SHARE, 2)
    delta = Decimal(0) if kind == AdjustmentType.GOAL_ONLY else moved
    form |= {
        "adj_type": kind.value,
        "amount_delta": delta if kind == AdjustmentType.INCREASE else -delta,
        "reason": _REASONS.get(kind, "OTHER"),
        "basis": "县政府常务会议纪要",
        "reason_note": "实施条件变化，按批准的方案调整年度任务和资金。",
        "impact": "年度任务相应调整，质量要求不变。",
    }
    if kind == AdjustmentType.RECLAIM:
        form["destination"] = "收回财政统筹使用"
    form["indicators"] = [dict(row) for row in form["indicators"]]
    if kind == AdjustmentType.GOAL_ONLY:
        form["goal_annual"] = f"{form['goal_annual']}（按批准的方案调整年度任务）"
        _lower(form["indicators"])
    else:
        form["goal_kept"] = "调整的是结余和新增需求，年度任务和指标不变。"
    return Answer("提交", form)


def _lower(rows: list[dict[str, Any]]) -> None:
    """Lower the first target that is a quantity by a tenth."""
    for row in rows:
        target = number(row.get("target_value"))
        if target is not None and row["level2"] == "QUANTITY" and row["operator"] == "GE":
            row["target_value"] = f"{round_half_up(target * Decimal('0.9'), 2):f}"
            return


def agree(_office: Office, _item: Item) -> Answer:
    """The head of the unit, the budget section and the leaders agree."""
    return Answer("同意", opinion="同意调整。")


def review(_office: Office, _item: Item) -> Answer:
    """The section reviews the goal anew by its four dimensions."""
    return Answer("同意", points_of(92) | {"opinion": "调整理由充分，目标与资金匹配。"}, "同意调整。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_adjustment": fill,
    "unit_sign": agree,
    "section_review": review,
    "budget_decision": agree,
    "deputy_decision": agree,
    "leader_decision": agree,
}
