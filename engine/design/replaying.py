"""Replays what people really answered in ended cases through a draft: which would go another way, end otherwise, take
longer, or ask other people.

Of a case the history gives how it began, every answer with its form, what handlers and messages brought, and when. In the
replay handlers don't run: what they brought then is brought again; and answers aren't checked: they were taken then. A step
that the case never had stops its replay there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from engine import history, tables
from engine.commands.loading import load_instance
from engine.database import Database, Unit
from engine.design.sandbox import open_sandbox
from engine.design.trying import Sandbox
from engine.errors import BihuanError
from engine.folder import belonging
from engine.play.board import holder, person
from engine.values import load_json

#: So many days after a case's end its replay still waits for timers.
_PATIENCE = timedelta(days=60)
#: So many steps a replay takes at most.
_MOST_STEPS = 500
_instances, _definitions, _documents = tables.instances.c, tables.definitions.c, tables.documents.c


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
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    brought: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    messages: list[tuple[datetime, str, str | None, Mapping[str, Any]]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    asked: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a case's replay beside what came of the case.

    ``parts`` is the first element at which the ways part, None where they are the same; ``asked`` gives for each step that
    would ask others whom it asked and whom it would. ``stopped`` is why the replay went no further: a step without an
    answer, a refused answer, an incident.
    """

    instance_id: int
    version: int
    before: Sequence[str]
    after: Sequence[str]
    parts: str | None
    state_before: str
    state_after: str
    asked: Mapping[str, tuple[Sequence[str], Sequence[str]]]
    stopped: BihuanError | None
    seconds_before: int
    seconds_after: int
    #: What the draft calls the elements of ``parts`` and ``asked``.
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends_otherwise(self) -> bool:
        """Whether both came to an end, and not to the same."""
        ended = self.stopped is None
        return ended and (self.state_before, self.before[-1:]) != (self.state_after, self.after[-1:])

    @property
    def same(self) -> bool:
        """Whether nothing would have been different."""
        return self.parts is None and not self.asked and self.stopped is None and not self.ends_otherwise


def past(unit: Unit, process_id: str, since: datetime, limit: int) -> list[Past]:
    """Return the newest ended cases of a process since a moment; one whose contents were removed is left out."""
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
    for row in history.events_of(unit, case.instance_id):
        if row.body is None:
            return False
        body = load_json(row.body)
        case.path += body.get("path", ())
        for opened in body.get("opened", ()):
            asked = [opened["assignee"]] if opened.get("assignee") else opened["candidates"]
            case.asked.setdefault(opened["element"], list(asked))
        if row.kind == "instance.started":
            case.variables = body.get("variables") or {}
        elif row.kind == "item.completed":
            answer: dict[str, Any] = {"by": row.actor, "at": row.at, "outcome": body.get("outcome")}
            answer["opinion"] = body.get("opinion") or ""
            if document := body.get("document"):
                kept = documents.get((document["name"], int(document["version"]), document["sha256"]))
                if kept is None:
                    return False
                answer["form"] = load_json(kept)
            case.answers.setdefault(str(row.element), []).append(answer)
        elif row.kind == "service.done":
            case.brought.setdefault(str(body.get("type")), []).append(body.get("result") or {})
        elif row.kind == "message.received":
            given = body.get("variables") or body.get("payload") or {}
            case.messages.append((row.at, str(body.get("name")), body.get("key"), given))
    return bool(case.path)


def replay(
    county: Database,
    files: Mapping[str, bytes],
    main: str,
    process_id: str,
    cases: Sequence[Past],
    plugins: Any,
) -> list[Replayed]:
    """Replay cases through ``files[main]``; raises :class:`Refused` where it can't be deployed."""
    database = open_sandbox(county, plugins, None)
    try:
        board = Sandbox(database, {}, [], _Taking(plugins), "zh")
        board.engine.catalogue.handlers = {}
        board.engine.deploy(belonging(files, main, plugins), actor="system", complete=False)
        board.process = process_id
        raw = cast("sqlite3.Connection", database.engine.raw_connection().driver_connection)
        clean = raw.serialize()
        found = []
        for case in cases:
            raw.deserialize(clean)
            board.instance = 0
            found.append(_Replay(board, case).run())
        return found
    finally:
        database.close()


class _Taking:
    """The plug-ins, but for what they have against answers: these were taken when they were given."""

    def __init__(self, plugins: Any) -> None:
        self._plugins = plugins
        self.hook = _TakingHooks(plugins.hook)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plugins, name)


class _TakingHooks:
    """Their hooks, those that judge answers aside."""

    def __init__(self, hooks: Any) -> None:
        self._hooks = hooks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hooks, name)

    def bihuan_check_answers(self, **_: Any) -> Sequence[Any]:
        return ()

    def bihuan_fill_answers(self, **_: Any) -> None:
        return None

    def bihuan_may_store(self, **_: Any) -> None:
        return None


class _Replay:
    """One case on its way through the draft."""

    def __init__(self, board: Sandbox, case: Past) -> None:
        self.board, self.engine, self.case = board, board.engine, case
        self.answers = {element: list(given) for element, given in case.answers.items()}
        self.brought = {type: list(given) for type, given in case.brought.items()}
        self.messages = list(case.messages)
        self.asked: dict[str, list[str]] = {}

    def run(self) -> Replayed:
        board, case = self.board, self.case
        board.clock.set(case.started_at)
        stopped: BihuanError | None = None
        try:
            starter = person(case.starter) if case.starter.startswith("user:") else "system"
            started = self.engine.start(board.process, actor=starter, variables=case.variables)
            board.instance = started.instance_id
            for _ in range(_MOST_STEPS):
                if not self._step():
                    break
        except BihuanError as error:
            stopped = error
        return self._told(stopped)

    def _step(self) -> bool:
        """Do the next thing that the case did, too; tell whether there was one."""
        items = self.board.open_items()
        for item in items:
            self.asked.setdefault(item.element, [item.assignee] if item.assignee else item.candidates)
        jobs = self.board.jobs("external")
        if jobs:
            given = self.brought.get(jobs[0].type)
            self.engine.complete_job(jobs[0].id, None, given.pop(0) if given else {})
            return True
        ready = [
            (self.answers[item.element][0]["at"], item) for item in items if self.answers.get(item.element)
        ]
        due = self.board.next_due() if self.board.jobs("timer") else None
        at = min((at for at, _ in ready), default=None)
        if due is not None and (at is None or due < at) and due <= self.case.ended_at + _PATIENCE:
            if at is None and items and due > self.case.ended_at:
                return False
            self.board.clock.set(max(due, self.board.clock.now()))
            return self.engine.run_due(limit=1) > 0
        if self.messages and (at is None or self.messages[0][0] < at):
            _, name, key, variables = self.messages.pop(0)
            self.engine.publish(name, key, variables, actor="system")
            return self.engine.deliver() >= 0
        if not ready:
            return False
        at, item = min(ready, key=lambda one: (one[0], one[1].id))
        answer = self.answers[item.element].pop(0)
        self.board.clock.set(max(at, self.board.clock.now()))
        self.engine.complete(
            item.id,
            actor=holder(item, answer["by"]),  # others than then may be asked; the answer is the same
            version=item.version,
            outcome=answer["outcome"],
            answers=answer.get("form"),
            opinion=answer["opinion"],
        )
        return True

    def _told(self, stopped: BihuanError | None) -> Replayed:
        case, board = self.case, self.board
        path: list[str] = []
        state = "refused"
        ended: datetime | None = None
        names: dict[str, str] = {}
        if board.instance:
            with self.engine.database.read() as unit:
                act = load_instance(self.engine.ports, unit, board.instance, "system", lock=False)
                state = act.instance.state
                for process in act.process.definition.processes.values():
                    names |= {element.id: element.label for element in process.model.elements.values()}
                for row in history.events_of(unit, board.instance):
                    path += load_json(row.body).get("path", ())
                    ended = row.at
        open_items = board.open_items()
        if stopped is None and open_items:
            stopped = BihuanError("replay.no_answer", step=open_items[0].step)
        elif stopped is None and state not in ("ended", "terminated", "error-ended"):
            stopped = BihuanError("replay.stands", state=state)
        pairs = zip(case.path, path, strict=False)
        parts = next((after for before, after in pairs if before != after), None)
        if parts is None and len(path) != len(case.path):
            longer = path if len(path) > len(case.path) else case.path
            parts = longer[min(len(path), len(case.path))]
        asked = {
            element: (case.asked[element], now)
            for element, now in self.asked.items()
            if element in case.asked and set(case.asked[element]) != set(now)
        }
        return Replayed(
            case.instance_id,
            case.version,
            case.path,
            path,
            parts,
            case.state,
            state,
            asked,
            stopped,
            int((case.ended_at - case.started_at).total_seconds()),
            int(((ended or case.started_at) - case.started_at).total_seconds()),
            {id: names.get(id, id) for id in (*asked, *([parts] if parts else ()))},
        )
