"""Counties, transactions and migrations."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from engine import BihuanError, Database, Home, NotFound, tables
from engine.calendar import ZONE
from engine.database import Turn, upgrade
from engine.migrations import current
from engine.prepared import Prepared

if TYPE_CHECKING:
    from engine.database import Unit

PUT = text("INSERT INTO settings (key, value) VALUES (:key, '1')")
READ = Prepared(select(tables.settings.c.value).where(tables.settings.c.key == bindparam("wanted")))


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
    rows: dict[str, Any] = {"sha256": "x", "deployed_at": datetime(2026, 1, 1), "deployed_by": "x"}  # noqa: DTZ001
    with pytest.raises(StatementError), database.write() as unit:
        unit.execute(tables.deployments.insert(), rows)


@pytest.mark.parametrize("backend", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_connections_that_the_server_closed_meanwhile_are_not_noticed(database: Database) -> None:
    database.retry(lambda unit: unit.execute(PUT, {"key": "before"}))
    with database.read(), database.read():
        pass
    with database.write() as unit:
        unit.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert keys(database) == ["before"]
    with database.write() as unit:
        unit.execute(PUT, {"key": "after"})
    assert keys(database) == ["after", "before"]


def test_a_connection_lost_inside_a_command_is_tried_again(database: Database) -> None:
    tries = 0

    def command(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        unit.execute(PUT, {"key": f"try-{tries}"})
        if tries == 1:
            raw: Any = unit.connection.connection.dbapi_connection
            raw.close()
        READ.first(unit, {"wanted": "x"})

    database.retry(command)
    assert keys(database) == ["try-2"]


def test_threads_take_their_turns_in_the_order_in_which_they_asked() -> None:
    turn, order, threads = Turn(), [], []

    def work(number: int) -> None:
        with turn:
            order.append(number)

    with turn:
        for number in range(8):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(turn) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_a_prepared_statement_converts_as_sqlalchemy_does(database: Database) -> None:
    columns = tables.roots.c
    put = Prepared(insert(tables.roots))
    get = Prepared(
        select(columns.day, columns.chains, columns.computed_at).where(columns.day == bindparam("on"))
    )
    day, now = date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=ZONE)
    rows = [
        {"day": day, "chains": 1, "root": "a", "computed_at": now},
        {"day": day + timedelta(days=1), "chains": 2, "root": "b", "computed_at": now},
    ]
    with database.write() as unit:
        put.run(unit, *rows)
    with database.read() as unit:
        assert get.first(unit, {"on": day}) == (day, 1, now)
        assert get.first(unit, {"on": date(1999, 1, 1)}) is None
        assert [row.chains for row in unit.execute(select(tables.roots).order_by(columns.day))] == [1, 2]


def test_a_prepared_statement_takes_each_set_of_columns_by_itself(database: Database) -> None:
    change = Prepared(update(tables.roots).where(tables.roots.c.day == bindparam("on")))
    day = date(2026, 3, 2)
    row = {"day": day, "chains": 1, "root": "a", "computed_at": datetime(2026, 3, 2, tzinfo=UTC)}
    with database.write() as unit:
        Prepared(insert(tables.roots)).run(unit, row)
        change.run(unit, {"on": day, "chains": 7}, missing=LookupError())
        change.run(unit, {"on": day, "root": "b"})
        change.run(unit, {"on": date(1999, 1, 1), "root": "c"})
        assert unit.execute(select(tables.roots.c.chains, tables.roots.c.root)).one() == (7, "b")


def test_a_prepared_statement_refuses_what_it_can_not_keep_or_was_not_given(database: Database) -> None:
    keys = Prepared(
        select(tables.settings).where(tables.settings.c.key.in_(bindparam("all", expanding=True)))
    )
    with database.read() as unit:
        with pytest.raises(TypeError):
            keys.first(unit, {"all": ["a"]})
        with pytest.raises(TypeError):
            READ.first(unit, {})


def test_a_broken_rule_of_the_tables_is_sqlalchemys_error_from_a_prepared_statement(
    database: Database,
) -> None:
    put = Prepared(insert(tables.settings))
    with pytest.raises(IntegrityError), database.write() as unit:
        put.run(unit, {"key": "twice", "value": "1"}, {"key": "twice", "value": "1"})
    assert keys(database) == []


def test_a_prepared_statement_that_misses_its_row_leaves_nothing(database: Database) -> None:
    put = Prepared(insert(tables.settings))
    change = Prepared(update(tables.settings).where(tables.settings.c.key == bindparam("wanted")))

    def command(unit: Unit) -> None:
        put.run(unit, {"key": "before", "value": "1"})
        change.run(unit, {"wanted": "nobody", "value": "2"}, missing=LookupError())
        put.run(unit, {"key": "after", "value": "1"})

    with pytest.raises(LookupError):
        database.retry(command)
    assert keys(database) == []


def test_one_broken_rule_among_several_prepared_statements_undoes_them_all(database: Database) -> None:
    put = Prepared(insert(tables.settings))

    def command(unit: Unit) -> None:
        for key in ("a", "b", "a", "c"):
            put.run(unit, {"key": key, "value": "1"})

    with pytest.raises(IntegrityError):
        database.retry(command)
    assert keys(database) == []


def test_a_savepoint_undoes_prepared_statements_too(database: Database) -> None:
    put = Prepared(insert(tables.settings))

    def failing(unit: Unit) -> None:
        with unit.savepoint():
            put.run(unit, {"key": "inside", "value": "1"})
            raise LookupError

    def command(unit: Unit) -> None:
        put.run(unit, {"key": "before", "value": "1"})
        with pytest.raises(LookupError):
            failing(unit)
        with unit.savepoint():
            put.run(unit, {"key": "kept", "value": "1"})
        put.run(unit, {"key": "after", "value": "1"})

    database.retry(command)
    assert keys(database) == ["after", "before", "kept"]


def test_a_reading_sees_what_prepared_statements_did_before_it(database: Database) -> None:
    put = Prepared(insert(tables.settings))
    with database.write() as unit:
        put.run(unit, {"key": "a", "value": "1"})
        assert READ.first(unit, {"wanted": "a"}) == ("1",)
        put.run(unit, {"key": "b", "value": "2"}, {"key": "c", "value": "3"})
        assert unit.execute(select(tables.settings.c.value)).scalars().all() == ["1", "2", "3"]
        put.run(unit, {"key": "d", "value": "4"})
        with unit.savepoint() as session:
            assert session.execute(text("SELECT count(*) FROM settings")).scalar_one() == 4
        put.run(unit, {"key": "e", "value": "5"})
    assert keys(database) == ["a", "b", "c", "d", "e"]


def test_a_fleeting_database_waits_for_no_disk_and_keeps_what_it_had(database: Database) -> None:
    asked = "PRAGMA synchronous" if database.dialect == "sqlite" else "SHOW synchronous_commit"
    with database.write() as unit:
        unit.execute(text("CREATE TABLE kept (id INTEGER)"))
        unit.execute(text("INSERT INTO kept VALUES (7)"))
    for _ in range(2):
        database.make_fleeting()
        assert database.fleeting
        with database.write() as unit:
            assert unit.execute(text(asked)).scalar_one() in (0, "off")
        with database.read() as unit:
            assert unit.execute(text(asked)).scalar_one() in (0, "off")
            assert unit.execute(text("SELECT id FROM kept")).scalar_one() == 7
