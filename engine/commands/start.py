"""Starting instances, one or many thousand in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.bpmn.model import UserTask
from engine.catalogue import Process
from engine.commands import keys, requests, writer
from engine.commands.act import Act
from engine.commands.changes import Instance
from engine.commands.ports import Ports
from engine.commands.progress import Progress
from engine.commands.scopes import Scopes
from engine.database import Database, Unit
from engine.errors import BihuanError, Forbidden, Refused
from engine.history import GENESIS, Entry
from engine.identity import SYSTEM, Actor
from engine.posts import acting_as
from engine.runtime import Execution

BATCH = 500


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What one instance starts with; ``documents`` are saved as first versions, by name."""

    variables: Mapping[str, Any]
    business_key: str | None = None
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """A new instance and the state in which its first command left it."""

    instance_id: int
    state: str


def start(
    ports: Ports,
    unit: Unit,
    process: Process,
    request: StartRequest,
    actor: Actor,
    request_key: str | None,
) -> Started:
    """Start an instance inside a transaction."""
    asked = requests.fingerprint(
        "start",
        process.process_id,
        actor.principal,
        request.variables,
        request.business_key,
        request.documents,
    )
    known = requests.answer(unit, request_key, asked)
    if known is not None:
        return Started(**known)
    _may_start(actor)
    (id,) = writer.reserve(unit, "instances", 1)
    act = begin(ports, unit, process, request, _initiator(actor), id, post=acting_as(actor))
    writer.write(unit, [act])
    started = Started(id, act.instance.state)
    requests.remember(unit, request_key, asked, {"instance_id": id, "state": started.state}, act.now)
    return started


def start_many(
    ports: Ports,
    database: Database,
    process_id: str,
    version: int | None,
    wanted: Sequence[StartRequest],
    actor: Actor,
    progress: Callable[[int], None] | None,
) -> list[Started]:
    """Start many instances, :data:`BATCH` in a transaction; ``progress`` is told how many are done."""
    _may_start(actor)
    done: list[Started] = []
    iterator: Iterator[StartRequest] = iter(wanted)
    while batch := list(islice(iterator, BATCH)):
        current = batch

        def command(unit: Unit, batch: Sequence[StartRequest] = current) -> list[Started]:
            process = ports.catalogue.startable(unit, process_id, version)
            ids = writer.reserve(unit, "instances", len(batch))
            acts = [
                begin(ports, unit, process, request, _initiator(actor), id, post=acting_as(actor))
                for request, id in zip(batch, ids, strict=True)
            ]
            writer.write(unit, acts)
            return [Started(act.instance.id, act.instance.state) for act in acts]

        done.extend(database.retry(command))
        if progress is not None:
            progress(len(done))
    return done


def begin(
    ports: Ports,
    unit: Unit,
    process: Process,
    request: StartRequest,
    initiator: str,
    id: int,
    event: str | None = None,
    post: str | None = None,
) -> Act:
    """Make a new instance and let its tokens run; nothing is written but by handlers.

    ``event`` is the start event that has happened (a message, a signal, a time), whose variables the request has; None
    for the none start event. ``post`` is the initiator's. Raises :class:`Refused` where there is no such start event, and
    :class:`Conflict` where a running instance has the business key and it must be unique.
    """
    if request.business_key is not None and len(request.business_key) > 200:
        raise BihuanError("start.key_too_long", length=len(request.business_key))
    model = process.definition.model
    if event is None and model.start(None) is None:
        raise Refused("start.no_none_start", process=process.name)
    if request.business_key is not None and (event is not None or keys.is_unique(process)):
        keys.take(unit, process, request.business_key, id)
    now = ports.clock.now()
    mapped = event is not None and bool(model.elements[event].outputs)
    instance = Instance(
        id, 0, "waiting", request.business_key, initiator, now, None, 0, GENESIS, stored=False
    )
    scopes = Scopes.new({} if mapped else request.variables)
    act = Act(ports, unit, process, instance, scopes, Progress(), initiator)
    act.post = post
    act.progress.join([initiator])
    for name, body in request.documents.items():
        _save(act, name, body)
    act.entries.append(
        Entry(
            "instance.started",
            initiator,
            now,
            event,
            {
                "process": process.process_id,
                "version": process.version,
                "business_key": request.business_key,
                "documents": {saved.name: saved.sha256 for saved in act.changes.documents},
            },
        )
    )
    act.refresh_columns(all=True)
    act.execution = Execution.start(process.definition, act, event)
    if mapped:
        (token,) = act.execution.tokens()
        act.results(token, request.variables)
    act.execution.run()
    return act


def _save(act: Act, name: str, body: Mapping[str, Any]) -> None:
    """Save a document that an instance starts with, under the form of the step that goes on with it."""
    saver = next(
        (
            element
            for element in act.process.definition.model.elements.values()
            if isinstance(element, UserTask) and element.saved_as == name
        ),
        None,
    )
    form = act.process.forms.get(saver.form_id or "") if saver is not None else None
    act.save_document(
        0,
        name,
        body,
        element=saver.id if saver is not None else "",
        form_resource_id=form.resource_id if form is not None else None,
    )


def _initiator(actor: Actor) -> str:
    return actor.person if actor is SYSTEM else actor.principal


def _may_start(actor: Actor) -> None:
    if actor.no_business:
        raise Forbidden("admin.no_business")
