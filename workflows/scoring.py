"""Points and grades by the shipped decisions (D10, D01, D11), for forms that show them while they are filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from budget.answers import number
from budget.evaluation_answers import EvaluationRow, decided
from engine import dmn


@cache
def _decision(name: str) -> dmn.Model:
    return dmn.parse(files("workflows").joinpath("decisions", f"{name}.dmn").read_bytes())


def grade(score: Any, grades: Mapping[str, Any] | None = None) -> str | None:
    """Return the grade (优, 良, 中, 差) of an unrounded score by D01; None for none.

    ``grades`` is the profile's group of that name.
    """
    value = number(score)
    if value is None:
        return None
    asked = {"score": value, "profile": None if grades is None else {"grades": dict(grades)}}
    return str(_decision("D01").evaluate("D01", asked).value)


def weight_basis(category: str, year: int, scoring: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the points of execution and of each level, and where the qualitative bands part (D11).

    ``scoring`` is the profile's group of that name.
    """
    asked = {"category": category, "year": year, "scoring": scoring}
    basis: Mapping[str, Any] = _decision("D11").evaluate("D11_weights", asked).value
    return basis


def suggested_points(
    row: Mapping[str, Any] | None, basis: Mapping[str, Any] | None, scoring: Mapping[str, Any] | None
) -> Decimal | None:
    """Return the unrounded points that D10 suggests for a row of the self-evaluation; None until it is filled in."""
    if row is None or basis is None or scoring is None:
        return None
    return _points(decided(EvaluationRow.read(row)), basis, scoring)


def execution_points(
    executed: Any, budget: Any, basis: Mapping[str, Any] | None, scoring: Mapping[str, Any] | None
) -> Decimal | None:
    """Return the unrounded points of budget execution (D10, 执行率): its weight × min(1, executed ÷ budget)."""
    if basis is None or scoring is None:
        return None
    rate = {
        "method": "RATE",
        "weight": basis.get("EXECUTION"),
        "actual": number(executed),
        "target": number(budget),
    }
    return _points(rate, basis, scoring)


def evaluation_rows(rows: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a self-evaluation as D10 takes them: numbers, and days late."""
    return [decided(EvaluationRow.read(row)) for row in rows or () if isinstance(row, Mapping)]


def _points(row: Mapping[str, Any], basis: Mapping[str, Any], scoring: Mapping[str, Any]) -> Decimal | None:
    if row["weight"] is None:
        return None
    asked = {"rows": [row], "basis": basis, "scoring": scoring}
    (points,) = _decision("D10").evaluate("D10", asked).value
    return number(points)


#: What forms and diagrams call, by their names in FEEL.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "evaluation_grade": grade,
    "suggested_points": suggested_points,
    "execution_points": execution_points,
    "evaluation_rows": evaluation_rows,
}
