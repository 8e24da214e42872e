"""The limits that keep every expression within a second and 100 MB."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one evaluation may use.

    ``steps`` is charged for each turn of a loop, each call and, by size, for each list or string that is made;
    ``seconds`` is processor time of the thread; ``depth`` counts calls of FEEL functions inside one another.
    """

    steps: int = 1_000_000
    seconds: float = 0.7
    depth: int = 100


MAX_SOURCE = 20_000
"""Bytes of UTF-8 that an expression's text may have."""

MAX_NESTING = 50
"""How deeply an expression's text may be nested."""

MAX_DATA_DEPTH = 200
"""How deeply a value may be nested when it leaves FEEL."""
