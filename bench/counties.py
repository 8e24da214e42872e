"""A durable county on each database, with one organisation and the people who work in the benchmarks."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import select

from bench.processes import ROLE
from bench.replay import Send, postgres_sender, sqlite_sender
from engine import tables
from engine.calendar import SystemClock
from engine.commands.start import StartRequest
from engine.database import Database, Home
from engine.engine import Engine
from engine.identity import SYSTEM, Actor
from engine.interpreter import serve_many
from engine.people import People
from engine.plugins import load_plugins
from tests.services.postgres import DURABLE, Postgres

CODE = "bench"
ORG = "S01"
DATABASES = ("sqlite", "postgres")
#: How the rows name what was measured: SQLite flushes at every commit (WAL, synchronous=FULL), PostgreSQL too.
LABELS = {"sqlite": "sqlite-full", "postgres": "postgres-18"}


@dataclass(slots=True)
class County:
    """A county for one benchmark; :meth:`snapshot` copies its database."""

    kind: str
    folder: Path
    home: Home
    server: Postgres | None
    engine: Engine
    actors: list[Actor]

    @property
    def database(self) -> Database:
        """The county's database."""
        return self.engine.database

    @property
    def label(self) -> str:
        """How rows name the database."""
        return LABELS[self.kind]

    def snapshot(self) -> str:
        """Copy the database as it is now; return the file or the name of the copy."""
        if self.server is None:
            self.database.close()
            source = self.database.file
            assert source is not None
            copy = self.folder / "copy.db"
            shutil.copyfile(source, copy)
            return str(copy)
        self.database.close()
        self.server.drop("copy")
        self.server.create("copy", template="bench")
        return "copy"

    def settle(self) -> None:
        """Let PostgreSQL do at once what its own helpers do in the minutes after much was loaded, lest they do it
        while something is measured: statistics, visibility map, checkpoint.
        """
        if self.server is not None:
            with psycopg.connect(self.server.dsn("bench"), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")

    def sender(self, copy: str | None = None) -> AbstractContextManager[Send]:
        """Send recorded statements as prepared raw SQL to this database, or to a :meth:`snapshot` of it."""
        if self.server is None:
            return sqlite_sender(copy or str(self.database.file))
        return postgres_sender(self.server.dsn(copy or "bench"), self.database.schema)


@contextmanager
def county(
    kind: str, files: Mapping[str, bytes], *, people: int = 1, folder: Path | None = None
) -> Iterator[County]:
    """Give a county with ``files`` deployed and ``people`` who hold :data:`~bench.processes.ROLE`.

    The data lies in the system's temporary folder, or in ``folder``: on a real disk, or the figures mean nothing.
    """
    place = Path(tempfile.mkdtemp(prefix="bihuan-bench-", dir=folder))
    server = Postgres(DURABLE) if kind == "postgres" else None
    home, interval = None, sys.getswitchinterval()
    try:
        url = server.__enter__().create("bench") if server else None
        plugins = load_plugins()
        home = Home(place, url)
        database = home.create_county(CODE, "Bench", plugins)
        engine = Engine(database, plugins=plugins, clock=SystemClock())
        engine.deploy(files, actor="system")
        serve_many()  # as ``bihuan serve`` does when it has started
        yield County(kind, place, home, server, engine, _people(database, people))
    finally:
        if home is not None:
            home.close()
        if server is not None:
            server.close()
        gc.unfreeze()
        sys.setswitchinterval(interval)
        shutil.rmtree(place, ignore_errors=True)


def _people(database: Database, count: int) -> list[Actor]:
    people = People(database, SystemClock())
    people.add_org(ORG, "Section", "section")
    role = ROLE.removeprefix("role:").partition("@")[0]
    actors = []
    for number in range(1, count + 1):
        name = f"clerk{number}"
        people.create_person(name, f"Clerk {number}")
        people.add_post(name, role, ORG)
        actors.append(people.actor(name))
    return actors


def databases(only: str | None) -> Sequence[str]:
    """Return the databases to measure."""
    return (only,) if only else DATABASES


def begin(place: County, process: str, element: str) -> tuple[int, int]:
    """Start an instance; return its id and that of its open item at ``element``."""
    (started,) = place.engine.start_many(process, [StartRequest({})], actor=SYSTEM)
    items = tables.work_items.c
    query = select(items.id).where(items.instance_id == started.instance_id, items.element == element)
    with place.database.read() as unit:
        return started.instance_id, unit.execute(query).scalar_one()
