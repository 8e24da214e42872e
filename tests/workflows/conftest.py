"""What the tests of processes begin with: a county that has its people and its processes, made once and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows import county, key_county

if TYPE_CHECKING:
    from engine.engine import Engine
    from tests.conftest import Settle


@pytest.fixture
def settle(request: pytest.FixtureRequest) -> Settle:
    """The people and all processes; for a test of evaluations those that take part in one."""
    return key_county.settle if "office" in request.fixturenames else county.settle


@pytest.fixture
def office(engine: Engine) -> key_county.Office:
    """A county in which projects are evaluated, with one project."""
    return key_county.open_office(engine)
