"""What comes from outside and what is on its way: messages and signals, and their delivery."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from engine.calendar import Clock
from engine.commands import beginnings, delivering, publishing
from engine.commands.ports import Ports
from engine.commands.publishing import Published
from engine.database import Database
from engine.errors import Conflict, Forbidden
from engine.identity import SYSTEM, Actor

log = logging.getLogger(__name__)


class Messaging:
    """The engine's messages and signals."""

    database: Database
    ports: Ports
    clock: Clock

    def publish(
        self,
        name: str,
        key: str | int | None = None,
        variables: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        time_to_live: timedelta | None = None,
        *,
        actor: Actor | str = "system",
    ) -> Published:
        """Publish a message: it is delivered to what awaits its name and key, or starts instances.

        The same ``message_id`` again (with the same name and key) is delivered once. What nobody awaits is kept for
        ``time_to_live`` (an hour by default). It is written first and delivered by commands of its own, tried here at
        once; what fails meanwhile, :meth:`run_due` does later. Raises :class:`BihuanError` ``publish.*``, and
        :class:`Forbidden` for administrators.
        """
        who, given = _sender(actor), variables or {}
        published = self.database.retry(
            lambda unit: publishing.publish(self.ports, unit, name, key, given, message_id, time_to_live, who)
        )
        delivered = self._deliver_all(published.id) if published.fresh else 0
        return replace(published, delivered=delivered)

    def signal(
        self, name: str, variables: Mapping[str, Any] | None = None, *, actor: Actor | str = "system"
    ) -> int:
        """Throw a signal at all that await it now, start events included; return how many there are.

        A signal that nobody awaits is gone. Raises :class:`BihuanError` ``publish.*``, and :class:`Forbidden` for
        administrators.
        """
        who, given = _sender(actor), variables or {}
        count = self.database.retry(lambda unit: publishing.signal(self.ports, unit, name, given, who))
        while count and self.deliver():
            pass
        return count

    def start_due(self, now: datetime | None = None, limit: int = 100) -> int:
        """Start instances by the timers of start events that are due, the oldest first; return how many."""
        moment = now or self.clock.now()
        with self.database.read() as unit:
            due = beginnings.due(unit, moment, limit)
        return sum(self._start(id, moment) for id in due)

    def _start(self, timer: int, moment: datetime) -> bool:
        try:
            return self.database.retry(lambda unit: beginnings.fire(self.ports, unit, timer, moment))
        except Exception as error:
            log.exception("start timer %s of county %s failed", timer, self.database.code)
            reason = f"{type(error).__name__}: {error}"
            self.database.retry(lambda unit: beginnings.postpone(self.ports, unit, timer, reason))
            return False

    def deliver(self, now: datetime | None = None, limit: int = 100) -> int:
        """Deliver messages and signals that are on their way, each in transactions of its own; return how many arrived.

        One whose delivery fails for a reason outside the process rests, and is tried again.
        """
        with self.database.read() as unit:
            ready = delivering.ready(unit, now or self.clock.now(), limit)
        return sum(self._deliver_all(id) for id in ready)

    def _deliver_all(self, message: int) -> int:
        """Deliver a message to all that await it; return how many got it."""
        count = 0
        try:
            while self.database.retry(lambda unit: delivering.deliver(self.ports, unit, message)):
                count += 1
        except Conflict:
            log.info("message %s of county %s waits: its key is taken", message, self.database.code)
        except Exception as error:
            log.exception("message %s of county %s could not be delivered", message, self.database.code)
            reason = f"{type(error).__name__}: {error}"
            self.database.retry(lambda unit: delivering.postpone(self.ports, unit, message, reason))
        return count


def _sender(actor: Actor | str) -> str:
    """Return who a message is from; administrators don't act on business."""
    if isinstance(actor, str):
        return actor
    if actor.no_business:
        raise Forbidden("admin.no_business")
    return actor.person if actor is SYSTEM else actor.principal
