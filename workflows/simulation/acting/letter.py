"""A letter is drafted, signed, sealed and received as it was proposed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflows.simulation.office import Answer, Item, Office


def draft(office: Office, item: Item) -> Answer:
    """The first draft is good enough."""
    return Answer("送签发", office.page(item, "letter_draft"))


def sign(_office: Office, _item: Item) -> Answer:
    """The leader signs."""
    return Answer("签发", {}, "同意印发。")


def seal(_office: Office, _item: Item) -> Answer:
    """Two copies are sealed."""
    return Answer("已用印", {"seal": "财政局印章", "copies": 2})


def receive(_office: Office, _item: Item) -> Answer:
    """The unit signs for it."""
    return Answer("签收", {})


ANSWERS: Mapping[str, Callable[[Office, Item], Answer | None]] = {
    "draft_letter": draft,
    "sign_letter": sign,
    "seal_letter": seal,
    "sign_receipt": receive,
}
