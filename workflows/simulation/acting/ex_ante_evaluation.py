"""An ex-ante evaluation: the unit argues, experts and the section score, some are reviewed again, most pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from budget.ex_ante import Level
from workflows.simulation.office import Answer, Item, Office

#: Under which name it is in the office's plans that a project is reviewed again, by its code.
REREVIEWED = "exante.rereviewed"
#: How projects are scored: the mean and the spread of totals.
POINTS = (91.0, 3.0)
_SENTENCE = "符合本县规划和部门职责，需求明确，测算有依据，组织和条件具备，资金来源合规，风险可控。"


def fill(office: Office, item: Item) -> Answer:
    """The unit argues all five aspects."""
    variables = office.view(item).variables
    if variables["project"]["secret"]:
        return Answer("涉密线下办理")
    return Answer("提交", report(variables["project"]["annual_amount"]))


def report(amount: Any) -> dict[str, Any]:
    """Return a filled report for an amount in 万元."""
    aspects = ("necessity", "economy", "goal_rational", "plan_feasible", "funding_legal")
    return {
        "kind": "NEW",
        "overview": "新增项目，解决本县公共服务的实际需要。",
        **dict.fromkeys(aspects, _SENTENCE * 2),
        "costs": [{"name": "项目实施", "cost": Decimal(str(amount)), "basis": "市场询价和同类项目单价"}],
        "objective": True,
    }


def agree(_office: Office, _item: Item) -> Answer:
    """The head of the unit, the department, a leader agree."""
    return Answer("同意", opinion="同意。")


def accept(outcome: str) -> Callable[[Office, Item], Answer | None]:
    """Return how the performance section chooses as many experts as are needed; it waits where too few may."""

    def choose(office: Office, item: Item) -> Answer | None:
        variables = office.view(item).variables
        offered = [one["value"] for one in variables["expert_choices"]]
        needed = int(variables["needed"])
        if len(offered) < needed:
            return None
        return Answer(outcome, {"experts": office.random.sample(offered, needed)})

    return choose


def invest(_office: Office, _item: Item) -> Answer:
    """The investment centre finds the project sound."""
    form = {
        "invest_score": 90,
        "cut_amount": 0,
        "qualified": True,
        "invest_opinion": "概算合理，建设条件具备。",
    }
    return Answer("提交", form)


def score(office: Office, item: Item) -> Answer:
    """A reviewer gives points around the mean."""
    wanted = max(70, min(100, round(office.random.gauss(*POINTS))))
    return Answer("提交", sheet(office.view(item).variables["scores"], wanted))


def sheet(rows: list[Mapping[str, Any]], wanted: int) -> dict[str, Any]:
    """Return a filled form F6 whose twenty items add up to ``wanted`` (at least 60), each excellent, good or fair."""
    missing = 100 - wanted
    filled = []
    for place, row in enumerate(rows):
        off = missing // len(rows) + (place < missing % len(rows))
        filled.append(dict(row) | {"level": list(Level)[off].value, "score": 5 - off})
    return {"scores": filled, "opinion_text": "立项必要，方案可行，测算基本合理。"}


def check(office: Office, item: Item) -> Answer:
    """The chief submits the result; what is planned is reviewed again by two experts."""
    variables = office.view(item).variables
    form = {"check_opinion": "打分客观，意见明确。"}
    again = (REREVIEWED, variables["project"]["code"]) in office.plans
    if not again or variables["rereviewed"]:
        return Answer("提交审定", form)
    offered = [one["value"] for one in variables["expert_choices"]]
    return Answer("提请专家复评", form | {"rereviewers": office.random.sample(offered, 2)})


def again(_office: Office, _item: Item) -> Answer:
    """A rejected unit improves its report and applies again."""
    return Answer("完善后重报")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_report": fill,
    "unit_sign": agree,
    "department_review": agree,
    "accept_report": accept("受理"),
    "replace_experts": accept("提交"),
    "invest_review": invest,
    "score_project": score,
    "check_result": check,
    "rereview": score,
    "approve_result": agree,
    "decide_resubmit": again,
}
