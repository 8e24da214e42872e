"""Makes a backup while people work: the tables as one transaction sees them, then the attachments that they name."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from engine import tables
from engine.backups import rows
from engine.backups.manifest import NAME, Manifest, Part, Progress, copy
from engine.database import Database
from engine.errors import BihuanError
from engine.migrations import heads
from engine.store import Store

_ROWS = 500


def backup(
    database: Database, store: Store, name: str, file: Path, now: datetime, progress: Progress | None = None
) -> Manifest:
    """Back a county up to ``file``, which appears whole or not at all; return what is in it.

    ``name`` is the county's, kept for whoever restores it. Contents are never changed, so those that the tables name
    at the moment of the backup are copied after it. Raises :class:`BihuanError` where there is such a file.
    """
    if file.exists():
        raise BihuanError("backup.exists", file=file.name)
    partial = file.with_name(f"{file.name}.partial")
    told = progress or (lambda _what, _done, _total: None)
    try:
        with partial.open("wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                manifest = _write(archive, database, store, name, now, told)
                archive.writestr(NAME, manifest.dump())
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
        _sync_folder(file.parent)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _write(
    archive: zipfile.ZipFile, database: Database, store: Store, name: str, now: datetime, told: Progress
) -> Manifest:
    with database.read() as unit:
        connection = unit.connection
        found = rows.tables(connection, database.namespace)
        revisions = tuple(sorted(heads(connection)))
        parts = []
        for number, table in enumerate(found, 1):
            parts.append(_table(archive, connection, table))
            told("tables", number, len(found))
        contents = unit.execute(select(tables.attachments.c.sha256).distinct()).scalars().all()
    kept: list[Part] = []
    missing: list[str] = []
    for number, content in enumerate(sorted(contents), 1):
        part = _attachment(archive, store, content)
        if part is not None:
            kept.append(part)
        else:
            missing.append(content)
        told("attachments", number, len(contents))
    return Manifest(database.code, name, now, revisions, tuple(parts), tuple(kept), tuple(missing))


def _table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> Part:
    name, digest, count = f"tables/{table.name}.jsonl", sha256(), 0
    query = select(table).order_by(*table.primary_key.columns)
    with archive.open(name, "w", force_zip64=True) as stream:
        result: Any = connection.execute(query.execution_options(yield_per=_ROWS)).mappings()
        for row in result:
            line = rows.encode(row)
            digest.update(line)
            stream.write(line)
            count += 1
    return Part(name, digest.hexdigest(), count)


def _attachment(archive: zipfile.ZipFile, store: Store, content: str) -> Part | None:
    path = store.path(content)
    try:
        source = None if path is None else path.open("rb")
    except FileNotFoundError:  # its case was past its time of retention just now
        source = None
    if source is None:
        return None
    entry = zipfile.ZipInfo(f"attachments/{content}")  # stored as it is: most are compressed already
    with source, archive.open(entry, "w", force_zip64=True) as stream:
        return Part(entry.filename, copy(source, stream.write))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
