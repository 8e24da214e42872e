"""A county in which projects are evaluated, for the tests of key evaluations and of the application of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workflows.key_county import Office, open_office

if TYPE_CHECKING:
    from engine.engine import Engine


@pytest.fixture
def office(engine: Engine) -> Office:
    """The county, with one project."""
    return open_office(engine)
