"""Finds the inputs that no rule of a decision table covers, and rules that match together.

Every constant in the tests of a column divides its values; one sample from each division stands for all of it. The
samples are put through the tests themselves, so that whatever a test means is what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from engine.dmn.nodes import LiteralBox, TableBox, TableInput
from engine.feel.errors import FeelError
from engine.feel.expression import Expression, build
from engine.feel.free_names import uses
from engine.feel.nodes import ListNode, Literal, Node, RangeNode, UnaryComparison, UnaryTests
from engine.feel.operations import order_keys
from engine.feel.printer import print_node
from engine.feel.temporal import DAY, NANO, Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.text import to_literal
from engine.feel.values import NUMBER

MAX_STATES = 50_000
MAX_TESTS = 400_000
"""How many cells of a column are asked for its samples; a larger table is not examined."""
MAX_FOUND = 5
OTHER = "…"
"""The text that stands for all those that no test names."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was found: examples (input label to FEEL text) of gaps, and of rules (from 1) that match together."""

    gaps: tuple[dict[str, str], ...]
    overlaps: tuple[tuple[tuple[int, ...], dict[str, str]], ...]
    complete: bool
    """Whether the whole table could be examined."""


@dataclass(frozen=True, slots=True)
class _Division:
    sample: Any
    shown: bool
    mask: int


def examine(box: TableBox) -> Coverage:
    """Examine a table whose input entries are made of constants; others give an incomplete, empty result."""
    columns: list[tuple[_Division, ...]] = []
    for index, column in enumerate(box.inputs):
        divisions = _divide(column, [rule.inputs[index] for rule in box.rules])
        if divisions is None:
            return Coverage((), (), False)
        columns.append(divisions)
    search = _Search([column.label for column in box.inputs], columns)
    complete = search.run((1 << len(box.rules)) - 1)
    return Coverage(tuple(search.gaps), tuple(search.overlaps.items_found()), complete)


class _Overlaps:
    """The sets of rules found together, without those that are part of a larger or equal one."""

    def __init__(self) -> None:
        self._found: dict[int, dict[str, str]] = {}

    def add(self, mask: int, example: dict[str, str]) -> None:
        if any(mask & known == mask for known in self._found):
            return
        self._found = {known: text for known, text in self._found.items() if known & mask != known}
        self._found[mask] = example

    def items_found(self) -> list[tuple[tuple[int, ...], dict[str, str]]]:
        return [(_rules(mask), example) for mask, example in list(self._found.items())[:MAX_FOUND]]


class _Search:
    """Goes through the divisions column by column; the same rules left at the same column are visited once."""

    def __init__(self, labels: Sequence[str], columns: Sequence[tuple[_Division, ...]]) -> None:
        self._labels = labels
        self._columns = columns
        self._seen: set[tuple[int, int]] = set()
        self.gaps: list[dict[str, str]] = []
        self.overlaps = _Overlaps()

    def run(self, alive: int) -> bool:
        """Search everything; return whether the limit of states allowed it."""
        stack: list[tuple[int, int, tuple[_Division, ...]]] = [(0, alive, ())]
        while stack:
            index, alive, chosen = stack.pop()
            if (index, alive) in self._seen:
                continue
            if len(self._seen) > MAX_STATES:
                return False
            self._seen.add((index, alive))
            if not alive:
                self._gap(chosen)
            elif index == len(self._columns):
                if alive & (alive - 1):
                    self.overlaps.add(alive, self._example(chosen))
            else:
                for division in reversed(self._columns[index]):
                    stack.append((index + 1, alive & division.mask, (*chosen, division)))
        return True

    def _gap(self, chosen: tuple[_Division, ...]) -> None:
        if len(self.gaps) < MAX_FOUND:
            self.gaps.append(self._example(chosen))

    def _example(self, chosen: tuple[_Division, ...]) -> dict[str, str]:
        return {
            label: to_literal(division.sample)
            for label, division in zip(self._labels, chosen, strict=False)
            if division.shown
        }


def _rules(mask: int) -> tuple[int, ...]:
    return tuple(number + 1 for number in range(mask.bit_length()) if mask >> number & 1)


def _divide(column: TableInput, entries: Sequence[LiteralBox]) -> tuple[_Division, ...] | None:
    """Return one division for each set of rules that a value of the column can pass."""
    tests: list[Expression] = []
    constants: list[Any] = []
    for entry in entries:
        expression = _constant_tests(entry.text)
        if expression is None:
            return None
        tests.append(expression)
        constants.extend(_constants(expression.node))
    allowed = _constant_tests(column.values) if column.values else None
    if allowed is not None:
        constants.extend(_constants(allowed.node))
    if len(constants) * len(tests) * 2 > MAX_TESTS:
        return None
    if not constants:
        return (_Division(None, False, (1 << len(tests)) - 1),)
    divisions: dict[int, _Division] = {}
    for sample in _samples(constants, column.expression.type_ref):
        if allowed is not None and not allowed.test(sample, {}):
            continue
        mask = sum(1 << place for place, test in enumerate(tests) if test.test(sample, {}))
        divisions.setdefault(mask, _Division(sample, True, mask))
    return tuple(divisions.values())


def _constant_tests(text: str) -> Expression | None:
    try:
        expression = build(text, frozenset(), frozenset(), True, {})
    except FeelError:
        return None
    from engine.feel.builtins import BUILTINS

    return None if any(use.name not in BUILTINS for use in uses(expression.node)) else expression


def _constants(node: Node) -> Iterator[Any]:
    """Yield the values that divide a column: the ends of ranges, operands of comparisons, members of lists."""
    if isinstance(node, UnaryTests):
        for test in node.tests:
            yield from _constants(test)
    elif isinstance(node, RangeNode):
        yield from _constants(node.low)
        yield from _constants(node.high)
    elif isinstance(node, UnaryComparison):
        yield from _constants(node.operand)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _constants(item)
    elif isinstance(node, Literal):
        yield node.value
    else:
        yield from _evaluated(node)


def _evaluated(node: Node) -> Iterator[Any]:
    """Yield the literals inside an expression, and its own value where it does not speak of the input."""
    from engine.feel.free_names import children

    for child in children(node):
        yield from _constants(child)
    if not any(use.name == "?" for use in uses(node, frozenset())):
        try:
            value = build(print_node(node), frozenset(), frozenset(), False, {}).evaluate({})
        except FeelError:
            return
        yield from value if isinstance(value, list) else [value]


def _samples(constants: Sequence[Any], type_ref: str | None) -> Iterator[Any]:
    """Yield a value for each division that the constants make, the plainest ones first."""
    kind = (type_ref or "").rpartition(":")[2]
    booleans = kind == "boolean" or any(isinstance(value, bool) for value in constants)
    if booleans:
        yield from (True, False)
    texts = sorted({value for value in constants if isinstance(value, str)})
    if texts and kind in ("string", "", "Any"):
        yield from texts
        yield OTHER
    for group in _ordered(constants):
        yield from group
        yield _moved(group[0], -1)
        yield _moved(group[-1], 1)
        for low, high in pairwise(group):
            yield _middle(low, high)


def _ordered(constants: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the constants of each ordered type, sorted and without duplicates."""
    from functools import cmp_to_key

    def order(one: Any, other: Any) -> int:
        keys = order_keys(one, other)
        return 0 if keys is None else (keys[0] > keys[1]) - (keys[0] < keys[1])

    for kind in (Decimal, Date, Time, DateTime, DaysDuration, MonthsDuration):
        values = [value for value in constants if type(value) is kind]
        if values:
            group: list[Any] = []
            for value in sorted(values, key=cmp_to_key(order)):
                if not group or order(group[-1], value):
                    group.append(value)
            yield group


def _moved(value: Any, steps: int) -> Any:
    """Return a value a little below or above."""
    if isinstance(value, Decimal):
        return NUMBER.add(value, Decimal(steps))
    if isinstance(value, Date):
        return value.plus_days(steps)
    if isinstance(value, DateTime):
        return value.plus(steps * DAY)
    if isinstance(value, Time):
        nanos = value.nanos + steps * 60 * NANO
        return value.same_zone(nanos) if 0 <= nanos < DAY else value
    if isinstance(value, DaysDuration):
        return DaysDuration(value.nanos + steps * 60 * NANO)
    return MonthsDuration(value.months + steps)


def _middle(low: Any, high: Any) -> Any:
    """Return a value between two, or the lower one where there is none."""
    if isinstance(low, Decimal):
        middle = NUMBER.divide(NUMBER.add(low, high), Decimal(2))
        whole = middle.to_integral_value()
        return whole if low < whole < high else middle
    if isinstance(low, Date):
        return low.plus_days((high.days - low.days) // 2)
    if isinstance(low, DateTime):
        return low.plus((high.local - low.local) // 2)
    if isinstance(low, Time):
        return low.same_zone((low.nanos + high.nanos) // 2)
    if isinstance(low, DaysDuration):
        return DaysDuration((low.nanos + high.nanos) // 2)
    return MonthsDuration((low.months + high.months) // 2)
