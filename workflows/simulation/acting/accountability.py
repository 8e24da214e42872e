"""Accountability after a failed rectification: the proposed measure, heard without objection, signed and received."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office


def draft(office: Office, item: Item) -> Answer:
    """The performance section follows the table of measures."""
    variables = office.view(item).variables
    proposal = variables["proposal"]
    facts = [{"fact": fact, "basis": "本县预算绩效管理办法"} for fact in variables["items"]]
    form = {
        "facts": facts,
        "measure": proposal["measure"],
        "points": proposal["points"],
        "demand": "查明原因，限期整改，整改情况报绩效股。",
    }
    return Answer("听取单位意见", form)


def hear(_office: Office, _item: Item) -> Answer:
    """The unit has no objection."""
    return Answer("无异议")


def sign(_office: Office, _item: Item) -> Answer:
    """The leader signs."""
    return Answer("同意", {"heard_right": True}, "同意。")


def talk(office: Office, _item: Item) -> Answer:
    """The talk is held on the day."""
    form = {
        "held_on": office.today.isoformat(),
        "chaired_by": "分管局领导",
        "attendees": "单位负责人",
        "points_made": "指出问题，提出要求。",
        "commitments": "一个月内整改到位。",
    }
    return Answer("已约谈", form)


def receive(_office: Office, _item: Item) -> Answer:
    """The unit signs for the decision."""
    return Answer("签收", {"read": True, "plan": "专人负责，限期整改。"})


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "draft_notice": draft,
    "hear_unit": hear,
    "sign": sign,
    "hold_talk": talk,
    "sign_receipt": receive,
}
