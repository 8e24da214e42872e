"""Reading cases, their documents and files: what auditors may, and the note of who read what not everybody may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import dossier, history, tables
from engine.admin import auditing, reads, settings
from engine.admin.auditing import AuditPage
from engine.calendar import ZONE, Clock
from engine.commands import attaching
from engine.commands.attaching import Attachment
from engine.commands.loading import load_item
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.dossier import Dossier
from engine.errors import BihuanError, NotFound
from engine.history import Entry
from engine.identity import SYSTEM, Actor
from engine.store import Store
from engine.tasks import instance as instances
from engine.tasks import related as relations
from engine.tasks import route as routes
from engine.tasks import task as tasks
from engine.tasks import versions
from engine.tasks.related import Related
from engine.tasks.route import Route
from engine.tasks.views import DocumentView, InstanceView, TaskView, VersionView


class Reading:
    """What people read of cases; sensitive reading is noted as the county's setting says, an auditor's always."""

    database: Database
    ports: Ports
    clock: Clock
    plugins: Any
    store: Store | None

    def instance(self, instance_id: int, actor: Actor) -> InstanceView:
        """Return an instance as the actor may see it; raises :class:`NotFound`."""
        with self.database.read() as unit:
            view = instances.instance(self.ports, unit, instance_id, self._reader(unit, instance_id, actor))
        self._noted(actor, instance_id, "case", view.restricted, [one.title for one in view.documents])
        return view

    def page(self, item_id: int, actor: Actor) -> tuple[TaskView, InstanceView, Route]:
        """Return a work item, its case and the way of the case, for one page and taken up once; raises :class:`NotFound`."""
        with self.database.read() as unit:
            item, act = load_item(self.ports, unit, item_id, actor.principal, lock=False)
            task = tasks.task_of(unit, item, act, actor)
            reader = self._reader(unit, act.instance.id, actor)
            items = instances.items_seen(unit, act, reader)
            view = instances.view(unit, act, items, reader)
            way = routes.way(unit, act, items)
        self._noted(actor, view.id, "case", view.restricted, [one.title for one in view.documents])
        return task, view, way

    def route(self, instance_id: int, actor: Actor) -> Route:
        """Return the way of an instance: the steps done, open and expected; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return routes.route(self.ports, unit, instance_id, self._reader(unit, instance_id, actor))

    def related(self, instance_id: int, actor: Actor) -> list[Related]:
        """Return other cases about the same matter that the actor may see; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return relations.related(self.ports, unit, instance_id, actor)

    def document_versions(self, instance_id: int, actor: Actor) -> list[VersionView]:
        """Return all versions of an instance's documents that the actor may read, oldest first."""
        with self.database.read() as unit:
            reader = self._reader(unit, instance_id, actor)
            return versions.versions(self.ports, unit, instance_id, reader)

    def document_version(self, instance_id: int, document_id: int, actor: Actor) -> DocumentView:
        """Return one of these versions, with the one before it as ``previous``; raises :class:`NotFound`."""
        with self.database.read() as unit:
            reader = self._reader(unit, instance_id, actor)
            view = versions.version(self.ports, unit, instance_id, document_id, reader)
            table = tables.documents.c
            audience = unit.execute(select(table.audience).where(table.id == document_id)).scalar()
        self._noted(actor, instance_id, "document", [view.title] if audience else [], [view.title])
        return view

    def dossier(
        self,
        instances: Sequence[int],
        *,
        title: str,
        actor: Actor | str,
        progress: Callable[[int, int], None] | None = None,
    ) -> Dossier:
        """Return the dossier (卷宗) of some cases that the actor may see, whole, with a verifier that runs offline.

        ``progress`` is told how many cases are in it, of how many.

        That it was taken is recorded in the chain ``exports`` with the hash that proves it. What only some may read is in
        it as well: who may have one is the caller's to decide. Raises :class:`NotFound`.
        """
        who = actor if isinstance(actor, str) else actor.principal
        if not isinstance(actor, str):
            for id in instances:
                self.instance(id, actor)
        now = self.clock.now()
        with self.database.read() as unit:
            made = dossier.make(
                unit, self.store, instances, title=title, made_at=now, made_by=who, progress=progress
            )
        body = {"title": title, "instances": list(instances), "sha256": made.sha256}
        entry = Entry("dossier.made", who, now, body=body)
        self.database.retry(lambda unit: history.record(unit, "exports", entry))
        return made

    def attachment(self, attachment_id: int, actor: Actor) -> tuple[Attachment, Path]:
        """Return an attachment and the file with its content; raises :class:`NotFound`."""
        with self.database.read() as unit:
            table = tables.attachments.c
            row = unit.execute(
                select(table.instance_id, table.audience).where(table.id == attachment_id)
            ).first()
            if row is None:
                raise NotFound("attachment.unknown")
            found = attaching.find(
                self.ports, unit, attachment_id, self._reader(unit, row.instance_id, actor)
            )
        path = self._store().path(found.sha256)
        if path is None:
            raise NotFound("attachment.lost", name=found.name)
        restricted = [found.name] if row.audience else []
        self._noted(actor, found.instance_id, "attachment", restricted, [found.name])
        return found, path

    def audit_cases(self, actor: Actor, *, text: str = "", before: int | None = None) -> AuditPage:
        """Return a page of the cases that an auditor may read, the newest first."""
        with self.database.read() as unit:
            return auditing.cases(unit, actor, self._day(), text=text, before=before)

    def _reader(self, unit: Unit, instance_id: int, actor: Actor) -> Actor:
        return auditing.admitted(unit, actor, instance_id, self._day())

    def _day(self) -> Any:
        return self.clock.now().astimezone(ZONE).date()

    def _noted(
        self, actor: Actor, instance: int, what: str, restricted: Sequence[str], titles: Sequence[str]
    ) -> None:
        """Note a reading that counts as sensitive; for an auditor whatever they read."""
        if actor is SYSTEM:
            return
        if actor.is_auditor:
            reads.note(self.database, self.clock, actor, instance, what, "audit", titles)
            return
        with self.database.read() as unit:
            wanted = settings.get(unit, settings.SENSITIVE)
            secret = False
            if wanted["secret"]:
                with Session(unit.connection) as session:
                    found = self.plugins.hook.bihuan_secret_cases(session=session, instances=[instance])
                    secret = any(found)
        if secret:
            reads.note(self.database, self.clock, actor, instance, what, "secret", titles)
        elif restricted and wanted["audience"]:
            reads.note(self.database, self.clock, actor, instance, what, "audience", restricted)

    def _store(self) -> Store:
        if self.store is None:
            raise BihuanError("attachment.unknown")
        return self.store
