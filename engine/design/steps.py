"""常用修改: a process as a list of steps and conditions for who writes no FEEL, and how a change of one is written back.

What a list can't show is kept as it is, told with the reason, and can't be changed here. A change touches the attribute or
the element that says it, and nothing else of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.model import Element, Flow, Gateway, ProcessModel, UserTask, Value
from engine.bpmn.reader import read
from engine.bpmn.values import names_list
from engine.design import step_values as values
from engine.design.step_writing import Editing
from engine.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Shown:
    """A property of a step: its value, or why it can't be shown (a code of the messages) and what the file says."""

    value: Any = None
    hidden: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A user task with what can be changed: ``name``, ``approver``, ``deadline``, ``signing``, ``return``, ``form``.

    ``earlier`` are the steps that a token may have come by: where it could be returned to.
    """

    element: str
    name: str
    lane: str
    properties: Mapping[str, Shown]
    outcomes: Sequence[str] = ()
    earlier: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A flow out of a gateway: where it leads, and when: ``test`` has ``field``, ``operator`` and ``value``."""

    flow: str
    name: str
    gateway: str
    gateway_name: str
    to: str
    to_name: str
    default: bool
    test: Shown = field(default_factory=Shown)


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a file in the order in which a case comes to them, and its conditions."""

    steps: Sequence[Step]
    conditions: Sequence[Condition]


@dataclass(frozen=True, slots=True)
class Change:
    """A wish: the element or flow, which of its properties (``condition`` for a flow), and the new value."""

    element: str
    property: str
    value: Any


def steps(source: bytes) -> Steps:
    """Return the list of a BPMN file; raises :class:`Refused` where there is no process to read."""
    found, conditions = [], []
    for model in _models(source):
        lanes = {node: lane.name for lane in model.lanes for node in lane.nodes}
        order = _order(model)
        tasks = [one for one in order if isinstance(one, UserTask)]
        for number, task in enumerate(tasks):
            found.append(
                Step(
                    task.id,
                    task.name or task.id,
                    lanes.get(task.id, ""),
                    _properties(task),
                    task.outcomes,
                    [other.id for other in tasks[:number]],
                )
            )
        for gateway in order:
            if isinstance(gateway, Gateway):
                conditions += [_condition(model, gateway, flow) for flow in model.outgoing(gateway)]
    return Steps(found, [one for one in conditions if one.default or one.test != Shown()])


def changed(source: bytes, changes: Sequence[Change]) -> bytes:
    """Return the file with changes written into it.

    Raises :class:`NotFound` for an element that isn't there, and :class:`Refused` for a value that makes no sense or a
    property that the list can't show.
    """
    editing, seen, models = Editing(source), source, _models(source)
    for change in changes:
        element: Element | None = None
        flow: Flow | None = None
        if (written := editing.written()) != seen:
            seen, models = written, _models(written)
        for model in models:
            element = element or model.elements.get(change.element)
            flow = flow or model.flows.get(change.element)
        if isinstance(element, UserTask) and change.property in _WRITERS:
            now = _properties(element)[change.property]
            if now.hidden is not None:
                raise Refused("steps.hidden", name=element.name or element.id, text=now.text)
            if now.value != change.value:
                _WRITERS[change.property](editing, element, change.value)
        elif flow is not None and change.property == "condition":
            before = Shown() if flow.condition is None else _test(flow.condition)
            if before.hidden is not None:
                raise Refused("steps.hidden", name=flow.name or flow.id, text=before.text)
            if before.value != change.value:
                editing.condition(flow.id, values.write_test(change.value))
        else:
            raise NotFound("design.no_element", element=change.element)
    return editing.written()


def _models(source: bytes) -> Sequence[ProcessModel]:
    models, findings = read(source)
    if not models:
        raise Refused("steps.unreadable", tuple(findings))
    return models


def _order(model: ProcessModel) -> list[Element]:
    """Return the elements as a case comes to them, the file's order where it could be either."""
    found: dict[str, Element] = {}
    todo = [one for one in model.elements.values() if not model.incoming(one) and one.attached_to is None]
    while todo:
        at = todo.pop(0)
        if at.id in found:
            continue
        found[at.id] = at
        after = [model.elements[flow.target] for flow in model.outgoing(at)]
        hanging = [one for one in model.elements.values() if one.attached_to == at.id]
        todo += [*after, *hanging, *model.children(at.id)]
    return [*found.values(), *(one for one in model.elements.values() if one.id not in found)]


def _properties(task: UserTask) -> dict[str, Shown]:
    written = [
        (name, value)
        for name, value in (
            ("assignee", task.assignee),
            ("candidateGroups", task.candidate_groups),
            ("candidateUsers", task.candidate_users),
        )
        if value is not None
    ]
    if len(written) > 1:
        text = "; ".join(f"{name} {_text(value)}" for name, value in written)
        approver = Shown(hidden="steps.several", text=text)
    else:
        approver = _shown(values.approver(*written[0]), written[0][1]) if written else Shown([])
    signing = task.properties.get("signing", "").strip()
    returning = task.properties.get("return", "")
    return {
        "name": Shown(task.name),
        "approver": approver,
        "deadline": Shown(None) if task.due is None else _shown(values.deadline(task.due), task.due),
        "signing": Shown(signing)
        if values.signs(signing)
        else Shown(hidden="steps.expression", text=signing),
        "return": Shown([one for one in names_list(returning) if one != "none"]),
        "form": Shown(task.form_id),
    }


def _shown(value: Any, written: Value) -> Shown:
    return Shown(hidden="steps.expression", text=_text(written)) if value is None else Shown(value)


def _text(value: Value) -> str:
    return f"={value.text}" if value.is_expression else value.text


def _condition(model: ProcessModel, gateway: Gateway, flow: Flow) -> Condition:
    target = model.elements[flow.target]
    return Condition(
        flow.id,
        flow.name,
        gateway.id,
        gateway.name,
        target.id,
        target.name,
        gateway.default == flow.id,
        Shown() if flow.condition is None else _test(flow.condition),
    )


def _test(condition: Value) -> Shown:
    return _shown(values.read_test(condition), condition)


def _name(editing: Editing, task: UserTask, value: Any) -> None:
    editing.name(task.id, values.text(value))


def _approver(editing: Editing, task: UserTask, value: Any) -> None:
    editing.assignment(task.id, *values.write_approver(value))


def _deadline(editing: Editing, task: UserTask, value: Any) -> None:
    editing.due(task.id, None if value is None else values.write_deadline(value))


def _signing(editing: Editing, task: UserTask, value: Any) -> None:
    if not isinstance(value, str) or not values.signs(value):
        raise Refused("steps.value", value=str(value))
    editing.property(task.id, "signing", value.strip() or None)


def _return(editing: Editing, task: UserTask, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise Refused("steps.value", value=str(value))
    editing.property(task.id, "return", ", ".join(value) or None)


def _form(editing: Editing, task: UserTask, value: Any) -> None:
    editing.form(task.id, None if value is None else values.text(value))


_WRITERS = {
    "name": _name,
    "approver": _approver,
    "deadline": _deadline,
    "signing": _signing,
    "return": _return,
    "form": _form,
}
