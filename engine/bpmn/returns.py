"""Reads and checks what a user task says about returning it: where to, how it comes back, what may end by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.blocks import Blocks
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, ProcessModel, Returning, UserTask
from engine.bpmn.values import names_list
from engine.plugins import Finding

#: Where a task may be returned to, besides the ids of steps.
PREVIOUS, INITIATOR, ANY, NONE = "previous", "initiator", "any", "none"
MODES = ("walk", "direct", "ask")
ACROSS = ("branches", "call")
JOINED = ("arrived", "again")
BULK = ("no", "yes")

PROPERTIES = frozenset({"return", "return-mode", "return-across", "return-joined", "return-bulk"})


def returning_of(properties: Mapping[str, str]) -> Returning | None:
    """Return what the properties of a user task say; None where it can't be returned."""
    targets = tuple(name for name in names_list(properties.get("return")) if name != NONE)
    if not targets:
        return None
    return Returning(
        targets,
        properties.get("return-mode", "").strip() or MODES[0],
        frozenset(names_list(properties.get("return-across"))),
        properties.get("return-joined", "").strip() == "again",
        properties.get("return-bulk", "").strip() == "yes",
    )


def check_returning(task: UserTask, model: ProcessModel) -> Iterator[Finding]:
    """Yield what is wrong with a task's properties about returning: unknown values, targets never to be reached."""
    yield from _values(task)
    returning = task.returning
    for name in sorted(PROPERTIES & task.properties.keys() - {"return"}) if returning is None else ():
        yield finding("return.without", task, name=name)
    for name in returning.targets if returning is not None else ():
        if name in (PREVIOUS, INITIATOR, ANY):
            continue
        target = model.elements.get(name)
        if not isinstance(target, UserTask):
            yield finding("return.unknown", task, name=name)
        elif (reason := _never(task, target, model)) is not None:
            yield finding(reason, task, name=name)


def _values(task: UserTask) -> Iterator[Finding]:
    for name, allowed in (("return-mode", MODES), ("return-joined", JOINED), ("return-bulk", BULK)):
        value = task.properties.get(name, "").strip()
        if value and value not in allowed:
            yield finding("property.value", task, name=name, value=value, allowed=", ".join(allowed))
    for value in names_list(task.properties.get("return-across")):
        if value not in ACROSS:
            yield finding(
                "property.value", task, name="return-across", value=value, allowed=", ".join(ACROSS)
            )
    named = names_list(task.properties.get("return"))
    if NONE in named and len(named) > 1:
        yield finding("property.value", task, name="return", value=", ".join(named), allowed=NONE)


def _never(task: UserTask, target: UserTask, model: ProcessModel) -> str | None:
    """Return the code of why a token of the task can never be moved to the target, None where it may."""
    left: list[Element] = []
    entered: list[Element] = []
    for mine in _upwards(task, model):
        left.append(mine)
        entered = list(_upwards(target, model))
        while entered and entered[-1].parent != mine.parent:
            entered.pop()
        if entered:
            break
    if any(_triggered(element) for element in (*left, *entered)):
        return "return.never"
    blocks, here, there = Blocks(model, left[-1].parent), left[-1].id, entered[-1].id
    relation = blocks.relation(here, there)
    if relation.refusal is not None or relation.side:
        return "return.never"
    return None if blocks.earlier(there, here) else "return.not_earlier"


def _upwards(element: Element, model: ProcessModel) -> Iterator[Element]:
    """Yield an element and the sub-processes around it, inner ones first."""
    at: Element | None = element
    while at is not None:
        yield at
        at = model.elements.get(at.parent or "")


def _triggered(element: Element) -> bool:
    return bool(getattr(element, "triggered", False))
