"""Messages and signals that come from outside: written first, delivered by commands of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine import history
from engine.commands.naming import MESSAGE, SIGNAL, key_text
from engine.commands.ports import Ports
from engine.commands.scopes import storable
from engine.commands.sending import TIME_TO_LIVE, broadcast, store
from engine.database import Unit
from engine.errors import BihuanError
from engine.history import Entry
from engine.tables import MAX_NAME
from engine.values import digest, dump_json

#: The chain of history that keeps what came from outside: names and hashes. What a message carried stands in the history
#: of those that got it, and goes with it.
CHAIN = "messages"


@dataclass(frozen=True, slots=True)
class Published:
    """A message that was taken; ``fresh`` is False where one of its name, key and id had come before.

    ``delivered`` counts those that have got it already.
    """

    id: int
    fresh: bool
    delivered: int = 0


def publish(
    ports: Ports,
    unit: Unit,
    name: str,
    key: str | int | None,
    variables: Mapping[str, Any],
    message_id: str | None,
    time_to_live: timedelta | None,
    actor: str,
) -> Published:
    """Take a message; raises :class:`BihuanError` for a name, key, id or time to live that can't be."""
    now = ports.clock.now()
    carried = dump_json(storable(variables))
    lasting = TIME_TO_LIVE if time_to_live is None else time_to_live
    if lasting < timedelta(0):
        raise BihuanError("publish.bad_time")
    row = {
        "kind": MESSAGE,
        "name": _text(name, "name"),
        "key": "" if key in (None, "") else _text(key, "key"),
        "message_id": None if message_id is None else _text(message_id, "message_id"),
        "variables": carried,
        "actor": actor,
        "published_at": now,
        "expires_at": now + lasting,
    }
    id, fresh = store(unit, row)
    if fresh:
        body = {"message": id, **{part: row[part] for part in ("name", "key", "message_id")}}
        history.record(
            unit,
            CHAIN,
            Entry("message.published", actor, now, body={**body, "sha256": digest(carried)}),
        )
    return Published(id, fresh)


def signal(ports: Ports, unit: Unit, name: str, variables: Mapping[str, Any], actor: str) -> int:
    """Throw a signal at all that await it now; return how many there are."""
    now, carried = ports.clock.now(), dump_json(storable(variables))
    row = {
        "kind": SIGNAL,
        "name": _text(name, "name"),
        "key": "",
        "variables": carried,
        "actor": actor,
        "published_at": now,
        "expires_at": now,
    }
    count = broadcast(unit, row)
    body = {"name": name, "count": count, "sha256": digest(carried)}
    history.record(unit, CHAIN, Entry("signal.thrown", actor, now, body=body))
    return count


def _text(value: Any, what: str) -> str:
    text = key_text(value)
    if text is None:
        raise BihuanError("publish.bad_text", what=what, limit=MAX_NAME)
    return text
