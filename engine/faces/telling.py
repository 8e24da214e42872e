"""The channels of the county as administrators keep them, the outbox, and the work of filling and emptying it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from engine.admin.administration import Administration
from engine.admin.rights import Right
from engine.calendar import Clock
from engine.commands.ports import Ports
from engine.database import Database, Unit
from engine.errors import BihuanError, Forbidden, NotFound
from engine.identity import Actor
from engine.messages import sentence
from engine.notify import audience, configuration, contacts, daily, delivery, telling
from engine.notify.configuration import CHANNELS, GENERAL, HOSTS, Configured, General
from engine.notify.delivery import Delivery
from engine.notify.ports import Channel, Message, Undelivered
from engine.values import digest

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from engine.engine import Engine


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as administrators see it: since when each of its secrets is kept (None: it isn't), never what it is; and
    how many of its messages went out, wait, and failed.
    """

    configured: Configured
    secrets: Mapping[str, datetime | None]
    sent: int
    waiting: int
    failed: int


class Telling:
    """The engine's channels; administrators configure them, the runners work."""

    database: Database
    ports: Ports
    clock: Clock
    plugins: Any
    admin: Administration

    # -- configuration -----------------------------------------------------------------------------------------------

    def channel_types(self) -> dict[str, Channel]:
        """Return the kinds of channels that there are, by type."""
        return configuration.kinds_of_channels(self.plugins)

    def channels(self, actor: Actor | str) -> list[ChannelView]:
        """Return the county's channels; raises :class:`Forbidden` for anybody but administrators."""
        self._administrator(actor)
        with self.database.read() as unit:
            found = configuration.configured(unit, self.plugins)
            kept, counts = configuration.secrets_set(unit), delivery.counts(unit)
        return [
            ChannelView(
                one,
                {
                    option.name: kept.get(configuration.secret_name(name, option.name))
                    for option in one.channel.options
                    if option.kind == "secret"
                },
                counts.get((name, "sent"), 0),
                counts.get((name, "open"), 0) + counts.get((name, "sending"), 0),
                counts.get((name, "failed"), 0),
            )
            for name, one in found.items()
        ]

    def save_channel(
        self,
        name: str,
        said: Mapping[str, Any],
        *,
        actor: Actor | str,
        secrets: Mapping[str, str] | None = None,
        new: bool = False,
    ) -> None:
        """Keep a channel's settings (``type``, ``on``, ``discreet``, ``quiet``, ``audience``, ``options``).

        ``secrets`` replaces those named in it (an empty text removes one). Raises :class:`BihuanError` for what can't be
        used, and, where it is to be ``new``, for a name that is taken.
        """
        who, now = self._administrator(actor), self.clock.now()
        kept = configuration.checked(self.plugins, name, said)
        known = {
            option.name for option in self.channel_types()[kept["type"]].options if option.kind == "secret"
        }

        def command(unit: Unit) -> None:
            channels = dict(configuration.read_setting(unit, CHANNELS, {}))
            if new and name in channels:
                raise BihuanError("channel.taken", channel=name)
            if name in channels and channels[name]["type"] != kept["type"]:
                raise BihuanError("channel.taken", channel=name)
            channels[name] = kept
            configuration.keep_setting(unit, CHANNELS, channels, who, now)
            for option, value in (secrets or {}).items():
                if option in known:
                    configuration.set_secret(
                        unit, configuration.secret_name(name, option), value.strip(), who, now
                    )

        self.database.retry(command)

    def remove_channel(self, name: str, *, actor: Actor | str) -> None:
        """Remove a channel with its secrets; what waits for it is dropped. Raises :class:`NotFound`."""
        who, now = self._administrator(actor), self.clock.now()

        def command(unit: Unit) -> None:
            channels = dict(configuration.read_setting(unit, CHANNELS, {}))
            if channels.pop(name, None) is None:
                raise NotFound("channel.unknown", channel=name)
            configuration.keep_setting(unit, CHANNELS, channels, who, now)
            for secret in configuration.secrets_set(unit):
                if secret.startswith(f"{name}."):
                    configuration.set_secret(unit, secret, "", who, now)

        self.database.retry(command)

    def telling_settings(self) -> General:
        """Return what holds for all channels."""
        with self.database.read() as unit:
            return configuration.general(unit)

    def set_telling(self, said: Mapping[str, Any], *, actor: Actor | str) -> None:
        """Change what holds for all channels; raises :class:`BihuanError` for what can't be used."""
        who, now = self._administrator(actor), self.clock.now()
        kept = configuration.checked_general(said)
        self.database.retry(lambda unit: configuration.keep_setting(unit, GENERAL, kept, who, now))

    def allowed_hosts(self) -> list[str]:
        """Return the hosts that channels may speak to besides the well-known robots."""
        with self.database.read() as unit:
            return [str(host) for host in configuration.read_setting(unit, HOSTS, [])]

    def allow_hosts(self, hosts: Sequence[str]) -> None:
        """Say to which hosts (``host`` or ``host:port``) channels may speak; the server's operator's act, not a county's
        administrator's.
        """
        wanted, now = sorted({host.strip().lower() for host in hosts if host.strip()}), self.clock.now()
        self.database.retry(lambda unit: configuration.keep_setting(unit, HOSTS, wanted, "system", now))

    def try_channel(self, name: str, *, actor: Actor) -> str | None:
        """Send the actor a test message at once; return None where it went out, else the reason.

        Raises :class:`NotFound`, and :class:`BihuanError` where the actor has no address for it.
        """
        self._administrator(actor)
        now = self.clock.now()
        with self.database.read() as unit:
            channel = configuration.configured(unit, self.plugins).get(name)
            if channel is None:
                raise NotFound("channel.unknown", channel=name)
            options, gate = configuration.with_secrets(unit, channel), configuration.gate(unit)
            language = configuration.general(unit).language
            mine = contacts.read(unit, actor.person)
        reader = audience.Reader(actor.person, actor.name, mine.email, mine.mobile)
        address = reader.address(channel)
        if address is None:
            what = (
                ("邮箱", "e-mail address")
                if channel.channel.address == "email"
                else ("手机号", "mobile number")
            )
            raise BihuanError("channel.no_address", what=what[0], what_en=what[1])
        message = Message(
            digest(f"{self.database.code}:test:{name}:{now.isoformat()}")[:32],
            actor.name,
            address,
            mine.mobile,
            sentence("channel.test_title", {}, language),
            [sentence("channel.test", {"channel": name}, language)],
            now,
        )
        try:
            channel.channel.send(options, message, gate)
        except Undelivered as error:
            return error.reason
        except (
            Exception
        ) as error:  # as in the background: a setting that no library takes is told, it's no fault of ours
            log.exception("channel %s failed at a test", name)
            return type(error).__name__
        return None

    # -- the outbox --------------------------------------------------------------------------------------------------

    def deliveries(
        self,
        actor: Actor | str,
        *,
        states: Sequence[str] = ("failed",),
        channel: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Delivery]:
        """Return messages of the outbox, the newest first; raises :class:`Forbidden` for anybody but administrators."""
        self._administrator(actor)
        with self.database.read() as unit:
            return delivery.listed(unit, states, channel, before, limit)

    def send_again(self, delivery_id: int, *, actor: Actor | str) -> None:
        """Let a message that failed be tried anew; raises :class:`NotFound`."""
        self._administrator(actor)
        self.database.retry(lambda unit: delivery.again(unit, delivery_id, self.clock.now()))

    def run_telling(self) -> int:
        """Fill the outbox with what is new, and with the day's digests; return how much there was to do."""
        now = self.clock.now()
        with self.database.read() as unit:
            channels, general = telling.settings(self.ports, unit)
            if not channels:
                return 0
            news = telling.due(unit, now)
            day = daily.day_due(unit, self.ports.working_days(unit), general.digest_at, now)
            rows = daily.digests(self.ports, unit, channels, general, now) if day else []
        done = 0
        if news:
            done += self.database.retry(lambda unit: telling.tell(self.ports, unit, channels, now))
        if day:
            done += self.database.retry(
                lambda unit: daily.run(self.ports, unit, channels, general, rows, now)
            )
        return done

    def run_deliveries(self, limit: int = 100) -> int:
        """Send up to ``limit`` messages that are due; return how many were taken up."""
        now = self.clock.now()
        with self.database.read() as unit:
            if not delivery.any_ready(unit, now):
                return 0
        done = 0
        while done < limit and delivery.send_next(cast("Engine", self), now):
            done += 1
        return done

    def _administrator(self, actor: Actor | str) -> str:
        """Return the principal of who may change the settings; raises :class:`Forbidden` for anybody else."""
        if isinstance(actor, str):
            return actor
        if Right.SETTINGS not in self.admin.rights(actor):
            raise Forbidden("admin.only")
        return actor.principal
