# mypy: no-warn-return-any
"""Closures for ``for``, ``some``, ``every`` and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel.free_names import uses
from engine.feel.functions import Code
from engine.feel.known_results import result_of
from engine.feel.nodes import (
    Arithmetic,
    Call,
    Filter,
    For,
    If,
    Literal,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
)
from engine.feel.operations import compare
from engine.feel.run import Run, Scope, as_index
from engine.feel.temporal import Date
from engine.feel.values import Range, type_name

if TYPE_CHECKING:
    from engine.feel.compiler import Compiler

Domain = Callable[[Scope | None, Run], "Iterable[Any] | None"]


class Partial(dict[str, Any]):
    """The name ``partial``: a copy of a loop's results so far, made when it is used."""

    __slots__ = ("_results", "_run")

    def __init__(self, results: list[Any], run: Run) -> None:
        super().__init__()
        self._results = results
        self._run = run

    def __contains__(self, name: object) -> bool:
        return name == "partial"

    def __missing__(self, name: str) -> list[Any]:
        self._run.charge(1 + len(self._results) // 2)
        return list(self._results)


def for_(compiler: Compiler, node: For) -> Code:
    """Compile ``for … return``; ``partial`` is the list of the results so far."""
    iterators = _iterators(compiler, node)
    body = compiler.compile(node.body)

    def loop(scope: Scope | None, run: Run) -> list[Any] | None:
        results: list[Any] = []
        outer = Scope(Partial(results, run), scope)
        for inner in _product(iterators, 0, outer, run):
            if inner is None:
                return None
            results.append(body(inner, run))
        return results

    return loop


def quantified(compiler: Compiler, node: Quantified) -> Code:
    """Compile ``some`` and ``every`` with the standard's three truth values."""
    iterators = _iterators(compiler, node)
    condition = compiler.compile(node.condition)
    decisive = node.kind == "some"

    def test(scope: Scope | None, run: Run) -> bool | None:
        unknown = False
        for inner in _product(iterators, 0, scope, run):
            if inner is None:
                return None
            value = condition(inner, run)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                unknown = True
        return None if unknown else not decisive

    return test


def _iterators(compiler: Compiler, node: For | Quantified) -> tuple[tuple[str, Domain], ...]:
    result: list[tuple[str, Domain]] = []
    for iterator in node.iterators:
        start = compiler.compile(iterator.domain)
        end = None if iterator.end is None else compiler.compile(iterator.end)
        result.append((iterator.name, _items(start) if end is None else _steps(start, end)))
    return tuple(result)


def _product(
    iterators: tuple[tuple[str, Domain], ...], index: int, scope: Scope | None, run: Run
) -> Iterator[Scope | None]:
    """Yield a scope for each combination; None when a domain can't be iterated over."""
    name, domain = iterators[index]
    items = domain(scope, run)
    if items is None:
        yield None
        return
    last = index + 1 == len(iterators)
    for item in items:
        run.charge(2)
        inner = Scope({name: item}, scope)
        if last:
            yield inner
        else:
            yield from _product(iterators, index + 1, inner, run)


def _items(domain: Code) -> Domain:
    def items(scope: Scope | None, run: Run) -> Iterable[Any] | None:
        return iterable(run, domain(scope, run))

    return items


def iterable(run: Run, value: Any) -> Iterable[Any] | None:
    """Return what a loop goes through: a list's items, a closed range's steps, else the one value; null has none."""
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        if value.low is None or value.high is None:
            return run.null("feel.null.iteration", type="range")
        if compare(run, "<=", value.low, value.high) is not True:
            return run.null("feel.null.range")
        steps = between(run, value.low, value.high)
        if steps is None or (value.low_closed and value.high_closed):
            return steps
        return (
            step
            for step in steps
            if (value.low_closed or step != value.low) and (value.high_closed or step != value.high)
        )
    if value is None:
        return run.null("feel.null.iteration", type="null")
    return [value]


def _steps(start: Code, end: Code) -> Domain:
    def items(scope: Scope | None, run: Run) -> Iterable[Any] | None:
        return between(run, start(scope, run), end(scope, run))

    return items


def between(run: Run, first: Any, last: Any) -> Iterator[Any] | None:
    """Return the whole numbers or days from ``first`` to ``last``, downwards if it is smaller."""
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        low, high = as_index(first), as_index(last)
        if low is not None and high is not None:
            step = 1 if low <= high else -1
            return (Decimal(number) for number in range(low, high + step, step))
    if isinstance(first, Date) and isinstance(last, Date):
        step = 1 if first <= last else -1
        days = range(first.days, last.days + step, step)
        return (Date.of(1970, 1, 1).plus_days(day) for day in days)  # type: ignore[union-attr]
    return run.null("feel.null.iteration", type=type_name(first if last is None else last))


def filter_(compiler: Compiler, node: Filter) -> Code:
    """Compile ``base[condition]``: an index, counted from 1 or from the end, or a test of each item.

    An index is what the condition gives outside of the items: a member of theirs does not hide the variable.
    """
    base = compiler.compile(node.base)
    may_be_index = _may_be_index(node.condition)
    compiler.filters += 1
    condition = compiler.compile(node.condition)
    compiler.filters -= 1

    def select(scope: Scope | None, run: Run) -> Any:
        value = base(scope, run)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if may_be_index:
            with run.muted():
                index = condition(scope, run)
            if isinstance(index, Decimal):
                return pick(run, items, index)
        return filter_items(run, scope, items, condition)

    return select


def _may_be_index(condition: Node) -> bool:
    """Whether a condition can give a number, and can be tried outside of the items without harm."""
    from engine.feel.builtins import BUILTINS

    if not isinstance(condition, (Name, Path, Arithmetic, Negation, If, Call, Filter, Literal)):
        return False
    used = [use for use in uses(condition, frozenset()) if use.called]
    return all(use.name in BUILTINS for use in used) and not any(
        result_of(use.name).kind == "boolean" for use in used
    )


def filter_items(run: Run, scope: Scope | None, items: list[Any], condition: Code) -> Any:
    """Return the items that pass, or the one item whose index the condition gives."""
    if not items:
        empty = condition(_item_scope(None, scope), run)
        return None if isinstance(empty, Decimal) else []
    results: list[Any] = []
    for position, item in enumerate(items):
        run.charge(2)
        value = condition(_item_scope(item, scope), run)
        if value is True:
            results.append(item)
        elif position == 0 and isinstance(value, Decimal):
            return pick(run, items, value)
        elif value is not False and value is not None:
            return run.null("feel.null.filter")
    return results


def _item_scope(item: Any, scope: Scope | None) -> Scope:
    outer = Scope({"item": item}, scope)
    return Scope(item, outer) if isinstance(item, dict) else outer


def pick(run: Run, items: list[Any], number: Decimal) -> Any:
    """Return the item of an index counted from 1, or from the end if negative."""
    index = as_index(number)
    if index is None or index == 0 or not -len(items) <= index <= len(items):
        return run.null("feel.null.index", index=number)
    return items[index - 1 if index > 0 else index]
