"""An engagement of a third party: one agency is procured for all projects of the year's list, and does its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from workflows.simulation.office import Answer, Item, Office

#: Under which name the codes of the projects are in the office's plans, by the code of the project that it begins from.
OBJECTS = "engagement.objects"
#: What is asked and paid for an engagement, in 万元, the agency, and how many days the work may take.
BUDGET, PRICE, AGENCY, DAYS = 80, 72, "A01", 150


def demand(office: Office, item: Item) -> Answer:
    """The performance section asks for key evaluations of all projects that were chosen."""
    project = office.view(item).variables["project"]
    codes = office.plans.get((OBJECTS, project["code"]), [project["code"]])
    form = {
        "title": f"{project['year']}年度重点评价服务采购",
        "kind": "EVALUATE",
        "method": "NEGOTIATION",
        "budget": BUDGET,
        "objects": [{"code": code, "name": ""} for code in codes],
        "requirement": "按国家评价办法开展评价，主评人到场，底稿齐全。",
    }
    return Answer("送审", form)


def agree(_office: Office, _item: Item) -> Answer:
    """The deputy leader agrees."""
    return Answer("同意", opinion="同意。")


def award(office: Office, item: Item) -> Answer:
    """The procurement was announced for as long as the county asks; one agency bid and won."""
    days = int(office.view(item).variables["profile"]["engagement"]["notice_days"])
    form = {
        "procurement_no": f"集采〔{office.today.year}〕001号",
        "notice_from": (office.today - timedelta(days=days)).isoformat(),
        "notice_until": office.today.isoformat(),
        "bids": [{"bidder": AGENCY, "price": PRICE, "score": 90}],
        "winner": AGENCY,
    }
    return Answer("中标", form)


def sign(office: Office, _item: Item) -> Answer:
    """The contract is signed."""
    form = {
        "contract_no": f"HT{office.today:%Y%m%d}",
        "contract_amount": PRICE,
        "leader": "主评人",
        "signed_on": office.today.isoformat(),
        "due_on": (office.today + timedelta(days=DAYS)).isoformat(),
        "independent": True,
    }
    return Answer("签订", form)


def deliver(_office: Office, _item: Item) -> Answer:
    """The agency delivers."""
    works = [{"name": "评价报告和工作底稿", "copies": 2}]
    return Answer("提交", {"works": works, "statement": "按合同完成。", "signed": True})


def assess(office: Office, item: Item) -> Answer:
    """The performance section gives most of the points."""
    rows = [
        dict(row) | {"score": round(float(row["points"]) * 0.9, 1), "reason": "个别底稿补充后齐全。"}
        for row in office.view(item).variables["scores"]
    ]
    return Answer("验收通过", {"scores": rows, "comment": "成果符合合同要求。"})


def draw(office: Office, _item: Item) -> Answer:
    """One agency is drawn."""
    return Answer("抽取", {"draw_number": 1, "seed": f"{office.today:%m%d}"})


def confirm(_office: Office, _item: Item) -> Answer:
    """The chief confirms the payment."""
    return Answer("确认", {"paid": PRICE})


def receive(_office: Office, _item: Item) -> Answer:
    """The treasury signs for the notice of payment."""
    return Answer("签收", {"note": ""})


def pay(office: Office, item: Item) -> Answer:
    """The treasury pays and reports back."""
    form = {"paid_on": office.today.isoformat(), "voucher_no": f"付{item.instance_id:06d}"}
    return Answer("已付款", form)


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "draft_demand": demand,
    "approve_demand": agree,
    "draw_lot": draw,
    "procure": award,
    "sign_contract": sign,
    "deliver": deliver,
    "assess": assess,
    "settle": confirm,
    "sign_notice": receive,
    "pay": pay,
}
