"""Replays what people really answered in ended cases through a draft: which would go another way, end otherwise, take
longer, or ask other people.

In the replay handlers don't run: what they brought then is brought again; and answers aren't checked: they were taken then.
What was returned is returned again; what was withdrawn is as if it had never been sent. A step that the case never had
stops its replay there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import history, tables
from engine.commands.checking import Reply
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_instance, load_item, token_of
from engine.database import Database
from engine.design.past import Past
from engine.design.sandbox import open_sandbox
from engine.design.trying import Sandbox
from engine.errors import BihuanError
from engine.folder import belonging
from engine.memory import image, refill
from engine.play.board import holder, person
from engine.values import load_json

#: So many days after a case's end its replay still waits for timers.
_PATIENCE = timedelta(days=60)
#: So many steps a replay takes at most.
_MOST_STEPS = 500
_pins = tables.pins.c


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
        clean = image(database)
        found = []
        for case in cases:
            refill(database, clean)
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
        ready = [(self.answers[item.element][0].at, item) for item in items if self.answers.get(item.element)]
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
        actor = holder(item, answer.by)  # others than then may be asked; the answer is the same
        if answer.back is not None:
            self.engine.return_task(
                item.id,
                actor=actor,
                version=item.version,
                reason=answer.opinion,
                to=answer.back,
                mode=answer.mode,
                pins=answer.pins,
            )
            return True
        self.engine.complete(
            item.id,
            actor=actor,
            version=item.version,
            outcome=answer.outcome,
            answers=answer.form,
            opinion=answer.opinion,
            pins=answer.pins,
            replies=self._replies(item, answer.replies),
        )
        return True

    def _replies(self, item: Item, given: Sequence[Reply]) -> dict[int, Reply]:
        """Return the answers to pinned opinions by the numbers that these have here; their order is the same."""
        if not given:
            return {}
        with self.engine.database.read() as unit:
            item, act = load_item(self.engine.ports, unit, item.id, "system", lock=False)
            query = select(_pins.id).where(
                _pins.instance_id == item.instance_id,
                _pins.scope == act.scopes.document_scope(token_of(act, item.token).scope),
                _pins.document == user_task(act, item).saved_as,
                _pins.state == "open",
            )
            open_now = unit.execute(query.order_by(_pins.id)).scalars().all()
        return dict(zip(open_now, given, strict=False))

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
