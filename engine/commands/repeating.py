"""The variables of activities that repeat: what each run sees, and what all of them give (Camunda 8's rules).

The scope of the whole holds the counts and the output collection; each item of a multi-instance has a scope of its own,
with the input element and its ``loopCounter``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.bpmn.model import MultiInstance
from engine.commands.scopes import Scopes
from engine.runtime import Token

#: An output element that is a variable, or a member of one.
_VARIABLE = re.compile(r"([^\W\d]\w*)(\.[^\W\d]\w*)*")


def open_whole(scopes: Scopes, token: Token, count: int, items: Sequence[Any] | None) -> None:
    """Open the scope of the whole; it keeps the items of the collection until each has begun."""
    loop = token.element.loop
    values: dict[str, Any] = {}
    kept: dict[str, Any] | None = None
    if isinstance(loop, MultiInstance):
        kept = {str(place): item for place, item in enumerate(items or ())}
        if loop.output_collection is not None:
            values[loop.output_collection] = [None] * count
    scopes.open(token.id, token.scope, values=values, items=kept)


def count(scopes: Scopes, token: Token, counts: Mapping[str, int]) -> None:
    """Set the counts in the scope of the whole; they are no news for the history."""
    scopes.scopes[token.id].values.update({name: Decimal(number) for name, number in counts.items()})
    scopes.changed = True


def open_item(scopes: Scopes, token: Token, documents: Container[str]) -> None:
    """Open the scope of an item, with what it is and which it is.

    A variable that the output element names is the item's own, unless it is one of the ``documents``.
    """
    loop, place = token.element.loop, token.item
    if not isinstance(loop, MultiInstance) or place is None:
        raise ValueError(f"token {token.id} is no item of a multi-instance")
    values: dict[str, Any] = {"loopCounter": Decimal(place + 1)}
    own = None if loop.output_element is None else _VARIABLE.fullmatch(loop.output_element.text)
    if own is not None and own[1] not in documents:
        values[own[1]] = None
    items = scopes.scopes[token.scope].items or {}
    item = items.pop(str(place), None)
    if loop.input_element is not None:
        values[loop.input_element] = item
    scopes.open(token.id, token.scope, values=values)


def put(scopes: Scopes, token: Token, value: Any) -> None:
    """Put what an item gives at its place in the output collection."""
    loop, place = token.element.loop, token.item
    if isinstance(loop, MultiInstance) and loop.output_collection is not None and place is not None:
        values = scopes.scopes[token.scope].values
        given = list(values[loop.output_collection])
        given[place] = value
        values[loop.output_collection] = given
        scopes.changed = True


def hand_out(scopes: Scopes, token: Token) -> None:
    """Let the output collection leave the activity."""
    loop = token.element.loop
    if isinstance(loop, MultiInstance) and loop.output_collection is not None and token.id in scopes.scopes:
        value = scopes.scopes[token.id].values[loop.output_collection]
        scopes.propagate(token.scope, loop.output_collection, value)
