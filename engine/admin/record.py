"""How administration writes its own chain of history: who changed what, from which value to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine import history
from engine.calendar import ZONE
from engine.database import Unit
from engine.identity import Actor

#: The chain of people, organisations, posts and everything else that administration changes.
CHAIN = "identity"


@dataclass(frozen=True, slots=True)
class Command:
    """One administrative command: its transaction, who gave it, and when."""

    unit: Unit
    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        """The day in the county's zone."""
        return self.now.astimezone(ZONE).date()

    @property
    def by(self) -> str:
        """Who gives the command, as history writes it."""
        return self.actor.principal if self.actor.person != "system" else "system"

    def record(self, event: str, /, **body: Any) -> None:
        """Append an event to the chain; dates become text."""
        plain = {name: _plain(value) for name, value in body.items()}
        history.record(self.unit, CHAIN, history.Entry(event, self.by, self.now, body=plain))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what differs: name → [old, new]."""
    return {
        name: [_plain(before.get(name)), _plain(value)]
        for name, value in after.items()
        if before.get(name) != value
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value
