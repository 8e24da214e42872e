"""Reads a sheet that was filled in offline back into a form's answers, and says of each cell that can't be read why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict
from xlsxwriter.utility import xl_rowcol_to_cell

import forms
from engine import messages
from engine.errors import BihuanError
from forms.evaluation import row_ids
from forms.model import MANY_TYPES, ROW_ID, Field, Form
from forms.numbers import NumberProblem, parse_number
from forms.paths import get
from web.exchange.form_sheets import END, LABELS, NO, STAMP, YES, columns, has_place, plain
from web.exchange.reading import day_of

Cells = Sequence[Sequence[Any]]
#: Excel keeps so many digits of a number.
_DIGITS = ".15g"
_LONGEST = 4000
messages.register(
    {
        "import.number": {"zh": "“{text}”不是数字", "en": "“{text}” is no number"},
        "goal_workbook.empty": {
            "zh": "文件里没有项目的申报表，请用本页导出的文件填写",
            "en": "The file has no goal's sheet; please fill in the one exported from this page",
        },
    }
)

_TRUE, _FALSE = {YES, "√", "✓", "☑", "true", "1"}, {NO, "", "×", "☐", "false", "0"}


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that can't be read: where it is, what it is called, and why, as a sentence's code with its values."""

    cell: str
    title: str
    code: str
    params: Mapping[str, Any]


@dataclass(slots=True)
class Read:
    """What a sheet says: the answers as a page would post them, the cell of each field, and what can't be read."""

    posted: MultiDict[str, str] = field(default_factory=MultiDict)
    cells: dict[str, str] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    stamp: str = ""

    def where(self, path: str | None) -> str:
        """Return the cell of a finding's field; the empty text where it has none of its own."""
        return self.cells.get(path or "", "")


def read(form: Form, rows: Cells) -> Read:
    """Return what the sheet of a form says; fields whose labels aren't found are left as they were."""
    found = Read()
    single = {plain(one.title()): one for one in form.fields.values() if has_place(one) and not one.is_table}
    tables = {plain(one.title()): one for one in form.fields.values() if has_place(one) and one.is_table}
    at = 0
    while at < len(rows):
        first = _text(rows[at], 0)
        table = tables.get(plain(first))
        if first == STAMP:
            found.stamp = _text(rows[at], 1)
            break
        if table is not None and not any(_text(rows[at], column) for column in range(1, len(rows[at]))):
            at = _table(form, table, rows, at + 1, found)
            continue
        for column in LABELS:
            one = single.get(plain(_text(rows[at], column)))
            if one is not None:
                _put(found, one, one.name, rows[at], at, column + 1)
        at += 1
    return found


def answers(form: Form, found: Read, base: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's answers with what a sheet says on top of ``base``; rows that were there keep who they are."""
    for table in (one for one in form.fields.values() if one.is_table):
        _recognise(form, table, found.posted, base)
    return forms.decode(form, found.posted, base, variables)


def _recognise(form: Form, table: Field, posted: MultiDict[str, str], base: Mapping[str, Any]) -> None:
    """Give rows whose name is that of a row of the draft that row's id, so that opinions and hidden columns stay with it."""
    named = next((one for one in form.columns(table.name) if one.type in ("textfield", "textarea")), None)
    before = get(base, table.path)
    if named is None or not isinstance(before, list):
        return
    old = [row for row in before if isinstance(row, Mapping)]
    known = {plain(str(get(row, named.path))): id for row, id in zip(old, row_ids(old), strict=True)}
    key = f".{'.'.join(named.path)}"
    for name in [one for one in posted if one.startswith(f"{table.name}.") and one.endswith(key)]:
        number = name[len(table.name) + 1 : -len(key)]
        id = known.pop(plain(posted[name]), None)
        if id is not None:
            posted[f"{table.name}.{number}.{ROW_ID}"] = id


def _table(form: Form, table: Field, rows: Cells, at: int, found: Read) -> int:
    """Read a table whose headings stand at ``at``; return the line after it."""
    by_title = {plain(one.title()): one for one in columns(form, table)}
    headings = rows[at] if at < len(rows) else ()
    places = {
        column: by_title[plain(_text(headings, column))]
        for column in range(len(headings))
        if plain(_text(headings, column)) in by_title
    }
    found.posted.add(table.name, "")
    number = 0
    at += 1
    while at < len(rows) and _text(rows[at], 0) not in (END, STAMP):
        if any(_text(rows[at], column) for column in places):
            for column, one in places.items():
                path = f"{table.name}.{number}.{'.'.join(one.path)}"
                _put(found, one, path, rows[at], at, column)
            number += 1
        at += 1
    return at + 1 if at < len(rows) and _text(rows[at], 0) == END else at


def _put(found: Read, one: Field, path: str, row: Sequence[Any], line: int, column: int) -> None:
    cell = xl_rowcol_to_cell(line, column)
    found.cells[path] = cell
    if one.fixed:
        return
    try:
        for text in _values(one, row[column] if column < len(row) else None):
            found.posted.add(path, text)
    except BihuanError as error:
        found.unread.append(Unread(cell, one.title(), error.code, error.params))


def _values(one: Field, value: Any) -> Iterator[str]:
    """Yield what a page would post for a cell; raises :class:`BihuanError` where it can't be read."""
    text = _plain(value)
    if one.type == "datetime":
        yield day_of(value) or ""
    elif one.type == "checkbox":
        if text not in _TRUE | _FALSE:
            raise BihuanError("import.word", text=text[:40], known=f"{YES}、{NO}")
        yield "true" if text in _TRUE else "false"
    elif one.type in MANY_TYPES:
        yield ""
        for part in text.replace("，", "、").replace(",", "、").split("、"):
            if part.strip():
                yield _choice(one, part.strip())
    elif one.type == "number":
        try:
            yield format(parse_number(text), "f") if text else ""
        except NumberProblem:
            raise BihuanError("import.number", text=text[:40]) from None
    elif one.options.static:
        yield _choice(one, text) if text else ""
    else:
        yield text


def _choice(one: Field, text: str) -> str:
    for option in one.options.static:
        if text in (option.key, option.label, *option.aliases):
            return option.key
    known = "、".join(option.label for option in one.options.static)
    raise BihuanError("import.word", text=text[:40], known=known)


def _text(row: Sequence[Any], column: int) -> str:
    return _plain(row[column]) if column < len(row) else ""


def _plain(value: Any) -> str:
    """Return a cell as text: numbers as Excel shows them, days as ISO text, at most as long as a form's longest text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return format(Decimal(format(value, _DIGITS)), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return str(value).replace("\r\n", "\n").replace("_x000D_", "").strip()[:_LONGEST]
