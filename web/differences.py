"""What changed between two versions of a document, field by field and row by row, in the form's own words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext

from forms.display import as_text, in_input
from forms.model import ROW_ID, Field, Form
from forms.paths import MISSING, get
from web.word_marks import Marked, marks

#: The columns that name a row, tried in this order after the one that the form declares by ``row-title``.
_NAMING = ("level3_name", "name", "content", "title")


#: Texts longer than this are shown with the words that changed in them.
_LONG = 12
CHANGED, ADDED, REMOVED, MOVED = "changed", "added", "removed", "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; an empty ``old`` was not there, an empty ``new`` is not there any more.

    ``kind`` is added, removed or moved for a row of a table, else changed. ``delta`` tells by how much a number changed,
    ``marked`` which words of a long text did.
    """

    label: str
    old: str
    new: str
    kind: str = CHANGED
    delta: str = ""
    marked: Marked | None = None


def value_text(field: Field, value: Any, language: str = "zh") -> str:
    """Return an answer as people read it, with the unit of an amount."""
    if value is MISSING:
        return ""
    text = as_text(field, value, field.options.static, {}, language)
    return f"{text} {field.money}" if text and field.money else text


def row_title(form: Form, name: str, row: Mapping[str, Any], number: int) -> str:
    """Return what a row is called: the value of its naming column, else its number."""
    declared = form.fields[name].properties.get("row-title")
    for key in (declared, *_NAMING) if declared else _NAMING:
        if text := str(row.get(key) or "").strip():
            return text
    return gettext("第 %(number)s 行", number=number)


def changes(form: Form, old: Mapping[str, Any], new: Mapping[str, Any], language: str = "zh") -> list[Change]:
    """Return the differences between two answers of ``form`` in the order of the form."""
    found: list[Change] = []
    for name, field in form.fields.items():
        if field.list:
            continue
        before, after = get(old, field.path), get(new, field.path)
        if field.type == "dynamiclist":
            found += _rows(form, name, _listed(before), _listed(after), language)
        else:
            found += _one(field.title(language), field, before, after, language)
    return found


def _one(label: str, field: Field, before: Any, after: Any, language: str) -> Iterator[Change]:
    old, new = value_text(field, before, language), value_text(field, after, language)
    if old != new:
        long = field.type in ("textfield", "textarea") and max(len(old), len(new)) > _LONG
        yield Change(
            label, old, new, delta=_delta(field, before, after), marked=marks(old, new) if long else None
        )


def _delta(field: Field, before: Any, after: Any) -> str:
    """Return by how much a number changed, with its sign and, where there was something before, in per cent."""
    if not isinstance(before, Decimal | int) or not isinstance(after, Decimal | int):
        return ""
    if isinstance(before, bool) or isinstance(after, bool):
        return ""
    by = Decimal(after) - Decimal(before)
    text = f"{'+' if by > 0 else '−'}{in_input(field, abs(by))}"
    if before:
        share = (abs(by) * 100 / abs(Decimal(before))).quantize(Decimal("0.1"), ROUND_HALF_UP)
        text += f"（{'+' if by > 0 else '−'}{share}%）"
    return text


def _listed(value: Any) -> Sequence[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def _rows(
    form: Form,
    name: str,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    language: str,
) -> Iterator[Change]:
    title = form.fields[name].title(language)
    was = {_id(row, number): number for number, row in enumerate(before, 1)}
    known = {_id(row, number): row for number, row in enumerate(before, 1)}
    is_now = [_id(row, number) for number, row in enumerate(after, 1)]
    moved = _moved([(id, was[id]) for id in is_now if id in was])
    for number, (id, row) in enumerate(zip(is_now, after, strict=True), 1):
        label = f"{title} · {row_title(form, name, row, number)}"
        old = known.pop(id, None)
        if old is None:
            yield Change(label, "", _summary(form, name, row, language), ADDED)
            continue
        if id in moved:
            yield Change(label, _nth(was[id]), _nth(number), MOVED)
        for column in form.columns(name):
            yield from _one(
                f"{label} · {column.title(language)}",
                column,
                get(old, column.path),
                get(row, column.path),
                language,
            )
    for id, row in known.items():
        label = f"{title} · {row_title(form, name, row, was[id])}"
        yield Change(label, _summary(form, name, row, language), "", REMOVED)


def _id(row: Mapping[str, Any], number: int) -> str:
    return str(row.get(ROW_ID, f"r{number}"))


def _nth(number: int) -> str:
    return gettext("第 %(number)s 行", number=number)


def _moved(kept: Sequence[tuple[str, int]]) -> set[str]:
    """Return the rows that stand elsewhere than before: all but the longest run of those whose order stayed.

    ``kept`` are the rows that were there before, in their present order, each with its former number.
    """
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_, number) in enumerate(kept):
        at = bisect_left(ends, number)
        before.append(last[at - 1] if at else None)
        ends[at : at + 1] = [number]
        last[at : at + 1] = [index]
    stayed: set[int] = set()
    at_row: int | None = last[-1] if last else None
    while at_row is not None:
        stayed.add(at_row)
        at_row = before[at_row]
    return {id for index, (id, _) in enumerate(kept) if index not in stayed}


def _summary(form: Form, name: str, row: Mapping[str, Any], language: str) -> str:
    """Return a whole row in one line, its filled cells only."""
    cells = (
        (column.title(language), value_text(column, get(row, column.path), language))
        for column in form.columns(name)
    )
    return "；".join(f"{label} {text}" for label, text in cells if text)
