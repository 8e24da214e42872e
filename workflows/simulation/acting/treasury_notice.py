"""A notice to the treasury: signed for, carried out, and reported back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office


def sign(_office: Office, _item: Item) -> Answer:
    """The treasury signs for the notice."""
    return Answer("签收", {"note": ""})


def execute(office: Office, _item: Item) -> Answer:
    """The treasury's chief reports that it was done."""
    return Answer("已执行", {"executed_on": office.today.isoformat(), "note": "已在支付系统中办理。"})


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {"sign_receipt": sign, "execute": execute}
