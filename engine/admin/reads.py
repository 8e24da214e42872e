"""Notes who read what not everybody may: once an hour for a person, a case and a reason."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import timedelta

from sqlalchemy import insert, select

from engine import tables
from engine.calendar import Clock
from engine.database import Database, Unit
from engine.identity import Actor

#: From where the present request reads; whoever serves requests sets it.
FROM: ContextVar[str] = ContextVar("from", default="")
#: Reading the same again within this time is one reading.
ONCE = timedelta(hours=1)
_reads = tables.reads.c


def note(
    database: Database, clock: Clock, actor: Actor, instance: int, what: str, why: str, titles: Sequence[str]
) -> None:
    """Note that a person read of a case what ``titles`` name; ``why`` is audience, secret or audit.

    An auditor's reading is noted each time.
    """
    now = clock.now()
    row = {
        "at": now,
        "person": actor.person,
        "instance_id": instance,
        "what": what,
        "names": "、".join(dict.fromkeys(titles))[:1000],
        "why": why,
        "address": FROM.get()[:60],
    }
    same = (_reads.person == actor.person) & (_reads.instance_id == instance) & (_reads.why == why)
    same &= (_reads.what == what) & (_reads.names == row["names"]) & (_reads.at > now - ONCE)
    if why != "audit":
        with database.read() as unit:
            if unit.execute(select(_reads.id).where(same).limit(1)).first():
                return

    def command(unit: Unit) -> None:
        unit.execute(insert(tables.reads), row)

    database.retry(command)
