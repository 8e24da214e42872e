"""Records the SQL that the engine sends, and sends it again as prepared statements: the floor of a command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from bench.measure import Series

Statement = tuple[str, Any, bool]
Transaction = list[Statement]


@dataclass(slots=True)
class Tape:
    """What each act sent: its transactions, each the statements with their parameters in order."""

    acts: list[list[Transaction]] = field(default_factory=list)

    def begin(self) -> None:
        """Say that another act begins."""
        self.acts.append([])

    @property
    def statements(self) -> list[int]:
        """How many statements each act sent, BEGIN and COMMIT not counted."""
        return [sum(len(transaction) for transaction in act) for act in self.acts]


@contextmanager
def recording(engine: Engine) -> Iterator[Tape]:
    """Record every transaction that is committed on ``engine`` while the block runs (one thread)."""
    tape = Tape()
    current: Transaction = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        current.append((statement, parameters, many))

    def keep(_conn: Any) -> None:
        if current:
            tape.acts[-1].append(current.copy())
            current.clear()

    def forget(_conn: Any) -> None:
        current.clear()

    listeners = (("before_cursor_execute", note), ("commit", keep), ("rollback", forget))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield tape
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


#: Sends one act's transactions.
Send = Callable[[list[Transaction]], None]


@contextmanager
def sqlite_sender(file: str) -> Iterator[Send]:
    """Send acts to a copy of the database with nothing but :mod:`sqlite3`."""
    connection = sqlite3.connect(file, isolation_level=None, cached_statements=512, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")

    def transaction(statements: Transaction) -> None:
        reads = all(statement.startswith("SELECT") for statement, _parameters, _many in statements)
        connection.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
        for statement, parameters, many in statements:
            cursor = (
                connection.executemany(statement, parameters)
                if many
                else connection.execute(statement, parameters)
            )
            if cursor.description:
                cursor.fetchall()
        connection.execute("COMMIT")

    def send(act: list[Transaction]) -> None:
        for statements in act:
            transaction(statements)

    yield send
    connection.close()


@contextmanager
def postgres_sender(dsn: str, schema: str) -> Iterator[Send]:
    """Send acts to a copy of the database with nothing but psycopg, every statement prepared."""
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=0) as connection:

        def transaction(statements: Transaction) -> None:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(f'SET LOCAL search_path TO "{schema}"'.encode())
                for statement, parameters, many in statements:
                    if many:
                        cursor.executemany(statement.encode(), parameters)
                    else:
                        cursor.execute(statement.encode(), parameters)
                        if cursor.description:
                            cursor.fetchall()

        def send(act: list[Transaction]) -> None:
            for statements in act:
                transaction(statements)

        yield send


def replay(send: Send, acts: Iterable[list[Transaction]], series: Series) -> None:
    """Send ``acts`` and time each."""
    with series.running():
        for act in acts:
            series.once(lambda act=act: send(act))
