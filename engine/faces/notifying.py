"""What people are told: the bell, what they wish to be told outside the pages, and where they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.admin.administration import Administration
from engine.admin.rights import Right
from engine.calendar import Clock
from engine.commands import informing, notes
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import BihuanError, Forbidden, NotFound
from engine.identity import Actor
from engine.messages import sentence
from engine.notify import audience, bell, configuration, contacts
from engine.notify.bell import ToldPage
from engine.notify.configuration import Configured
from engine.notify.contacts import Contacts
from engine.notify.gate import Gate
from engine.notify.kinds import KINDS
from engine.notify.ports import Message, Undelivered
from engine.values import digest


class Notifying:
    """The engine's messages to one person."""

    database: Database
    ports: Ports
    clock: Clock
    plugins: Any
    admin: Administration

    def unread(self, actor: Actor) -> int:
        """Return how much is new to the actor; 100 means more than 99."""
        with self.database.read() as unit:
            return bell.unread(unit, actor, self.clock.now())

    def told(
        self, actor: Actor, *, before: datetime | None = None, limit: int = 30, only_unread: bool = False
    ) -> ToldPage:
        """Return what the actor was told: tasks that wait, and messages, the newest first."""
        now = self.clock.now()
        with self.database.read() as unit:
            return bell.page(
                self.ports, unit, actor, now, before=before, limit=limit, only_unread=only_unread
            )

    def catch_up(self, actor: Actor) -> None:
        """Take all that the actor was told as read."""
        self.database.retry(lambda unit: bell.catch_up(unit, actor, self.clock.now()))

    def open_note(self, note_id: int, *, actor: Actor) -> str:
        """Note that the actor opens a message, and return the path inside the site that it leads to, empty for none.

        Raises :class:`NotFound` for one that isn't theirs.
        """
        with self.database.read() as unit:
            path = bell.note_path(unit, actor, note_id)
        if path is None:
            raise NotFound("note.unknown")
        self.database.retry(lambda unit: notes.read(self.ports, unit, note_id, actor))
        return path

    def announce(self, person: str, code: str, params: Mapping[str, Any], *, link: str) -> None:
        """Tell a person that long work of theirs is done: ``code`` is a sentence of :mod:`engine.messages`, ``link`` a path
        inside the site after the county's own (``/bulk/7``).
        """
        now = self.clock.now()
        self.database.retry(lambda unit: informing.finished(unit, f"user:{person}", code, params, link, now))

    # -- wishes ------------------------------------------------------------------------------------------------------

    def my_channels(self, actor: Actor) -> list[Configured]:
        """Return the channels that are on and may tell the actor things."""
        with self.database.read() as unit:
            found = configuration.configured(unit, self.plugins).values()
        return [
            one
            for one in found
            if one.on and (not one.audience or actor.principals.intersection(one.audience))
        ]

    def wishes(self, actor: Actor) -> dict[tuple[str, str], str]:
        """Return when the actor is told of each kind through each of their channels: (channel, kind) → how."""
        channels = self.my_channels(actor)
        with self.database.read() as unit:
            general = configuration.general(unit)
            chosen = audience.wishes(unit, actor.person)
        return {
            (channel.name, kind): chosen.get((channel.name, kind)) or general.default(channel.name, kind)
            for channel in channels
            for kind in KINDS
        }

    def choose(self, actor: Actor, chosen: Mapping[tuple[str, str], str]) -> None:
        """Keep when the actor wants to be told of what, for each channel and kind; raises :class:`BihuanError`."""
        known = {channel.name for channel in self.my_channels(actor)}
        wanted = {key: how for key, how in chosen.items() if key[0] in known}
        self.database.retry(lambda unit: audience.choose(unit, actor.person, wanted))

    # -- addresses ---------------------------------------------------------------------------------------------------

    def contacts(self, person: str) -> Contacts:
        """Return where a person is reached; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return contacts.read(unit, person)

    def ask_address(self, kind: str, address: str, *, actor: Actor) -> None:
        """Send a code to an address (``email`` or ``mobile``) that the actor names as theirs.

        Raises :class:`BihuanError` for what is no address, where no channel can send there, and where it can't be sent.
        """
        found, now = contacts.clean(kind, address), self.clock.now()
        with self.database.read() as unit:
            channel = next(
                (
                    one
                    for one in configuration.configured(unit, self.plugins).values()
                    if one.on and one.channel.address == kind
                ),
                None,
            )
            if channel is None:
                raise BihuanError("contact.no_channel")
            options = configuration.with_secrets(unit, channel)
            general, gate = configuration.general(unit), configuration.gate(unit)
        code = self.database.retry(lambda unit: contacts.ask(unit, actor.person, kind, found, now))
        message = Message(
            digest(f"{self.database.code}:{actor.person}:{found}:{now.isoformat()}")[:32],
            actor.name,
            found,
            "",
            sentence("contact.code_title", {"code": code}, general.language),
            [sentence("contact.code", {"code": code}, general.language)],
            now,
        )
        self._send_now(channel, options, message, gate, actor.person, kind)

    def _send_now(
        self,
        channel: Configured,
        options: Mapping[str, Any],
        message: Message,
        gate: Gate,
        person: str,
        kind: str,
    ) -> None:
        try:
            channel.channel.send(options, message, gate)
        except Undelivered as error:
            self.database.retry(lambda unit: contacts.forget(unit, person, kind))
            raise BihuanError("contact.not_sent", reason=error.reason) from None

    def confirm_address(self, kind: str, code: str, *, actor: Actor) -> None:
        """Take over the address to which a code was sent; raises :class:`BihuanError` for another code, or one too old."""
        now = self.clock.now()
        if not self.database.retry(lambda unit: contacts.confirm(unit, actor.person, kind, code, now)):
            raise BihuanError("contact.wrong")

    def set_contact(self, person: str, kind: str, address: str, *, actor: Actor | str) -> None:
        """Set a person's address without a code, or remove it where it is empty: an administrator's act, or one's own
        removal. Raises :class:`Forbidden`.
        """
        own = isinstance(actor, Actor) and actor.person == person and not address.strip()
        if isinstance(actor, Actor) and not own and Right.ACCOUNTS not in self.admin.rights(actor):
            raise Forbidden("admin.only")
        found = contacts.clean(kind, address) if address.strip() else None
        who, now = actor if isinstance(actor, str) else actor.principal, self.clock.now()

        def command(unit: Unit) -> None:
            contacts.forget(unit, person, kind)
            contacts.keep(unit, person, kind, found, who, now)

        self.database.retry(command)
