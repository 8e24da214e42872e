# mypy: no-warn-return-any
"""Conversion functions, and the two that take anything: ``not`` and ``is``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.run import Run
from engine.feel.temporal import DateTime, Time
from engine.feel.text import to_string
from engine.feel.values import NUMBER

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def read_number(text: str) -> Decimal | None:
    """Read a number as the standard writes it; None if it is none or too large."""
    if len(text) > 7000 or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    return NUMBER.plus(value) if value.adjusted() <= 6144 else None


@builtin("number", "from: string")
def number(run: Run, text: str) -> Decimal | None:
    """Read a number with a point and without grouping."""
    value = read_number(text)
    return run.null("feel.null.value", name="number", value=text) if value is None else value


@builtin("number", "from: number")
def number_of_number(_run: Run, value: Decimal) -> Decimal:
    """Return the number itself."""
    return value


@builtin("number", "from: string, grouping separator: string|null, decimal separator: string|null")
def number_grouped(run: Run, text: str, grouping: str | None, point: str | None) -> Decimal | None:
    """Read a number with these separators."""
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ".", ",")
        or (point and point == grouping)
    ):
        return run.null("feel.null.arguments", name="number")
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            return run.null("feel.null.value", name="number", value=text)
        plain = plain.replace(",", ".")
    return number(run, plain)


@builtin("string", "from: any")
def string(run: Run, value: Any) -> str | None:
    """Return the value's text; of null null."""
    return None if value is None else to_string(value, run.charge)


@builtin("not", "negand: any")
def not_(run: Run, value: Any) -> bool | None:
    """Return the opposite of a boolean; of anything else null."""
    if isinstance(value, bool):
        return not value
    return run.null("feel.null.arguments", name="not")


@builtin("is", "value1: any|null, value2: any|null")
def is_(run: Run, one: Any, other: Any) -> bool:
    """Whether two values are the same element of the semantic domain: times with their offsets too."""
    if isinstance(one, Time) and isinstance(other, Time):
        return _same_time(one, other)
    if isinstance(one, DateTime) and isinstance(other, DateTime):
        return one.date == other.date and _same_time(one.time, other.time)
    if type(one) is not type(other):
        return False
    from engine.feel.operations import equal

    return equal(run, one, other) is True


def _same_time(one: Time, other: Time) -> bool:
    return one.nanos == other.nanos and one.offset == other.offset and one.zone == other.zone


@builtin("is defined", "value: any")
def is_defined(_run: Run, value: Any) -> bool:
    """Whether the value is not null (an extension that Camunda has too)."""
    return value is not None


@builtin("get or else", "value: any, default: any")
def get_or_else(_run: Run, value: Any, default: Any) -> Any:
    """Return the value, or the default where it is null (an extension that Camunda has too)."""
    return default if value is None else value
