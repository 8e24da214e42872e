"""A county in which projects are evaluated, for the tests of key evaluations and of the application of results."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from engine.calendar import SteppedClock
from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.store import FolderStore
from tests.conftest import COUNTY, MORNING
from tests.workflows.key_county import Office, open_office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _engine(home: Home, clock: SteppedClock, folder: Path) -> Engine:
    return Engine(
        home.open(COUNTY), plugins=load_plugins(), clock=clock, store=FolderStore(folder / "attachments")
    )


@pytest.fixture(scope="session")
def _office_template(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A home on SQLite with the people, the processes and the project, and the project's variable."""
    folder = tmp_path_factory.mktemp("office-template") / "var"
    shutil.copytree(_sqlite_template, folder)
    home = Home(folder)
    project = open_office(_engine(home, SteppedClock(MORNING), folder)).project
    home.close()
    return folder, project


@pytest.fixture
def office(
    backend: str, clock: SteppedClock, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Office]:
    """The county, with one project; on SQLite a copy of one that was filled before."""
    if backend == "postgres":
        yield open_office(request.getfixturevalue("engine"))
        return
    template, project = request.getfixturevalue("_office_template")
    shutil.copytree(template, tmp_path / "var")
    home = Home(tmp_path / "var")
    yield Office(_engine(home, clock, tmp_path), project=project)
    home.close()
