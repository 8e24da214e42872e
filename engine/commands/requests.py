"""Request keys: a command that is sent twice is done once, and answered as it was then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from engine import tables
from engine.database import Unit
from engine.errors import Conflict
from engine.prepared import Prepared
from engine.values import canonical_json, digest, dump_json, load_plain

MAX_KEY = 200

_find = Prepared(
    select(tables.requests.c.asked, tables.requests.c.answer).where(tables.requests.c.key == bindparam("key"))
)
_keep = Prepared(insert(tables.requests))


def fingerprint(*parts: Any) -> str:
    """Return a hash of what is asked, by which two requests under one key are compared."""
    return digest(canonical_json(parts))


def answer(unit: Unit, key: str | None, asked: str) -> Any:
    """Return what was answered under ``key``, or None when it is new.

    Raises :class:`Conflict` ``request.reused`` when something else was asked under it.
    """
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY:
        raise Conflict("request.bad_key", length=len(key))
    row = _find.first(unit, {"key": key})
    if row is None:
        return None
    if row[0] != asked:
        raise Conflict("request.reused", key=key)
    return load_plain(row[1])


def remember(unit: Unit, key: str | None, asked: str, result: Mapping[str, Any], now: datetime) -> None:
    """Keep the answer in the command's own transaction; two at once collide here, and the second sees the first."""
    if key is not None:
        _keep.run(unit, {"key": key, "asked": asked, "answer": dump_json(result), "answered_at": now})
