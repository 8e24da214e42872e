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
        _raw(database).deserialize(_image(plugins))
    except BaseException:
        database.close()
        raise
    return database


def _image(plugins: Any) -> bytes:
    """Return such a county as SQLite writes it."""
    key = tuple(branch.folder for branch in branches(plugins))
    with _lock:
        if key not in _made:
            database = Database.in_memory()
            try:
                upgrade(database, plugins)
                database.retry(fill_working_days)
                _made[key] = _raw(database).serialize()
            finally:
                database.close()
        return _made[key]


def _raw(database: Database) -> sqlite3.Connection:
    return cast("sqlite3.Connection", database.engine.raw_connection().driver_connection)
