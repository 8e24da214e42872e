"""Functions that make one value of many: least and greatest, sums and averages."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.errors import FeelLimitError
from engine.feel.operations import order_keys
from engine.feel.run import Run
from engine.feel.values import NUMBER

Statistic = Callable[[Run, list[Any]], Any]


def _of_numbers(name: str, empty: Any, function: Callable[[list[Decimal]], Any]) -> Statistic:
    def statistic(run: Run, items: list[Any]) -> Any:
        run.charge(len(items) + 1)
        if not items:
            return empty
        if not all(isinstance(item, Decimal) for item in items):
            return run.null("feel.null.arguments", name=name)
        try:
            return function(items)
        except decimal.Overflow:
            raise FeelLimitError("feel.limit.number") from None

    return statistic


def _sum(items: list[Decimal]) -> Decimal:
    total = items[0]
    for item in items[1:]:
        total = NUMBER.add(total, item)
    return total


def _product(items: list[Decimal]) -> Decimal:
    total = items[0]
    for item in items[1:]:
        total = NUMBER.multiply(total, item)
    return total


def _mean(items: list[Decimal]) -> Decimal:
    return NUMBER.divide(_sum(items), Decimal(len(items)))


def _median(items: list[Decimal]) -> Decimal:
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBER.divide(NUMBER.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _stddev(items: list[Decimal]) -> Decimal | None:
    if len(items) < 2:
        return None
    mean = _mean(items)
    squares = [NUMBER.power(NUMBER.subtract(item, mean), Decimal(2)) for item in items]
    return NUMBER.sqrt(NUMBER.divide(_sum(squares), Decimal(len(items) - 1)))


def _mode(items: list[Decimal]) -> list[Decimal]:
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values())
    return sorted(item for item, number in counts.items() if number == most)


def _extreme(name: str, sign: int) -> Statistic:
    def extreme(run: Run, items: list[Any]) -> Any:
        run.charge(len(items) + 1)
        if not items:
            return None
        best = items[0]
        if order_keys(best, best) is None:
            return run.null("feel.null.arguments", name=name)
        for item in items[1:]:
            keys = order_keys(item, best)
            if keys is None:
                return run.null("feel.null.arguments", name=name)
            if keys[0] > keys[1] if sign > 0 else keys[0] < keys[1]:
                best = item
        return best

    return extreme


for _name, _function in (
    ("min", _extreme("min", -1)),
    ("max", _extreme("max", 1)),
    ("sum", _of_numbers("sum", None, _sum)),
    ("mean", _of_numbers("mean", None, _mean)),
    ("product", _of_numbers("product", None, _product)),
    ("median", _of_numbers("median", None, _median)),
    ("stddev", _of_numbers("stddev", None, _stddev)),
    ("mode", _of_numbers("mode", [], _mode)),
):
    builtin(_name, "list: list")(_function)
    builtin(_name, "*list: any")(_function)
