"""What all tests share: counties on SQLite and on PostgreSQL, made in milliseconds by copying an upgraded one."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services import chromium
from tests.services.memory import memory_folder
from tests.services.postgres import Postgres, PostgresUnavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

    from engine.calendar import SteppedClock
    from engine.database import Database, Home
    from engine.engine import Engine

COUNTY = "county"
#: Monday 2 March 2026, nine in the morning in Beijing.
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
BACKENDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

_numbers = itertools.count(1)


def _write_to_memory() -> None:
    """Let temporary folders lie in memory where there is enough, unless somebody says where they are to lie."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and (memory := memory_folder()) is not None:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(memory)


_write_to_memory()


TESTS = Path(__file__).parent
QUICK_ON_SQLITE = {"web", "workflows"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make the PostgreSQL twin of a test that is ``quick_on_sqlite`` a long one, before the long ones are picked.

    So are the tests of whole rooms that send PostgreSQL little but what the engine's own tests send.
    """
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        quick = room in QUICK_ON_SQLITE or item.get_closest_marker("quick_on_sqlite")
        if quick and item.get_closest_marker("postgres"):
            item.add_marker("long")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that needs PostgreSQL or a browser must run: a skip of one is a failure."""
    report = yield
    needs = [name for name in ("postgres", "browser") if item.get_closest_marker(name)]
    if report.skipped and needs and os.environ.get("CI", "").lower() in {"true", "1"}:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where {' and '.join(needs)} must be there: {reason}"
    return report


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL server a test run."""
    try:
        server = Postgres().__enter__()
    except PostgresUnavailable as reason:
        pytest.skip(str(reason))
    yield server
    server.close()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright, once a test run: two of them in one thread refuse each other."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium_browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """One Chromium a test run; a test opens a context of its own in it."""
    try:
        found = chromium.find()
        chromium.version(found)
    except chromium.ChromiumUnavailable as reason:
        pytest.skip(str(reason))
    browser = playwright_driver.chromium.launch(
        executable_path=str(found.path),
        args=list(found.arguments),
        env={**os.environ, **found.environment},
    )
    yield browser
    browser.close()


Settle = Callable[["Engine"], object]


class Templates:
    """Homes with one county each, empty or settled by a function, which tests copy instead of making their own."""

    def __init__(self, request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> None:
        self._request, self._folders = request, folders
        self._postgres: Postgres | None = None
        self._made: dict[tuple[str, Settle | None], tuple[Path, str]] = {}

    def copy(self, backend: str, settle: Settle | None) -> tuple[Home, str | None]:
        """Return a home that is a copy, and the name of its database on the server of PostgreSQL."""
        from engine.database import Home

        template, source = self._template(backend, settle)
        folder = self._folders.mktemp("home") / "var"
        shutil.copytree(template, folder)
        if backend == "sqlite":
            return Home(folder, None), None
        name = f"test_{os.getpid()}_{next(_numbers)}"
        url = self.server().create(name, template=source)
        with sqlite3.connect(folder / "control.db") as control:
            control.execute("UPDATE counties SET url = ?", (url,))
        control.close()
        return Home(folder, url), name

    def _template(self, backend: str, settle: Settle | None) -> tuple[Path, str]:
        key = (backend, settle)
        if key not in self._made:
            self._made[key] = self._make(backend, settle)
        return self._made[key]

    def _make(self, backend: str, settle: Settle | None) -> tuple[Path, str]:
        from engine.calendar import SteppedClock
        from engine.database import Home
        from engine.engine import Engine
        from engine.plugins import load_plugins
        from engine.store import FolderStore

        folder, source = self._folders.mktemp(f"{backend}-template"), f"template_{len(self._made)}"
        home = Home(folder, None if backend == "sqlite" else self.server().create(source))
        home.create_county(COUNTY, "测试县", load_plugins())
        if settle is not None:
            store = FolderStore(self._folders.mktemp("attachments"))
            plugins, clock = load_plugins(), SteppedClock(MORNING)
            settle(Engine(home.open(COUNTY), plugins=plugins, clock=clock, store=store))
        home.close()
        return folder, source

    def server(self) -> Postgres:
        """Return the server of the test run, started when it is first needed."""
        if self._postgres is None:
            self._postgres = self._request.getfixturevalue("postgres_server")
        return self._postgres


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The counties that this process has made for copying."""
    return Templates(request, tmp_path_factory)


@pytest.fixture
def settle() -> Settle | None:
    """What every county of a test begins with; a room that begins with people and processes says so in its place."""
    return None


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The database that the test runs on; a test that asks for a county runs once on each."""
    return str(request.param)


@pytest.fixture
def new_home(backend: str, templates: Templates, settle: Settle | None) -> Iterator[Callable[[], Home]]:
    """Make homes with one upgraded county each, as often as it is called."""
    homes: list[Home] = []
    databases: list[str] = []

    def make() -> Home:
        home, database = templates.copy(backend, settle)
        homes.append(home)
        databases.extend([database] if database else [])
        return home

    yield make
    for home in homes:
        home.close()
    for name in databases:
        templates.server().drop(name)


@pytest.fixture
def home(new_home: Callable[[], Home]) -> Home:
    """A home with one county, on SQLite and then on PostgreSQL."""
    return new_home()


@pytest.fixture
def database(home: Home) -> Database:
    """The county's database in :func:`home`."""
    return home.open(COUNTY)


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that stands at :data:`MORNING` until the test moves it."""
    from engine.calendar import SteppedClock

    return SteppedClock(MORNING)


@pytest.fixture
def engine(database: Database, clock: SteppedClock, tmp_path: Path) -> Engine:
    """An engine on :func:`database` with all plug-ins and :func:`clock`."""
    from engine.engine import Engine
    from engine.plugins import load_plugins
    from engine.store import FolderStore

    return Engine(database, plugins=load_plugins(), clock=clock, store=FolderStore(tmp_path / "attachments"))
