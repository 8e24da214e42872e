"""Checks that what a process names is there: forms, decisions, called processes, handlers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine import dmn
from engine.bpmn.findings import finding
from engine.bpmn.model import BusinessRuleTask, CallActivity, ProcessModel, ServiceTask, UserTask
from engine.plugins import Finding


@dataclass(slots=True)
class Surroundings:
    """What is found in the files of one folder, by id.

    ``complete`` says that the files are all there is, as in a deployment: a reference to anything else is
    then an error. ``handlers`` are the types of the service tasks that are done here.
    """

    processes: dict[str, ProcessModel] = field(default_factory=dict)
    forms: dict[str, bytes] = field(default_factory=dict)
    decisions: dict[str, dmn.Model] = field(default_factory=dict)
    handlers: frozenset[str] = frozenset()
    complete: bool = False


def check_references(model: ProcessModel, around: Surroundings) -> Iterator[Finding]:
    """Yield a finding for each thing that a process names and that isn't among the files."""
    severity = "error" if around.complete else "warning"
    for element in model.elements.values():
        match element:
            case UserTask(form_id=str(name)) if name not in around.forms and not name.startswith("="):
                yield finding("form.missing", element, severity=severity, name=name)
            case BusinessRuleTask(decision_id=name) if name not in around.decisions and name[:1] != "=":
                yield finding("decision.missing", element, severity=severity, name=name)
            case CallActivity(process_id=name) if name not in around.processes and name[:1] != "=":
                yield finding("call.missing", element, severity=severity, name=name)
            case CallActivity(process_id=name) if (
                name[:1] != "=" and around.processes[name].start(None) is None
            ):
                yield finding("call.no_none_start", element, name=name)
            case ServiceTask(type=name) if name not in around.handlers and name[:1] != "=":
                yield finding("service.no_handler", element, severity="info", name=name)
