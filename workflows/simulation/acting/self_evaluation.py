"""A self-evaluation: what was reached is reported, and the money spent makes the score that the year is to have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.money import round_half_up
from engine.engine import Reply
from workflows.simulation.office import Answer, Item, Office

#: Under which name a project's wanted score is in the office's plans.
WANTED = "selfeval.score"
#: Under which name it is in the plans that a unit refuses to evaluate a project, by the project's code.
REFUSED = "selfeval.refused"


def fill(office: Office, item: Item) -> Answer | None:
    """The clerk reports that the targets were reached, and as much spent as leads to the wanted score; a few refuse."""
    if (REFUSED, str(item.instance_id)) in office.plans:
        return None
    task = office.view(item)
    project = task.variables["project"]
    if (REFUSED, project["code"]) in office.plans:
        office.plans[REFUSED, str(item.instance_id)] = True
        return None
    if project["secret"]:
        return Answer("涉密线下办理")
    if task.pins:
        replies = {pin.id: Reply("explained", "已核实，情况属实。") for pin in task.pins if pin.open}
        return Answer("提交", task.answers, replies=replies)
    form = office.page(item, "self_evaluation")
    budget, weight = Decimal(form["budget_full"]), Decimal(form["exec_weight"])
    wanted = Decimal(office.plans.get((WANTED, project["code"]), 100))
    rate = max(Decimal(0), min(Decimal(1), 1 - (100 - wanted) / weight)) if weight else Decimal(1)
    form |= {
        "executed_full": round_half_up(budget * rate, 2),
        "goal_actual": "年度总体目标全部完成，各项指标达到批复值，资金使用合规，服务对象反映良好，持续发挥效益。",
        "indicators": [_row(dict(row)) for row in form["indicators"]],
        "problems": "前期准备时间偏长，资金支付集中在下半年。",
        "improvement": "提前开展前期工作，按季度均衡支付。",
        "survey_sample": 60,
        "survey_population": 900,
        "filler": item.actor.name,
        "dq_reasons": [
            {"check": check, "reason": "材料随纸质报告另行报送，已经核对无误"}
            for check in ("DQ18", "DQ19", "DQ20", "DQ21")
        ],
    }
    return Answer("提交", office.page(item, "self_evaluation", form))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    if row["method"] == "QUAL":
        return row | {"band": "ACHIEVED", "actual": "已达到", "evidence": "工作总结"}
    reached = row["target"] if row["method"] == "DATE" else f"{row['target_value']:f}"
    return row | {"actual": reached, "evidence": "验收单"}


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True}, "同意上报。")


def agree(_office: Office, _item: Item) -> Answer:
    """The department, and the section, agree."""
    return Answer("同意", opinion="同意。")


def review(office: Office, item: Item) -> Answer:
    """The performance section confirms the unit's score in a sample."""
    shown = {document.name: document.body for document in office.view(item).shows}
    score = round_half_up(Decimal(shown["evaluation"]["total_score"]), 2)
    return Answer("确认", {"review_score": score, "review_note": "抽查情况属实。"}, "抽查情况属实。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_evaluation": fill,
    "unit_sign": sign,
    "department_review": agree,
    "section_check": agree,
    "perf_review": review,
}
