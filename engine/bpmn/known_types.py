"""What is known of the types of a process's variables and documents before it runs: from forms, results and mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.bpmn.model import Binding, BusinessRuleTask, Element, ProcessModel, ScriptTask, UserTask, Value
from engine.feel.infer import Inference
from engine.feel.types import ANY, STRING, Type

FormTypes = Callable[[str], Mapping[str, Type]]
"""Gives the types of a form's answers by its id; nothing for a form that is not known."""
DecisionType = Callable[[str], Type]
"""Gives the type of a decision's result by its id or name; Any for one that is not known."""

#: How a user task was completed.
COMPLETION = {"outcome": STRING, "opinion": STRING, "actor": STRING}
#: A computed type may follow from another one; so often is looked again.
_ROUNDS = 3
#: How many parts of a structure are looked at, and how deep.
_MAX_PARTS, _MAX_DEPTH = 2_000, 20
_TEXT = ("date", "time", "date and time", "days and time duration", "years and months duration", "range")


def known_types(
    model: ProcessModel,
    form_types: FormTypes,
    decision_type: DecisionType = lambda _: ANY,
    brought: frozenset[str] = frozenset(),
) -> dict[str, Type]:
    """Return the types of the names whose type is certain.

    A name that several elements give with different types, one that is handed in at the start or ``brought`` by a called
    process, and one whose members are mapped singly are left out: any value may stand there.
    """
    types: dict[str, Type] = {}
    for _ in range(_ROUNDS):
        found = dict.fromkeys((*(model.declared or ()), *brought), ANY)
        for element in model.elements.values():
            for name, type_ in _given(element, form_types, decision_type, types):
                known = found.get(name)
                found[name] = type_ if known is None else _either(known, type_)
        found = {name: type_ for name, type_ in found.items() if type_.kind != "Any"}
        if found == types:
            break
        types = found
    return types


def task_types(element: Element, form_types: FormTypes) -> dict[str, Type]:
    """Return the types of what only the output mappings of a user task see: how it was completed, and its answers."""
    if not isinstance(element, UserTask) or element.signing is not None or element.loop is not None:
        return {}
    return {**(form_types(element.form_id) if element.form_id else {}), **COMPLETION}


def _given(
    element: Element, form_types: FormTypes, decision_type: DecisionType, types: Mapping[str, Type]
) -> Iterator[tuple[str, Type]]:
    certain = element.loop is None
    for binding in element.inputs:
        yield _bound(binding, types)
    own = {**types, **task_types(element, form_types)}
    # What a handler, a called process or a message brings may have any type, whatever the same name has elsewhere.
    mapped = own if certain and isinstance(element, UserTask | ScriptTask | BusinessRuleTask) else {}
    for binding in element.outputs:
        yield _bound(binding, mapped)
    match element:
        case UserTask():
            answers = form_types(element.form_id) if element.form_id else {}
            plain = certain and element.signing is None
            yield element.saved_as, Type("context", members=answers) if answers and plain else ANY
            if not element.outputs:
                for name, type_ in COMPLETION.items():
                    yield name, type_ if plain else ANY
                if element.document is None:
                    for name, type_ in answers.items():
                        yield name, type_ if plain else ANY
        case ScriptTask():
            yield element.result_variable, _of(element.expression, types) if certain else ANY
        case BusinessRuleTask():
            yield element.result_variable, decision_type(element.decision_id) if certain else ANY


def _bound(binding: Binding, types: Mapping[str, Type]) -> tuple[str, Type]:
    name, _, member = binding.target.partition(".")
    return name, ANY if member else _of(binding.source, types)


def _of(value: Value, types: Mapping[str, Type]) -> Type:
    if value.expression is None:
        return STRING if value.literal is not None else ANY
    return _stored(Inference(types).infer(value.expression.node))


def _stored(type_: Type) -> Type:
    """Return the type that a value has when it is read back from the database: dates and durations are text there."""
    return _Stored().of(type_, 0)


class _Stored:
    """One walk over a type; declared types may contain themselves, so it ends after a number of parts."""

    def __init__(self) -> None:
        self.left = _MAX_PARTS

    def of(self, type_: Type, depth: int) -> Type:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return ANY
        if type_.kind in ("number", "string", "boolean"):
            return Type(type_.kind)
        if type_.kind == "list":
            return Type("list", None if type_.element is None else self.of(type_.element, depth + 1))
        if type_.kind == "context" and type_.members is not None:
            members = {name: self.of(member, depth + 1) for name, member in type_.members.items()}
            return Type("context", members=members)
        return STRING if type_.kind in _TEXT else ANY


def _either(one: Type, other: Type) -> Type:
    """Return the type of a name that two elements give; of two structures the members of both."""
    if one.kind == other.kind == "context" and one.members is not None and other.members is not None:
        members = dict(one.members)
        for name, type_ in other.members.items():
            members[name] = _either(members[name], type_) if name in members else type_
        return Type("context", members=members)
    if one.kind == other.kind == "list":
        elements = (one.element, other.element)
        return Type("list", None if None in elements else _either(*elements))  # type: ignore[arg-type]
    return one if one == other else ANY
