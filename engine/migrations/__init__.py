"""Bringing a county's tables to the present version: every room's Alembic branch, in one go.

On SQLite the file is copied first, migrations run with foreign keys off (a batch rename would otherwise delete children
through cascades), and ``PRAGMA foreign_key_check`` must find nothing before the transaction commits.

Alembic is imported where it is used: what only names the branches, as everything does that opens a database, doesn't wait
for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from engine import tables
from engine.errors import BihuanError
from engine.plugins import MigrationBranch

if TYPE_CHECKING:
    from alembic.config import Config

    from engine.database import Database

HERE = Path(__file__).parent
ENGINE = MigrationBranch("engine", str(HERE / "versions"), tables.metadata)


def branches(plugins: Any = None) -> tuple[MigrationBranch, ...]:
    """Return the engine's branch and those that plug-ins offer."""
    return (ENGINE, *(plugins.hook.bihuan_migrations() if plugins is not None else ()))


def config(parts: Sequence[MigrationBranch]) -> Config:
    """Return the Alembic configuration over all branches."""
    from alembic.config import Config

    result = Config()
    result.set_main_option("script_location", str(HERE))
    result.set_main_option("path_separator", "newline")
    result.set_main_option("version_locations", "\n".join(part.folder for part in parts))
    return result


def upgrade(database: Database, plugins: Any = None) -> Path | None:
    """Bring ``database`` to the newest version of all branches; return the copy made of a SQLite file, if one was needed.

    Either all of it happens or nothing. Raises :class:`BihuanError` where rows would be left without their parents.
    """
    from alembic.script import ScriptDirectory

    database.create_schema()
    wanted = set(ScriptDirectory.from_config(config(branches(plugins))).get_heads())
    with database.read() as unit:
        if set(heads(unit.connection)) == wanted:
            return None
    copy = _copied(database)
    with database.rebuild() as unit:
        migrate(unit.connection, plugins)
        refuse_orphans(unit.connection)
    return copy


def migrate(connection: Connection, plugins: Any = None, revisions: Sequence[str] = ("heads",)) -> None:
    """Run the migrations up to ``revisions`` in the transaction of ``connection``.

    Raises :class:`BihuanError` for a revision that this release and its plug-ins don't know.
    """
    from alembic import command
    from alembic.util import CommandError

    settings = config(branches(plugins))
    settings.attributes["connection"] = connection
    for revision in revisions:
        try:
            command.upgrade(settings, revision)
        except CommandError as error:
            raise BihuanError("upgrade.unknown", revision=revision, reason=str(error)) from error


def refuse_orphans(connection: Connection) -> None:
    """Raise :class:`BihuanError` for rows whose parents are missing, which SQLite doesn't see while tables are rebuilt."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise BihuanError("upgrade.orphans", table=broken[0][0], rows=len(broken))


def current(database: Database) -> tuple[str, ...]:
    """Return the revisions that ``database`` is at, one a branch."""
    with database.read() as unit:
        return heads(unit.connection)


def heads(connection: Connection) -> tuple[str, ...]:
    """Return the revisions that the tables of ``connection`` are at."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_heads()


def _copied(database: Database) -> Path | None:
    file = database.file
    if file is None or not file.exists():
        return None
    with closing(sqlite3.connect(file)) as source:
        if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        revisions = "-".join(
            sorted(row[0] for row in source.execute("SELECT version_num FROM alembic_version"))
        )
        target = file.with_name(f"{file.stem}.before-upgrade-{revisions}.db")
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    return target
