"""A demo county behind the application, made once and copied for each test, and browsers that are signed in to it."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from engine import Engine, Home, InboxQuery, SteppedClock
from engine.plugins import load_plugins
from tests.conftest import BACKENDS
from tests.services.once import made_once
from tests.services.postgres import Postgres
from web import create_app

#: Wednesday 11 March 2026, ten in the morning in Beijing.
NOW = datetime(2026, 3, 11, 2, tzinfo=UTC)
COUNTY = "demo"


@dataclass
class Browser:
    """A test client that follows no redirects by itself and sends the CSRF token of the page it saw last."""

    client: FlaskClient
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(address, **options))

    def post(self, address: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        body = {"csrf_token": self.token, **(data or {})}
        return self._seen(self.client.post(address, data=body, **options))

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html" and (
            found := re.search(r'name="csrf-token" content="([^"]+)"', response.text)
        ):
            self.token = found[1]
        return response

    def sign_in(self, person: str, password: str) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", {"account": person, "password": password})


@dataclass
class Site:
    """The application, the county's engine and its clock."""

    app: Flask
    engine: Engine
    clock: SteppedClock

    def anonymous(self) -> Browser:
        """Return a browser in which nobody is signed in."""
        return Browser(self.app.test_client())

    def browser(self, person: str) -> Browser:
        """Return a browser in which ``person`` is signed in."""
        from workflows.demo import PASSWORD

        browser = self.anonymous()
        answer = browser.sign_in(person, PASSWORD)
        assert answer.status_code == 302, answer.text
        browser.get("/inbox")
        return browser

    def waiting(self, person: str, element: str) -> int:
        """Return an open item of ``person`` at ``element``."""
        query = InboxQuery(limit=100)
        rows = self.engine.inbox(self.engine.actor(person), query).rows
        found = [row.item_id for row in rows if row.element == element]
        assert found, f"{person} has nothing at {element}: {sorted({row.element for row in rows})}"
        return found[0]


#: Runs a test on a county in SQLite and on one in PostgreSQL; without it a test of pages runs on SQLite.
on_both = pytest.mark.parametrize("site_backend", BACKENDS)
_TEMPLATE = "template_web_demo"


class CompiledTemplates(BytecodeCache):
    """The pages' templates as code: each application of a test run would compile them anew."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_compiled = CompiledTemplates()
_numbers = itertools.count(1)


@pytest.fixture
def site_backend() -> str:
    """Where the county of :func:`site` is."""
    return "sqlite"


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the demo county, loaded once."""
    return made_once(tmp_path_factory, "demo-of-pages", _loaded)


@pytest.fixture(scope="session")
def demo_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Path:
    """The same on PostgreSQL, in the database :data:`_TEMPLATE`."""
    return _loaded(tmp_path_factory.mktemp("demo-postgres"), postgres_server.create(_TEMPLATE))


def _loaded(folder: Path, database_url: str | None = None) -> Path:
    from workflows import demo

    home = Home(folder, database_url)
    database = home.create_county(COUNTY, demo.NAME, load_plugins())
    demo.load(Engine(database, clock=SteppedClock(NOW)))
    home.close()
    return folder


@pytest.fixture
def make_site(
    site_backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Site]]:
    """Make an application over a copy of the demo county, with settings of its own."""
    homes: list[Home] = []
    databases: list[tuple[Postgres, str]] = []

    def make(**config: Any) -> Site:
        folder = tmp_path / f"home-{len(homes)}"
        url = None
        if site_backend == "postgres":
            shutil.copytree(request.getfixturevalue("demo_postgres"), folder)
            server: Postgres = request.getfixturevalue("postgres_server")
            name = f"web_{os.getpid()}_{next(_numbers)}"
            databases.append((server, name))
            url = server.create(name, template=_TEMPLATE)
            with sqlite3.connect(folder / "control.db") as control:
                control.execute("UPDATE counties SET url = ?", (url,))
            control.close()
        else:
            shutil.copytree(request.getfixturevalue("demo_folder"), folder)
        home = Home(folder, url)
        homes.append(home)
        clock = SteppedClock(NOW)
        app = create_app(home, clock=clock, config={"RATELIMIT_ENABLED": False, **config})
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.jinja_env.bytecode_cache = _compiled
        return Site(app, app.extensions["bihuan.counties"].engine(COUNTY), clock)

    yield make
    for home in homes:
        home.close()
    for server, name in databases:
        server.drop(name)


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The application over a fresh copy of the demo county."""
    return make_site()


def hidden(page: str, name: str) -> str:
    """Return the value of the hidden input ``name`` of a page."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found, f"no input {name}"
    return unescape(found[1])


def texts(page: str) -> str:
    """Return a page's text without its markup."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
