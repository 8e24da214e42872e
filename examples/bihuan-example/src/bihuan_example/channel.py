"""A notifier: each message becomes an entry of the office system's list of things to do, by one JSON request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.notify.ports import Gate, Message, Option, Undelivered


class OaTodo:
    """The office system; it knows people by their mobile number and drops a second entry with the same id."""

    type = "example_oa"
    name: Mapping[str, str] = {"zh": "协同办公待办", "en": "Office system"}
    address: Literal["email", "mobile"] | None = "mobile"
    #: Inside the county's own network, so it may say what waits.
    discreet = False
    options: Sequence[Option] = (
        Option("url", {"zh": "接口地址", "en": "Address"}, required=True),
        Option("token", {"zh": "令牌", "en": "Token"}, "secret"),
    )

    def repeatable(self, options: Mapping[str, Any]) -> bool:
        """The receiver tells a message by its id."""
        del options
        return True

    def send(self, options: Mapping[str, Any], message: Message, gate: Gate) -> None:
        """Post the entry; 4xx is final, anything else is tried again."""
        entry = {
            "id": message.id,
            "mobile": message.address,
            "title": message.title,
            "text": "\n".join(message.paragraphs),
            "link": message.link,
        }
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {options['token']}"}
        body = json.dumps(entry, ensure_ascii=False).encode()
        status, _ = gate.http("POST", options["url"], body, headers)
        if not 200 <= status < 300:
            raise Undelivered(f"HTTP {status}", final=400 <= status < 500)
