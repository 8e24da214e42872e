"""Checks that the forms and decisions of a process are given what their expressions name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from engine import dmn
from engine.bpmn.findings import finding
from engine.bpmn.model import BusinessRuleTask, ProcessModel, UserTask
from engine.feel.suggest import closest
from engine.feel.types import Type
from engine.plugins import Finding

FormCheck = Callable[[str, Collection[str], Mapping[str, Type]], Iterable[Finding]]
"""Checks a form, by its id, against the names and types that its process gives."""


def check_uses(
    model: ProcessModel,
    given: frozenset[str],
    types: Mapping[str, Type],
    check_form: FormCheck,
    decisions: Mapping[str, dmn.Model],
    functions: Collection[str],
) -> Iterator[Finding]:
    """Yield each name that a form or a decision uses and that nothing gives (an error where the process declares its
    ``inputs``, else a warning), and each input of a decision whose type can't be right."""
    severity = "warning" if model.declared is None else "error"
    for element in model.elements.values():
        match element:
            case UserTask(form_id=str(form)):
                for found in check_form(form, given, types):
                    lowered = severity if found.severity == "error" else found.severity
                    yield replace(
                        found, severity=lowered, element=element.id, line=element.line, column=element.column
                    )
            case BusinessRuleTask(decision_id=name) if name in decisions:
                yield from _decision(element, decisions[name], given, types, functions, severity)


def _decision(
    element: BusinessRuleTask,
    model: dmn.Model,
    given: frozenset[str],
    types: Mapping[str, Type],
    functions: Collection[str],
    severity: str,
) -> Iterator[Finding]:
    decision = element.decision_id
    for name, wanted in dmn.needs(model, decision, functions).items():
        if name not in given:
            meant = closest(name, given)
            yield finding(
                "decision.input_missing",
                element,
                severity=severity,
                decision=decision,
                name=name,
                suggestion=meant,
            )
        elif not _may_be(types.get(name), wanted):
            yield finding(
                "decision.input_type",
                element,
                severity="warning",
                decision=decision,
                name=name,
                wanted=wanted,
                given=types[name],
            )


def _may_be(given: Type | None, wanted: Type) -> bool:
    """Whether a value of a type can be one that is wanted, with the standard's conversions from and to a list of one."""
    if given is None:
        return True
    unknown = {"Any", "Null", "list"}
    return given.kind == wanted.kind or bool(unknown & {given.kind, wanted.kind})
