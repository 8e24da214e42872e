"""Checks the properties of steps: who does them, which outcomes they have, which documents they name."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import returns, signatures
from engine.bpmn.event_definitions import MessageEvent
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Event, ProcessModel, SendTask, ServiceTask, UserTask
from engine.bpmn.nodes import RETRY_BACKOFF
from engine.bpmn.times import is_duration
from engine.bpmn.values import names_list
from engine.plugins import Finding

#: Properties that have a meaning here.
PROCESS_PROPERTIES = frozenset(
    {"unique-key", "subject", "unit", "section", "reference", "amount", "figures", "inputs", "retention"}
)
TASK_PROPERTIES = frozenset(
    {
        "outcomes",
        "rejects",
        "document",
        "shows",
        "entrusts",
        "audience",
        "opinion-audience",
        "without-form",
        "needs-opinion",
        "needs-pins",
        "pins",
        "editable",
        "drafters",
        "separate-from",
        "cc",
        "deadline-owner",
        "paper",
        "on-empty",
        "on-initiator",
        "on-repeat",
        "on-separated",
        "urgent-after",
        "receipt-due",
        "bulk",
    }
    | returns.PROPERTIES
    | signatures.PROPERTIES
)
SERVICE_PROPERTIES = frozenset({RETRY_BACKOFF, "irreversible"})
SENDING_PROPERTIES = frozenset({"correlation-key", "message-id", "time-to-live"})
#: Whether a step may be decided among many: always, once its page was opened, never.
BULK = ("yes", "opened", "no")
#: How often a job may be tried.
MAX_RETRIES = 100


def check_steps(model: ProcessModel) -> Iterator[Finding]:
    """Yield what is wrong with the properties of a process and of its elements."""
    for name in sorted(model.properties.keys() - PROCESS_PROPERTIES):
        yield finding("property.unknown", model, severity="warning", name=name)
    if model.retention is not None and not is_duration(model.retention):
        yield finding("process.bad_retention", model, id=model.id, text=model.retention)
    unique = model.properties.get("unique-key", "false").strip()
    if unique not in ("true", "false"):
        yield finding("property.value", model, name="unique-key", value=unique, allowed="true, false")
    documents = {task.saved_as for task in model.elements.values() if isinstance(task, UserTask)}
    documents.update(names_list(model.properties.get("inputs")))
    for element in model.elements.values():
        yield from _properties(element)
        if isinstance(element, UserTask):
            yield from _user_task(element, model, documents)
        elif isinstance(element, ServiceTask):
            yield from _service_task(element)


def _properties(element: Element) -> Iterator[Finding]:
    known: frozenset[str] = frozenset()
    if isinstance(element, UserTask):
        known = TASK_PROPERTIES
    elif isinstance(element, ServiceTask):
        known = SERVICE_PROPERTIES
    elif isinstance(element, SendTask) or _throws_message(element):
        known = SENDING_PROPERTIES
    for name in sorted(element.properties.keys() - known):
        yield finding("property.unknown", element, severity="warning", name=name)


def _throws_message(element: Element) -> bool:
    sends = isinstance(element, Event) and element.kind in ("endEvent", "intermediateThrowEvent")
    return sends and isinstance(getattr(element, "definition", None), MessageEvent)


def _service_task(task: ServiceTask) -> Iterator[Finding]:
    retries = None if task.retries is None else task.retries.literal
    if retries is not None and not (
        retries.isascii() and retries.isdigit() and 1 <= int(retries) <= MAX_RETRIES
    ):
        yield finding("service.bad_retries", task, text=retries, most=MAX_RETRIES)
    backoff = None if task.backoff is None else task.backoff.literal
    if backoff is not None and not is_duration(backoff):
        yield finding("service.bad_backoff", task, text=backoff)
    irreversible = task.properties.get("irreversible", "no").strip()
    if irreversible not in ("yes", "no"):
        yield finding("property.value", task, name="irreversible", value=irreversible, allowed="yes, no")


def _user_task(task: UserTask, model: ProcessModel, documents: set[str]) -> Iterator[Finding]:
    if task.assignee is None and task.candidate_groups is None and task.candidate_users is None:
        yield finding("task.unassigned", task, severity="warning")
    for name in ("rejects", "abstains", "without-form", "needs-opinion", "needs-pins"):
        for value in names_list(task.properties.get(name)):
            if value not in task.outcomes:
                yield finding("outcome.unknown", task, name=name, value=value)
    yield from signatures.check_signing(task)
    for identifier in names_list(task.properties.get("separate-from")):
        if "#" not in identifier and not isinstance(model.elements.get(identifier), UserTask):
            yield finding("separate.unknown", task, name=identifier)
    for name in ("shows", "entrusts", "pins"):
        for value in names_list(task.properties.get(name)):
            if value not in documents:
                yield finding("document.unknown", task, severity="warning", name=name, value=value)
    yield from returns.check_returning(task, model)
    if task.editable not in (None, "pinned"):
        yield finding("property.value", task, name="editable", value=task.editable, allowed="pinned")
    if task.bulk not in BULK:
        yield finding("property.value", task, name="bulk", value=task.bulk, allowed=", ".join(BULK))
