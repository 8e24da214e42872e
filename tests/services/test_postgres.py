"""The PostgreSQL of the tests: as root and as anybody, wherever the package is installed, stopped and crashed."""

from __future__ import annotations

import os
import pwd
import signal
from pathlib import Path

import psycopg
import pytest

from tests.services import postgres
from tests.services.postgres import Postgres

pytestmark = pytest.mark.postgres


def answer(server: Postgres, statement: str, database: str = "postgres") -> object:
    with psycopg.connect(server.dsn(database)) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_server_never_runs_as_root(postgres_server: Postgres):
    owner = pwd.getpwuid(postgres_server.data.stat().st_uid).pw_name
    assert owner == ("nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    assert int(str(answer(postgres_server, "SHOW server_version_num"))) >= 160000


def test_it_listens_on_no_port(postgres_server: Postgres):
    assert answer(postgres_server, "SHOW listen_addresses") == ""


def test_a_database_is_copied_with_its_rows(postgres_server: Postgres):
    postgres_server.create("original")
    with psycopg.connect(postgres_server.dsn("original")) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS n")
    postgres_server.create("copied", template="original")
    assert answer(postgres_server, "SELECT n FROM t", "copied") == 7
    postgres_server.drop("copied")
    postgres_server.drop("original")
    with pytest.raises(psycopg.OperationalError):
        answer(postgres_server, "SELECT 1", "copied")


def test_a_crashed_server_keeps_what_was_committed():
    with Postgres(options=()) as server:
        with psycopg.connect(server.dsn("postgres")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        server.stop(signal.SIGQUIT)
        server.start()
        assert answer(server, "SELECT n FROM kept") == 42


def test_the_folder_is_gone_afterwards():
    with Postgres() as server:
        folder = server.folder
    assert not folder.exists()


def test_it_runs_from_a_folder_that_others_may_not_enter(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres, "_open_to_all", lambda _path: False)
    with Postgres() as server:
        programs = Path(str(answer(server, "SELECT setting FROM pg_config WHERE name = 'BINDIR'")))
        # Only root, who must run the server as another, needs a copy of the programs.
        assert (server.folder in programs.parents) == (os.geteuid() == 0)
