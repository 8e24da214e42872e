"""Numbers and words that the checks go by: defaults from data files, numbers set by the county's profile."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _decimals(value: Any) -> Mapping[str, Decimal]:
    return {key: Decimal(str(item)) for key, item in value.items()}


def _scope(value: Any) -> str:
    if value not in ("NONE", "ALL", "LARGE"):
        raise ValueError(value)
    return str(value)


_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "goal_min_length": int,
    "reason_min_length": int,
    "similar_from": lambda value: Decimal(str(value)),
    "percent_max": lambda value: Decimal(str(value)),
    "amount_tolerance": lambda value: Decimal(str(value)),
    "exempt_categories": tuple,
    "weights": _decimals,
    "weights_simple": _decimals,
    "unlinked_share": lambda value: Decimal(str(value)),
    "quantitative_share": lambda value: Decimal(str(value)),
    "low_from": lambda value: Decimal(str(value)),
    "surpassed_from": lambda value: Decimal(str(value)),
    "copied_from": lambda value: Decimal(str(value)),
    "cost_gap": lambda value: Decimal(str(value)),
    "cost_above": lambda value: Decimal(str(value)),
    "cost_cases": int,
    "amount_times": lambda value: Decimal(str(value)),
    "amount_cases": int,
    "sample_from": lambda value: Decimal(str(value)),
    "sample_rows": lambda value: Decimal(str(value)),
    "exante_scope": _scope,
    "exante_from": lambda value: Decimal(str(value)),
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a county sets: see ``thresholds.toml`` for each meaning, unit and source."""

    goal_min_length: int
    reason_min_length: int
    similar_from: Decimal
    percent_max: Decimal
    amount_tolerance: Decimal
    exempt_categories: tuple[str, ...]
    weights: Mapping[str, Decimal]
    weights_simple: Mapping[str, Decimal]
    unlinked_share: Decimal
    quantitative_share: Decimal
    low_from: Decimal
    surpassed_from: Decimal
    copied_from: Decimal
    cost_gap: Decimal
    cost_above: Decimal
    cost_cases: int
    amount_times: Decimal
    amount_cases: int
    sample_from: Decimal
    sample_rows: Decimal
    exante_scope: str
    exante_from: Decimal

    @classmethod
    def read(cls, overrides: Mapping[str, Any] | None = None) -> Thresholds:
        """Return the defaults with a profile's ``overrides``; names that mean nothing here are left alone.

        Raises ValueError, TypeError or ArithmeticError for a value of the wrong kind.
        """
        given = overrides or {}
        values = {
            name: _CONVERT[name](given[name] if name in given else entry["value"])
            for name, entry in defaults().items()
        }
        return cls(**values)


@cache
def defaults() -> Mapping[str, Mapping[str, Any]]:
    """Return every threshold's default with its source and meaning, by name."""
    entries = _load("thresholds.toml")
    assert set(entries) == {field.name for field in fields(Thresholds)}, "thresholds.toml is not complete"
    return entries


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of ``vocabulary.toml``."""

    outcome_verbs: tuple[str, ...]
    empty_marks: frozenset[str]
    synonyms: tuple[tuple[str, str], ...]
    percent_units: frozenset[str]
    growth: tuple[str, ...]
    count_endings: tuple[str, ...]
    less: tuple[str, ...]
    more: tuple[str, ...]
    satisfaction: tuple[str, ...]
    vague: tuple[str, ...]
    effects: tuple[str, ...]
    whole_costs: tuple[str, ...]
    #: 万元 in one of each.
    money_units: Mapping[str, Decimal]


@cache
def vocabulary() -> Vocabulary:
    """Return the words, read once."""
    data = _load("vocabulary.toml")
    return Vocabulary(
        outcome_verbs=tuple(data["outcome_verbs"]),
        empty_marks=frozenset(data["empty_marks"]),
        synonyms=tuple(sorted(data["synonyms"].items(), key=lambda pair: -len(pair[0]))),
        percent_units=frozenset(data["percent"]["units"]),
        growth=tuple(data["percent"]["growth"]),
        count_endings=tuple(data["counts"]["endings"]),
        less=tuple(data["direction"]["less"]),
        more=tuple(data["direction"]["more"]),
        satisfaction=tuple(data["direction"]["satisfaction"]),
        vague=tuple(data["slogans"]["vague"]),
        effects=tuple(data["slogans"]["effects"]),
        whole_costs=tuple(data["costs"]["whole"]),
        money_units=_decimals(data["costs"]["units"]),
    )
