"""What a check finds: a sentence of ``sentences.toml`` at a field, as the engine's finding."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from engine.plugins import Finding

#: BLOCK can't be submitted, WARN needs a reason and goes to the reviewer, INFO only tells (domain §4).
SEVERITY: Mapping[str, str] = {"BLOCK": "error", "WARN": "warning", "INFO": "info"}


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of all findings by key: of ``sentences.toml``, and of the files that end so."""
    found: dict[str, Mapping[str, str]] = {}
    for entry in files(__package__).iterdir():
        if entry.name.endswith("sentences.toml"):
            found |= tomllib.loads(entry.read_text(encoding="utf-8"))
    return found


def found(key: str, field: str | None, **params: object) -> Finding:
    """Return the finding ``key`` at ``field`` (``indicators.3.target_value``, rows counted from 0)."""
    entry = sentences()[key]
    return Finding(
        severity=SEVERITY[entry["severity"]],
        code=entry["code"],
        message={"zh": entry["zh"].format(**params), "en": entry["en"].format(**params)},
        remedy={"zh": entry["remedy_zh"].format(**params), "en": entry["remedy_en"].format(**params)},
        field=field,
    )
