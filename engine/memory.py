"""A county in memory: empty, with all tables of the newest version and the official calendar."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any, cast

from engine.calendar import fill_working_days
from engine.database import Database, upgrade
from engine.migrations import branches

_made: dict[tuple[str, ...], bytes] = {}
_lock = threading.Lock()


def empty_county(plugins: Any) -> Database:
    """Return a database in memory that is nobody's yet; whoever opens it closes it.

    Its tables are those of the engine and of ``plugins``. They are migrated once a process, which takes about a second;
    every further county is a copy.
    """
    database = Database.in_memory()
    try:
        refill(database, _empty(plugins))
    except BaseException:
        database.close()
        raise
    return database


def image(database: Database) -> bytes:
    """Return what a database in memory holds now, for :func:`refill`."""
    return _raw(database).serialize()


def refill(database: Database, image: bytes) -> None:
    """Let a database in memory hold what one held when the image was made, and nothing else."""
    _raw(database).deserialize(image)


def _empty(plugins: Any) -> bytes:
    """Return an empty county's image."""
    key = tuple(branch.folder for branch in branches(plugins))
    with _lock:
        if key not in _made:
            database = Database.in_memory()
            try:
                upgrade(database, plugins)
                database.retry(fill_working_days)
                _made[key] = image(database)
            finally:
                database.close()
        return _made[key]


def _raw(database: Database) -> sqlite3.Connection:
    return cast("sqlite3.Connection", database.engine.raw_connection().driver_connection)
