"""Oversight by the people's congress: it inspects a project on the day that was set, has two opinions, and is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from workflows.simulation.office import Answer, Item, Office


def arrange(office: Office, _item: Item) -> Answer:
    """The performance section arranges the inspection."""
    form = {
        "planned_on": (office.today + timedelta(days=10)).isoformat(),
        "led_by": "人大常委会领导",
        "members": "部分常委会委员、人大代表，财经委、社建委、城环工委",
        "links": ["DECLARATION", "EXECUTION"],
        "materials": "项目管理情况、绩效评价报告",
    }
    return Answer("通知单位", form)


def prepare(_office: Office, _item: Item) -> Answer:
    """The unit reports on the project."""
    return Answer("报送", {"brief": "项目按计划实施，资金专款专用，绩效目标基本实现。", "contact": "经办人"})


def record(office: Office, _item: Item) -> Answer:
    """What the congress said is noted."""
    form = {
        "held_on": office.today.isoformat(),
        "present": "人大视察组、项目单位负责人",
        "findings": "现场走访群众，听取绩效评价报告和项目管理情况。",
        "opinions": [
            {"link": "EXECUTION", "opinion": "加快项目进度，及时支付资金。", "rectify": False},
            {"link": "PUBLICATION", "opinion": "项目绩效信息应当向群众公开。", "rectify": False},
        ],
    }
    return Answer("提交", form)


def answer(office: Office, item: Item) -> Answer:
    """The unit answers each opinion."""
    given = office.view(item).variables["opinions"]
    return Answer("报送", {"answers": [{"no": one["no"], "answer": "已采纳，正在落实。"} for one in given]})


def review(office: Office, _item: Item) -> Answer:
    """The answers go to the congress."""
    return Answer("报送人大", {"doc_no": "财绩函1号", "sent_on": office.today.isoformat()}, "同意报送。")


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "arrange": arrange,
    "prepare": prepare,
    "record": record,
    "answer": answer,
    "review": review,
}
