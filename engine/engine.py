"""The engine of one county: one method a command, each command one transaction."""

from __future__ import annotations

import io
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import IO, Any

from sqlalchemy import select

from engine import history, tables
from engine.admin.administration import Administration
from engine.admin.sessions import Sessions
from engine.arranging import led_by
from engine.calendar import ZONE, Clock, SystemClock
from engine.catalogue import Catalogue
from engine.commands import attaching, drafts
from engine.commands import complete as completing
from engine.commands import deploy as deploying
from engine.commands import start as starting
from engine.commands.attaching import Attachment
from engine.commands.checking import Completion, NewPin, Reply
from engine.commands.complete import Completed, Examined, Stopped
from engine.commands.deploy import Deployment
from engine.commands.drafts import DraftSaved
from engine.commands.paper import Paper
from engine.commands.ports import Ports
from engine.commands.start import Started, StartRequest
from engine.database import Database, Unit
from engine.design.designing import Designing
from engine.doctor import DoctorFinding, broken_chain, examine
from engine.errors import BihuanError, Conflict, InvalidAnswers
from engine.faces.bulk import Bulk
from engine.faces.cooperating import Cooperating
from engine.faces.errands import Errands
from engine.faces.intervening import Intervening
from engine.faces.keeping import Keeping
from engine.faces.listing import Listing
from engine.faces.managing import Managing
from engine.faces.messaging import Messaging
from engine.faces.migrating import Migrating
from engine.faces.monitoring import Monitoring
from engine.faces.moving import Moving
from engine.faces.notifying import Notifying
from engine.faces.operating import Operating
from engine.faces.reading import Reading
from engine.faces.searching import Searching
from engine.faces.telling import Telling
from engine.faces.working import Working
from engine.identity import SYSTEM, Actor
from engine.notify.configuration import keep_setting
from engine.people import People
from engine.plugins import load_plugins
from engine.store import Store
from engine.substitution import Substitutions
from engine.tasks import inbox as inboxes
from engine.tasks import lists
from engine.tasks import task as task_pages
from engine.tasks.inbox import InboxPage
from engine.tasks.lists import ListPage
from engine.tasks.query import InboxQuery
from engine.tasks.views import TaskView
from engine.values import load_plain

log = logging.getLogger(__name__)

__all__ = ["Deployment", "Engine", "InboxQuery", "NewPin", "Reply", "StartRequest", "TaskView"]


class Engine(
    Bulk,
    Cooperating,
    Errands,
    Listing,
    Managing,
    Messaging,
    Migrating,
    Monitoring,
    Moving,
    Notifying,
    Operating,
    Intervening,
    Keeping,
    Searching,
    Telling,
    Working,
    Reading,
):
    """A county's engine; safe for any number of threads, and beside any number of other processes.

    ``plugins`` is what :func:`engine.plugins.load_plugins` returns, ``clock`` the only source of time, ``store`` keeps
    the contents of attachments (without one nothing can be attached).
    """

    def __init__(
        self,
        database: Database,
        *,
        plugins: Any = None,
        clock: Clock | None = None,
        store: Store | None = None,
    ) -> None:
        self.database = database
        self.plugins = plugins or load_plugins()
        self.clock = clock or SystemClock()
        self.store = store
        self.makers = {}
        self.catalogue = Catalogue(self.plugins)
        self.ports = Ports(self.catalogue, self.clock, self.plugins)
        self.people = People(database, self.clock)
        self.admin = Administration(database, self.clock, self.plugins)
        self.design = Designing(database, self.clock, self.ports)
        self.sessions = Sessions(database, self.clock)
        self.substitutions = Substitutions(database, self.clock, self.plugins)
        #: Under this name the engine leases due timers; every engine of a county has its own.
        self.worker = secrets.token_hex(16)

    # -- people and settings -----------------------------------------------------------------------------------------

    def actor(self, person: str) -> Actor:
        """Return who a person is today; raises :class:`NotFound` or :class:`Forbidden`."""
        return self.people.actor(person)

    def heads_of(self, actor: Actor) -> frozenset[str]:
        """Return the organisations that the actor leads, for whose people they may arrange substitutes and hand-overs."""
        return led_by(self.plugins, actor)

    def setting(self, key: str, default: Any = None) -> Any:
        """Return a setting of the county."""
        with self.database.read() as unit:
            text = unit.execute(select(tables.settings.c.value).where(tables.settings.c.key == key)).scalar()
        return default if text is None else load_plain(text)

    def set_setting(self, key: str, value: Any, actor: str) -> None:
        """Change a setting of the county; history keeps who did it."""
        now = self.clock.now()
        self.database.retry(lambda unit: keep_setting(unit, key, value, actor, now))

    # -- processes ---------------------------------------------------------------------------------------------------

    def deploy(self, files: Mapping[str, bytes], *, actor: str, complete: bool = True) -> Deployment:
        """Deploy files that belong together as new versions; the same files again change nothing.

        Raises :class:`Refused` with the findings of the checks. ``complete`` is False where a form or a decision that
        they name may be missing, as in a play.
        """
        bundle = deploying.bundle(files, self.plugins, complete=complete)
        return self.database.retry(lambda unit: deploying.deploy(self.ports, unit, bundle, actor))

    def processes(self) -> dict[str, str]:
        """Return the deployed processes: id → name."""
        with self.database.read() as unit:
            return self.catalogue.names(unit)

    def start(
        self,
        process_id: str,
        *,
        actor: Actor | str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        documents: Mapping[str, Mapping[str, Any]] | None = None,
        request_key: str | None = None,
        version: int | None = None,
    ) -> Started:
        """Start an instance, with ``documents`` that are there from the beginning; ``actor`` is a person, or ``"system"``.

        The same ``request_key`` again starts nothing.
        """
        who = SYSTEM if isinstance(actor, str) else actor
        request = StartRequest(variables, business_key, documents or {})

        def command(unit: Unit) -> Started:
            process = self.catalogue.startable(unit, process_id, version)
            return starting.start(self.ports, unit, process, request, who, request_key)

        return self.database.retry(command)

    def start_many(
        self,
        process_id: str,
        requests: Sequence[StartRequest],
        *,
        actor: Actor | str,
        version: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> list[Started]:
        """Start many instances in batches; ``progress`` is told how many are done."""
        who = SYSTEM if isinstance(actor, str) else actor
        return starting.start_many(self.ports, self.database, process_id, version, requests, who, progress)

    # -- what people see ---------------------------------------------------------------------------------------------

    def inbox(self, actor: Actor, query: InboxQuery | None = None) -> InboxPage:
        """Return a page of what waits for the actor."""
        with self.database.read() as unit:
            return inboxes.inbox(unit, actor, query or InboxQuery(), self.clock.now())

    def done(self, actor: Actor, query: InboxQuery | None = None) -> ListPage:
        """Return a page of what the actor completed."""
        with self.database.read() as unit:
            return lists.done(unit, actor, query or InboxQuery(), self.clock.now())

    def started_by(self, actor: Actor, query: InboxQuery | None = None) -> ListPage:
        """Return a page of the instances that the actor started."""
        with self.database.read() as unit:
            return lists.started_by(unit, actor, query or InboxQuery(), self.clock.now())

    def task(self, item_id: int, actor: Actor) -> TaskView:
        """Return a work item as its page shows it; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return task_pages.task(self.ports, unit, item_id, actor)

    # -- what people do ----------------------------------------------------------------------------------------------

    def complete(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        outcome: str | None = None,
        answers: Mapping[str, Any] | None = None,
        opinion: str = "",
        pins: Sequence[NewPin] = (),
        replies: Mapping[int, Reply] | None = None,
        document_version: int | None = None,
        request_key: str | None = None,
        sent: str | None = None,
    ) -> Completed:
        """Complete a work item with an outcome; ``version`` is the item's as the page showed it.

        ``request_key`` makes it one act however often it is sent; ``sent`` then stands for the answers where the caller
        completed them from what is stored.
        Raises :class:`InvalidAnswers`, :class:`Forbidden`, :class:`Refused`, and :class:`Conflict` where somebody else
        was first.
        """
        given = replies or {}
        asked = Completion(
            item_id,
            actor,
            version,
            outcome,
            answers,
            opinion,
            pins,
            given,
            document_version,
            request_key,
            sent,
        )
        examined: Examined | None = None
        again = False

        def command(unit: Unit) -> Completed:
            nonlocal again
            first, again = not again, True
            return completing.complete(self.ports, unit, asked, examined, again=not first)

        try:
            if answers:  # checking them may take long, so it is done before the lock
                with self.database.read() as unit:
                    examined = completing.check(self.ports, unit, asked)
            return self.database.retry(command)
        except Stopped:
            self.database.retry(lambda unit: drafts.erase(unit, item_id))
            raise
        except (InvalidAnswers, Conflict):
            self._keep(asked)
            raise

    def _keep(self, asked: Completion) -> None:
        """Keep what was typed for a completion that was refused; that it can't be kept is no second error."""
        if asked.answers is None and not asked.opinion:
            return
        try:
            self.save_draft(
                asked.item_id,
                actor=asked.actor,
                answers=asked.answers or {},
                based_on=asked.document_version,
                opinion=asked.opinion,
            )
        except BihuanError as error:
            log.info("the draft of item %s was not kept: %s", asked.item_id, error)

    def save_draft(
        self,
        item_id: int,
        *,
        actor: Actor,
        answers: Mapping[str, Any],
        based_on: int | None,
        opinion: str = "",
        revision: int | None = None,
    ) -> DraftSaved:
        """Keep what the actor typed; what may not be stored at all is erased instead, and :class:`Stopped` raised.

        With the ``revision`` of the draft that the typing went on from, a draft that the same person has saved in
        another window since is not written over: :class:`Conflict` ``draft.changed``.
        """
        try:
            return self.database.retry(
                lambda unit: drafts.save(
                    self.ports, unit, item_id, actor, answers, based_on, opinion, revision
                )
            )
        except Stopped:
            self.database.retry(lambda unit: drafts.erase(unit, item_id))
            raise

    def discard_draft(self, item_id: int, *, actor: Actor) -> None:
        """Forget the actor's draft."""
        self.database.retry(lambda unit: drafts.discard(unit, item_id, actor))

    def attach(
        self, item_id: int, *, actor: Actor, name: str, stream: IO[bytes] | bytes, field: str | None = None
    ) -> Attachment:
        """Attach a file to an item; raises :class:`BihuanError` ``attachment.*`` for a wrong size or type."""
        with self.database.read() as unit:
            attaching.may_attach(self.ports, unit, item_id, actor)
        content = io.BytesIO(stream) if isinstance(stream, bytes) else stream
        stored = self._store().put(name, content)
        return self.database.retry(
            lambda unit: attaching.attach(self.ports, unit, item_id, actor, name, field, stored)
        )

    def register_signature(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        outcome: str,
        signer: str,
        signed_on: date,
        name: str,
        scan: IO[bytes] | bytes,
        opinion: str = "",
        request_key: str | None = None,
    ) -> Completed:
        """Register a signature that ``signer`` made on paper (线下签批), with the stamped scan as the file ``name``.

        The county's setting ``paper_signing`` must allow it and the step's ``paper`` must name the actor. The record says
        who registered it; it is never the signer's own act. Raises what :meth:`complete` raises.
        """
        content = io.BytesIO(scan) if isinstance(scan, bytes) else scan
        paper = Paper(signer, signed_on, name, self._store().put(name, content))
        asked = Completion(
            item_id, actor, version, outcome, opinion=opinion, request_key=request_key, paper=paper
        )
        return self.database.retry(lambda unit: completing.complete(self.ports, unit, asked, None))

    # -- looking after it                         -------------------------------------------------------------------

    def doctor(self) -> list[DoctorFinding]:
        """Examine the data; an empty list means that all is well."""
        with self.database.read() as unit:
            return examine(self.ports, unit)

    def verify_history(self) -> list[DoctorFinding]:
        """Verify all chains of history; an empty list means that nothing was changed afterwards."""
        with self.database.read() as unit:
            return [broken_chain(broken) for broken in history.verify(unit)]

    def daily_root(self) -> str:
        """Return the one hash over all chains that stands for today, to be kept outside the database."""
        now = self.clock.now()
        return self.database.retry(lambda unit: history.daily_root(unit, now.astimezone(ZONE).date(), now))
