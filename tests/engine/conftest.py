"""Fixtures of the engine's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.engine.office import Office

if TYPE_CHECKING:
    from engine import Engine


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    """An office on both databases; whatever a test did to it, it must be left sound."""
    found = Office.open(engine)
    yield found
    found.sound()


@pytest.fixture
def broken_office(engine: Engine) -> Office:
    """An office that the test is going to damage."""
    return Office.open(engine)
