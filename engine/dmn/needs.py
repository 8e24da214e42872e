"""What a decision must be given: the inputs that it and what it requires declare, and the names that they use besides."""

from __future__ import annotations

from collections.abc import Collection

from engine.dmn.model import Model
from engine.dmn.nodes import Decision, DrgElement, InputData, Knowledge, TableBox
from engine.feel.free_names import uses
from engine.feel.types import ANY, Type


def needs(model: Model, decision: str, functions: Collection[str] = ()) -> dict[str, Type]:
    """Return the names that a caller must give to a decision (by id or name), with their types where declared.

    ``functions`` are the host's functions. A broken reference needs nothing: it is a problem of the model.
    """
    from engine.feel.builtins import BUILTINS

    found: dict[str, Type] = {}
    todo: list[tuple[Model, DrgElement]] = [(model, model.decisions[decision])]
    done: set[tuple[int, str]] = set()
    while todo:
        home, element = todo.pop()
        if (id(home), element.id) in done:
            continue
        done.add((id(home), element.id))
        if isinstance(element, InputData):
            found[element.variable.name] = home.type_of(element)
        if not isinstance(element, (Decision, Knowledge)):
            continue
        todo.extend((one.model, one.element) for one in home.requirements.get(element.id, ()))
        for expression in home.expressions:
            for use in uses(expression.node) if expression.owner == element.name else ():
                own = use.name in expression.names or use.name in home.declared or use.in_filter
                if not own and use.name not in BUILTINS and use.name not in functions:
                    found.setdefault(use.name, ANY)
    return found


def result_type(model: Model, decision: str) -> Type:
    """Return the type of a decision's result: its variable's, else what the outputs of its table declare."""
    element = model.decisions[decision]
    declared = model.type_of(element)
    box = element.logic
    if declared.kind != "Any" or not isinstance(box, TableBox):
        return declared
    types = {column.name or "": model.types.resolve(column.type_ref) for column in box.outputs}
    row = next(iter(types.values())) if len(types) == 1 else Type("context", members=types)
    if box.policy in "UAPF":
        return row
    return Type("number") if box.aggregator == "#" else row if box.aggregator else Type("list", row)
