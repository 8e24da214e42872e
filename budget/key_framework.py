"""The national framework of indicators from which the plan of a key evaluation starts (财预〔2020〕10号, annex)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    text = files(__package__).joinpath("key_framework.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["indicators"])


def framework() -> list[dict[str, Any]]:
    """Return the rows of the form's table ``indicators``: level1, level2, level3, points (100 in all), standard."""
    return [dict(row) for row in _rows()]
