"""What people do together on a task: claim it, pass it on, ask one another, add signers."""

from __future__ import annotations

from collections.abc import Sequence

from engine import directory
from engine.commands import adding, comments, holding, notes, passing
from engine.commands.notes import Note, Receipt
from engine.commands.ports import Ports
from engine.database import Unit
from engine.directory import Colleague, Office, PeopleQuery
from engine.faces.once import Once
from engine.identity import Actor


class Cooperating(Once):
    """The operations of people on an open task beside completing it."""

    ports: Ports

    def claim(self, item_id: int, *, actor: Actor, version: int, request_key: str | None = None) -> int:
        """Make a pooled item the actor's (认领); return its new version."""

        def command(unit: Unit) -> int:
            return holding.claim(self.ports, unit, item_id, actor, version)

        return self._once("claim", request_key, (item_id, actor.principal), command)

    def unclaim(self, item_id: int, *, actor: Actor, version: int, request_key: str | None = None) -> int:
        """Put an item back to its pool (放回); return its new version."""

        def command(unit: Unit) -> int:
            return holding.unclaim(self.ports, unit, item_id, actor, version)

        return self._once("unclaim", request_key, (item_id, actor.principal), command)

    def assign_out(
        self, item_id: int, *, actor: Actor, to: str, version: int, request_key: str | None = None
    ) -> int:
        """Give an item to the person ``to`` for drafting (分办); return its new version."""

        def command(unit: Unit) -> int:
            return holding.assign_out(self.ports, unit, item_id, actor, to, version)

        return self._once("assign_out", request_key, (item_id, actor.principal, to), command)

    def hand_in(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        opinion: str = "",
        request_key: str | None = None,
    ) -> int:
        """Give a drafted item back to its holder; return its new version."""

        def command(unit: Unit) -> int:
            return holding.hand_in(self.ports, unit, item_id, actor, version, opinion)

        return self._once("hand_in", request_key, (item_id, actor.principal, opinion), command)

    def transfer(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        to: str,
        reason: str = "",
        request_key: str | None = None,
    ) -> int:
        """Give an item to another person instead of the actor (转办); return its new version.

        Raises :class:`Refused` for somebody who can't have it, :class:`Forbidden`, and :class:`Conflict`.
        """

        def command(unit: Unit) -> int:
            return passing.transfer(self.ports, unit, item_id, actor, version, to, reason)

        return self._once("transfer", request_key, (item_id, actor.principal, to, reason), command)

    def delegate(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        to: str,
        reason: str = "",
        request_key: str | None = None,
    ) -> int:
        """Ask another person first (征求意见、协办); the item comes back with their opinion. Return its new version.

        Whoever is asked answers by :meth:`hand_back`, or by completing the item, which gives it back too.
        """

        def command(unit: Unit) -> int:
            return passing.delegate(self.ports, unit, item_id, actor, version, to, reason)

        return self._once("delegate", request_key, (item_id, actor.principal, to, reason), command)

    def hand_back(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        opinion: str = "",
        request_key: str | None = None,
    ) -> int:
        """Give an item back to whoever asked for an opinion; whoever asked may take it back. Return its new version."""

        def command(unit: Unit) -> int:
            return passing.hand_back(self.ports, unit, item_id, actor, version, opinion)

        return self._once("hand_back", request_key, (item_id, actor.principal, opinion), command)

    def acknowledge(self, item_id: int, *, actor: Actor, version: int, request_key: str | None = None) -> int:
        """Note that the actor has received what the item brings (签收); return its new version."""

        def command(unit: Unit) -> int:
            return passing.acknowledge(self.ports, unit, item_id, actor, version)

        return self._once("acknowledge", request_key, (item_id, actor.principal), command)

    def add_signer(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        to: str,
        position: str,
        reason: str = "",
        request_key: str | None = None,
    ) -> int:
        """Add a signer ``before``, ``after`` or ``beside`` the actor (加签); return the new signer's item."""

        def command(unit: Unit) -> int:
            return adding.add_signer(self.ports, unit, item_id, actor, version, to, position, reason)

        asked = (item_id, actor.principal, to, position, reason)
        return self._once("add_signer", request_key, asked, command)

    def remove_signer(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        signer: int,
        reason: str = "",
        request_key: str | None = None,
    ) -> str | None:
        """Take out a signer who has not signed (减签), named by their item; ``item_id`` is the actor's own.

        Returns the outcome of the step where it is decided without them, else None.
        """

        def command(unit: Unit) -> str | None:
            return adding.remove_signer(self.ports, unit, item_id, actor, version, signer, reason)

        return self._once("remove_signer", request_key, (item_id, actor.principal, signer, reason), command)

    # -- about a case ------------------------------------------------------------------------------------------------

    def copy(
        self,
        instance_id: int,
        *,
        actor: Actor,
        to: Sequence[str],
        text: str = "",
        request_key: str | None = None,
    ) -> list[str]:
        """Send a case to people or roles for their information (抄送); return the principals to whom it went."""

        def command(unit: Unit) -> list[str]:
            return notes.copy(self.ports, unit, instance_id, actor, to, text)

        return self._once("copy", request_key, (instance_id, actor.principal, list(to), text), command)

    def receipts(self, instance_id: int, actor: Actor) -> list[Receipt]:
        """Return to whom a case was copied, and who has read it."""
        with self.database.read() as unit:
            return notes.receipts(self.ports, unit, instance_id, actor)

    def urge(
        self, item_id: int, *, actor: Actor, text: str = "", request_key: str | None = None
    ) -> list[str]:
        """Nudge whoever has an open item (催办), at most once in four hours a person and task; return who is told."""

        def command(unit: Unit) -> list[str]:
            return notes.urge(self.ports, unit, item_id, actor, text)

        return self._once("urge", request_key, (item_id, actor.principal, text), command)

    def comment(
        self,
        instance_id: int,
        *,
        actor: Actor,
        text: str,
        mentions: Sequence[str] = (),
        request_key: str | None = None,
    ) -> None:
        """Comment on a case (评论); ``mentions`` are people who are told of it."""

        def command(unit: Unit) -> bool:
            notes.comment(self.ports, unit, instance_id, actor, text, mentions)
            return True

        self._once("comment", request_key, (instance_id, actor.principal, text, list(mentions)), command)

    def strike_comment(self, instance_id: int, comment: int, *, actor: Actor) -> None:
        """Take back a comment of one's own (撤下评论), by its number; it stays in history.

        Raises :class:`NotFound`, :class:`Forbidden` for another's, :class:`Conflict` for the second time.
        """
        self.database.retry(lambda unit: comments.strike(self.ports, unit, instance_id, comment, actor))

    def follow(
        self, instance_id: int, *, actor: Actor, on: bool = True, request_key: str | None = None
    ) -> bool:
        """Watch a case (关注), or not any more; tell whether anything changed."""

        def command(unit: Unit) -> bool:
            return notes.follow(self.ports, unit, instance_id, actor, on=on)

        return self._once("follow", request_key, (instance_id, actor.principal, on), command)

    def followed(self, actor: Actor) -> list[int]:
        """Return the ids of the cases that the actor follows, the newest first."""
        with self.database.read() as unit:
            return notes.followed(unit, actor)

    def notes(
        self, actor: Actor, kind: str | None = None, *, unread: bool = False, limit: int = 100
    ) -> list[Note]:
        """Return what the actor was told, the newest first: ``copy`` (抄送我的), ``mention``, ``urge``, or all."""
        with self.database.read() as unit:
            return notes.listed(unit, actor, kind, unread=unread, limit=limit)

    def read_note(self, note_id: int, *, actor: Actor, request_key: str | None = None) -> bool:
        """Note that the actor has read a note (阅读回执); tell whether it was the first time."""

        def command(unit: Unit) -> bool:
            return notes.read(self.ports, unit, note_id, actor)

        return self._once("read_note", request_key, (note_id, actor.principal), command)

    # -- with whom ---------------------------------------------------------------------------------------------------

    def colleagues(
        self,
        query: PeopleQuery,
        *,
        actor: Actor,
        item_id: int | None = None,
        instance_id: int | None = None,
        drafting: bool = False,
    ) -> list[Colleague]:
        """Find people: with ``item_id`` those whom that task can be passed to (``drafting``: given for drafting), with
        ``instance_id`` those who may see that case, else everybody; never the actor, never an administrator.

        Raises :class:`NotFound` for a task or a case that the actor may not see.
        """
        with self.database.read() as unit:
            circle = directory.circle_of(
                self.ports, unit, actor, item_id=item_id, instance_id=instance_id, drafting=drafting
            )
            return directory.find(unit, query, circle, directory.today_of(self.clock.now()))

    def offices(self, query: PeopleQuery) -> list[Office]:
        """Find roles at organisations that somebody holds, to which a copy can be sent."""
        with self.database.read() as unit:
            return directory.find_offices(unit, query, directory.today_of(self.clock.now()))
