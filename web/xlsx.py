"""Workbooks as people open them: headings that stay in sight, text that is never a formula, times of the county."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import xlsxwriter
from flask import Response

from web.formatting import local

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a cell can't hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST = 32_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its title, the headings, the rows, and the width of each column in characters."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return the .xlsx of some sheets; rows are written one after another and not kept."""
    stream = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#EAF1FD", "bottom": 1, "valign": "vcenter"})
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
            date: book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        note = book.add_format({"font_color": "#4F5A6D", "text_wrap": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title[:31])
            page.freeze_panes(1, 0)
            for column, heading in enumerate(sheet.headings):
                page.write_string(0, column, heading, head)
                width = sheet.widths[column] if column < len(sheet.widths) else 16
                page.set_column(column, column, width)
            line = 0
            for line, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    _write(page, line, column, value, formats)
            for offset, text in enumerate(sheet.notes, 2):
                page.write_string(line + offset, 0, text, note)
            if sheet.headings:
                page.autofilter(0, 0, max(line, 1), len(sheet.headings) - 1)
    return stream.getvalue()


def _write(page: Any, line: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(line, column, value)
    elif isinstance(value, datetime):
        page.write_datetime(line, column, local(value).replace(tzinfo=None), formats[datetime])
    elif isinstance(value, date):
        page.write_datetime(line, column, datetime(value.year, value.month, value.day), formats[date])  # noqa: DTZ001
    elif isinstance(value, str):
        page.write_string(line, column, _CONTROL.sub("", value)[:_LONGEST])
    else:
        page.write_number(line, column, value, formats.get(type(value)))


def download(name: str, sheets: Iterable[Sheet]) -> Response:
    """Return a workbook as the answer to a request; ``name`` has no ending."""
    return file(f"{name}.xlsx", workbook(sheets))


def file(name: str, content: bytes) -> Response:
    """Return a workbook that was made before."""
    response = Response(content, mimetype=TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
