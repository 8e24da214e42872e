"""Pinned opinions as a list: where each is pinned, what was there then and now, and how it was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from forms.model import ROW_ID, Form
from forms.paths import MISSING, get
from forms.pins import as_pin, place_of
from web.differences import row_title, value_text
from web.formatting import short_moment


@dataclass(frozen=True, slots=True)
class PointView:
    """A pinned opinion; ``old`` and ``new`` are None where there is nothing to compare."""

    id: str
    label: str
    anchor: str
    text: str
    by: str
    at: str
    open: bool
    state: str
    answer_kind: str
    answer: str
    old: str | None = None
    new: str | None = None


def _states() -> Mapping[str, str]:
    return {"open": gettext("未答复"), "answered": gettext("已答复，待确认"), "closed": gettext("已闭合")}


def _kinds() -> Mapping[str, str]:
    return {"changed": gettext("已改"), "explained": gettext("说明")}


def _row(
    body: Mapping[str, Any] | None, form: Form, name: str, row_id: str
) -> tuple[int, Mapping[str, Any]] | None:
    listed = MISSING if body is None else get(body, form.fields[name].path)
    if not isinstance(listed, list | tuple):
        return None
    rows = [row for row in listed if isinstance(row, Mapping)]
    return next(
        ((number, row) for number, row in enumerate(rows, 1) if str(row.get(ROW_ID, f"r{number}")) == row_id),
        None,
    )


def label_of(
    form: Form | None, body: Mapping[str, Any] | None, field: str, row: str | None, language: str
) -> str:
    """Return how people call the place of a pinned opinion: field, or table, row and column."""
    known = form.fields.get(field) if form else None
    if form is None or known is None:
        return field
    if not row:
        return known.title(language)
    owner = known.list or field
    parts = [form.fields[owner].title(language)]
    if found := _row(body, form, owner, row):
        parts.append(row_title(form, owner, found[1], found[0]))
    if known.list:
        parts.append(known.title(language))
    return " · ".join(parts)


def _value(
    form: Form | None, body: Mapping[str, Any] | None, field: str, row: str | None, language: str
) -> str | None:
    """Return what stands at a place, None for a whole table or row, or where there is no such place."""
    known = form.fields.get(field) if form else None
    if form is None or body is None or known is None or known.type == "dynamiclist":
        return None
    if not known.list:
        return value_text(known, get(body, known.path), language)
    found = _row(body, form, known.list, row or "")
    return value_text(known, get(found[1], known.path), language) if found else None


def points(
    pins: Sequence[Any],
    form: Form | None,
    body: Mapping[str, Any] | None,
    now: datetime,
    language: str,
    *,
    prefix: str = "",
    previous: Mapping[str, Any] | None = None,
) -> list[PointView]:
    """Return the pins of one document, open ones first; ``prefix`` begins the ids of the form that shows it."""
    views = []
    for pin in pins:
        seen = as_pin(pin)
        old, new = (_value(form, one, pin.field, pin.row, language) for one in (previous, body))
        differs = old is not None and new is not None and old != new
        views.append(
            PointView(
                id=str(pin.id),
                label=label_of(form, body, pin.field, pin.row, language),
                anchor=f"{prefix}.{place_of(pin.field, pin.row or '')}" if prefix else "",
                text=pin.text,
                by=seen.by,
                at=short_moment(pin.at, now),
                open=pin.state != "closed",
                state=_states().get(pin.state, pin.state),
                answer_kind=_kinds().get(seen.reply_kind, ""),
                answer=seen.reply_text,
                old=old if differs else None,
                new=new if differs else None,
            )
        )
    return sorted(views, key=lambda view: not view.open)


def note(found: Sequence[PointView]) -> str:
    """Return the line beside the heading: how many points are still open."""
    still = sum(point.open for point in found)
    return ngettext("%(num)d 条未闭合", "%(num)d 条未闭合", still) if still else gettext("都已闭合")
