"""One evaluation of a model: FEEL's run with the trace that a person reads afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.errors import FeelError, FeelWarning
from engine.feel.run import Environment, Run
from engine.feel.text import to_string
from engine.feel.values import to_python

TraceEntry = dict[str, Any]


class DecisionRun(Run):
    """A run that collects an entry for each decision table that was asked."""

    __slots__ = ("tables",)

    def __init__(self, environment: Environment, variables: Mapping[str, Any], strict: bool) -> None:
        super().__init__(environment, variables, strict, [])
        self.tables: list[TraceEntry] = []

    def warnings_since(self, index: int) -> list[FeelWarning]:
        """Return what was warned about after there were ``index`` warnings."""
        return list((self.warnings or [])[index:])


def shown(value: Any) -> Any:
    """Return a value as data for the trace; what is no data (a function) as its text."""
    try:
        return to_python(value)
    except FeelError:
        return to_string(value) if not isinstance(value, (list, dict)) else f"({type(value).__name__})"


def warning_data(warning: FeelWarning) -> dict[str, Any]:
    """Return a warning as data: code, parameters, and its sentence in both languages."""
    return {
        "code": warning.code,
        "params": {key: str(value) for key, value in warning.params.items()},
        "message": {"zh": warning.message("zh"), "en": warning.message("en")},
    }
