"""What an event or a task sends to, or awaits from, the world outside its scope: messages, signals, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.bpmn.model import Value


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """A message by its name, and by a key that tells one conversation from another (BPMN 2.0.2, 8.4.2).

    ``key`` is None where the name alone must do. ``message_id`` and ``time_to_live`` are of what throws it: the
    same id is delivered once, and for so long the message waits for somebody to await it.
    """

    name: Value
    key: Value | None = None
    message_id: Value | None = None
    time_to_live: Value | None = None


@dataclass(frozen=True, slots=True)
class SignalEvent:
    """A signal by its name: all that await it at that moment get it (BPMN 2.0.2, 10.5.7)."""

    name: Value


@dataclass(frozen=True, slots=True)
class ConditionalEvent:
    """A FEEL condition over the variables and documents: the event happens when it becomes true."""

    condition: Value
