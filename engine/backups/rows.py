"""Rows as JSON that says the same on every database: times in UTC, binary content in base64."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.types import Boolean, Date, DateTime, LargeBinary, Numeric

#: Alembic's own table; the manifest says which revisions it held.
_ALEMBIC = "alembic_version"
#: The search's tables, which a restored county fills anew from what they are made of.
_SEARCH = "search_"


def tables(connection: Connection, schema: str | None) -> list[Table]:
    """Return a county's tables as they are in the database, each after those that it refers to, without the search's."""
    found = MetaData()
    found.reflect(connection, schema=schema, only=lambda name, _: not name.startswith((_ALEMBIC, _SEARCH)))
    return found.sorted_tables


def encode(row: Mapping[str, Any]) -> bytes:
    """Return a row as a line of JSON."""
    return msgspec.json.encode({name: _plain(value) for name, value in row.items()}) + b"\n"


def decoder(table: Table) -> Callable[[bytes], dict[str, Any]]:
    """Return what reads a line of JSON as a row of ``table``."""
    readers = {column.name: _reader(column.type, table) for column in table.columns}

    def read(line: bytes) -> dict[str, Any]:
        found = msgspec.json.decode(line)
        return {name: None if value is None else readers[name](value) for name, value in found.items()}

    return read


def parents_first(table: Table, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield rows so that one comes after those of the same table that it refers to."""
    own = [
        (element.parent.name, element.column.name)
        for element in table.foreign_keys
        if element.column.table is table
    ]
    if not own:
        yield from rows
        return
    left = list(rows)
    targets = {target for _, target in own}
    done: dict[str, set[Any]] = {target: set() for target in targets}
    while left:
        later = []
        for row in left:
            if all(row[name] is None or row[name] in done[target] for name, target in own):
                for target in targets:
                    done[target].add(row[target])
                yield row
            else:
                later.append(row)
        if len(later) == len(
            left
        ):  # they refer to each other in a circle: the database says what it thinks of it
            yield from later
            return
        left = later


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _reader(type: Any, table: Table) -> Callable[[Any], Any]:
    if isinstance(type, DateTime):
        naive = table.schema is None  # SQLite, which keeps UTC without saying so
        return lambda text: _moment(text, naive=naive)
    if isinstance(type, Date):
        return date.fromisoformat
    if isinstance(type, LargeBinary):
        return base64.b64decode
    if isinstance(type, Boolean):
        return bool
    if isinstance(type, Numeric):
        return lambda text: Decimal(str(text))
    return lambda value: value


def _moment(text: str, *, naive: bool) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=None) if naive else moment
