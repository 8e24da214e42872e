"""The lists that people work in beside the inbox, and how each person wants to see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine import history
from engine.calendar import Clock
from engine.commands import notes, personal
from engine.commands.personal import Personal
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import Refused
from engine.history import Entry
from engine.identity import Actor
from engine.tasks import badges, copies, filling, others, own, watching
from engine.tasks.badges import Badges
from engine.tasks.filling import Filling
from engine.tasks.lists import ListPage
from engine.tasks.others import Outstanding
from engine.tasks.query import InboxQuery
from engine.tasks.watching import Changes

#: So many notes are marked as read at once.
MAX_READ = 100


class Listing:
    """A person's own lists, their numbers, preferences and saved filters."""

    database: Database
    ports: Ports
    clock: Clock

    def copies(self, actor: Actor, query: InboxQuery | None = None, *, unread: bool = False) -> ListPage:
        """Return a page of what was copied to the actor (抄送我的), or only of what they haven't read."""
        with self.database.read() as unit:
            return copies.copies(
                unit, actor, query or InboxQuery(sort="newest"), self.clock.now(), unread=unread
            )

    def read_notes(self, note_ids: Sequence[int], *, actor: Actor) -> int:
        """Note that the actor has read several notes; return for how many of them it was the first time.

        Raises :class:`NotFound` where one of them isn't theirs, and none is marked then.
        """
        if len(note_ids) > MAX_READ:
            raise Refused("notes.too_many_read", count=len(note_ids), limit=MAX_READ)

        def command(unit: Unit) -> int:
            return sum(notes.read(self.ports, unit, one, actor) for one in sorted(set(note_ids)))

        return self.database.retry(command)

    def drafts(self, actor: Actor, query: InboxQuery | None = None) -> ListPage:
        """Return a page of what the actor typed and didn't submit yet (草稿), saved last first."""
        with self.database.read() as unit:
            return own.drafts(unit, actor, query or InboxQuery(sort="newest"), self.clock.now())

    def following(self, actor: Actor, query: InboxQuery | None = None) -> ListPage:
        """Return a page of the cases that the actor follows (关注), and where each of them stands."""
        with self.database.read() as unit:
            return own.followed(unit, actor, query or InboxQuery(sort="newest"), self.clock.now())

    def outstanding(self, actor: Actor, limit: int = 20) -> list[Outstanding]:
        """Return what waits on others: open steps of cases that the actor started or worked on, the longest open first.

        The cases are those of the last 1,000 that they started and of the last 1,000 items that they completed, and
        whatever they asked somebody's opinion on.
        """
        with self.database.read() as unit:
            return others.outstanding(unit, actor, limit)

    def badges(self, actor: Actor) -> Badges:
        """Return how much waits, is unread and is begun, each counted up to a hundred."""
        with self.database.read() as unit:
            return badges.badges(unit, actor, self.clock.now())

    def inbox_changes(
        self, actor: Actor, query: InboxQuery, shown: Sequence[int], since: datetime
    ) -> Changes:
        """Return what came to and went from the actor's inbox since a page of it was shown at ``since`` with ``shown``."""
        with self.database.read() as unit:
            return watching.changes(unit, actor, query, shown, since, self.clock.now())

    # -- how one wants to see them -----------------------------------------------------------------------------------

    def personal(self, actor: Actor) -> Personal:
        """Return the actor's preferences and the saved filters that they have."""
        with self.database.read() as unit:
            return personal.personal(unit, actor)

    def prefer(self, name: str, value: Any, *, actor: Actor) -> None:
        """Keep a preference of the actor (JSON) under a name; None forgets it."""
        self.database.retry(lambda unit: personal.prefer(unit, actor, name, value))

    def save_filter(
        self, list_name: str, name: str, query: str, *, actor: Actor, role: str | None = None
    ) -> int:
        """Save a filter of a list under a name, for oneself or for all who hold ``role`` (``role:…@org``); return its id.

        Saved again under the same name it replaces the former. Raises :class:`Forbidden` for a role that the actor
        doesn't hold, and :class:`Refused`.
        """
        now = self.clock.now()
        return self.database.retry(
            lambda unit: personal.save_filter(unit, actor, now, list_name, name, query, role)
        )

    def fillings(self, item_ids: Sequence[int], actor: Actor, names: Sequence[str] = ()) -> list[Filling]:
        """Return those of the items that the actor fills in now, with their drafts and the variables ``names``.

        It takes a few statements however many there are; an item that isn't theirs is left out.
        """
        with self.database.read() as unit:
            return filling.fillings(self.ports, unit, item_ids, actor, names)

    def rename_filter(self, filter_id: int, name: str, *, actor: Actor) -> None:
        """Rename a saved filter: one's own, or of one's role when one saved it or who did holds the role no more.

        Raises :class:`NotFound`, :class:`Forbidden`, and :class:`Refused` for a name that is taken.
        """
        now = self.clock.now()
        self.database.retry(lambda unit: personal.rename_filter(unit, actor, now, filter_id, name))

    def delete_filter(self, filter_id: int, *, actor: Actor) -> None:
        """Delete a saved filter; raises as :meth:`rename_filter` does."""
        now = self.clock.now()
        self.database.retry(lambda unit: personal.delete_filter(unit, actor, now, filter_id))

    def prefer_filter(self, list_name: str, filter_id: int | None, *, actor: Actor) -> None:
        """Let a list be opened with a saved filter from now on, or with None; raises :class:`NotFound`."""

        def command(unit: Unit) -> None:
            if filter_id is not None:
                personal.see_filter(unit, actor, filter_id)
            personal.prefer(unit, actor, f"default:{list_name}", filter_id)

        self.database.retry(command)

    def record_export(self, list_name: str, query: str, rows: int, *, actor: Actor) -> None:
        """Record in the chain ``exports`` that the actor took a list out of the system, and how many rows it had."""
        body = {"list": list_name, "query": query, "rows": rows}
        entry = Entry("list.exported", actor.principal, self.clock.now(), body=body)
        self.database.retry(lambda unit: history.record(unit, "exports", entry))
