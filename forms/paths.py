"""Answers are nested dicts; these helpers read and write them by a field's path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MISSING: Any = object()


def get(answers: object, path: tuple[str, ...]) -> Any:
    """Return the value at ``path``, or ``MISSING``."""
    value = answers
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return MISSING
        value = value[part]
    return value


def put(answers: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set the value at ``path``; what stands in the way and is no object gives way."""
    place = answers
    for part in path[:-1]:
        inner = place.get(part)
        if not isinstance(inner, dict):
            inner = place[part] = {}
        place = inner
    place[path[-1]] = value


def join(*parts: object) -> str:
    """Return a dotted path: ``join("indicators", 3, "unit")``."""
    return ".".join([str(part) for part in parts if part != ""])
