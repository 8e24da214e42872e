"""Writes forms as sheets of one workbook, each with what is filled in already, to be filled in offline and read again."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import xlsxwriter

from forms.model import MANY_TYPES, Field, Form
from forms.paths import MISSING, get
from web.exchange.form_sheets import (
    END,
    LABELS,
    LEFT_ENDS,
    LINE_ENDS,
    NO,
    SPARE,
    STAMP,
    YES,
    Line,
    choices,
    columns,
    heading,
    lines,
)

_WIDTH, _LABEL_WIDTH = 15, 17
_LONG_HEIGHT = 62
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"},
    "group": {"bold": True, "bg_color": "#EAF1FD", "valign": "vcenter", "border": 1},
    "label": {"bg_color": "#F5F7FA", "text_wrap": True, "valign": "vcenter", "border": 1},
    "value": {"text_wrap": True, "valign": "vcenter", "border": 1},
    "fixed": {"text_wrap": True, "valign": "vcenter", "border": 1, "font_color": "#4F5A6D"},
    "money": {"num_format": "#,##0.00", "valign": "vcenter", "border": 1},
    "day": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "vcenter", "border": 1},
    "note": {"font_color": "#4F5A6D", "text_wrap": True, "valign": "top"},
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """Last year's goal, for reading only: its text, and rows of name, target, unit and what was reached."""

    goal: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form to be written: the sheet's name, its title, the answers so far, and the stamp of the draft."""

    name: str
    title: str
    form: Form
    answers: Mapping[str, Any]
    stamp: str
    earlier: Earlier | None = None


def book(forms: Sequence[Filled], guide: Sequence[str]) -> bytes:
    """Return the workbook: a sheet a form, and before them how it is filled in."""
    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, {"in_memory": True, **options}) as made:
        formats = {name: made.add_format(dict(one)) for name, one in _FORMATS.items()}
        page = made.add_worksheet("填写说明")
        page.set_column(0, 0, 100)
        for number, sentence in enumerate(guide):
            page.write_string(number, 0, sentence, formats["note"])
        for filled in forms:
            _Page(made.add_worksheet(filled.name[:31]), formats, filled).write()
    return stream.getvalue()


class _Page:
    """Writes one form from top to bottom."""

    def __init__(self, page: Any, formats: Mapping[str, Any], filled: Filled) -> None:
        self.page, self.formats, self.filled = page, formats, filled
        self.at = 0

    def write(self) -> None:
        widest = max(
            (len(columns(self.filled.form, one.table)) for one in self._lines() if one.table), default=0
        )
        self.page.set_column(0, max(widest, LINE_ENDS), _WIDTH)
        self.page.set_column(0, 0, _LABEL_WIDTH)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.merge_range(0, 0, 0, LINE_ENDS - 1, self.filled.title, self.formats["title"])
        self.page.set_row(0, 30)
        self.at = 1
        for line in self._lines():
            if line.heading:
                self.page.merge_range(self.at, 0, self.at, LINE_ENDS - 1, line.heading, self.formats["group"])
                self.at += 1
            elif line.table is not None:
                self._table(line.table)
            else:
                self._fields(line.fields)
        self.page.write_string(self.at + 1, 0, STAMP, self.formats["note"])
        self.page.write_string(self.at + 1, 1, self.filled.stamp, self.formats["note"])
        self.at += 3
        if self.filled.earlier is not None:
            self._earlier(self.filled.earlier)

    def _lines(self) -> list[Line]:
        return list(lines(self.filled.form))

    def _fields(self, fields: Sequence[Field]) -> None:
        for place, field in enumerate(fields):
            column = LABELS[place]
            ends = LEFT_ENDS if len(fields) > 1 and place == 0 else LINE_ENDS
            self.page.write_string(self.at, column, heading(field), self.formats["label"])
            value = get(self.filled.answers, field.path)
            self.page.merge_range(self.at, column + 1, self.at, ends - 1, "", self.formats["value"])
            self._cell(self.at, column + 1, field, None if value is MISSING else value)
            if field.type == "textarea":
                self.page.set_row(self.at, _LONG_HEIGHT)
        self.at += 1

    def _table(self, table: Field) -> None:
        fields = columns(self.filled.form, table)
        self.page.write_string(self.at, 0, heading(table), self.formats["label"])
        for column, field in enumerate(fields):
            self.page.write_string(self.at + 1, column, heading(field), self.formats["label"])
        self.at += 2
        given = get(self.filled.answers, table.path)
        rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list) else []
        for row in [*rows, *({} for _ in range(SPARE))]:
            for column, field in enumerate(fields):
                value = get(row, field.path)
                self._cell(self.at, column, field, None if value is MISSING else value)
            self.at += 1
        self.page.write_string(self.at, 0, END, self.formats["note"])
        self.at += 1

    def _cell(self, row: int, column: int, field: Field, value: Any) -> None:
        shape = self.formats["fixed" if field.fixed else "value"]
        words = choices(field)
        if words and not field.fixed:
            self.page.data_validation(
                row, column, row, column, {"validate": "list", "source": words, "error_type": "warning"}
            )
        if value is None or value == "" or value == []:
            self.page.write_blank(row, column, None, shape)
        elif field.type == "datetime" and isinstance(value, str):
            try:
                self.page.write_datetime(row, column, date.fromisoformat(value[:10]), self.formats["day"])
            except ValueError:
                self.page.write_string(row, column, value, shape)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            self.page.write_number(row, column, value, self.formats["money"] if field.money else shape)
        else:
            self.page.write_string(row, column, _said(field, value), shape)

    def _earlier(self, earlier: Earlier) -> None:
        self.page.merge_range(
            self.at, 0, self.at, LINE_ENDS - 1, "上年批复的目标（供参考，不导入）", self.formats["group"]
        )
        self.page.write_string(self.at + 1, 0, "上年年度总体目标", self.formats["label"])
        self.page.merge_range(self.at + 1, 1, self.at + 1, LINE_ENDS - 1, earlier.goal, self.formats["value"])
        self.page.set_row(self.at + 1, _LONG_HEIGHT)
        self.at += 2
        for number, row in enumerate((("上年三级指标", "上年指标值", "单位", "上年实际"), *earlier.rows)):
            for column, text in enumerate(row):
                self.page.write_string(
                    self.at + number, column, text, self.formats["value" if number else "label"]
                )


def _said(field: Field, value: Any) -> str:
    if field.type == "checkbox":
        return YES if value is True else NO
    words = {option.key: option.label for option in field.options.static}
    if field.type in MANY_TYPES and isinstance(value, list):
        return "、".join(words.get(str(one), str(one)) for one in value)
    return words.get(str(value), str(value))
