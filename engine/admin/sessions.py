"""Sessions that the server itself can end, and the log of who signed in, from where, and who was turned away."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from engine import tables
from engine.calendar import Clock
from engine.database import Database, Unit
from engine.errors import NotFound
from engine.values import digest

#: How exact the time is at which a session was last heard of.
HEARD = timedelta(minutes=5)
_table = tables.sessions.c
_open = select(tables.sessions).where(_table.key == bindparam("key"), _table.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody signs in: the network address and the browser's own name, as far as they are told."""

    address: str = ""
    agent: str = ""

    def row(self) -> dict[str, str]:
        """Return both, as long as the tables take them."""
        return {"address": self.address[:60], "agent": self.agent[:200]}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: whose, since when, last heard of when, from where; ``how`` is ``password`` or ``oidc``."""

    id: int
    person: str
    began_at: datetime
    seen_at: datetime
    how: str
    address: str
    agent: str


class Sessions:
    """The sessions of a county."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def begin(self, person: str, place: Place, how: str = "password") -> str:
        """Begin a session; return the secret by which :meth:`find` knows it, which is kept nowhere else."""
        token, now = secrets.token_urlsafe(32), self.clock.now()
        row = {
            "key": digest(token),
            "person": person,
            "began_at": now,
            "seen_at": now,
            "how": how,
            **place.row(),
        }

        def command(unit: Unit) -> None:
            unit.execute(insert(tables.sessions), row)
            _log(unit, now, person, "in", how, place)

        self.database.retry(command)
        return token

    def find(self, token: str) -> SignedIn | None:
        """Return the session of a secret, None for one that has ended; says that it was heard of."""
        with self.database.read() as unit:
            row = unit.execute(_open, {"key": digest(token)}).first()
        if row is None:
            return None
        now = self.clock.now()
        if now - row.seen_at >= HEARD:
            mine = update(tables.sessions).where(_table.id == row.id).values(seen_at=now)
            self.database.retry(lambda unit: unit.execute(mine))
        return _session(row)

    def end(self, token: str, ending: str = "out") -> None:
        """End a session: by its person (``out``), or because it was idle or old (``expired``)."""
        now = self.clock.now()

        def command(unit: Unit) -> None:
            row = unit.execute(_open, {"key": digest(token)}).first()
            if row is None:
                return
            values = {"ended_at": now, "ending": ending, "ended_by": f"user:{row.person}"}
            unit.execute(update(tables.sessions).where(_table.id == row.id).values(values))
            what = "out" if ending == "out" else "ended"
            _log(unit, now, row.person, what, row.how, Place(row.address, row.agent))

        self.database.retry(command)

    def of(self, person: str, since: datetime) -> Sequence[SignedIn]:
        """Return a person's open sessions that were heard of since a time, the newest first."""
        query = (
            select(tables.sessions)
            .where(_table.person == person, _table.ended_at.is_(None), _table.seen_at >= since)
            .order_by(_table.id.desc())
            .limit(200)
        )
        with self.database.read() as unit:
            return [_session(row) for row in unit.execute(query)]

    def end_one(self, session_id: int, person: str) -> None:
        """End another of a person's own sessions; raises :class:`NotFound` for one that isn't theirs or has ended."""
        now = self.clock.now()

        def command(unit: Unit) -> None:
            if not _end(
                unit, (_table.id == session_id) & (_table.person == person), "ended", f"user:{person}", now
            ):
                raise NotFound("session.unknown")

        self.database.retry(command)

    def end_others(self, person: str, token: str | None, ending: str = "ended") -> int:
        """End all of a person's sessions but the one with this secret; return how many there were."""
        now, by = self.clock.now(), f"user:{person}"
        mine = _table.person == person
        if token is not None:
            mine &= _table.key != digest(token)
        return self.database.retry(lambda unit: _end(unit, mine, ending, by, now))

    def turned_away(self, account: str, what: str, place: Place, how: str = "password") -> None:
        """Log that somebody wasn't let in: ``wrong``, ``locked`` or ``refused``."""
        now = self.clock.now()
        self.database.retry(lambda unit: _log(unit, now, account, what, how, place))


def end_all(unit: Unit, person: str, ending: str, by: str, now: datetime) -> int:
    """End all sessions of a person in the caller's own transaction."""
    return _end(unit, _table.person == person, ending, by, now)


def _end(unit: Unit, mine: object, ending: str, by: str, now: datetime) -> int:
    whose = select(tables.sessions).where(mine, _table.ended_at.is_(None))  # type: ignore[arg-type]
    rows = unit.execute(whose).all()
    if rows:
        values = {"ended_at": now, "ending": ending, "ended_by": by}
        unit.execute(update(tables.sessions).where(_table.id.in_([row.id for row in rows])).values(values))
    for row in rows:
        _log(unit, now, row.person, "ended", row.how, Place(row.address, row.agent))
    return len(rows)


def _session(row: object) -> SignedIn:
    return SignedIn(*(getattr(row, name) for name in SignedIn.__slots__))


def _log(unit: Unit, now: datetime, account: str, what: str, how: str, place: Place) -> None:
    row = {"at": now, "account": account[:100], "what": what, "how": how, **place.row()}
    unit.execute(insert(tables.sign_ins), row)
