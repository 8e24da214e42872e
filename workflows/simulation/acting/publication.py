"""A publication: the unit confirms all, the performance section agrees, both websites show it on the day that was set."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office


def confirm(office: Office, item: Item) -> Answer:
    """The unit publishes every item."""
    return Answer("确认公开内容", office.page(item, "publication_content") | {"confirmed": True})


def review(_office: Office, _item: Item) -> Answer:
    """The performance section has nothing against it."""
    return Answer("同意公开", {"remark": "内容与批复、确认的一致。"}, "同意公开。")


def hear(_office: Office, _item: Item) -> None:
    """Nobody objects."""


def settle(_office: Office, _item: Item) -> Answer:
    """An objection turns out to be none."""
    return Answer("异议不成立", {"answer": "经核实，公开内容与批复的一致。"})


def _post(host: str) -> Callable[[Office, Item], Answer]:
    def post(office: Office, item: Item) -> Answer:
        """The page went online on the day from which it might; its address is filled in some days later."""
        variables = office.view(item).variables
        about = variables["publication"]
        return Answer(
            "已发布",
            {
                "url": f"https://{host}/{about['year']}/{about['kind'].lower()}/{variables['unit']['code']}.html",
                "published_on": variables["release_on"],
            },
        )

    return post


def deliver(office: Office, _item: Item) -> Answer:
    """A limited circle gets it on paper."""
    return Answer(
        "已送达", {"recipients": "领导小组成员单位、被评价单位", "delivered_on": office.today.isoformat()}
    )


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "confirm_content": confirm,
    "review_content": review,
    "hear": hear,
    "settle_objection": settle,
    "post_gov": _post("www.county.example"),
    "post_unit": _post("unit.county.example"),
    "deliver": deliver,
}
