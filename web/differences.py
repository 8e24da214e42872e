"""What changed between two versions of a document, field by field and row by row, in the form's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from forms.display import as_text
from forms.model import ROW_ID, Field, Form
from forms.paths import MISSING, get

#: The columns that name a row, tried in this order after the one that the form declares by ``row-title``.
_NAMING = ("level3_name", "name", "content", "title")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; an empty ``old`` was added, an empty ``new`` removed."""

    label: str
    old: str
    new: str


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
        yield Change(label, old, new)


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
    known = {str(row.get(ROW_ID, f"r{number}")): row for number, row in enumerate(before, 1)}
    for number, row in enumerate(after, 1):
        label = f"{title} · {row_title(form, name, row, number)}"
        old = known.pop(str(row.get(ROW_ID, f"r{number}")), None)
        if old is None:
            yield Change(label, "", _summary(form, name, row, language))
            continue
        for column in form.columns(name):
            yield from _one(
                f"{label} · {column.title(language)}",
                column,
                get(old, column.path),
                get(row, column.path),
                language,
            )
    for number, row in enumerate(before, 1):
        if str(row.get(ROW_ID, f"r{number}")) in known:
            yield Change(
                f"{title} · {row_title(form, name, row, number)}", _summary(form, name, row, language), ""
            )


def _summary(form: Form, name: str, row: Mapping[str, Any], language: str) -> str:
    """Return a whole row in one line, its filled cells only."""
    cells = (
        (column.title(language), value_text(column, get(row, column.path), language))
        for column in form.columns(name)
    )
    return "；".join(f"{label} {text}" for label, text in cells if text)
