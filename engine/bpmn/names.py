"""Finds the names in expressions that nothing in the process gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine import feel
from engine.bpmn.event_definitions import (
    ConditionalEvent,
    ErrorEvent,
    EscalationEvent,
    MessageEvent,
    SignalEvent,
)
from engine.bpmn.findings import LANGUAGES, finding
from engine.bpmn.known_types import FormTypes, task_types
from engine.bpmn.model import (
    Binding,
    BusinessRuleTask,
    CallActivity,
    Element,
    Event,
    Flow,
    MultiInstance,
    ProcessModel,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    StandardLoop,
    UserTask,
    Value,
)
from engine.bpmn.values import HOST_FUNCTIONS
from engine.feel.infer import Inference
from engine.feel.messages import WIDE
from engine.feel.types import Type
from engine.plugins import Finding

#: What every expression may use: who started it; and, after a user task, how it was completed.
ALWAYS = HOST_FUNCTIONS | {"initiator"}
#: What an activity that repeats sees: which run it is and, for many items, the counts of BPMN 2.0.2, 10.3.8.
IN_A_LOOP = frozenset({"loopCounter"})
COUNTS = frozenset(
    {
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
AFTER_A_TASK = frozenset({"outcome", "opinion", "actor"})
#: What the condition of a signing may name: the votes counted by :meth:`engine.signing.Rule.counts`, and each one.
VOTES = frozenset({"required", "signed", "remaining", "approvals", "rejections", "abstentions", "signatures"})


def check_names(
    model: ProcessModel,
    given: frozenset[str],
    types: Mapping[str, Type],
    form_types: FormTypes,
    functions: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """Yield each use of a name or a member that nothing gives (an error where the process declares its ``inputs``, else
    a warning), and of types that can't meet.

    ``given`` are the names of :func:`names_given`, ``types`` those of :func:`known_types`; ``form_types`` gives the types
    of a form's answers by its id, and ``functions`` are the names of functions that plug-ins add.
    """
    severity = "warning" if model.declared is None else "error"
    known = ALWAYS | functions | given
    seen: set[tuple[str, str, str, str]] = set()
    for at, what, value, extra in _expressions(model, form_types):
        if value is None or value.expression is None:
            continue
        visible = {name: type_ for name, type_ in types.items() if name not in extra} if extra else types
        if extra and isinstance(at, Element):
            visible = {**visible, **task_types(at, form_types)}
        for problem in feel.examine(value.expression, known | extra, types=visible):
            key = (at.id, what, problem.code, str(problem.params.get("name")))
            if key not in seen:
                seen.add(key)
                yield _problem(problem, at, what, severity)
        if what == "condition":
            type_ = Inference(visible).infer(value.expression.node)
            if type_.kind not in ("boolean", "Any", "Null"):
                yield finding("condition.wrong_type", at, severity="warning", type=type_)


def _problem(problem: feel.Problem, at: Element | Flow | ProcessModel, what: str, severity: str) -> Finding:
    place: dict[str, Any] = {"row": problem.line, "place": problem.column, "what": what}
    if problem.code in ("feel.unknown_name", "feel.unknown_function", "feel.unknown_member"):
        code = "expression.unknown_member" if problem.code.endswith("member") else "expression.unknown_name"
        found = finding(code, at, severity=severity, name=problem.params["name"], **place)
        if problem.params["suggestion"] or not WIDE.isdisjoint(problem.params["name"]):
            return replace(found, remedy={language: problem.remedy(language) for language in LANGUAGES})
        return found
    zh, en = problem.message("zh"), problem.message("en")
    return finding("expression.types", at, severity="warning", zh=zh, en=en, **place)


def names_brought(
    model: ProcessModel, models: Sequence[ProcessModel], form_fields: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Return the names that the processes which it calls hand back: of their types nothing is said here."""
    called = {
        element.process_id
        for element in model.elements.values()
        if isinstance(element, CallActivity) and element.propagate_child
    }
    found = (names_given(other, models, form_fields) for other in models if other.id in called)
    return frozenset(name for names in found for name in names)


def names_given(
    model: ProcessModel, models: Iterable[ProcessModel], form_fields: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Return every name that a process declares, maps, computes, asks for in a form or saves as a
    document.
    """
    by_id = {other.id: other for other in models}
    names: set[str] = set()
    todo, done = [model.id], set()
    by_id.setdefault(model.id, model)
    while todo:
        process = by_id.get(todo.pop())
        if process is None or process.id in done:
            continue
        done.add(process.id)
        names.update(process.declared or ())
        for element in process.elements.values():
            names.update(names_of(element, form_fields))
            if isinstance(element, CallActivity) and element.propagate_child:
                todo.append(element.process_id)
    return frozenset(name.split(".")[0] for name in names)


def names_of(element: Element, form_fields: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the names that one element maps, computes, asks for or saves."""
    yield from (binding.target for binding in element.inputs + element.outputs)
    yield from _results(element, form_fields)
    yield from _loop_names(element)


def _results(element: Element, form_fields: Callable[[str], Iterable[str]]) -> Iterator[str]:
    match element:
        case UserTask():
            yield element.saved_as
            if not element.outputs:
                yield from AFTER_A_TASK
                if element.signing is not None:
                    yield "signatures"
            if element.signing is not None:
                yield from IN_A_LOOP
            elif element.form_id is not None and element.document is None:
                yield from form_fields(element.form_id)
        case ScriptTask() | BusinessRuleTask():
            yield element.result_variable


def _loop_names(element: Element) -> Iterator[str]:
    match element.loop:
        case StandardLoop():
            yield from IN_A_LOOP
        case MultiInstance(input_element=item, output_collection=collection):
            yield from IN_A_LOOP | COUNTS
            yield from (name for name in (item, collection) if name is not None)


def _loop_expressions(element: Element) -> Iterator[tuple[str, Value | None]]:
    match element.loop:
        case StandardLoop(condition=condition):
            yield "loopCondition", condition
        case MultiInstance() as loop:
            yield "inputCollection", loop.collection
            yield "loopCardinality", loop.cardinality
            yield "outputElement", loop.output_element
            yield "completionCondition", loop.completion


def _expressions(
    model: ProcessModel, form_fields: Callable[[str], Iterable[str]]
) -> Iterator[tuple[Element | Flow | ProcessModel, str, Value | None, frozenset[str]]]:
    """Yield every expression with where it stands, what it is for, and the names that only it sees."""
    none: frozenset[str] = frozenset()
    for name in ("subject", "unit", "section", "reference", "amount", "figures"):
        yield model, name, getattr(model, name), none
    for flow in model.flows.values():
        yield flow, "condition", flow.condition, none
    for element in model.elements.values():
        for what, value in _loop_expressions(element):
            yield element, what, value, none
        for binding in element.inputs:
            yield element, _mapping("input", binding), binding.source, none
        if not isinstance(element, ServiceTask | CallActivity) and not _brings(element):
            for binding in element.outputs:
                extra = AFTER_A_TASK if isinstance(element, UserTask) else none
                if isinstance(element, UserTask) and element.form_id is not None and element.signing is None:
                    extra |= frozenset(form_fields(element.form_id))
                yield element, _mapping("output", binding), binding.source, extra
        match element:
            case UserTask():
                yield element, "assignee", element.assignee, none
                yield element, "candidateGroups", element.candidate_groups, none
                yield element, "candidateUsers", element.candidate_users, none
                yield element, "dueDate", element.due, none
                yield element, "followUpDate", element.follow_up, none
                yield element, "priority", element.priority, none
                yield element, "audience", element.audience, none
                yield element, "opinion-audience", element.opinion_audience, none
                yield element, "drafters", element.drafters, none
                yield element, "cc", element.cc, AFTER_A_TASK
                yield element, "deadline-owner", element.deadline_owner, none
                yield element, "paper", element.paper, none
                yield element, "on-empty", element.on_empty, none
                yield element, "on-initiator", element.on_initiator, none
                yield element, "on-repeat", element.on_repeat, none
                yield element, "on-separated", element.on_separated, none
                yield element, "urgent-after", element.urgent_after, none
                yield element, "receipt-due", element.receipt_due, none
                if element.signing is not None:
                    yield element, "signing", element.signing.condition, VOTES
                    yield element, "lead", element.signing.lead, none
            case ServiceTask():
                yield element, "type", element.type_expression, none
                yield element, "retries", element.retries, none
                yield element, "retry-backoff", element.backoff, none
            case ScriptTask():
                yield element, "script", element.expression, none
            case SendTask(message=message) | ReceiveTask(message=message):
                yield from _message(element, message)
            case Event(definition=MessageEvent() as message):
                yield from _message(element, message)
            case Event(definition=SignalEvent() as signal):
                yield element, "signalName", signal.name, none
            case Event(definition=ConditionalEvent(condition=condition)):
                yield element, "condition", condition, none
            case Event(definition=ErrorEvent(code=code) | EscalationEvent(code=code)):
                yield element, "code", code, none
            case Event() if element.timer is not None:
                yield element, "timer", element.timer.value, none


def _brings(element: Element) -> bool:
    """Tell whether a message or a signal comes here, whose variables nobody declares."""
    return isinstance(element.awaits, MessageEvent | SignalEvent)


def _message(
    element: Element, message: MessageEvent
) -> Iterator[tuple[Element, str, Value | None, frozenset[str]]]:
    yield element, "messageName", message.name, frozenset()
    yield element, "correlation-key", message.key, frozenset()
    yield element, "message-id", message.message_id, frozenset()
    yield element, "time-to-live", message.time_to_live, frozenset()


def _mapping(tag: str, binding: Binding) -> str:
    return f"zeebe:{tag} {binding.target}"
