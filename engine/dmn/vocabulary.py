"""Walks boxed expressions: the names that their parts can have behind a dot, and the decision tables among them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.dmn.nodes import (
    Boxed,
    ConditionalBox,
    ContextBox,
    Decision,
    File,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    Knowledge,
    ListBox,
    RelationBox,
    TableBox,
)


def names_in(file: File) -> set[str]:
    """Return the names of the elements, context entries, relation columns and output columns."""
    names: set[str] = set()
    for element in file.elements.values():
        names.add(element.name)
        if isinstance(element, (Decision, Knowledge)) and element.logic is not None:
            _collect(element.logic, names)
    return names - {""}


def _collect(box: Boxed, names: set[str]) -> None:
    if isinstance(box, ContextBox):
        names.update(variable.name for variable, _ in box.entries if variable is not None)
    elif isinstance(box, RelationBox):
        names.update(column.name for column in box.columns)
    elif isinstance(box, TableBox):
        names.update(column.name for column in box.outputs if column.name)
    for inner in _inside(box):
        _collect(inner, names)


def tables_in(box: Boxed) -> Iterator[TableBox]:
    """Yield the decision tables of a boxed expression, itself among them."""
    if isinstance(box, TableBox):
        yield box
    for inner in _inside(box):
        yield from tables_in(inner)


def _inside(box: Boxed) -> tuple[Boxed, ...]:
    if isinstance(box, ContextBox):
        return tuple(inner for _, inner in box.entries)
    if isinstance(box, RelationBox):
        return tuple(cell for row in box.rows for cell in row)
    if isinstance(box, ListBox):
        return box.items
    if isinstance(box, InvocationBox):
        return (box.function, *(argument for _, argument in box.bindings))
    if isinstance(box, FunctionBox):
        return () if box.body is None else (box.body,)
    if isinstance(box, ConditionalBox):
        return (box.condition, box.then, box.otherwise)
    if isinstance(box, FilterBox):
        return (box.source, box.match)
    if isinstance(box, IteratorBox):
        return (box.source, box.body)
    return ()
