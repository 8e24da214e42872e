"""Trying a draft out (试运行): a play in a sandbox of the county, told step by step, with who would be asked and why.

A trial keeps nothing on the server: it is its beginning and the answers given until now, and is played anew for each
further one. Taking an answer away undoes its step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import history
from engine.bpmn.checks import read_files
from engine.bpmn.model import UserTask, Value
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_instance
from engine.database import Database, Unit
from engine.design.sandbox import open_sandbox
from engine.errors import BihuanError, NotFound
from engine.folder import belonging
from engine.identity import Actor, load_actor, members, names
from engine.identity import name_of_principal as called
from engine.memory import image, refill
from engine.play.board import Board, Handlers, Stop, holder
from engine.play.player import Player
from engine.play.report import refused, report
from engine.plugins import Finding
from engine.tasks import task as task_pages
from engine.tasks.grounds import decisions
from engine.tasks.views import DecisionView, TaskView
from engine.values import load_json


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom an open step is for: a principal, what it is called, and the people whom it means today."""

    principal: str
    name: str
    people: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open step: its task as the first of those asked sees it, who is asked, and the expressions that say so.

    ``because`` gives for each property of the file (``candidateGroups``, ``assignee`` …) what is written there.
    """

    task: TaskView
    item: int
    asked: Sequence[Asked]
    because: Mapping[str, str]
    separate_from: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that the play's history tells: the event, its element and actor, the elements that it passed, and who was
    asked at each step that it opened.
    """

    at: datetime
    kind: str
    actor: str
    element: str | None
    path: Sequence[str]
    asked: Mapping[str, Sequence[Asked]]


@dataclass(frozen=True, slots=True)
class Trial:
    """Where a trial stands: the report of the play, its tokens, what waits for whom, what happened, and what was decided.

    ``problem`` says why the last answer could not be taken, ``findings`` what a form has against it.
    """

    report: Mapping[str, Any]
    now: datetime
    tokens: Sequence[str] = ()
    waiting: Sequence[Waiting] = ()
    happened: Sequence[Happened] = ()
    decisions: Sequence[DecisionView] = ()
    problem: BihuanError | None = None
    findings: Sequence[Finding] = field(default_factory=tuple)


class Sandbox(Board):
    """A play among the county's own people: whoever is named acts in the posts that they really hold.

    Handlers that are jobs would reach outside; they wait to be answered for.
    """

    def __init__(
        self, database: Database, answers: Mapping[str, Any], given: list[Any], plugins: Any, language: str
    ) -> None:
        super().__init__(database, answers, given, plugins, language)
        real = self.engine.catalogue.handlers
        inside = {type: handler for type, handler in real.items() if not handler.job}
        self.engine.catalogue.handlers = Handlers(inside, given)

    def acting(self, item: Item, by: Any) -> Actor:
        """Return who answers for an item: the person who is named, or the first who may."""
        with self.engine.database.read() as unit:
            found = self.acting_in(unit, item, by)
        return super().acting(item, by) if found is None else found

    def acting_in(self, unit: Unit, item: Item, by: Any = None) -> Actor | None:
        """Return the same inside a transaction, None where the county doesn't know the person."""
        named = str(by).removeprefix("user:") if by else self.first(unit, item)
        found = None if named is None else self.known(unit, named)
        return None if found is None else found.within(self.process)

    def first(self, unit: Unit, item: Item) -> str | None:
        """Return the first person who may answer for an item, None where the county has nobody."""
        for principal in [item.assignee] if item.assignee else item.candidates:
            if people := self.people(unit, principal):
                return people[0].removeprefix("user:")
        return None

    def people(self, unit: Unit, principal: str) -> list[str]:
        """Return the people whom a principal means today."""
        kind, _, rest = principal.partition(":")
        if kind == "user":
            return [principal]
        role, _, org = rest.partition("@")
        return members(unit, role, org or None, self.clock.now().date()) if kind == "role" else []

    def known(self, unit: Unit, person: str) -> Actor | None:
        """Return who a person is, None for one whom the county doesn't know."""
        try:
            return load_actor(unit, person, self.clock.now().date())
        except NotFound:
            return None


def attempts(
    county: Database,
    files: Mapping[str, bytes],
    main: str,
    beginnings: Sequence[Mapping[str, Any]],
    plugins: Any,
    language: str,
) -> list[Trial]:
    """Play ``files[main]`` as each of ``beginnings`` says (the shape of ``bihuan play``), each in the county as it is now,
    and tell where each stands.
    """
    needed = belonging(files, main, plugins)
    processes = {model.id for models, _ in read_files(needed, plugins).values() for model in models}
    database = open_sandbox(county, plugins, processes)
    try:
        clean = image(database)
        found = []
        for beginning in beginnings:
            refill(database, clean)
            found.append(_play(database, needed, main, beginning, plugins, language))
        return found
    finally:
        database.close()


def _play(
    database: Database,
    files: Mapping[str, bytes],
    main: str,
    beginning: Mapping[str, Any],
    plugins: Any,
    language: str,
) -> Trial:
    given = list(beginning.get("answers") or [])
    board = Sandbox(database, beginning, given, plugins, language)
    player = Player(board, beginning)
    try:
        player.begin(files, main)
    except BihuanError as error:
        found = getattr(error, "findings", ())
        return Trial(refused(error, given, language), board.clock.now(), problem=error, findings=tuple(found))
    return _told(board, player.go_on())


def _told(board: Sandbox, stop: Stop | None) -> Trial:
    problem = None if stop is None else BihuanError(stop.code, **stop.params)
    said = None if problem is None else {"code": problem.code, "message": problem.message(board.language)}
    items, instances, told_of = board.open_items(), board.instances(), report(board, said)
    with board.engine.database.read() as unit:
        acts = [load_instance(board.engine.ports, unit, id, "system", lock=False) for id in instances]
        told = {
            act.instance.id: [(row, load_json(row.body)) for row in history.events_of(unit, act.instance.id)]
            for act in acts
        }
        by_id = {act.instance.id: act for act in acts}
        return Trial(
            told_of,
            board.clock.now(),
            [token.element.id for act in acts for token in act.execution.tokens() if _stands(token)],
            [_waiting(board, unit, by_id[item.instance_id], item) for item in items],
            [
                Happened(
                    row.at,
                    row.kind,
                    row.actor,
                    row.element,
                    body.get("path", ()),
                    {
                        one["element"]: _asked(board, unit, one["assignee"], one["candidates"])
                        for one in body.get("opened", ())
                    },
                )
                for events in told.values()
                for row, body in events
            ],
            [one for act in acts for one in _decided(act, told[act.instance.id])],
            problem,
            () if stop is None else tuple(stop.findings),
        )


def _stands(token: Any) -> bool:
    return getattr(token.element, "attached_to", None) is None


def _decided(act: Act, rows: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[DecisionView]:
    return decisions(act, [row for row, _ in rows], [body for _, body in rows], _READER)


#: Whoever tries a draft out reads all of it: the sandbox holds nobody's case.
_READER = Actor("designer", "designer", frozenset(), reads_all=True)


def _waiting(board: Sandbox, unit: Unit, act: Act, item: Item) -> Waiting:
    element = user_task(act, item)
    asked = _asked(board, unit, item.assignee, item.candidates)
    sees = board.acting_in(unit, item) or holder(item, None)
    view = task_pages.task(board.engine.ports, unit, item.id, sees)
    return Waiting(view, item.item, asked, _because(element), element.separate_from)


def _asked(board: Sandbox, unit: Unit, assignee: str | None, candidates: Sequence[str]) -> list[Asked]:
    principals = [assignee] if assignee else candidates
    meant = {one: board.people(unit, one) for one in principals}
    known = names(unit, [*principals, *(person for people in meant.values() for person in people)])
    return [
        Asked(
            one,
            called(one, known),
            [(person, known.get(person, person.removeprefix("user:"))) for person in people],
        )
        for one, people in meant.items()
    ]


def _because(element: UserTask) -> dict[str, str]:
    written: dict[str, Value | None] = {
        "assignee": element.assignee,
        "candidateGroups": element.candidate_groups,
        "candidateUsers": element.candidate_users,
    }
    return {
        name: ("=" if value.is_expression else "") + value.text
        for name, value in written.items()
        if value is not None
    }
