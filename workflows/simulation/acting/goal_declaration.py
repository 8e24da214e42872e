"""A goal declaration: most are sound at once, some come back, a few are refused (domain §9.4: 18 %, again 4 %)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from budget.quality.table_checks import EXECUTION
from budget.quality.thresholds import Thresholds
from engine.engine import NewPin, Reply
from workflows.demo import declarations
from workflows.simulation.acting import joint_review
from workflows.simulation.office import Answer, Item, Office

#: How often a section sends a first and a later round back.
RETURNED, RETURNED_AGAIN = 0.18, 0.04
#: How the budget section grades: the mean and the spread of the points that the section gives.
POINTS = (92.0, 5.0)
_MAXIMA: Mapping[str, int] = {
    **dict.fromkeys(("completeness_norm", "completeness_clear", "relevance_goal", "relevance_indicator"), 10),
    **dict.fromkeys(("appropriate_perf", "appropriate_fund", "feasible_possible", "feasible_condition"), 15),
}


def fill(office: Office, item: Item) -> Answer:
    """The clerk fills the form in; a secret project is handled offline."""
    task = office.view(item)
    if task.variables["project"]["secret"]:
        return Answer("涉密线下办理")
    if task.round > 1 or task.pins:
        return correct(office, item)
    weights = None
    if task.answers["project_category"] == "SPECIFIC":
        shares = Thresholds.read(task.variables["profile"]["quality"]).weights
        weights = {level: share for level, share in shares.items() if level != EXECUTION}
    form = declarations.sound(task.answers, office.random, head="单位负责人", weights=weights)
    return Answer("提交", form)


def correct(office: Office, item: Item) -> Answer:
    """The clerk changes what was asked for, and answers each opinion."""
    task = office.view(item)
    form = dict(task.answers)
    form["basis_necessity"] = (
        f"{form['basis_necessity']}现有条件不能满足需要，不实施将影响服务对象（第{task.round}轮补充）。"
    )
    replies = {pin.id: Reply("changed", "已按意见补充说明。") for pin in task.pins if pin.open}
    return Answer("提交", form, replies=replies)


def sign(_office: Office, item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True, "signer": item.actor.name, "sign_note": ""}, "同意申报。")


def review(office: Office, item: Item) -> Answer:
    """The section gives points, or sends the form back."""
    if office.random.random() < (RETURNED if item.round == 1 else RETURNED_AGAIN):
        pin = NewPin("goal", "basis_necessity", None, "请结合现状和需求说明为什么要做。")
        return Answer("退回补正", opinion="必要性论证不充分，请按逐条意见补正。", pins=[pin])
    points = min(100, max(40, round(office.random.gauss(*POINTS))))
    return Answer("同意", points_of(points) | {"opinion": "目标明确，资金与任务匹配。"}, "同意报批。")


def points_of(total: int) -> dict[str, Any]:
    """Return a review form's points with a given total."""
    left = 100 - total
    points: dict[str, Any] = {}
    for name, most in _MAXIMA.items():
        off = min(left, round(most * (100 - total) / 100 + 0.5), most)
        points[name], left = most - off, left - off
    return points | {"sample_candidate": False}


def decide(office: Office, item: Item) -> Answer:
    """The budget section follows the proposed grade."""
    grade = office.view(item).variables["proposed_grade"]
    outcome = {"优": "优：批复", "良": "良：协商完善", "中": "中：重新送审", "差": "差：不予通过"}[grade]
    pins = [NewPin("goal", "basis_necessity", None, "请补充必要性的依据。")] if grade in ("良", "中") else []
    return Answer(outcome, {}, "按初审意见办理。", pins)


def confirm(_office: Office, _item: Item) -> Answer:
    """The section confirms what was refined."""
    return Answer("同意", opinion="已完善到位。")


def agree(_office: Office, _item: Item) -> Answer:
    """The department passes a goal on; the bureau's leader signs what was decided."""
    return Answer("同意", opinion="同意。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    **joint_review.ANSWERS,
    "department_review": agree,
    "leader_sign": agree,
    "fill_goal": fill,
    "refine_goal": correct,
    "unit_sign": sign,
    "section_review": review,
    "budget_decision": decide,
    "confirm_refined": confirm,
}
