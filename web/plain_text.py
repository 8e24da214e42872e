"""What a browser sends as text, without what nobody can see: a NUL, which no database keeps, and marks that hide or
turn round what stands beside them, so that a reason of nothing but them would count as one.

The joiners stay: emoji and several of the scripts in which names are written need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, iter_multi_items

#: NUL, zero-width space, word joiner, byte order mark, and the controls that embed or override a direction of writing.
_UNSEEN = re.compile("[\0\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


class PlainValues(ImmutableMultiDict[str, Any]):
    """The values of an address or a form; of files the names are plain."""

    def __init__(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__((name, plain(value)) for name, value in iter_multi_items(values or ()))


class PlainRequest(Request):
    """A request whose values are plain."""

    parameter_storage_class = PlainValues


def plain(value: Any) -> Any:
    """Return a text, or a file by its name, without what nobody can see."""
    if isinstance(value, FileStorage):
        value.filename = plain(value.filename)
    return _UNSEEN.sub("", value) if isinstance(value, str) else value


def install(app: Flask) -> None:
    """Let ``app`` read plain values; an address that has a NUL in its path is that of nothing."""
    app.request_class = PlainRequest

    @app.before_request
    def no_nul() -> None:
        if "\0" in request.path:
            abort(404)
