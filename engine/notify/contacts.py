"""Where people are reached: an address counts once a code sent there came back, or when an administrator set it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from engine import history, tables
from engine.database import Unit
from engine.errors import BihuanError, NotFound
from engine.history import Entry
from engine.values import digest

#: How long a code holds, how often it may be tried, and how soon another is sent.
VALID = timedelta(minutes=10)
TRIES = 5
PAUSE = timedelta(minutes=1)
KINDS = ("email", "mobile")

_EMAIL = re.compile(r"[^@\s<>\"(),:;]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.\-]{0,120})\.[A-Za-z0-9]{2,30}")
_MOBILE = re.compile(r"\+?\d{5,20}")
_people, _codes = tables.people.c, tables.confirmations.c


@dataclass(frozen=True, slots=True)
class Contacts:
    """A person's addresses, and those that wait for their code."""

    email: str
    mobile: str
    waiting: dict[str, str]


def read(unit: Unit, person: str) -> Contacts:
    """Return a person's addresses; raises :class:`NotFound`."""
    row = unit.execute(select(_people.email, _people.mobile).where(_people.id == person)).first()
    if row is None:
        raise NotFound("person.unknown", person=person)
    rows = unit.execute(select(_codes.kind, _codes.address).where(_codes.person == person))
    return Contacts(row.email or "", row.mobile or "", {one.kind: one.address for one in rows})


def clean(kind: str, address: str) -> str:
    """Return an address as it is kept; raises :class:`BihuanError` for what is none."""
    text = address.strip()
    if kind == "mobile":
        text = re.sub(r"[\s\-]", "", text)
    pattern = _MOBILE if kind == "mobile" else _EMAIL
    if len(text) > 200 or not text.isascii() or not pattern.fullmatch(text):
        raise BihuanError(f"contact.bad_{kind}", address=text)
    return text


def ask(unit: Unit, person: str, kind: str, address: str, now: datetime) -> str:
    """Keep an address that is to be confirmed, and return the code that proves it; the caller sends it there."""
    mine = (_codes.person == person) & (_codes.kind == kind)
    last = unit.execute(select(_codes.sent_at).where(mine)).scalar()
    if last is not None and now - last < PAUSE:
        raise BihuanError("contact.too_soon")
    code = f"{secrets.randbelow(1_000_000):06d}"
    unit.execute(delete(tables.confirmations).where(mine))
    row = {
        "person": person,
        "kind": kind,
        "address": address,
        "code_sha256": _hash(person, address, code),
        "sent_at": now,
        "failures": 0,
    }
    unit.execute(insert(tables.confirmations), row)
    return code


def forget(unit: Unit, person: str, kind: str) -> None:
    """Forget an address that waits for its code."""
    unit.execute(delete(tables.confirmations).where(_codes.person == person, _codes.kind == kind))


def confirm(unit: Unit, person: str, kind: str, code: str, now: datetime) -> bool:
    """Take an address over where the code is right; False, and one try less, where it isn't."""
    mine = (_codes.person == person) & (_codes.kind == kind)
    row = unit.execute(select(tables.confirmations).where(mine).with_for_update()).first()
    if row is None or now - row.sent_at > VALID or row.failures >= TRIES:
        return False
    if not secrets.compare_digest(row.code_sha256, _hash(person, row.address, code.strip())):
        unit.execute(update(tables.confirmations).where(mine).values(failures=_codes.failures + 1))
        return False
    unit.execute(delete(tables.confirmations).where(mine))
    keep(unit, person, kind, row.address, f"user:{person}", now)
    return True


def keep(unit: Unit, person: str, kind: str, address: str | None, actor: str, now: datetime) -> None:
    """Set or remove a person's address; the record says who did it, and not what the address is.

    Raises :class:`NotFound`.
    """
    values = {kind: address}
    if not unit.execute(update(tables.people).where(_people.id == person), values).rowcount:
        raise NotFound("person.unknown", person=person)
    body = {"person": person, "what": kind, "kept": address is not None}
    history.record(unit, "identity", Entry("person.contact", actor, now, body=body))


def _hash(person: str, address: str, code: str) -> str:
    return digest(f"{person}\0{address}\0{code}")
