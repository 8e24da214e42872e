"""Restores a backup as a new county: everything is verified first, and the county appears whole or not at all."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, insert, inspect, select, text

from engine import tables
from engine.backups import rows
from engine.backups.manifest import Manifest, Part, Progress, open_backup, verify
from engine.database import Database, Home, Unit
from engine.errors import BihuanError
from engine.migrations import migrate, refuse_orphans
from engine.search import refresh
from engine.store import FolderStore
from engine.values import dump_json

_ROWS = 500
#: The setting by which a restored county is known again.
RESTORED = "restored"


def restore(
    home: Home, file: Path, code: str | None = None, plugins: Any = None, progress: Progress | None = None
) -> Manifest:
    """Restore a backup as the county ``code`` (that of the backup by default) of a home, and bring it up to date.

    Raises :class:`BihuanError` for a damaged backup, one of a later release, and a county that exists. Where a restore
    was cut off it can be run again.
    """
    told = progress or (lambda _what, _done, _total: None)
    manifest = verify(file, told)
    code = code or manifest.county
    if code in home.counties():
        raise BihuanError("county.exists", county=code)
    with open_backup(file) as archive:
        _attachments(archive, manifest, FolderStore(home.folder(code) / "attachments"), told)
        with home.building(code) as database:
            if _holds(database, manifest):
                return _enlist(home, code, manifest)
            if not database.empty():
                raise BihuanError("restore.not_empty", county=code)
            _database(archive, manifest, database, plugins, told)
    return _enlist(home, code, manifest)


def _enlist(home: Home, code: str, manifest: Manifest) -> Manifest:
    home.enlist(code, manifest.name)
    return manifest


def _attachments(archive: zipfile.ZipFile, manifest: Manifest, store: FolderStore, told: Progress) -> None:
    for number, part in enumerate(manifest.attachments, 1):
        with archive.open(part.name) as stream:
            store.adopt(part.sha256, stream)
        told("attachments", number, len(manifest.attachments))


def _holds(database: Database, manifest: Manifest) -> bool:
    """Tell whether this very backup was restored here already, and only the list of counties doesn't say so."""
    if database.empty():
        return False
    with database.read() as unit:
        if not inspect(unit.connection).has_table(tables.settings.name, database.namespace):
            return False
        query = select(tables.settings.c.value).where(tables.settings.c.key == RESTORED)
        return bool(unit.execute(query).scalar() == dump_json(manifest.digest))


def _database(
    archive: zipfile.ZipFile, manifest: Manifest, database: Database, plugins: Any, told: Progress
) -> None:
    """Make the tables as they were, fill them, and bring them up to date; one transaction."""
    database.create_schema()
    with database.rebuild() as unit:
        migrate(unit.connection, plugins, manifest.revisions)
        found = {table.name: table for table in rows.tables(unit.connection, database.namespace)}
        for table in reversed(list(found.values())):
            unit.execute(delete(table))  # what a migration fills in is in the backup, as it has become
        for number, part in enumerate(manifest.tables, 1):
            name = part.name.removeprefix("tables/").removesuffix(".jsonl")
            if name not in found:
                raise BihuanError("restore.unknown_table", table=name)
            _fill(archive, part, found[name], unit)
            told("tables", number, len(manifest.tables))
        if database.dialect == "postgresql":
            _count_on(unit, list(found.values()))
        migrate(unit.connection, plugins)
        refuse_orphans(unit.connection)
        refresh.forget(unit)
        mark = {"key": RESTORED, "value": dump_json(manifest.digest)}
        unit.execute(delete(tables.settings).where(tables.settings.c.key == RESTORED))
        unit.execute(insert(tables.settings), mark)


def _fill(archive: zipfile.ZipFile, part: Part, table: Table, unit: Unit) -> None:
    read, statement = rows.decoder(table), insert(table)
    with archive.open(part.name) as stream:
        for some in _batches(rows.parents_first(table, map(read, stream))):
            unit.execute(statement, some)


def _batches(found: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(found)
    while some := list(islice(left, _ROWS)):
        yield some


def _count_on(unit: Unit, found: list[Table]) -> None:
    """Let PostgreSQL's sequences go on after the ids that were filled in."""
    for table in found:
        for column in table.primary_key.columns:
            name = {"table": f'"{table.schema}"."{table.name}"', "column": column.name}
            sequence = unit.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), name).scalar()
            last = unit.execute(select(func.max(column))).scalar() if sequence else None
            if last is not None:
                unit.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
