"""What messages and signals are called, and the keys by which a message finds the one that awaits it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.model import Element, Value
from engine.errors import ExecutionError
from engine.tables import MAX_NAME

if TYPE_CHECKING:
    from engine.commands.act import Act
    from engine.commands.scopes import Names

MESSAGE, SIGNAL, CONDITION = "message", "signal", "condition"


def name_of(act: Act, value: Value, names: Names, element: Element) -> str:
    """Return the name of a message or a signal; raises :class:`ExecutionError` unless it is a text of fitting length."""
    found = act.value(value, names, element.id)
    if not isinstance(found, str) or not 0 < len(found) <= MAX_NAME:
        raise ExecutionError("message.bad_name", element.id, value=found, limit=MAX_NAME)
    return found


def key_of(act: Act, value: Value | None, names: Names, element: Element) -> str:
    """Return a correlation key as text, empty where the element has none; raises :class:`ExecutionError`."""
    if value is None:
        return ""
    key = key_text(act.value(value, names, element.id))
    if key is None:
        raise ExecutionError("message.bad_key", element.id, key=value.text, limit=MAX_NAME)
    return key


def key_text(found: Any) -> str | None:
    """Return a text or a number as a key, so that ``7`` and ``"7"`` are one; None for all else, and for what is too long."""
    if isinstance(found, (int, Decimal)) and not isinstance(found, bool):
        found = feel.to_string(feel.convert(found))
    return found if isinstance(found, str) and 0 < len(found) <= MAX_NAME else None
