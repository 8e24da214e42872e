"""The county of these tests: filled once on SQLite, and copied for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.calendar import SteppedClock
from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.store import FolderStore
from tests.conftest import COUNTY, MORNING
from tests.workflows.money.county import MoneyCounty, open_money_county, settle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one upgraded county on SQLite that has its people and processes."""
    folder = tmp_path_factory.mktemp("money-template")
    home = Home(folder, None)
    home.create_county(COUNTY, "测试县", load_plugins())
    store = FolderStore(tmp_path_factory.mktemp("money-attachments"))
    settle(Engine(home.open(COUNTY), plugins=load_plugins(), clock=SteppedClock(MORNING), store=store))
    home.close()
    return folder


@pytest.fixture
def county(engine: Engine, clock: SteppedClock) -> MoneyCounty:
    """The county with one project of unit U1 that has no goal yet."""
    return open_money_county(engine, clock)
