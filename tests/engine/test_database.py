"""Counties, transactions and migrations."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from engine import BihuanError, Database, Home, NotFound, tables
from engine.database import upgrade
from engine.migrations import current

if TYPE_CHECKING:
    from engine.database import Unit

PUT = text("INSERT INTO settings (key, value) VALUES (:key, '1')")


def keys(database: Database) -> list[str]:
    with database.read() as unit:
        return list(unit.execute(text("SELECT key FROM settings ORDER BY key")).scalars())


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.read() as unit:
        context = MigrationContext.configure(
            unit.connection,
            opts={
                "include_object": lambda _thing, name, kind, *_: (
                    kind != "table" or name in tables.metadata.tables
                ),
                "compare_server_default": False,
            },
        )
        differences = compare_metadata(context, tables.metadata)
    assert [one for one in differences if "budget" not in str(one)] == []


def test_an_upgrade_of_what_is_new_does_nothing(database: Database) -> None:
    from engine.plugins import load_plugins

    before = current(database)
    assert upgrade(database, load_plugins()) is None
    assert current(database) == before


def test_a_sqlite_file_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    from engine.plugins import load_plugins

    database = Database(f"sqlite:///{tmp_path / 'county.db'}")
    assert upgrade(database) is None
    database.retry(lambda unit: unit.execute(PUT, {"key": "kept"}))
    copy = upgrade(database, load_plugins())
    database.close()
    assert copy is not None
    with sqlite3.connect(copy) as old:
        assert old.execute("SELECT key FROM settings").fetchall() == [("kept",)]
        assert not old.execute("SELECT 1 FROM sqlite_master WHERE name = 'budget_goals'").fetchall()
    old.close()


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    def command(unit: Unit) -> None:
        unit.execute(PUT, {"key": "a"})
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        database.retry(command)
    assert keys(database) == []


def test_a_savepoint_undoes_only_itself(database: Database) -> None:
    with database.write() as unit:
        unit.execute(PUT, {"key": "kept"})
        with pytest.raises(IntegrityError), unit.savepoint() as session:
            session.execute(PUT, [{"key": "lost"}, {"key": "kept"}])
    assert keys(database) == ["kept"]


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("database is locked"), type("E", (Exception,), {"sqlstate": "40001"})()],
)
def test_a_lock_or_serialization_error_is_tried_again(database: Database, error: Exception) -> None:
    tries = 0

    def command(unit: Unit) -> int:
        nonlocal tries
        tries += 1
        unit.execute(PUT, {"key": f"try-{tries}"})
        if tries < 3:
            raise OperationalError("statement", {}, error)
        return tries

    assert database.retry(command) == 3
    assert keys(database) == ["try-3"]


def test_another_error_of_the_database_is_not_tried_again(database: Database) -> None:
    tries = 0

    def command(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        unit.execute(text("SELECT nonsense"))

    with pytest.raises(DBAPIError):
        database.retry(command)
    assert tries == 1


def test_writers_of_many_threads_wait_for_each_other(database: Database) -> None:
    def command(unit: Unit) -> None:
        row = unit.execute(text("SELECT value FROM settings WHERE key = 'n'").bindparams()).scalar_one()
        unit.execute(text("UPDATE settings SET value = :v WHERE key = 'n'"), {"v": str(int(row) + 1)})

    def locked(unit: Unit) -> None:
        if database.dialect == "postgresql":
            unit.execute(text("SELECT 1 FROM settings WHERE key = 'n' FOR UPDATE"))
        command(unit)

    database.retry(lambda unit: unit.execute(PUT, {"key": "n"}))
    threads = [threading.Thread(target=lambda: [database.retry(locked) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as unit:
        assert unit.execute(text("SELECT value FROM settings WHERE key = 'n'")).scalar_one() == "61"


def test_a_write_inside_a_write_is_a_mistake_that_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.write(), pytest.raises(RuntimeError), database.write():
        pass
    database.close()


def test_sqlite_keeps_what_was_committed(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.read() as unit:
        pragmas = {
            name: unit.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_counties_share_nothing(home: Home) -> None:
    other = home.create_county("other", "另一个县")
    here = home.open("county")
    here.retry(lambda unit: unit.execute(PUT, {"key": "here"}))
    assert keys(other) == []
    assert home.counties() == {"county": "测试县", "other": "另一个县"}


@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_outside_a_county_no_table_is_found(home: Home) -> None:
    database = home.open("county")
    with database.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("SELECT 1 FROM settings"))


@pytest.mark.parametrize("code", ["", "../x", "A", "x" * 41, 'a"; DROP'])
def test_a_county_code_can_not_be_an_address(home: Home, code: str) -> None:
    with pytest.raises(BihuanError):
        home.create_county(code, "x")


def test_an_unknown_county_is_not_found(home: Home) -> None:
    with pytest.raises(NotFound):
        home.open("nowhere")
    with pytest.raises(BihuanError):
        home.create_county("county", "again")


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(BihuanError) as caught:
        Database("mysql://x/y")
    assert "mysql" in caught.value.message("zh")


def test_times_without_a_zone_never_enter(database: Database) -> None:
    from datetime import datetime

    rows: dict[str, Any] = {"sha256": "x", "deployed_at": datetime(2026, 1, 1), "deployed_by": "x"}  # noqa: DTZ001
    with pytest.raises(StatementError), database.write() as unit:
        unit.execute(tables.deployments.insert(), rows)
