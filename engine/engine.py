"""The engine of one county: one method a command, each command one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.calendar import Clock, SystemClock
from engine.catalogue import Catalogue
from engine.commands import complete as completing
from engine.commands import deploy as deploying
from engine.commands import start as starting
from engine.commands.checking import Completion, NewPin, Reply
from engine.commands.complete import Completed
from engine.commands.deploy import Deployment
from engine.commands.ports import Ports
from engine.commands.start import Started, StartRequest
from engine.database import Database, Unit
from engine.errors import Conflict, InvalidAnswers
from engine.identity import SYSTEM, Actor, People
from engine.plugins import load_plugins
from engine.tasks import inbox as inboxes
from engine.tasks.inbox import InboxPage, InboxQuery


class Engine:
    def __init__(
        self, database: Database, *, plugins: Any = None, clock: Clock | None = None, store: Any = None
    ) -> None:
        self.database = database
        self.plugins = plugins or load_plugins()
        self.clock = clock or SystemClock()
        self.store = store
        self.catalogue = Catalogue(self.plugins)
        self.ports = Ports(self.catalogue, self.clock, self.plugins)
        self.people = People(database, self.clock)

    def actor(self, person: str) -> Actor:
        return self.people.actor(person)

    def deploy(self, files: Mapping[str, bytes], *, actor: str) -> Deployment:
        bundle = deploying.bundle(files, self.plugins)
        return self.database.retry(lambda unit: deploying.deploy(self.ports, unit, bundle, actor))

    def start(
        self,
        process_id: str,
        *,
        actor: Actor | str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        request_key: str | None = None,
        version: int | None = None,
    ) -> Started:
        who = SYSTEM if isinstance(actor, str) else actor
        request = StartRequest(variables, business_key)

        def command(unit: Unit) -> Started:
            process = self.catalogue.find(unit, process_id, version)
            return starting.start(self.ports, unit, process, request, who, request_key)

        return self.database.retry(command)

    def inbox(self, actor: Actor, query: InboxQuery | None = None) -> InboxPage:
        with self.database.read() as unit:
            return inboxes.inbox(unit, actor, query or InboxQuery(), self.clock.now())

    def complete(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        outcome: str | None = None,
        answers: Any = None,
        opinion: str = "",
        pins: Sequence[NewPin] = (),
        replies: Mapping[int, Reply] | None = None,
        document_version: int | None = None,
        request_key: str | None = None,
    ) -> Completed:
        asked = Completion(
            item_id,
            actor,
            version,
            outcome,
            answers,
            opinion,
            pins,
            replies or {},
            document_version,
            request_key,
        )
        with self.database.read() as unit:
            examined = completing.check(self.ports, unit, asked)
        return self.database.retry(lambda unit: completing.complete(self.ports, unit, asked, examined))
