"""The peers on the same disk: the smallest durable transaction, and the stock serializer with two statements."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg

from bench.counties import County
from bench.measure import Series
from bench.processes import STEPS
from bench.tokens import stock_states, stock_step

TABLES = (
    "CREATE TABLE floor_state (id INTEGER PRIMARY KEY, state TEXT NOT NULL)",
    "CREATE TABLE floor_history (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
)


class Floor:
    """Two tables of our own in an otherwise empty database of the county's kind, committed durably."""

    def __init__(self, county: County) -> None:
        self.sqlite: sqlite3.Connection | None = None
        self.postgres: psycopg.Connection[tuple[object, ...]] | None = None
        if county.server is None:
            self.sqlite = sqlite3.connect(Path(county.folder) / "floor.db", isolation_level=None)
            self.sqlite.execute("PRAGMA journal_mode=WAL")
            self.sqlite.execute("PRAGMA synchronous=FULL")
            self.mark = "?"
        else:
            county.server.create("floor")
            self.postgres = psycopg.connect(county.server.dsn("floor"), autocommit=True, prepare_threshold=0)
            self.mark = "%s"
        for statement in TABLES:
            self.send(statement)

    def send(self, statement: str, *parameters: object) -> None:
        """Send one statement."""
        if self.sqlite is not None:
            self.sqlite.execute(statement, parameters)
        elif self.postgres is not None:
            self.postgres.execute(statement.encode(), parameters)

    def close(self) -> None:
        """Close the connection."""
        for connection in (self.sqlite, self.postgres):
            if connection is not None:
                connection.close()

    def smallest(self, count: int) -> Series:
        """Commit one changed row, ``count`` times."""
        self.send("INSERT INTO floor_state VALUES (0, '')")
        statement = f"UPDATE floor_state SET state = {self.mark} WHERE id = 0"
        series = Series()

        def transaction(number: int) -> None:
            self.send("BEGIN")
            self.send(statement, str(number))
            self.send("COMMIT")

        with series.running():
            for number in range(count):
                series.once(lambda number=number: transaction(number))
        return series

    def stock(self, instances: int) -> Series:
        """Run the line with the stock serializer: state and one history row in each transaction, nothing else."""
        serializer, fresh = stock_states()
        update = f"UPDATE floor_state SET state = {self.mark} WHERE id = {self.mark}"
        append = f"INSERT INTO floor_history (id, body) VALUES ({self.mark}, {self.mark})"
        series = Series()
        for instance in range(1, instances + 1):
            self.send(f"INSERT INTO floor_state VALUES ({self.mark}, {self.mark})", instance, fresh)
            state = fresh

            def one(state: str, instance: int, number: int) -> str:
                after = stock_step(serializer, state)
                self.send("BEGIN")
                self.send(update, after, instance)
                self.send(append, instance * STEPS + number, '{"outcome": "完成"}')
                self.send("COMMIT")
                return after

            with series.running():
                for number in range(STEPS):
                    before = state
                    state = series.once(
                        lambda before=before, instance=instance, number=number: one(before, instance, number)
                    )
        return series
