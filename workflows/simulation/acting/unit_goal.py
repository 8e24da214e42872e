"""A department's overall goal: its projects' money and what it needs to run, a goal and its tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from budget.answers import number
from engine.engine import Reply
from workflows.simulation.office import Answer, Item, Office

#: Under which name a unit's basic spending in 万元 is in the office's plans, by the unit's code.
BASIC = "unit_goal.basic"


def fill(office: Office, item: Item) -> Answer:
    """The clerk declares the department's money, goals and tasks."""
    task = office.view(item)
    unit = task.variables["unit"]
    if unit["secret"]:
        return Answer("涉密线下办理")
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    projects = number(task.answers.get("project_amount")) or Decimal(0)
    basic = Decimal(office.plans.get((BASIC, unit["code"]), 100))
    public = (basic / 4).quantize(Decimal("0.01"))
    total = projects + basic
    rows = (
        ("OUTPUT", "QUANTITY", "完成重点工作任务", "GE", "12", "项", "POSITIVE"),
        ("OUTPUT", "QUALITY", "重点工作办结率", "GE", "95", "%", "POSITIVE"),
        ("BENEFIT", "SOCIAL", "服务对象覆盖人数", "GE", "1200", "人", "POSITIVE"),
        ("SATISFACTION", "SATISFACTION", "服务对象满意度", "GE", "90", "%", "POSITIVE"),
    )
    keys = ("level1", "level2", "level3_name", "operator", "target_value", "unit", "direction")
    form = dict(task.answers) | {
        "basic_personnel": basic - public,
        "basic_public": public,
        "project_amount": projects,
        "total_amount": total,
        "fund_general": total,
        "fund_gov_fund": Decimal(0),
        "fund_state_capital": Decimal(0),
        "fund_other": Decimal(0),
        "staff_quota": 20,
        "staff_actual": 20,
        "goals": [{"text": "完成重点工作任务12项，办结率不低于95%，服务对象覆盖1200人，满意度不低于90%。"}],
        "tasks": [
            {"name": "履行部门职责", "content": "组织实施年度重点工作和项目", "total": projects or basic}
        ],
        "indicators": [
            dict(zip(keys, row, strict=True)) | {"nature": "QUANT", "_row": f"r{place}"}
            for place, row in enumerate(rows, 1)
        ],
        "secret_flag": False,
    }
    return Answer("提交", form)


def agree(_office: Office, _item: Item) -> Answer:
    """The head, and the section, agree."""
    return Answer("同意", opinion="同意。")


def coach(_office: Office, _item: Item) -> Answer:
    """An expert has gone through it with the unit."""
    return Answer("辅导完毕", opinion="目标清晰，任务与资金匹配。")


def approve(_office: Office, _item: Item) -> Answer:
    """The budget section approves."""
    return Answer("批复", opinion="同意批复。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_unit_goal": fill,
    "unit_sign": agree,
    "coach": coach,
    "section_review": agree,
    "approve_unit_goal": approve,
}
