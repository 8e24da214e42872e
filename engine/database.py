"""Counties and their databases: one SQLite file or one PostgreSQL schema each, and the transactions in them.

A write transaction on SQLite takes the write lock when it begins (``BEGIN IMMEDIATE``), so that two commands never find
out at commit that they collide; threads of one process queue for it in the order in which they came. On PostgreSQL every
transaction sets the county's schema as its only search path, so a statement outside a county finds no table.
"""

from __future__ import annotations

import random
import re
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    StaticPool,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

from engine.errors import BihuanError, NotFound
from engine.migrations import upgrade
from engine.prepared import Driver, Order, fail

__all__ = ["Database", "Home", "Unit", "upgrade"]

T = TypeVar("T")

BUSY_SECONDS = 10
#: What lets a connection wait for no disk.
_NO_WAITING = {"sqlite": "PRAGMA synchronous=OFF", "postgresql": "SET synchronous_commit TO off"}
ATTEMPTS = 10
#: PostgreSQL: serialization failure, deadlock, lock not available.
_RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")


class Unit:
    """One transaction: the connection that it runs on, the driver's side of it, and an ORM session for handlers."""

    def __init__(self, connection: Connection, dialect: str, *, writes: bool) -> None:
        self.driver = Driver(connection)
        self.dialect = dialect
        self.writes = writes
        #: The bulk run whose commands these are; their events say so.
        self.bulk: int | None = None
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection, on which everything is done that was asked for until now."""
        self.driver.flush()
        return self._connection

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run ``statement`` in the transaction."""
        return self.connection.execute(statement, parameters)

    @contextmanager
    def savepoint(self) -> Iterator[Session]:
        """Give a session inside a savepoint, which is rolled back when the block raises."""
        with self.connection.begin_nested():
            session = Session(bind=self.connection, join_transaction_mode="rollback_only")
            try:
                yield session
                session.flush()
                self.driver.flush()
            except BaseException:
                self.driver.forget()
                raise
            finally:
                session.close()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the block did, and nothing else, when it raises: :meth:`savepoint` for commands, which need no ORM."""
        self.driver.do(Order("SAVEPOINT attempt", [()]))
        try:
            yield
            self.driver.flush()
        except BaseException:
            self.driver.forget()
            self.driver.do(Order("ROLLBACK TO SAVEPOINT attempt", [()]))
            raise
        finally:
            self.driver.do(Order("RELEASE SAVEPOINT attempt", [()]))


class Turn:
    """A lock that threads get in the order in which they asked for it; whoever has it may not ask again."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._owner: int | None = None
        self._waiting: deque[threading.Lock] = deque()

    def __len__(self) -> int:
        """Return how many threads wait."""
        return len(self._waiting)

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise RuntimeError("a write transaction inside a write transaction")
        self._wait()
        self._owner = me

    def _wait(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:
            with self._guard:
                if gate in self._waiting:
                    self._waiting.remove(gate)
                    raise
            self.__exit__()
            raise

    def __exit__(self, *_reason: object) -> None:
        self._owner = None
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Database:
    """A county's database; :meth:`retry` runs a command in it, :meth:`read` a query.

    ``code`` is the county's; ``url`` a SQLAlchemy URL. On PostgreSQL the county lives in the schema ``county_<code>``.
    """

    def __init__(self, url: str, code: str = "county", *, pool_size: int = 20) -> None:
        _checked(code)
        self.code = code
        self.url = make_url(url)
        self.schema = f"county_{code}"
        self._turn: AbstractContextManager[None] = nullcontext()
        self._writer: Connection | None = None
        #: Whether commits don't wait for the disk, see :meth:`make_fleeting`.
        self.fleeting = False
        if self.url.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            self._turn = Turn()
            self.engine = _sqlite(url, pool_size)
            self._reads, self._writes = "BEGIN", "BEGIN IMMEDIATE"
        elif self.url.get_backend_name() == "postgresql":
            self.dialect = "postgresql"
            self.engine = _postgres(url, pool_size)
            path = f'SET LOCAL search_path TO "{self.schema}"'
            self._writes = f"BEGIN; {path}"
            self._reads = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {path}"
        else:
            raise BihuanError("database.unsupported", backend=self.url.get_backend_name())

    @classmethod
    def in_memory(cls) -> Database:
        """Return an empty SQLite database that lives as long as the object; for one thread at a time."""
        return cls("sqlite://")

    def make_fleeting(self) -> None:
        """Let no commit wait for the disk any more: what is in here is thrown away anyway.

        A process that dies loses nothing; a machine that loses its power may leave a broken file.
        """
        if not self.fleeting:
            self.fleeting = True
            event.listen(self.engine, "connect", lambda raw, _record: raw.execute(_NO_WAITING[self.dialect]))
            self.close()

    @property
    def file(self) -> Path | None:
        """The SQLite file, where there is one."""
        name = self.url.database
        return Path(name) if self.dialect == "sqlite" and name and name != ":memory:" else None

    def close(self) -> None:
        """Close all connections."""
        with self._turn:
            if self._writer is not None:
                self._give_back(self._writer, sound=False)
        self.engine.dispose()

    def read(self) -> AbstractContextManager[Unit]:
        """Give a transaction that reads one consistent state."""
        return self._begun(self._reads, nullcontext(), writes=False)

    def write(self) -> AbstractContextManager[Unit]:
        """Give a transaction with write intent, committed when the block ends without an error.

        A lock or serialization error is raised; :meth:`retry` is the way to run a command.
        """
        return self._begun(self._writes, self._turn, writes=True)

    @contextmanager
    def _begun(self, statement: str, turn: AbstractContextManager[None], *, writes: bool) -> Iterator[Unit]:
        """Give the transaction that ``statement`` begins, within ``turn``.

        Where the server had closed the connection meanwhile, all that lie in the pool are given up, and a new one is
        taken: beginning is the test, so that a living connection costs no round trip to be tested.
        """
        with turn:
            connection, sound = self._take(writes), False
            try:
                transaction = connection.begin()
                try:
                    _begin(connection, statement)
                except DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
                    self._give_back(connection, sound=False)
                    self.engine.dispose()
                    connection = self._take(writes)
                    transaction = connection.begin()
                    _begin(connection, statement)
                with transaction:
                    unit = Unit(connection, self.dialect, writes=writes)
                    try:
                        yield unit
                        unit.driver.flush()
                    finally:
                        unit.driver.close()
                sound = True
            finally:
                self._give_back(connection, sound=sound)

    def _take(self, writes: bool) -> Connection:
        """Return a connection for one transaction; to writers of a SQLite file, who take turns, always the same."""
        if not writes or self.dialect != "sqlite":
            return self.engine.connect()
        if self._writer is None:
            self._writer = self.engine.connect()
        return self._writer

    def _give_back(self, connection: Connection, *, sound: bool) -> None:
        """Give a connection back to the pool; the writer's own is kept unless something went wrong on it."""
        if connection is self._writer:
            if sound:
                return
            self._writer = None
        connection.close()

    @contextmanager
    def rebuild(self) -> Iterator[Unit]:
        """Give a write transaction in which tables may be rebuilt; nobody else has the database.

        On SQLite foreign keys aren't enforced in it, because replacing a table would delete its children through
        cascades: whoever uses it must look for orphans at the end.
        """
        if self.dialect != "sqlite":
            with self.write() as unit:
                yield unit
            return
        with self.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    raw.execute(self._writes)
                    yield Unit(connection, self.dialect, writes=True)
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    @property
    def namespace(self) -> str | None:
        """The schema that holds the tables; None on SQLite, which has none."""
        return self.schema if self.dialect == "postgresql" else None

    def empty(self) -> bool:
        """Tell whether there is no table yet."""
        with self.read() as unit:
            return not inspect(unit.connection).get_table_names(schema=self.namespace)

    def retry(self, command: Callable[[Unit], T]) -> T:
        """Run ``command`` in a write transaction and return its result; run it again when the database asks for it.

        That is after a lock, serialization or deadlock error, and after a unique key was taken in the meantime: the
        second run sees who was first. A connection lost before the commit is retried too; one lost during the commit
        is raised, because only the request key can tell whether it had happened.
        """
        for attempt in range(1, ATTEMPTS + 1):
            committing = False
            try:
                with self.write() as unit:
                    result = command(unit)
                    unit.driver.flush()
                    committing = True
                return result
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _may_retry(error, attempt, committing):
                    raise
            time.sleep(random.uniform(0, min(0.5, 0.005 * 2**attempt)))
        raise AssertionError("the last attempt returns or raises")

    def create_schema(self) -> None:
        """Create the county's schema on PostgreSQL; nothing to do on SQLite."""
        if self.dialect == "postgresql":
            with self.write() as unit:
                unit.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"'))

    def drop_schema(self) -> None:
        """Drop the county's schema on PostgreSQL with everything in it; nothing to do on SQLite."""
        if self.dialect == "postgresql":
            with self.write() as unit:
                unit.execute(text(f'DROP SCHEMA IF EXISTS "{self.schema}" CASCADE'))


def _checked(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise BihuanError("county.bad_code", county=code)
    return code


def _begin(connection: Connection, statement: str) -> None:
    """Say how the transaction begins; not by an event of SQLAlchemy, which would slow every statement down."""
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.execute(statement)
    except connection.dialect.loaded_dbapi.Error as error:
        fail(connection, statement, error)


def _may_retry(error: DBAPIError, attempt: int, committing: bool) -> bool:
    if isinstance(error, IntegrityError):
        return attempt < 3
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return "locked" in str(original) or "busy" in str(original)
    if getattr(original, "sqlstate", None) in _RETRIED_STATES:
        return True
    return error.connection_invalidated and not committing


def _sqlite(url: str, pool_size: int) -> Engine:
    arguments: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
    if make_url(url).database in (None, "", ":memory:"):
        arguments["poolclass"] = StaticPool
    else:
        arguments.update(pool_size=pool_size, max_overflow=pool_size)
    engine = create_engine(url, **arguments)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _postgres(url: str, pool_size: int) -> Engine:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(parsed, pool_size=pool_size, max_overflow=pool_size)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = (
            True  # we begin transactions ourselves, in one round trip with the search path
        )

    return engine


class Home:
    """A server's data: the folder with its files, and the control database that lists the counties.

    Without ``database_url`` each county is a SQLite file under ``path``; with the URL of a PostgreSQL database it is a
    schema there. Attachments lie in the folder in both cases.
    """

    def __init__(self, path: str | Path, database_url: str | None = None) -> None:
        self.path = Path(path)
        self.database_url = database_url
        self.path.mkdir(parents=True, exist_ok=True)
        self._open: dict[str, Database] = {}
        self._lock = threading.Lock()
        self._control = Database(f"sqlite:///{self.path / 'control.db'}", "control")
        with self._control.write() as unit:
            unit.execute(
                text(
                    "CREATE TABLE IF NOT EXISTS counties (code TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT NOT NULL)"
                )
            )

    def create_county(self, code: str, name: str, plugins: Any = None) -> Database:
        """Create the county ``code`` (letters, digits, underscores), with its tables, and return its database.

        Raises :class:`BihuanError` where the code can't be used or is taken.
        """
        _checked(code)
        if code in self.counties():
            raise BihuanError("county.exists", county=code)
        self.folder(code).mkdir(parents=True, exist_ok=True)
        database = Database(self._url(code), code)
        upgrade(database, plugins)
        self.enlist(code, name)
        with self._lock:
            self._open[code] = database
        return database

    def enlist(self, code: str, name: str) -> None:
        """List a county whose tables are there."""
        url = make_url(self.database_url).render_as_string(hide_password=False) if self.database_url else ""
        with self._control.write() as unit:
            unit.execute(
                text("INSERT INTO counties (code, name, url) VALUES (:code, :name, :url)"),
                {"code": code, "name": name, "url": url},
            )

    @contextmanager
    def building(self, code: str) -> Iterator[Database]:
        """Give a database to build a county in, which isn't listed yet.

        On SQLite it is a file beside the county's own place until the block ends without an error; where there is a file
        in that place already, it is given as it is.
        """
        place = self.folder(code) / "county.db"
        place.parent.mkdir(parents=True, exist_ok=True)
        if self.database_url or place.exists():
            database = Database(self._url(code), code)
            try:
                yield database
            finally:
                database.close()
            return
        building = place.with_name("county.building.db")
        for leftover in place.parent.glob(f"{building.name}*"):
            leftover.unlink()
        database = Database(f"sqlite:///{building}", code)
        try:
            yield database
        finally:
            database.close()
        building.replace(place)

    def _url(self, code: str) -> str:
        return self.database_url or f"sqlite:///{self.folder(code) / 'county.db'}"

    def counties(self) -> dict[str, str]:
        """Return the counties: code → name."""
        with self._control.read() as unit:
            return {
                row.code: row.name
                for row in unit.execute(text("SELECT code, name FROM counties ORDER BY code"))
            }

    def open(self, code: str) -> Database:
        """Return the database of the county ``code``; raises :class:`NotFound`."""
        with self._lock:
            if code in self._open:
                return self._open[code]
            with self._control.read() as unit:
                row = unit.execute(
                    text("SELECT url FROM counties WHERE code = :code"), {"code": code}
                ).first()
            if row is None:
                raise NotFound("county.unknown", county=code)
            url = row.url or f"sqlite:///{self.folder(code) / 'county.db'}"
            database = self._open[code] = Database(url, code)
            return database

    def folder(self, code: str) -> Path:
        """The county's own folder, which holds its attachments and, on SQLite, its database."""
        return self.path / "counties" / _checked(code)

    def close(self) -> None:
        """Close all databases."""
        with self._lock:
            for database in self._open.values():
                database.close()
            self._open.clear()
        self._control.close()
