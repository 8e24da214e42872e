"""One evaluation of a model: FEEL's run with the trace that a person reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.errors import FeelTypeError, FeelWarning
from engine.feel.run import Environment, Run
from engine.feel.values import to_python, type_name

TraceEntry = dict[str, Any]
ERRORS = frozenset(
    {"dmn.input.type", "dmn.input.value", "dmn.output.type", "dmn.output.value", "dmn.unique", "dmn.any"}
)
"""What the standard calls an error: its value is null, and the trace says so."""

MAX_TRACE = 1_000
"""Entries that a trace keeps: a table that is asked in a loop does not fill the memory."""


class DecisionRun(Run):
    """A run that collects an entry for each decision table that was asked."""

    __slots__ = ("tables",)

    def __init__(self, environment: Environment, variables: Mapping[str, Any], strict: bool) -> None:
        super().__init__(environment, variables, strict, [])
        self.tables: list[TraceEntry] = []

    def warnings_since(self, index: int) -> list[FeelWarning]:
        """Return what was warned about after there were ``index`` warnings."""
        return list((self.warnings or [])[index:])


def shown(run: Run, value: Any) -> Any:
    """Return a value as data for the trace, charged by its size; what is no data (a function) as its text."""
    try:
        return to_python(value, run.charge)
    except FeelTypeError:
        return f"({type_name(value)})"


def warning_data(warning: FeelWarning) -> dict[str, Any]:
    """Return a warning as data: severity, code, parameters, and its sentence in both languages."""
    return {
        "severity": "error" if warning.code in ERRORS else "warning",
        "code": warning.code,
        "params": {key: str(value) for key, value in warning.params.items()},
        "message": {"zh": warning.message("zh"), "en": warning.message("en")},
    }
