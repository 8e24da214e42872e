"""Passwords: how they are kept, what a good one is, and how wrong ones lock an account without telling that it exists."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update

from engine import history, tables
from engine.calendar import Clock
from engine.database import Database, Unit
from engine.errors import BihuanError, Forbidden, NotFound
from engine.values import digest, load_plain

#: The setting that replaces some of :class:`Rules`.
RULES = "passwords"
#: argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives for 19 MiB.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: Letters and digits that nobody mistakes for one another on paper or on the telephone.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
#: Guesses at accounts that don't exist are forgotten after this time.
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a county asks of passwords: how long, of how many kinds of characters, when wrong ones lock an account."""

    length: int = 10
    kinds: int = 1
    failures: int = 5
    lock_minutes: int = 15

    @property
    def lock(self) -> timedelta:
        """For how long an account is locked."""
        return timedelta(minutes=self.lock_minutes)


def rules(unit: Unit) -> Rules:
    """Return the county's rules."""
    text = unit.execute(select(tables.settings.c.value).where(tables.settings.c.key == RULES)).scalar()
    return Rules() if text is None else Rules(**load_plain(text))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password)


def first_password() -> str:
    """Return a random first password that can be read out: three groups of four clear characters, 59 bits."""
    groups = ("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def stamp(hashed: str | None) -> str:
    """Return what a session keeps of a password: enough to notice a change, nothing to guess it from."""
    return digest((hashed or "").encode())[:16]


class Passwords:
    """Checking and changing passwords; every change is recorded in the chain ``identity``."""

    database: Database
    clock: Clock

    def rules(self) -> Rules:
        """Return what the county asks of passwords."""
        with self.database.read() as unit:
            return rules(unit)

    def verify(self, person: str, password: str) -> None:
        """Check a password; raises :class:`Forbidden` ``login.wrong`` or, after some failures, ``login.locked``.

        Unknown people take as long as known ones and are locked as they are, so that nobody can find out who has an
        account.
        """
        with self.database.read() as unit:
            asked = rules(unit)
            row = unit.execute(select(tables.people).where(tables.people.c.id == person)).first()
            known = row is not None and row.password_hash is not None and row.active
            guess = unit.execute(select(tables.guesses).where(tables.guesses.c.key == digest(person))).first()
        now = self.clock.now()
        locked = (row if known else guess) and (row if known else guess).locked_until  # type: ignore[union-attr]
        if locked is not None and now < locked:
            raise Forbidden("login.locked", until=locked)
        if row is None or not known:
            _matches(_dummy(), password)
            self._refuse(
                self.database.retry(lambda unit: _guessed(unit, digest(person), now, asked)), now, asked
            )
        elif not _matches(row.password_hash, password):
            self._refuse(self.database.retry(lambda unit: self._failed(unit, person, now, asked)), now, asked)
        elif row.failures or row.locked_until is not None:
            self.database.retry(lambda unit: self._set(unit, person, failures=0, locked_until=None))

    def _refuse(self, failures: int, now: datetime, asked: Rules) -> None:
        if failures >= asked.failures:
            raise Forbidden("login.locked", until=now + asked.lock)
        raise Forbidden("login.wrong")

    def _failed(self, unit: Unit, person: str, now: datetime, asked: Rules) -> int:
        people = tables.people.c
        query = select(people.failures, people.locked_until).where(people.id == person).with_for_update()
        failures, locked = _counted(unit.execute(query).one(), now, asked)
        self._set(unit, person, failures=failures, locked_until=locked)
        if locked is not None:
            entry = history.Entry("person.locked", "system", now, body={"person": person})
            history.record(unit, "identity", entry)
        return failures

    def must_change_password(self, person: str) -> bool:
        """Whether the person must choose a new password before anything else."""
        with self.database.read() as unit:
            query = select(tables.people.c.must_change).where(tables.people.c.id == person)
            return bool(unit.execute(query).scalar())

    def change_password(self, person: str, old: str, new: str) -> None:
        """Change one's own password; raises :class:`Forbidden` for a wrong old one, :class:`BihuanError` for a weak new one.

        A new password is as long and of as many kinds of characters as the county's rules ask, differs from the old one,
        and isn't the person's id or a few characters repeated.
        """
        self.verify(person, old)
        asked = self.rules()
        if len(new) < asked.length or new == old or new.lower() == person.lower() or len(set(new)) < 4:
            raise BihuanError("password.weak", length=asked.length)
        if len(set(_kinds(new))) < asked.kinds:
            raise BihuanError("password.kinds", kinds=asked.kinds)
        self._store_password(person, new, must_change=False, actor=f"user:{person}", kind="password.changed")

    def reset_password(self, person: str, new: str, *, actor: str) -> None:
        """Give a person a first password, which they must change: from the server's own command line."""
        self._store_password(person, new, must_change=True, actor=actor, kind="password.reset")

    def _store_password(self, person: str, new: str, *, must_change: bool, actor: str, kind: str) -> None:
        hashed, now = hash_password(new), self.clock.now()

        def command(unit: Unit) -> None:
            self._set(
                unit, person, password_hash=hashed, must_change=must_change, failures=0, locked_until=None
            )
            history.record(unit, "identity", history.Entry(kind, actor, now, body={"person": person}))

        self.database.retry(command)

    def _set(self, unit: Unit, person: str, **values: Any) -> None:
        done = unit.execute(update(tables.people).where(tables.people.c.id == person), values)
        if not done.rowcount:
            raise NotFound("person.unknown", person=person)


def _guessed(unit: Unit, key: str, now: datetime, asked: Rules) -> int:
    """Count a wrong password for an account that doesn't exist, and forget old ones."""
    table = tables.guesses
    unit.execute(delete(table).where(table.c.at < now - _FORGOTTEN))
    row = unit.execute(select(table).where(table.c.key == key).with_for_update()).first()
    failures, locked = _counted(row, now, asked)
    values = {"failures": failures, "locked_until": locked, "at": now}
    if row is None:
        unit.execute(insert(table), {"key": key, **values})
    else:
        unit.execute(update(table).where(table.c.key == key), values)
    return failures


def _counted(row: Any, now: datetime, asked: Rules) -> tuple[int, datetime | None]:
    """Return how many wrong passwords there were with this one, and until when they lock the account."""
    over = row is None or (row.locked_until is not None and now >= row.locked_until)
    failures = int(1 if over else row.failures + 1)
    return failures, now + asked.lock if failures >= asked.failures else None


def _kinds(password: str) -> Iterator[str]:
    for character in password:
        if character.isdigit():
            yield "digit"
        elif character.isalpha():
            yield "upper" if character.isupper() else "lower"
        else:
            yield "other"


@cache
def _dummy() -> str:
    return _hasher.hash("nobody's password")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
