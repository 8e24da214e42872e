"""The choices of a field where they come from a variable or an expression."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine import feel
from forms.expressions import evaluate
from forms.model import Field, Option

#: More choices than this are no use on a page.
MAX_OPTIONS = 2_000


def options_of(field: Field, scope: Mapping[str, Any], env: feel.Environment) -> tuple[Option, ...]:
    """Return the field's choices here: those of the file, of the variable, or of the expression's value."""
    source = field.options
    if source.expression is not None:
        return _from_value(evaluate(source.expression, scope, env))
    if source.variable:
        value: Any = scope.get(source.variable[0])
        for part in source.variable[1:]:
            value = value.get(part) if isinstance(value, Mapping) else None
        return _from_value(value)
    return source.static


def _from_value(value: Any) -> tuple[Option, ...]:
    """Read a list of values, or of objects with ``value`` and ``label``; what is neither is left out."""
    if not isinstance(value, list | tuple):
        return ()
    found: dict[str, Option] = {}
    for one in value[:MAX_OPTIONS]:
        chosen = one.get("value") if isinstance(one, Mapping) else one
        if isinstance(chosen, int | float) and not isinstance(chosen, bool):
            chosen = Decimal(str(chosen))
        if not isinstance(chosen, str | Decimal | bool):
            continue
        label = one.get("label") if isinstance(one, Mapping) else None
        option = Option(chosen, label if isinstance(label, str) else str(chosen))
        found.setdefault(option.key, option)
    return tuple(found.values())
