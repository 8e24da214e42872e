"""The names that a model's parts can have behind a dot, so that expressions may use those with symbols in them."""

from __future__ import annotations

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
        for variable, inner in box.entries:
            if variable is not None:
                names.add(variable.name)
            _collect(inner, names)
    elif isinstance(box, RelationBox):
        names.update(column.name for column in box.columns)
    elif isinstance(box, TableBox):
        names.update(column.name for column in box.outputs if column.name)
    else:
        for inner in _inside(box):
            _collect(inner, names)


def _inside(box: Boxed) -> tuple[Boxed, ...]:
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
