"""A campaign: the performance section plans what the year's calendar says, its chief issues it, and it is summed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office

#: Under which name a campaign's plan is in the office's plans, by its instance.
PLAN = "campaign.plan"


def prepare(office: Office, item: Item) -> Answer:
    """Plan what was intended when the campaign was begun."""
    return Answer("送审", office.plans[PLAN, str(item.instance_id)])


def issue(_office: Office, _item: Item) -> Answer:
    """Issue it as it was planned."""
    return Answer("签发", {"issue_note": "按期派发。"})


def wait(_office: Office, _item: Item) -> None:
    """Nothing is done before the deadline: it closes by itself."""


def sum_up(_office: Office, _item: Item) -> Answer:
    """File the summary."""
    return Answer("归档", {"results": "按期完成。", "problems": "", "next_steps": ""})


def publish(office: Office, _item: Item) -> Answer:
    """Draw up the notice about those who are late."""
    return Answer("已通报", {"bulletin_text": "请逾期单位立即补报。", "issued_on": office.today.isoformat()})


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "prepare_plan": prepare,
    "issue": issue,
    "follow_up": wait,
    "sum_up": sum_up,
    "draw_bulletin": publish,
}
