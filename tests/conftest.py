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
#: Where what a test writes lies in memory, and how much of it must be free: a commit then waits for no disk. What a killed
#: process has written is there all the same; what a lost machine would have written no test can tell.
MEMORY, NEEDED = Path("/dev/shm"), 4 * 2**30


def _write_to_memory() -> None:
    """Let temporary folders lie in memory where there is enough, unless somebody says where they are to lie."""
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= NEEDED:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


_write_to_memory()


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


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one upgraded county on SQLite, which tests copy."""
    return _template(tmp_path_factory.mktemp("sqlite-template"))


@pytest.fixture(scope="session")
def _postgres_template(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Path:
    """A home with one upgraded county on PostgreSQL; its database is called ``template_county``."""
    return _template(tmp_path_factory.mktemp("postgres-template"), postgres_server.create("template_county"))


def _template(folder: Path, database_url: str | None = None) -> Path:
    from engine.database import Home
    from engine.plugins import load_plugins

    home = Home(folder, database_url)
    home.create_county(COUNTY, "测试县", load_plugins())
    home.close()
    return folder


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The database that the test runs on; a test that asks for a county runs once on each."""
    return str(request.param)


@pytest.fixture
def new_home(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Home]]:
    """Make homes with one empty, upgraded county each, as often as it is called."""
    from engine.database import Home

    homes: list[Home] = []
    databases: list[str] = []

    def make() -> Home:
        template: Path = request.getfixturevalue(f"_{backend}_template")
        folder = tmp_path_factory.mktemp("home") / "var"
        shutil.copytree(template, folder)
        url = None
        if backend == "postgres":
            server: Postgres = request.getfixturevalue("postgres_server")
            databases.append(f"test_{os.getpid()}_{next(_numbers)}")
            url = server.create(databases[-1], template="template_county")
            with sqlite3.connect(folder / "control.db") as control:
                control.execute("UPDATE counties SET url = ?", (url,))
            control.close()
        homes.append(Home(folder, url))
        return homes[-1]

    yield make
    for home in homes:
        home.close()
    for name in databases:
        request.getfixturevalue("postgres_server").drop(name)


@pytest.fixture
def home(new_home: Callable[[], Home]) -> Home:
    """A home with one empty county, on SQLite and then on PostgreSQL."""
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
