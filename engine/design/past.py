"""What ended cases were, read from their history: how each began, what people answered and moved back, what came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import history, tables
from engine.commands.checking import NewPin, Reply
from engine.commands.undoing import COMPLETED, DONE, JUMPED, RETURNED, UNDONE, WITHDRAWN
from engine.database import Unit
from engine.values import load_json

_instances, _definitions, _documents = tables.instances.c, tables.definitions.c, tables.documents.c
#: What takes a completion back, so that it never was.
_TAKEN_BACK = (WITHDRAWN, "signature.withdrawn")


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody did with a step: completed it with an outcome, or returned it to the step ``back`` in a mode."""

    by: str
    at: datetime
    outcome: str | None = None
    opinion: str = ""
    form: Mapping[str, Any] | None = None
    pins: Sequence[NewPin] = ()
    replies: Sequence[Reply] = ()
    back: str | None = None
    mode: str | None = None


@dataclass(slots=True)
class Past:
    """What an ended case was: how it began, its answers by element, what handlers and messages brought, and its way."""

    instance_id: int
    version: int
    started_at: datetime
    ended_at: datetime
    starter: str
    state: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    brought: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    messages: list[tuple[datetime, str, str | None, Mapping[str, Any]]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Deed:
    """An event with what counts of it: the elements that it passed, the answer, what a handler brought."""

    path: Sequence[str]
    element: str = ""
    #: The item that was completed, the event that a handler's result is in; 0 for others.
    item: int = 0
    run: int = 0
    answer: Answer | None = None
    brought: tuple[str, Mapping[str, Any]] | None = None


def past(unit: Unit, process_id: str, since: datetime, limit: int) -> list[Past]:
    """Return the newest ended cases of a process since a moment.

    One whose contents were removed is left out, and one that an operator moved: what would have become of it by itself
    nobody knows.
    """
    query = (
        select(
            _instances.id,
            _instances.started_at,
            _instances.ended_at,
            _instances.initiator,
            _instances.state,
            _definitions.version,
        )
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(_definitions.process_id == process_id, _instances.ended_at >= since)
        .order_by(_instances.id.desc())
        .limit(limit)
    )
    found = []
    for row in unit.execute(query).all():
        case = Past(row.id, row.version, row.started_at, row.ended_at, row.initiator, row.state)
        if _read(unit, case):
            found.append(case)
    return found


def _read(unit: Unit, case: Past) -> bool:
    """Read a case's history; tell whether it is all there."""
    documents = {
        (row.name, row.version, row.sha256): row.body
        for row in unit.execute(select(tables.documents).where(_documents.instance_id == case.instance_id))
    }
    deeds: list[_Deed] = []
    taking_back = False
    for row in history.events_of(unit, case.instance_id):
        if row.body is None or row.kind == JUMPED:
            return False
        body = load_json(row.body)
        deed = _Deed(body.get("path", ()), str(row.element))
        for opened in body.get("opened", ()):
            asked = [opened["assignee"]] if opened.get("assignee") else opened["candidates"]
            case.asked.setdefault(opened["element"], list(asked))
        if row.kind == "instance.started":
            case.variables = body.get("variables") or {}
        elif row.kind == COMPLETED:
            form = None
            if document := body.get("document"):
                kept = documents.get((document["name"], int(document["version"]), document["sha256"]))
                if kept is None:
                    return False
                form = load_json(kept)
            deed.item, deed.answer = int(body["item"]), _answer(row, body, form)
        elif row.kind == RETURNED:
            deed.answer = Answer(
                row.actor,
                row.at,
                opinion=body["reason"],
                back=body["target"],
                mode=body["mode"],
                pins=_pins(body),
            )
        elif row.kind in _TAKEN_BACK:
            deeds = [one for one in deeds if one.item != int(body["item"])]
        elif row.kind == DONE:
            deed.run, deed.brought = row.seq, (str(body.get("type")), body.get("result") or {})
        elif row.kind == UNDONE and taking_back:
            deeds = [one for one in deeds if one.run != int(body["of"])]
        elif row.kind == "message.received":
            given = body.get("variables") or body.get("payload") or {}
            case.messages.append((row.at, str(body.get("name")), body.get("key"), given))
        if row.kind in (*_TAKEN_BACK, RETURNED, COMPLETED):
            taking_back = row.kind in _TAKEN_BACK
        deeds.append(deed)
    for deed in deeds:
        case.path += deed.path
        if deed.answer is not None:
            case.answers.setdefault(deed.element, []).append(deed.answer)
        if deed.brought is not None:
            type, result = deed.brought
            case.brought.setdefault(type, []).append(result)
    return bool(case.path)


def _answer(row: Any, body: Mapping[str, Any], form: Mapping[str, Any] | None) -> Answer:
    return Answer(
        row.actor,
        row.at,
        body.get("outcome"),
        body.get("opinion") or "",
        form,
        _pins(body),
        [Reply(**one) for one in body.get("replies", {}).values()],
    )


def _pins(body: Mapping[str, Any]) -> list[NewPin]:
    return [NewPin(**one) for one in body.get("pins", ())]
