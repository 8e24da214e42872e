"""Statements that every completion runs: compiled once, then sent on the driver's own cursor.

SQLAlchemy spends several times longer on working out how to execute a statement than SQLite on executing it. A
:class:`Prepared` is still made of a SQLAlchemy expression over the tables, and its types convert values as always; only
what would be worked out anew at each execution is kept. Listeners to ``before_cursor_execute`` see these statements too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select

if TYPE_CHECKING:
    from engine.database import Unit

Processor = Callable[[Any], Any]


class Prepared:
    """A statement that is compiled at its first use on a dialect with a set of parameters, and never again.

    It may have no parameter whose SQL depends on its value, such as a list behind ``IN``.
    """

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self.statement = statement
        self._ready: dict[tuple[str, tuple[str, ...]], _Ready] = {}

    def run(self, unit: Unit, *rows: Mapping[str, Any]) -> int:
        """Send the statement once for each of ``rows``; return how many rows of the table it concerned."""
        ready = self._for(unit, rows[0])
        values = [ready.values(row) for row in rows]
        cursor = _send(unit, ready.sql, values if len(values) > 1 else values[0], many=len(values) > 1)
        count: int = cursor.rowcount
        return count

    def first(self, unit: Unit, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Send the statement and return the first row that it gives, in the order of its columns; None without any."""
        ready = self._for(unit, parameters)
        found = _send(unit, ready.sql, ready.values(parameters)).fetchall()
        return ready.row(found[0]) if found else None

    def _for(self, unit: Unit, parameters: Mapping[str, Any]) -> _Ready:
        key = (unit.dialect, tuple(parameters))
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _Ready(self.statement, unit.connection.dialect, key[1])
        return ready


class _Ready:
    """A statement as one dialect sends it: its text, and how values become the driver's and rows ours."""

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect, names: tuple[str, ...]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params or compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(f"can't be prepared: {compiled}")
        self.sql = compiled.string
        self._fixed = {name: value for name, value in compiled.params.items() if name not in names}
        missing = [name for name in self._fixed if compiled.binds[name].required]
        if missing:
            raise TypeError(f"{missing} without a value: {compiled}")
        self._names: Sequence[str] = compiled.positiontup or list(compiled.params)
        self._named = compiled.positiontup is None
        self._in = _processors(
            compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._names
        )
        columns = statement.exported_columns
        self._out = _processors(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        )

    def values(self, row: Mapping[str, Any]) -> Any:
        """Return the driver's parameters for one row."""
        if self._fixed:
            row = {**self._fixed, **row}
        values = [row[name] for name in self._names]
        for index, process in self._in:
            values[index] = process(values[index])
        return dict(zip(self._names, values, strict=True)) if self._named else values

    def row(self, found: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row that the driver gave, its values converted."""
        values = list(found)
        for index, process in self._out:
            values[index] = process(values[index])
        return tuple(values)


def _processors(found: Any) -> list[tuple[int, Processor]]:
    return [(index, process) for index, process in enumerate(found) if process is not None]


def _send(unit: Unit, sql: str, values: Any, *, many: bool = False) -> Any:
    connection, cursor = unit.connection, unit.cursor
    for listener in connection.dispatch.before_cursor_execute:
        sql, values = listener(connection, cursor, sql, values, None, many)
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        fail(connection, sql, error)
    return cursor


def fail(connection: Connection, sql: str, error: Exception) -> NoReturn:
    """Raise the driver's error as SQLAlchemy's, which says whether the connection is lost; a lost one is thrown away."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(error)
    raise DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=gone, dialect=dialect
    ) from error
