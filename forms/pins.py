"""Opinions pinned to fields, rows and cells: how they are read, placed, and taken from what a page posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from forms.decoding import Posted
from forms.paths import join

_REPLY = re.compile(r"reply\.([\w-]{1,64})\.(kind|text)")
MAX_PINS = 500
MAX_TEXT = 2_000
KINDS = frozenset({"changed", "explained"})
#: Times are kept in UTC and shown as the county's clocks show them.
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class PinView:
    """An opinion pinned to a field, a row or a cell, as a page shows it.

    ``field`` is the field's name without row numbers, ``row`` the row's id. ``reply_kind`` is ``changed`` or
    ``explained`` once it was answered.
    """

    id: str
    field: str
    row: str
    text: str
    by: str = ""
    at: str = ""
    reply_kind: str = ""
    reply_text: str = ""
    open: bool = True

    @property
    def place(self) -> str:
        """Where it is pinned: ``overview``, ``indicators.r3`` or ``indicators.r3.unit``."""
        return place_of(self.field, self.row)


def place_of(name: str, row: str = "") -> str:
    """Join a field's name and a row's id: ``indicators.unit`` in ``r3`` is ``indicators.r3.unit``."""
    if not row:
        return name
    first, _, rest = name.partition(".")
    return join(first, row, rest)


def decode_pins(posted: Posted) -> tuple[list[dict[str, str]], dict[str, dict[str, str]]]:
    """Return the opinions that a reviewer typed and the answers that the other side gave.

    The first are mappings with ``document``, ``field``, ``row`` and ``text``; those without text are left out. The
    second map an opinion's id to ``kind`` (``changed``, ``explained`` or empty) and ``text``.
    """
    members = ("document", "field", "row", "text")
    columns = [posted.getlist(f"pin.{member}")[:MAX_PINS] for member in members]
    typed = [dict(zip(members, values, strict=True)) for values in zip(*columns, strict=False)]
    pins = [{**one, "text": one["text"].strip()[:MAX_TEXT]} for one in typed if one["text"].strip()]
    replies: dict[str, dict[str, str]] = {}
    for key in posted.keys():  # noqa: SIM118 (a multidict is asked by name)
        if match := _REPLY.fullmatch(key):
            value = posted.getlist(key)[-1].strip()[:MAX_TEXT]
            given = replies.setdefault(match[1], {"kind": "", "text": ""})
            given[match[2]] = value if match[2] == "text" or value in KINDS else ""
    return pins, replies


def editable_of(pins: Iterable[Any]) -> frozenset[str]:
    """Return what may be edited when only the points named by open opinions may change."""
    return frozenset(one.place for one in map(as_pin, pins) if one.open)


def by_place(pins: Iterable[PinView]) -> dict[str, tuple[PinView, ...]]:
    """Sort opinions by where they are pinned."""
    found: dict[str, list[PinView]] = {}
    for one in pins:
        found.setdefault(one.place, []).append(one)
    return {place: tuple(some) for place, some in found.items()}


def as_pin(one: Any, reply: Any = None) -> PinView:
    """Read an opinion from an object or a mapping; ``reply`` is what was typed as its answer."""
    if isinstance(one, PinView):
        return one
    answered = take(one, "reply")
    kind = str(take(answered, "kind") or take(one, "reply_kind") or "")
    given = take(reply, "kind"), take(reply, "text")
    is_open = take(one, "open")
    return PinView(
        id=str(take(one, "id") or ""),
        field=str(take(one, "field") or ""),
        row=str(take(one, "row") or ""),
        text=str(take(one, "text") or ""),
        by=str(take(one, "author_name") or take(one, "by") or ""),
        at=_shown(take(one, "at")),
        reply_kind=str(given[0] or kind),
        reply_text=str(given[1] or take(answered, "text") or take(one, "reply_text") or ""),
        open=bool(is_open) if is_open is not None else not kind,
    )


def _shown(at: Any) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else str(at or "")


def take(one: Any, name: str) -> Any:
    """Return a member of a mapping or an attribute of an object, None where there is none."""
    return one.get(name) if isinstance(one, Mapping) else getattr(one, name, None)
