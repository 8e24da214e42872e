"""Turns the sheets of a workbook into rows for the engine: headings found by name, dates and words understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.admin.exchange import Row
from engine.errors import BihuanError
from web.exchange.columns import ALIASES, SECRECY, SHEETS, STATES, Column, SheetOf
from web.exchange.files import sheets

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST = 200


def rows(content: bytes, words: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """Return the rows of a workbook; ``words`` are the words that cells may have, by list: code → word.

    Raises :class:`BihuanError` for what is no workbook, has none of the sheets, or lacks a column.
    """
    given = {name.strip(): lines for name, lines in sheets(content).items()}
    found: list[Row] = []
    known = False
    for sheet in SHEETS:
        if sheet.title in given:
            known = True
            found += _sheet(sheet, given[sheet.title], {**words, "states": STATES, "secrecy": SECRECY})
    if not known:
        raise BihuanError("import.no_sheet", known="、".join(sheet.title for sheet in SHEETS))
    return found


def _sheet(
    sheet: SheetOf, lines: Sequence[Sequence[Any]], words: Mapping[str, Mapping[str, str]]
) -> Iterator[Row]:
    headings = [text_of(cell) for cell in lines[0]] if lines else []
    places = {ALIASES.get(text, text): at for at, text in reversed(list(enumerate(headings))) if text}
    missing = [column.heading for column in sheet.columns if column.needed and column.heading not in places]
    if missing:
        raise BihuanError("import.no_column", sheet=sheet.title, columns="、".join(missing))
    for number, cells in enumerate(lines[1:], 2):
        values: dict[str, str | None] = {}
        problem: tuple[str, str, dict[str, Any]] | None = None
        given = {
            column.name: cells[places[column.heading]]
            for column in sheet.columns
            if places.get(column.heading, len(cells)) < len(cells)
        }
        if not any(text_of(value) for value in given.values()):
            continue
        for column in sheet.columns:
            try:
                values[column.name] = _value(column, given.get(column.name), words)
            except BihuanError as error:
                values[column.name] = text_of(given.get(column.name))
                problem = problem or (error.code, column.name, dict(error.params))
        code, name, params = problem or (None, None, {})
        yield Row(sheet.kind, sheet.title, number, values, code, name, params)


def _value(column: Column, cell: Any, words: Mapping[str, Mapping[str, str]]) -> str | None:
    if column.date:
        return day_of(cell)
    text = text_of(cell)
    if not text:
        if column.needed:
            raise BihuanError("import.needed")
        return None
    if column.words:
        return _word(text, words[column.words])
    return text


def _word(text: str, known: Mapping[str, str]) -> str:
    """Return the code that a word stands for; a code is taken as it is."""
    if text in known:
        return text
    codes = [code for code, word in known.items() if word == text]
    if len(codes) != 1:
        raise BihuanError("import.word", text=text, known="、".join(dict.fromkeys(known.values())))
    return codes[0]


def day_of(cell: Any) -> str | None:
    """Return a cell as ISO text of a day, None for an empty one; raises :class:`BihuanError` ``import.date``."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = text_of(cell)
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        year, month, day = (int(part) for part in (found.groups() if found else ()) if part)
        return date(year, month, day).isoformat()
    except ValueError:
        raise BihuanError("import.date", text=text) from None


def text_of(cell: Any) -> str:
    """Return a cell as text: a whole number without its decimal point, no control characters."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return _CONTROL.sub(" ", str(cell)).strip()[:_LONGEST]
