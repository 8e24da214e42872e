"""How the signed-in person wants their lists: columns, rows a page, saved filters, and with which one a list opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, g

from engine.commands.personal import Personal, SavedFilter
from web import context
from web.lists import ListState

#: How many rows a page may have.
ROWS = (20, 50, 100)


def personal() -> Personal:
    """Return the person's preferences and saved filters, read once a request."""
    if "personal" not in g:
        g.personal = context.engine().personal(context.actor())
    return g.personal  # type: ignore[no-any-return]


def _of(name: str) -> Mapping[str, Any]:
    found = personal().preferences.get(f"list:{name}")
    return found if isinstance(found, dict) else {}


def columns(name: str) -> Sequence[str] | None:
    """Return the ids of the columns that the person chose for a list; None where they didn't."""
    found = _of(name).get("columns")
    return found if isinstance(found, list) else None


def rows(name: str) -> int:
    """Return how many rows a page of a list has for the person."""
    found = _of(name).get("rows")
    return int(found) if found in ROWS else int(current_app.config["PAGE_SIZE"])


def filters(name: str) -> Sequence[SavedFilter]:
    """Return the saved filters of a list that the person has, own ones first."""
    return [one for one in personal().filters if one.list == name]


def default_filter(name: str) -> SavedFilter | None:
    """Return the saved filter with which the person opens a list."""
    chosen = personal().preferences.get(f"default:{name}")
    return next((one for one in filters(name) if one.id == chosen), None)


def opening(name: str) -> Mapping[str, str]:
    """Return the address's arguments with which the navigation opens a list: those of its default filter."""
    default = default_filter(name)
    return ListState.parse(default.query).args() if default else {}
