"""The counties' reports: their figures come out of a year that is played through the real engine (assertions A01 to A17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workflows.simulation import shape as shapes
from workflows.simulation.acceptance import ASSERTIONS
from workflows.simulation.year import Year

if TYPE_CHECKING:
    from engine.engine import Engine

#: The largest county takes the better part of an hour, and has a benchmark instead.
SMALL = [code for code in shapes.names() if shapes.load(code).goals.projects < 1000]

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture
def backend() -> str:
    """One database is enough: a small year is played on both elsewhere."""
    return "sqlite"


@pytest.mark.parametrize("code", SMALL)
def test_a_countys_year_gives_the_figures_of_its_report(code: str, engine: Engine) -> None:
    year = Year(engine, shapes.load(code))
    year.prepare()
    year.run()
    accepted = {one.name: one for one in year.acceptance()}
    assert tuple(accepted) == ASSERTIONS
    assert [check for one in accepted.values() for check in one.checks if not check.holds] == []
    assert set(year.shape.assertions) <= {name for name, one in accepted.items() if one.applies}
    told = {one.id: (year.figures[one.id], one.value) for one in year.shape.expected}
    wrong = {one.id: told[one.id] for one in year.shape.expected if not one.holds(year.figures[one.id])}
    assert wrong == {}
    assert year.engine.doctor() == []
    assert year.engine.verify_history() == []
