# mypy: no-warn-return-any
"""The interval functions of the standard (table 78), and ``range``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.operations import order_keys
from engine.feel.run import Run
from engine.feel.values import Range, type_name

End = tuple[Any, int]
"""A value with the side where it is unbounded if it is None: -1 low, 1 high, 0 a point."""
Relation = Callable[[Any, Any], bool]


class _Incomparable(Exception):
    """The values have no common order."""


def _compare(one: End, other: End) -> int:
    infinite, other_infinite = (end[1] if end[0] is None and end[1] else 0 for end in (one, other))
    if infinite or other_infinite:
        return infinite - other_infinite
    keys = order_keys(one[0], other[0])
    if keys is None:
        raise _Incomparable
    return (keys[0] > keys[1]) - (keys[0] < keys[1])


def _low(value: Range) -> End:
    if value.low is None and value.operator is None:
        raise _Incomparable
    return value.low, -1


def _high(value: Range) -> End:
    if value.high is None and value.operator is None:
        raise _Incomparable
    return value.high, 1


def _declare(name: str, relation: Relation, first: str, second: str) -> None:
    def call(run: Run, one: Any, other: Any) -> bool | None:
        try:
            return relation(one, other)
        except _Incomparable:
            return run.null("feel.null.operand", operation=name, left=type_name(one), right=type_name(other))

    builtin(name, f"{first}: {_kind(first)}, {second}: {_kind(second)}")(call)


def _kind(parameter: str) -> str:
    return "range" if parameter.startswith("range") else "any"


def _before_points(one: Any, other: Any) -> bool:
    return _compare((one, 0), (other, 0)) < 0


def _before_point_range(point: Any, range_: Range) -> bool:
    order = _compare((point, 0), _low(range_))
    return order < 0 or (order == 0 and not range_.low_closed)


def _before_range_point(range_: Range, point: Any) -> bool:
    order = _compare(_high(range_), (point, 0))
    return order < 0 or (order == 0 and not range_.high_closed)


def _before_ranges(one: Range, other: Range) -> bool:
    order = _compare(_high(one), _low(other))
    return order < 0 or (order == 0 and not (one.high_closed and other.low_closed))


def _meets(one: Range, other: Range) -> bool:
    return one.high_closed and other.low_closed and _compare(_high(one), _low(other)) == 0


def _reaches(one: Range, other: Range) -> bool:
    """Whether ``one`` ends at or behind the beginning of ``other``."""
    order = _compare(_high(one), _low(other))
    return order > 0 or (order == 0 and one.high_closed and other.low_closed)


def _overlaps(one: Range, other: Range) -> bool:
    return _reaches(one, other) and _reaches(other, one)


def _overlaps_before(one: Range, other: Range) -> bool:
    start = _compare(_low(one), _low(other))
    end = _compare(_high(one), _high(other))
    return (
        (start < 0 or (start == 0 and one.low_closed and not other.low_closed))
        and _reaches(one, other)
        and (end < 0 or (end == 0 and (not one.high_closed or other.high_closed)))
    )


def _overlaps_after(one: Range, other: Range) -> bool:
    start = _compare(_low(one), _low(other))
    end = _compare(_high(one), _high(other))
    return (
        (start > 0 or (start == 0 and other.low_closed and not one.low_closed))
        and _reaches(other, one)
        and (end > 0 or (end == 0 and (one.high_closed or not other.high_closed)))
    )


def _finishes_point(point: Any, range_: Range) -> bool:
    return range_.high_closed and _compare((point, 0), _high(range_)) == 0


def _finishes(one: Range, other: Range) -> bool:
    start = _compare(_low(one), _low(other))
    return (
        one.high_closed == other.high_closed
        and _compare(_high(one), _high(other)) == 0
        and (start > 0 or (start == 0 and (not one.low_closed or other.low_closed)))
    )


def _includes_point(range_: Range, point: Any) -> bool:
    low = _compare((point, 0), _low(range_))
    high = _compare((point, 0), _high(range_))
    return (low > 0 or (low == 0 and range_.low_closed)) and (high < 0 or (high == 0 and range_.high_closed))


def _includes(one: Range, other: Range) -> bool:
    start = _compare(_low(one), _low(other))
    end = _compare(_high(one), _high(other))
    return (start < 0 or (start == 0 and (one.low_closed or not other.low_closed))) and (
        end > 0 or (end == 0 and (one.high_closed or not other.high_closed))
    )


def _starts_point(point: Any, range_: Range) -> bool:
    return range_.low_closed and _compare((point, 0), _low(range_)) == 0


def _starts(one: Range, other: Range) -> bool:
    end = _compare(_high(one), _high(other))
    return (
        one.low_closed == other.low_closed
        and _compare(_low(one), _low(other)) == 0
        and (end < 0 or (end == 0 and (not one.high_closed or other.high_closed)))
    )


def _coincide_points(one: Any, other: Any) -> bool:
    return _compare((one, 0), (other, 0)) == 0


def _coincide(one: Range, other: Range) -> bool:
    return (
        one.low_closed == other.low_closed
        and one.high_closed == other.high_closed
        and _compare(_low(one), _low(other)) == 0
        and _compare(_high(one), _high(other)) == 0
    )


def _swapped(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


_RANGES = ("range1", "range2")
for _name, _relation, _parameters in (
    ("before", _before_ranges, _RANGES),
    ("before", _before_point_range, ("point", "range")),
    ("before", _before_range_point, ("range", "point")),
    ("before", _before_points, ("point1", "point2")),
    ("after", _swapped(_before_ranges), _RANGES),
    ("after", _swapped(_before_range_point), ("point", "range")),
    ("after", _swapped(_before_point_range), ("range", "point")),
    ("after", _swapped(_before_points), ("point1", "point2")),
    ("meets", _meets, _RANGES),
    ("met by", _swapped(_meets), _RANGES),
    ("overlaps", _overlaps, _RANGES),
    ("overlaps before", _overlaps_before, _RANGES),
    ("overlaps after", _overlaps_after, _RANGES),
    ("finishes", _finishes, _RANGES),
    ("finishes", _finishes_point, ("point", "range")),
    ("finished by", _swapped(_finishes), _RANGES),
    ("finished by", _swapped(_finishes_point), ("range", "point")),
    ("includes", _includes, _RANGES),
    ("includes", _includes_point, ("range", "point")),
    ("during", _swapped(_includes), _RANGES),
    ("during", _swapped(_includes_point), ("point", "range")),
    ("starts", _starts, _RANGES),
    ("starts", _starts_point, ("point", "range")),
    ("started by", _swapped(_starts), _RANGES),
    ("started by", _swapped(_starts_point), ("range", "point")),
    ("coincides", _coincide, _RANGES),
    ("coincides", _coincide_points, ("point1", "point2")),
):
    _declare(_name, _relation, *_parameters)


@builtin("range", "from: string")
def range_(run: Run, text: str) -> Range | None:
    """Read a range of literals, such as ``[1..5)``."""
    from engine.feel.range_text import parse_range

    value = parse_range(run, text)
    return run.null("feel.null.value", name="range", value=text) if value is None else value
