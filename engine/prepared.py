"""Statements that every completion runs: compiled once, then sent on the driver's own cursor.

SQLAlchemy spends several times longer on working out how to execute a statement than SQLite on executing it. A
:class:`Prepared` is still made of a SQLAlchemy expression over the tables, and its types convert values as always; only
what would be worked out anew at each execution is kept. Listeners to ``before_cursor_execute`` see these statements too.

PostgreSQL answers each statement over a socket, which costs more than the statement. What answers nothing that somebody
reads is therefore held back, and goes with the next statement that is read, or before the commit, in one round trip.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine

from engine.tables.base import Moment

if TYPE_CHECKING:
    from engine.database import Unit

Processor = Callable[[Any], Any]
#: How many moments are remembered as a driver writes or reads them: a command writes its own many times.
REMEMBERED = 256
_moments: dict[tuple[str, bool], Processor] = {}


class Prepared:
    """A statement that is compiled at its first use on a dialect with a set of parameters, and never again.

    It may have no parameter whose SQL depends on its value, such as a list behind ``IN``.
    """

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self.statement = statement
        self._ready: dict[tuple[str, tuple[str, ...]], _Ready] = {}

    def run(self, unit: Unit, *rows: Mapping[str, Any], missing: Exception | None = None) -> None:
        """Do the statement once for each of ``rows``, at the latest before the next reading or the commit.

        ``missing`` is raised where it does not concern as many rows of the table as there are ``rows``.
        """
        ready = self._for(unit, rows[0])
        values = [ready.values(row) for row in rows]
        unit.driver.do(Order(ready.sql, values, None if missing is None else len(rows), missing))

    def first(self, unit: Unit, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Send the statement and return the first row that it gives, in the order of its columns; None without any."""
        ready = self._for(unit, parameters)
        found = unit.driver.read(Order(ready.sql, [ready.values(parameters)]))
        return ready.row(found[0]) if found else None

    def all(self, unit: Unit, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Send the statement and return all rows that it gives, each in the order of its columns."""
        ready = self._for(unit, parameters)
        found = unit.driver.read(Order(ready.sql, [ready.values(parameters)]))
        return [ready.row(row) for row in found]

    def _for(self, unit: Unit, parameters: Mapping[str, Any]) -> _Ready:
        key = (unit.dialect, tuple(parameters))
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _Ready(self.statement, unit.driver.dialect, key[1])
        return ready


class _Ready:
    """A statement as one dialect sends it: its text, and how values become the driver's and rows ours; null stays."""

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
        self._pick = _picker(self._names)
        written = [compiled.binds[name].type for name in self._names]
        self._in = _processors(written, dialect, reading=False)
        read = [column.type for column in statement.exported_columns]
        self._out = _processors(read, dialect, reading=True)

    def values(self, row: Mapping[str, Any]) -> Any:
        """Return the driver's parameters for one row."""
        if self._fixed:
            row = {**self._fixed, **row}
        values = list(self._pick(row))
        for index, process in self._in:
            if values[index] is not None:
                values[index] = process(values[index])
        return dict(zip(self._names, values, strict=True)) if self._named else values

    def row(self, found: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row that the driver gave, its values converted."""
        values = list(found)
        for index, process in self._out:
            if values[index] is not None:
                values[index] = process(values[index])
        return tuple(values)


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """Return what takes the values of ``names`` out of a row, in their order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: [row[name] for name in names]


def _processors(
    types: Sequence[TypeEngine[Any]], dialect: Dialect, *, reading: bool
) -> list[tuple[int, Processor]]:
    """Return what converts values, by their place; all places share what is remembered of moments."""
    found: list[tuple[int, Processor]] = []
    for index, type in enumerate(types):
        own = type.dialect_impl(dialect)
        process: Processor | None
        process = own.result_processor(dialect, None) if reading else own.bind_processor(dialect)
        if process is not None and isinstance(type, Moment):
            process = _moments.setdefault((dialect.name, reading), lru_cache(REMEMBERED)(process))
        if process is not None:
            found.append((index, process))
    return found


@dataclass(slots=True)
class Order:
    """A statement on its way: its text, the driver's parameters for each time that it is to be done, and the error that
    is raised where it concerns another number of rows than ``expected``.
    """

    sql: str
    values: list[Any]
    expected: int | None = None
    missing: Exception | None = None

    def execute(self, cursor: Any) -> None:
        """Give it to the driver."""
        if len(self.values) == 1:
            cursor.execute(self.sql, self.values[0])
        else:
            cursor.executemany(self.sql, self.values)

    def check(self, cursor: Any) -> None:
        """Raise what is to be raised where rows are missing."""
        if self.missing is not None and cursor.rowcount != self.expected:
            raise self.missing


class Driver:
    """The driver's side of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.dialect = connection.dialect
        self._connection = connection
        raw: Any = connection.connection.dbapi_connection
        self._raw = raw
        self._cursor = raw.cursor()
        listeners = connection.dispatch.before_cursor_execute
        self._listeners = tuple(listeners) if listeners else ()
        self._pipelines = self.dialect.name == "postgresql"
        self._held: list[Order] = []

    def do(self, order: Order) -> None:
        """Do what nobody reads an answer of: at once where that costs nothing, else with the next reading."""
        if self._listeners:
            self._tell(order)
        if self._pipelines:
            self._held.append(order)
        else:
            self._alone(order)

    def read(self, order: Order) -> list[Any]:
        """Do what was held back, then ``order``, and return its rows."""
        if self._listeners:
            self._tell(order)
        if self._held:
            self._held.append(order)
            cursor = self._send()
        else:
            cursor = self._alone(order)
        found: list[Any] = cursor.fetchall()
        return found

    def flush(self) -> None:
        """Do what was held back."""
        if self._held:
            self._send()

    def forget(self) -> None:
        """Let be what was held back, because it is undone."""
        self._held.clear()

    def close(self) -> None:
        """Give the cursor back; an open one would keep a closed SQLite file from being tidied up."""
        with suppress(self.dialect.loaded_dbapi.Error):
            self._cursor.close()

    def _tell(self, order: Order) -> None:
        """Let listeners see a statement, and change it, as SQLAlchemy does."""
        many = len(order.values) > 1
        for listener in self._listeners:
            values = order.values if many else order.values[0]
            order.sql, values = listener(self._connection, self._cursor, order.sql, values, None, many)
            order.values = list(values) if many else [values]

    def _alone(self, order: Order) -> Any:
        """Send one order and return its cursor."""
        cursor = self._cursor
        try:
            order.execute(cursor)
            if order.missing is not None:
                order.check(cursor)
        except self.dialect.loaded_dbapi.Error as error:
            fail(self._connection, order.sql, error)
        return cursor

    def _send(self) -> Any:
        """Send all orders and return the cursor of the last."""
        orders, self._held = self._held, []
        if len(orders) == 1:
            return self._alone(orders[0])
        try:
            return self._send_together(orders)
        except self.dialect.loaded_dbapi.Error as error:
            fail(self._connection, "; ".join(order.sql for order in orders), error)

    def _send_together(self, orders: Sequence[Order]) -> Any:
        cursors = [self._raw.cursor() for _ in orders]
        with self._raw.pipeline():
            for order, cursor in zip(orders, cursors, strict=True):
                order.execute(cursor)
        for order, cursor in zip(orders, cursors, strict=True):
            order.check(cursor)
        return cursors[-1]


def fail(connection: Connection, sql: str, error: Exception) -> NoReturn:
    """Raise the driver's error as SQLAlchemy's, which says whether the connection is lost; a lost one is thrown away."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(error)
    raise DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=gone, dialect=dialect
    ) from error
