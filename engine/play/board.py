"""What a play is played on: an engine with a stepped clock, its instances, and the answers that are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from engine import tables
from engine.bpmn.model import ProcessModel, UserTask
from engine.calendar import ZONE, SteppedClock, SystemClock, parse_time
from engine.commands.complete import user_task
from engine.commands.loading import Item, load_item
from engine.database import Database
from engine.engine import Engine
from engine.identity import OPERATOR, Actor, Post, load_stand_ins
from engine.plugins import Finding, Handler
from engine.tables import start_timers, subscriptions


class Stop(Exception):
    """The play can't go on; ``code`` and ``params`` say why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
        #: What a form has against the answers, where that is the reason.
        self.findings: Sequence[Finding] = ()


class Handlers(dict[str, Handler]):
    """The handlers that run for real: not those for which an answer still stands in."""

    def __init__(self, real: Mapping[str, Handler], given: Sequence[Any]) -> None:
        super().__init__(real)
        self._given = given

    def __contains__(self, type: object) -> bool:
        replaced = any(isinstance(one, Mapping) and one.get("job") == type for one in self._given)
        return super().__contains__(type) and not replaced


class Board:
    """The engine, the clock, and the answers not yet taken.

    ``instance`` is the instance that is played, 0 while none has begun; others are there where messages start them.
    """

    def __init__(
        self, database: Database, answers: Mapping[str, Any], given: list[Any], plugins: Any, language: str
    ) -> None:
        self.given = given
        self.language = language
        self.clock = SteppedClock(moment(answers.get("now")))
        self.engine = Engine(database, plugins=plugins, clock=self.clock)
        self.engine.catalogue.handlers = Handlers(self.engine.catalogue.handlers, given)
        self.process = ""
        #: Who starts and sends where an answer doesn't say.
        self.starter = "user:initiator"
        self.instance = 0

    def open_items(self) -> list[Item]:
        """Return the open work items, the oldest first."""
        table = tables.work_items.c
        query = select(tables.work_items).where(table.state == "open")
        with self.engine.database.read() as unit:
            return [Item(row) for row in unit.execute(query.order_by(table.id))]

    def jobs(self, kind: str, *, held: bool = False) -> Sequence[Any]:
        """Return the open jobs of a kind (``timer``, ``external``), the next due first; ``held`` with suspended ones."""
        table = tables.jobs.c
        states = ("open", "suspended") if held else ("open",)
        query = select(tables.jobs).where(table.kind == kind, table.state.in_(states))
        with self.engine.database.read() as unit:
            return unit.execute(query.order_by(table.due_at, table.id)).all()

    def instances(self) -> Sequence[Any]:
        """Return the ids of all instances, the one that is played first."""
        table = tables.instances.c
        query = select(table.id).order_by(table.id != self.instance, table.id)
        with self.engine.database.read() as unit:
            return unit.execute(query).scalars().all()

    def find_instance(self) -> None:
        """Find the instance that is played where an event has begun it."""
        if self.instance:
            return
        table = tables.instances.c
        mine = tables.definitions.c.process_id == self.process
        query = select(table.id).join(tables.definitions, tables.definitions.c.id == table.definition_id)
        with self.engine.database.read() as unit:
            self.instance = unit.execute(query.where(mine).order_by(table.id)).scalar() or 0

    def models(self) -> list[ProcessModel]:
        """Return the processes that are deployed."""
        catalogue = self.engine.catalogue
        with self.engine.database.read() as unit:
            return [catalogue.find(unit, process).definition.model for process in catalogue.names(unit)]

    def awaited(self) -> Sequence[Any]:
        """Return the subscriptions of the instances."""
        return self._subscriptions(subscriptions.c.instance_id.is_not(None))

    def starts(self) -> Sequence[Any]:
        """Return the subscriptions of start events."""
        return self._subscriptions(subscriptions.c.instance_id.is_(None))

    def _subscriptions(self, wanted: ColumnElement[bool]) -> Sequence[Any]:
        with self.engine.database.read() as unit:
            query = select(subscriptions).where(wanted).order_by(subscriptions.c.id)
            return unit.execute(query).all()

    def start_timers(self) -> Sequence[Any]:
        """Return the timers of start events, the next due first."""
        table = start_timers.c
        with self.engine.database.read() as unit:
            return unit.execute(select(start_timers).order_by(table.due_at, table.id)).all()

    def next_due(self) -> datetime | None:
        """Return when the next timer goes off."""
        return min((row.due_at for row in (*self.jobs("timer"), *self.start_timers())), default=None)

    def item(self, number: int, answer: Mapping[str, Any]) -> tuple[Item, UserTask]:
        """Return the open item that an answer means; raises :class:`Stop` where there is none."""
        named = [item for item in self.open_items() if item.element == answer.get("element")]
        item = next((one for one in named if one.item == answer.get("item")), None)
        if "item" not in answer and named:  # of several signers, the one who is named
            by = f"user:{str(answer.get('by') or '').removeprefix('user:')}"
            item = next((one for one in named if by in (one.assignee, *one.candidates)), named[0])
        if item is None:
            raise self.nothing_fits(number, answer)
        with self.engine.database.read() as unit:
            item, act = load_item(self.engine.ports, unit, item.id, "system", lock=False)
            return item, user_task(act, item)

    def colleague(self, number: int, answer: Mapping[str, Any], key: str = "to") -> str:
        """Return the id of the person whom an answer names; in a play whoever is named exists."""
        named = answer.get(key)
        if not isinstance(named, str) or not named.removeprefix("user:"):
            raise Stop("play.bad_answer", number=number, answer=told(answer))
        person = named.removeprefix("user:")
        if person not in dict(self.engine.people.people()):
            self.engine.people.create_person(person, person)
        return person

    def acting(self, item: Item, by: Any) -> Actor:
        """Return who answers for an item (:func:`holder`), with those for whom they act as a substitute by now."""
        actor = holder(item, by)
        today = self.clock.now().astimezone(ZONE).date()
        with self.engine.database.read() as unit:
            return replace(actor, stands_in=load_stand_ins(unit, actor.person, today))

    def nothing_fits(self, number: int, answer: Mapping[str, Any]) -> Stop:
        """Return the error of an answer for which nothing is open; it says what is."""
        open_now = [item.element for item in self.open_items()]
        open_now += [f"job {job.type}" for job in self.jobs("external")]
        open_now += [f"timer {job.element}" for job in self.jobs("timer")]
        open_now += [f"{row.kind} {row.name} {row.key}".strip() for row in (*self.awaited(), *self.starts())]
        return Stop("play.no_fit", number=number, answer=told(answer), open=", ".join(open_now) or "—")


def moment(text: Any) -> datetime:
    """Return a moment of the answers; without one, the host's time."""
    if text is None:
        return SystemClock().now()
    found = parse_time(str(text))
    if not isinstance(found, datetime):
        found = datetime.combine(found, datetime.min.time())
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def operator(by: Any) -> Actor:
    """Return who intervenes in a play: whoever is named may."""
    named = person(str(by or "user:operator"))
    return replace(named, posts=(Post(OPERATOR, "", "", None, None),))


def person(principal: str) -> Actor:
    """Return somebody without posts."""
    name = principal.removeprefix("user:")
    return Actor(name, name, frozenset({f"user:{name}"}))


def holder(item: Item, by: Any) -> Actor:
    """Return who answers for an item.

    Nobody has posts in a play, so whoever is named holds the roles that the item asks for; but what is for certain people
    is for them only. Where an answer names nobody, somebody does it who may, another person at each step.
    """
    principals = {one for one in item.candidates if not one.startswith("user:")}
    if by:
        name = str(by).removeprefix("user:")
    else:
        named = [one for one in (item.assignee, *item.candidates) if one and one.startswith("user:")]
        name = named[0].removeprefix("user:") if named else f"player.{item.element}"
    return Actor(name, name, frozenset({f"user:{name}", *principals}))


#: What of an answer a message repeats.
TOLD = ("operation", "element", "item", "by", "outcome", "job", "message", "signal", "advance", "until")


def told(answer: Mapping[str, Any]) -> str:
    """Return an answer in short, for a message."""
    return ", ".join(f"{key}: {answer[key]}" for key in TOLD if key in answer)
