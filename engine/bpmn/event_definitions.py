"""The event definitions of the standard (BPMN 2.0.2, 10.5.5): what an event, or a task that sends or receives, is about."""

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


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """A timer: ``type`` is ``date``, ``duration`` or ``cycle``, ``value`` is ISO 8601 or FEEL."""

    type: str
    value: Value


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """A BPMN error by its code; a catching event without a code catches every error."""

    code: Value | None


@dataclass(frozen=True, slots=True)
class EscalationEvent:
    """An escalation by its code: a message to those around that, unlike an error, need not stop anything."""

    code: Value | None


@dataclass(frozen=True, slots=True)
class CancelEvent:
    """Gives up the transaction around it."""


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A jump inside one scope from the throwing link event to the catching one of the same name."""

    name: str


@dataclass(frozen=True, slots=True)
class TerminateEvent:
    """Ends its scope at once with all that is still open in it."""


#: What an end or throw event sends outwards through the scopes around it.
Thrown = ErrorEvent | EscalationEvent | CancelEvent
#: What a token waits for, or is armed for, until it comes from outside the scopes around it.
Awaited = TimerEvent | MessageEvent | SignalEvent | ConditionalEvent
EventDefinition = Awaited | Thrown | LinkEvent | TerminateEvent
