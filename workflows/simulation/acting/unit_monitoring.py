"""The monitoring of a department as a whole: what its projects add up to, on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from budget.answers import number
from budget.money import round_half_up
from engine.engine import Reply
from workflows.simulation.office import Answer, Item, Office


def fill(office: Office, item: Item) -> Answer:
    """The clerk reports the department's spending and how far its overall goal has come."""
    task = office.view(item)
    if task.variables["unit"]["secret"]:
        return Answer("涉密线下办理")
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    form = office.page(item, "unit_monitoring")
    budget = number(form.get("budget")) or number(form.get("project_budget")) or Decimal(100)
    planned = (number(form.get("plan_rate")) or Decimal(0)) / 100
    form |= {
        "budget": budget,
        "executed": round_half_up(budget * planned, 2),
        "forecast_exec": budget,
        "progress": "各项工作按计划推进。",
        "likelihood": "CERTAIN",
    }
    return Answer("提交", office.page(item, "unit_monitoring", form))


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True}, "同意上报。")


def review(_office: Office, _item: Item) -> Answer:
    """The section finds the report true."""
    return Answer("同意", opinion="情况属实。")


def gather(_office: Office, _item: Item) -> Answer:
    """The performance section gathers."""
    return Answer("纳入汇总", opinion="纳入汇总。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_report": fill,
    "unit_sign": sign,
    "section_review": review,
    "gather": gather,
}
