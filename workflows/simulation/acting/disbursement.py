"""A payment: asked for as planned, signed by those whom its amount calls, held where the money is, and paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget import holds
from budget.answers import number
from budget.disbursements import Decision
from budget.money import round_half_up
from budget.quality.disbursement_checks import rushes
from workflows.simulation.office import Answer, Item, Office

#: Under which name a request's amount in 万元 is in the office's plans, by the project's code.
AMOUNT = "disbursement.amount"
#: How often works are behind what is asked for, and how often the section, or the performance section, has doubts.
BEHIND, DOUBTED = 0.2, 0.08
#: What D06 says where a payment runs ahead of the works (DQ25); less is asked for then.
_AHEAD = "付款比例超前形象进度"
#: Nobody waits any longer for money of the year: month and day.
_TOO_LATE = (12, 1)
_DOUBTS: Mapping[str, str] = {
    "退回补正": "支付依据不完整，请补充合同和验收资料。",
    "暂缓": "实施进度与申请不符，待核实后再议。",
}


def fill(office: Office, item: Item) -> Answer:
    """The clerk asks for what was planned, and for no more than the budget leaves."""
    task = office.view(item)
    facts = task.variables["facts"]
    form = office.page(item, "disbursement_request")
    budget, paid = Decimal(facts["budget"]), Decimal(facts["paid_cum"])
    tenth = round_half_up(budget / 10, 2)
    planned = Decimal(office.plans.get((AMOUNT, task.variables["project"]["code"]), tenth))
    left = budget - paid
    if left <= 0:
        return Answer("不再申请", opinion="年度资金已经全部拨付。")
    form |= {"amount": round_half_up(min(planned, left), 2), "purpose": "按合同约定支付项目款项"}
    if facts["works"]:
        ratio = round_half_up((paid + form["amount"]) * 100 / budget, 0)
        slow = task.round == 1 and office.random.random() < BEHIND
        form |= {
            "contract_amount": budget,
            "physical_progress": max(Decimal(0), ratio - 30) if slow else min(Decimal(100), ratio + 1),
            "pay_term": "按形象进度支付",
        }
    if rushes(form, facts, task.variables["profile"]["disbursement"], office.today.month):
        form["rush_reason"] = "合同约定本月付款，资料已经齐全"
    return Answer("提交", office.page(item, "disbursement_request", form))


def sign(_office: Office, _item: Item) -> Answer:
    """The head of the unit signs."""
    return Answer("同意", {"truthful": True}, "情况属实。")


def opinion(office: Office, _item: Item) -> Answer:
    """An office agrees, or has doubts."""
    return _doubt(office) or Answer("同意", {}, "同意拨付。")


def questions(office: Office, item: Item) -> Answer:
    """The performance section answers its four questions from what was monitored."""
    form = office.page(item, "disbursement_questions")
    if number(form.get("q3_progress")) is None:
        form["q3_progress"] = Decimal(office.today.month * 8)
    form["q4_achievement"] = form.get("q4_achievement") or "按计划推进，目标尚在实施期内。"
    doubt = _doubt(office)
    return Answer(doubt.outcome, form, doubt.opinion) if doubt else Answer("同意", form, "同意拨付。")


def _doubt(office: Office) -> Answer | None:
    if office.random.random() >= DOUBTED:
        return None
    outcome = office.random.choice(list(_DOUBTS))
    return Answer(outcome, {}, _DOUBTS[outcome])


def agree(_office: Office, _item: Item) -> Answer:
    """A leader signs."""
    return Answer("同意", {}, "同意。")


def wait(office: Office, item: Item) -> Answer | None:
    """The unit amends what ran ahead or was doubted; else it waits until the money is released, to the year's end."""
    review: Mapping[str, Any] = office.view(item).variables["review"]
    if review["decision"] == Decision.HOLD and (
        review["reason"] == _AHEAD or review["reason"].startswith("审核意见")
    ):
        return Answer("修改后重新送审", {"note": "已按实际进度核实。"})
    if office.today >= date(office.today.year, *_TOO_LATE):
        return Answer("不再申请", {"note": ""}, "年内不再申请。")
    return None


def decide_held(office: Office, _item: Item) -> Answer:
    """The head of the bureau keeps it on hold; late in the year it goes back to the unit."""
    late = office.today >= date(office.today.year, *_TOO_LATE)
    return Answer("退回申请" if late else "继续暂缓", {"note": ""}, "按规定办理。")


def pay(office: Office, item: Item) -> Answer | None:
    """The treasury pays and reports back; where the money was put on hold meanwhile it waits."""
    project = int(office.view(item).variables["project"]["id"])
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        if holds.in_force(session, project, office.clock.now()):
            return None
    form = office.page(item, "disbursement_receipt")
    form |= {"paid_on": office.today.isoformat(), "voucher_no": f"拨{item.instance_id:06d}"}
    return Answer("已拨付", form)


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "fill_request": fill,
    "sign_request": sign,
    "section_opinion": opinion,
    "perf_opinion": questions,
    "invest_opinion": agree,
    "supervise_opinion": agree,
    "approve": agree,
    "held": wait,
    "decide_held": decide_held,
    "pay": pay,
}
