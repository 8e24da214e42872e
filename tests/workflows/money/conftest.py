"""The county of these tests: its people, the processes of money, and one project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.money import county as money_county

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle


@pytest.fixture
def settle() -> Settle:
    """The people and the processes of money."""
    return money_county.settle


@pytest.fixture
def county(engine: Engine, clock: SteppedClock) -> money_county.MoneyCounty:
    """The county with one project of unit U1 that has no goal yet."""
    return money_county.open_money_county(engine, clock)
