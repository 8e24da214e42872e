"""What the demo county's people answer where the simulated county's don't, or would answer otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

from budget.answers import number
from workflows.demo import key_evaluations
from workflows.simulation.acting import answers as simulated
from workflows.simulation.acting import rectification, self_evaluation
from workflows.simulation.office import Answer, Answering, Item, Office

#: Under which names single intentions are in the office's plans, by the project's code.
PAYMENT, ADJUSTMENT, RECTIFICATION = "payment", "adjustment", "rectification"
#: The money alone makes a score of ten points less; what a unit scores below is lost at its indicators.
_BY_MONEY = Decimal(90)
#: A row loses three fifths of its points at most.
_MOST = Decimal("0.6")


def agree(opinion: str = "同意。", form: Mapping[str, Any] | None = None) -> Callable[[Office, Item], Answer]:
    """Return the answer of somebody who agrees."""

    def answer(_office: Office, _item: Item) -> Answer:
        return Answer("同意", form, opinion)

    return answer


def _project(office: Office, item: Item) -> Mapping[str, Any]:
    found: Mapping[str, Any] = office.view(item).variables["project"]
    return found


def evaluate(office: Office, item: Item) -> Answer:
    """A unit evaluates itself: what the wanted score lacks beyond the money is lost at indicators, and explained."""
    wanted = Decimal(office.plans.get((self_evaluation.WANTED, _project(office, item)["code"]), 100))
    answer = self_evaluation.fill(office, item)
    lost = _BY_MONEY - wanted
    if lost <= 0 or answer.form is None or office.view(item).pins:
        return answer
    rows = [dict(row) for row in answer.form["indicators"]]
    for row in rows:
        weight = Decimal(row["weight"] or 0)
        if lost <= 0 or row["method"] != "POSITIVE" or not weight:
            continue
        part = min(lost, weight * _MOST)
        lost -= part
        reached = (Decimal(row["target_value"]) * (1 - part / weight)).quantize(Decimal("0.01"))
        row |= {"actual": f"{reached:f}", "cause": "前期手续办理较晚，部分任务跨年实施，已列入今年计划。"}
    improvement = "提前办理前期手续，按季度调度，未完成的任务今年上半年完成。"
    form = dict(answer.form) | {"indicators": rows, "improvement": improvement}
    return replace(answer, form=office.page(item, "self_evaluation", form))


def assign(office: Office, item: Item) -> Answer:
    """The chief entrusts the agency, and asks two of the experts who may."""
    offered = office.view(item).variables["expert_options"]
    reason = None if office.view(item).variables["proposed"] == "THIRD_PARTY" else "按年度评价工作安排确定"
    chosen = [one["value"] for one in offered[:2]]
    return Answer("确定", key_evaluations.assignment("A01", leader="朱主评", experts=chosen, reason=reason))


def draft(office: Office, item: Item) -> Answer:
    """The performance section draws up the notice; what somebody else found is written down as they said it."""
    said = office.plans.get((RECTIFICATION, _project(office, item)["code"]))
    if said is None:
        return rectification.draft(office, item)
    form = office.page(item, "rectification_notice")
    return Answer(
        "送签",
        form
        | {
            "issues": [
                {
                    "desc": said["issue"],
                    "category": said["category"],
                    "severity": "SERIOUS",
                    "evidence": said["evidence"],
                }
            ],
            "requirement": said["requirement"],
            "due_at": said["due_at"],
        },
    )


def ask(office: Office, item: Item) -> Answer:
    """A unit asks for a payment, for works no more than their progress allows."""
    variables = office.view(item).variables
    said, facts = office.plans[PAYMENT, variables["project"]["code"]], variables["facts"]
    amount, paid = Decimal(said["amount"]), number(facts.get("paid_cum")) or Decimal(0)
    form: dict[str, Any] = {
        "amount": amount,
        "purpose": said["purpose"],
        "pay_term": "按合同约定的进度支付",
        "rush_reason": "按合同约定的支付节点集中支付，不是突击花钱。",
    }
    if facts.get("works") is True:
        contract = number(facts["budget"]) or Decimal(1)
        share = (amount + paid) * 100 / contract
        progress = min(Decimal(100), share.to_integral_value(ROUND_CEILING))
        form |= {"contract_amount": contract, "physical_progress": progress}
    return Answer("提交", form)


def adjust(office: Office, item: Item) -> Answer:
    """A unit asks for an adjustment: the money, and the first target that goes with it."""
    said = office.plans[ADJUSTMENT, _project(office, item)["code"]]
    form = office.page(item, "budget_adjustment")
    rows = [dict(row) for row in form["indicators"]]
    counted = [row for row in rows if row["nature"] == "QUANT" and row["unit"] not in ("%", "日期")]
    less = said["type"] == "DECREASE"
    for row in counted[:1]:
        target = Decimal(row["target_value"])
        changed = target * (Decimal("0.9") if less else Decimal("1.1"))
        row["target_value"] = f"{changed.quantize(Decimal(1).scaleb(target.as_tuple().exponent)):f}"
    form.pop("amount_after", None)
    form |= {
        "adj_type": said["type"],
        "amount_delta": Decimal(said["delta"]),
        "reason": "POLICY",
        "basis": "县政府常务会议纪要第8号",
        "reason_note": "部分内容改列下年实施，相应调减。" if less else "补助对象增加，按标准相应追加。",
        "impact": "任务量相应调整，质量和时效要求不变。",
        "indicators": rows,
        "destination": "调减资金由财政统筹用于民生项目" if less else "",
    }
    return Answer("提交", form)


def propose(office: Office, item: Item) -> Answer:
    """An office sends its indicators for the library to the experts as it proposed them."""
    return Answer("送论证", {"indicators": office.view(item).answers["indicators"]})


def argue(_office: Office, _item: Item) -> Answer:
    """An expert finds them good."""
    return Answer("可以入库", {"conclusion": "指标明确、可衡量，参考值有依据，可以入库。", "opinions": []})


def finalise(_office: Office, _item: Item) -> Answer:
    """The performance section publishes all of them."""
    return Answer("发布", {"note": "按论证意见定版发布。"})


def approve(office: Office, item: Item) -> Answer:
    """The budget section approves goals as they were collected."""
    return Answer("报送审核", office.page(item, "goal_approval"))


#: What the performance section answers to the last two of its four questions (S5-03).
_QUESTIONS = {"q3_progress": 60, "q4_achievement": "按计划推进，已完成的内容达到目标要求。"}
_OWN: Mapping[tuple[str, str], Answering] = {
    ("self_evaluation", "fill_evaluation"): evaluate,
    ("rectification", "draft_notice"): draft,
    ("key_evaluation", "assign_team"): assign,
    ("disbursement", "fill_request"): ask,
    ("disbursement", "section_opinion"): agree("用途与项目一致。", {}),
    ("disbursement", "perf_opinion"): agree("同意拨付。", _QUESTIONS),
    ("budget_adjustment", "fill_adjustment"): adjust,
    ("indicator_library", "collect"): propose,
    ("indicator_library", "argue"): argue,
    ("indicator_library", "finalise"): finalise,
    ("goal_approval", "draft"): approve,
    ("goal_approval", "check"): agree("依据、个数和金额相符，同意报送。"),
    ("goal_approval", "sign"): lambda _office, _item: Answer("签发", None, "同意印发。"),
    ("goal_letter", "sign_receipt"): lambda _office, _item: Answer("签收", {}),
}


def answers() -> Mapping[tuple[str, str], Answering]:
    """Return what is answered at the steps of all processes, by process and element."""
    return {**simulated(), **_OWN}
