# mypy: no-warn-return-any
"""List functions."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.operations import equal, order_keys
from engine.feel.run import Run, as_index
from engine.feel.values import FunctionValue


def _place(run: Run, name: str, size: int, position: Decimal) -> int | None:
    """Return the offset of a position counted from 1, or from the end if negative."""
    index = as_index(position.to_integral_value(rounding="ROUND_DOWN"))
    if index is None or index == 0 or not -size <= index <= size:
        return run.null("feel.null.value", name=name, value=position)
    return index - 1 if index > 0 else size + index


def _index_in(run: Run, items: list[Any], element: Any) -> bool:
    run.charge(len(items))
    return any(equal(run, item, element) is True for item in items)


@builtin("list contains", "list: list, element: any")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Whether an item equals the element."""
    return _index_in(run, items, element)


@builtin("count", "list: list")
def count(_run: Run, items: list[Any]) -> Decimal:
    """Return how many items there are."""
    return Decimal(len(items))


def _all(run: Run, items: list[Any]) -> bool | None:
    run.charge(len(items))
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _any(run: Run, items: list[Any]) -> bool | None:
    run.charge(len(items))
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


for _name, _function in (("all", _all), ("and", _all), ("any", _any), ("or", _any)):
    builtin(_name, "list: list")(_function)
    builtin(_name, "*list: any")(_function)


@builtin("sublist", "list: list, start position: number, length?: number|null")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    """Return ``length`` items from a position, counted from the end if negative."""
    begin = _place(run, "sublist", len(items), start)
    size = None if length is None else as_index(length)
    if begin is None:
        return None
    if length is not None and (size is None or size < 1 or begin + size > len(items)):
        return run.null("feel.null.value", name="sublist", value=length)
    run.charge(len(items))
    return items[begin:] if size is None else items[begin : begin + size]


@builtin("append", "list: list, *item?: any")
def append(run: Run, items: list[Any], more: list[Any]) -> list[Any]:
    """Return the list with more items."""
    run.charge(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate", "*list: list")
def concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    """Return the items of all lists."""
    run.charge(sum(len(items) for items in lists) + 1)
    return [item for items in lists for item in items]


@builtin("union", "*list: list")
def union(run: Run, lists: list[list[Any]]) -> list[Any]:
    """Return the items of all lists without duplicates."""
    return distinct_values(run, concatenate(run, lists))


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Return the items without duplicates."""
    results: list[Any] = []
    for item in items:
        if not _index_in(run, results, item):
            results.append(item)
    run.charge(len(items))
    return results


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """Return the list with an item in front of a position."""
    place = _place(run, "insert before", len(items), position)
    if place is None:
        return None
    run.charge(len(items))
    return [*items[:place], item, *items[place:]]


@builtin("remove", "list: list, position: number")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    """Return the list without the item at a position."""
    place = _place(run, "remove", len(items), position)
    if place is None:
        return None
    run.charge(len(items))
    return [*items[:place], *items[place + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: any")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> list[Any] | None:
    """Return the list with another item at a position."""
    place = _place(run, "list replace", len(items), position)
    if place is None:
        return None
    run.charge(len(items))
    return [*items[:place], item, *items[place + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def list_replace_matching(run: Run, items: list[Any], match: FunctionValue, new: Any) -> list[Any] | None:
    """Return the list with another item wherever ``match(item, newItem)`` is true."""
    if len(match.parameters) != 2:
        return run.null("feel.null.arguments", name="list replace")
    results: list[Any] = []
    for item in items:
        run.charge(2)
        hit = match.call(run, [item, new])
        if not isinstance(hit, bool):
            return run.null("feel.null.arguments", name="list replace")
        results.append(new if hit else item)
    return results


@builtin("reverse", "list: list")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """Return the list from its end."""
    run.charge(len(items))
    return items[::-1]


@builtin("index of", "list: list, match: any")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Return the positions of the items that equal the match."""
    run.charge(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(run, item, match) is True]


@builtin("flatten", "list: list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Return the items of all lists inside one another."""
    results: list[Any] = []

    def add(part: list[Any]) -> None:
        run.charge(len(part) + 1)
        for item in part:
            if isinstance(item, list):
                add(item)
            else:
                results.append(item)

    add(items)
    return results


@builtin("sort", "list: list, precedes?: function")
def sort(run: Run, items: list[Any], precedes: FunctionValue | None = None) -> list[Any] | None:
    """Sort so that ``precedes(a, b)`` is true for neighbours; without a function in ascending order."""
    if precedes is None:
        return _sort_ascending(run, items)

    def order(one: Any, other: Any) -> int:
        run.charge(2)
        return -1 if precedes.call(run, [one, other]) is True else 0

    if len(precedes.parameters) != 2:
        return run.null("feel.null.arguments", name="sort")
    return sorted(items, key=cmp_to_key(order))


def _sort_ascending(run: Run, items: list[Any]) -> list[Any] | None:
    run.charge(len(items) * 4)
    if any(order_keys(items[0], item) is None for item in items):
        return run.null("feel.null.arguments", name="sort")

    def order(one: Any, other: Any) -> int:
        keys = order_keys(one, other)
        return -1 if keys is not None and keys[0] < keys[1] else 0

    return sorted(items, key=cmp_to_key(order))
