"""Commands that are done once however often they are sent: what all faces of the engine share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.calendar import Clock
from engine.commands import requests
from engine.database import Database, Unit

Answer = TypeVar("Answer")


class Once:
    """Runs a command under a request key."""

    database: Database
    clock: Clock

    def _once(
        self, name: str, key: str | None, asked: tuple[Any, ...], command: Callable[[Unit], Answer]
    ) -> Answer:
        """Run a command; under a request key that was seen before answer what was answered then.

        ``asked`` is what makes the request the same one, the version of the item left out: a second click has another.
        Answers are what JSON can hold.
        """
        if key is None:
            return self.database.retry(command)
        fingerprint = requests.fingerprint(name, *asked)

        def keyed(unit: Unit) -> Answer:
            known = requests.answer(unit, key, fingerprint)
            if known is not None:
                found: Answer = known["answer"]
                return found
            found = command(unit)
            requests.remember(unit, key, fingerprint, {"answer": found}, self.clock.now())
            return found

        return self.database.retry(keyed)


def part(key: str | None, item: int) -> str | None:
    """Return the request key of one item of a command on many."""
    return None if key is None else f"{key}/{item}"
