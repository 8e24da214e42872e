"""A key evaluation: the chief says who evaluates, the team works through it, the unit has no objection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from budget.key_framework import framework
from workflows.demo import key_evaluations as forms
from workflows.simulation.office import Answer, Item, Office

#: Under which names a project's wanted score, and whether the bureau evaluates itself, are in the office's plans.
WANTED, BUREAU = "keyeval.score", "keyeval.bureau"
#: What a county that asks for more than the national framework adds to the second level.
_SECOND = ("可持续影响", "满意度")


def wait(_office: Office, _item: Item) -> None:
    """Nothing is done before the unit's self-evaluation is accepted: the evaluation goes on by itself."""


def assign(office: Office, item: Item) -> Answer:
    """The chief follows the plan of who evaluates, with a reason where the table proposes another."""
    variables = office.view(item).variables
    bureau = bool(office.plans.get((BUREAU, variables["project"]["code"])))
    chosen = "BUREAU" if bureau else "THIRD_PARTY"
    reason = None if variables["proposed"] == chosen else "按年度评价工作安排确定"
    answer = forms.assignment(None if bureau else "A01", leader="主评人", reason=reason)
    return Answer("确定", answer)


def receive(_office: Office, _item: Item) -> Answer:
    """The unit signs for the notice."""
    return Answer("签收", forms.notice("单位经办"))


def meet(office: Office, _item: Item) -> Answer:
    """The coordination meeting is held."""
    return Answer("已召开", forms.meeting(office.today, office.today + timedelta(days=7)))


def plan(office: Office, item: Item) -> Answer:
    """The team draws up its plan with as many indicators as the county asks for."""
    rules = office.view(item).variables["profile"]["key_evaluation"]
    return Answer(
        "报送方案",
        forms.plan(indicators(int(rules["level2_min"]) + 1, int(rules["level3_min"]) + 4)),
    )


def indicators(second: int, third: int) -> list[dict[str, Any]]:
    """Return the national framework with its largest indicators divided, until there are as many as wanted."""
    rows: list[dict[str, Any]] = [dict(row) for row in framework()]
    more = iter(_SECOND[: max(0, second - len({row["level2"] for row in rows}))])
    while len(rows) < third:
        largest = max(range(len(rows)), key=lambda place: Decimal(rows[place]["points"]))
        row = rows[largest]
        half = (Decimal(row["points"]) / 2).quantize(Decimal("0.5"))
        part = row | {
            "level3": f"{row['level3']}（分项{len(rows)}）",
            "points": Decimal(row["points"]) - half,
        }
        if row["level1"] == "BENEFIT":
            part["level2"] = next(more, row["level2"])
        rows[largest] = row | {"points": half}
        rows.append(part)
    return rows


def collect(office: Office, _item: Item) -> Answer:
    """The working papers are complete."""
    return Answer("底稿齐全", forms.papers(office.today))


def report(outcome: str) -> Callable[[Office, Item], Answer]:
    """Return how the report is written, as a draft and in the end."""

    def write(office: Office, item: Item) -> Answer:
        variables = office.view(item).variables
        wanted = Decimal(office.plans.get((WANTED, variables["project"]["code"]), 84))
        issues = () if wanted >= 90 else ("部分内容未按期完成，绩效自评偏松。",)
        return Answer(outcome, forms.draft(variables["scores"], wanted, leader="主评人", issues=issues))

    return write


def no_objection(_office: Office, _item: Item) -> Answer:
    """The unit has no objection."""
    return Answer("无异议")


def agree(_office: Office, _item: Item) -> Answer:
    """The chief agrees to the plan."""
    return Answer("同意", opinion="同意。")


def approve(_office: Office, item: Item) -> Answer:
    """The chief approves the final report."""
    return Answer("同意定稿", {"approved": True, "approver": item.actor.name}, "同意定稿。")


def expert(_office: Office, item: Item) -> Answer:
    """An expert agrees."""
    form = {"verdict": "AGREE", "expert_opinion_text": "方法得当，结论可靠。", "expert_name": item.actor.name}
    return Answer("提交意见", form)


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "ask_self": wait,
    "assign_team": assign,
    "receive_notice": receive,
    "hold_meeting": meet,
    "draft_plan": plan,
    "review_plan": expert,
    "approve_plan": agree,
    "collect": collect,
    "write_draft": report("提交初稿"),
    "ask_opinions": no_objection,
    "review_report": expert,
    "finish_report": report("签字定稿"),
    "approve_report": approve,
}
