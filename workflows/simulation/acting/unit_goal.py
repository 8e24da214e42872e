"""A unit's overall goal: sound sums, the register's projects, approved as it stands; a secret unit handles it offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.answers import number
from workflows.simulation.office import Answer, Item, Office

#: What a unit spends on staff and on running itself, 万元.
PERSONNEL, RUNNING = Decimal(120), Decimal(30)


def fill(office: Office, item: Item) -> Answer:
    """The clerk fills the form in."""
    task = office.view(item)
    if task.variables["unit"]["secret"]:
        return Answer("涉密线下办理")
    projects = number(task.variables["projects_amount"]) or Decimal(0)
    total = projects + PERSONNEL + RUNNING
    rows: list[dict[str, Any]] = [
        _row("OUTPUT", "QUANTITY", "重点任务完成数", "5", "项"),
        _row("BENEFIT", "SOCIAL", "服务事项按时办结率", "95", "%"),
        _row("SATISFACTION", "SATISFACTION", "服务对象满意度", "90", "%"),
    ]
    form = dict(task.answers) | {
        "dept_function": task.answers.get("dept_function") or "履行部门职责",
        "basic_personnel": PERSONNEL,
        "basic_public": RUNNING,
        "project_amount": projects,
        "total_amount": total,
        "fund_general": total,
        "goals": [{"text": "完成5项重点任务，服务事项按时办结率达到95%，服务对象满意度达到90%"}],
        "tasks": [{"name": "履行部门职责", "content": "完成年度重点任务和日常工作", "total": total}],
        "indicators": rows,
        "secret_flag": False,
    }
    return Answer("提交", form)


def _row(level1: str, level2: str, name: str, target: str, unit: str) -> dict[str, Any]:
    return {
        "level1": level1,
        "level2": level2,
        "level3_name": name,
        "nature": "QUANT",
        "operator": "GE",
        "target_value": target,
        "unit": unit,
    }


def saying(outcome: str, opinion: str) -> Callable[[Office, Item], Answer]:
    """Return the answer of somebody who agrees."""

    def answer(_office: Office, _item: Item) -> Answer:
        return Answer(outcome, opinion=opinion)

    return answer


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_unit_goal": fill,
    "unit_sign": saying("同意", "同意申报。"),
    "coach": saying("辅导完毕", "目标明确，任务与资金匹配。"),
    "section_review": saying("同意", "同意报批。"),
    "approve_unit_goal": saying("批复", "同意批复。"),
}
