"""What a domain marks cases with, so that lists can be narrowed to them: the engine knows the marks' names only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

_MARKS: dict[str, tuple[Mapping[str, str], Select[Any]]] = {}


def register(name: str, words: Mapping[str, str], cases: Select[Any]) -> None:
    """Offer a mark: what it is called, by language, and the query of the ids of the instances that have it."""
    _MARKS[name] = (words, cases)


def known() -> Mapping[str, Mapping[str, str]]:
    """Return the marks that there are, each with its words by language."""
    return {name: words for name, (words, _) in _MARKS.items()}


def cases_of(name: str) -> Select[Any]:
    """Return the query of the ids of the instances that have a mark; raises KeyError for one that nobody offers."""
    return _MARKS[name][1]
