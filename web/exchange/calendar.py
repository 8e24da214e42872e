"""The working days as a workbook: the days of whole years that differ from Monday to Friday, worked or not."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from engine import tables
from engine.engine import Engine
from engine.errors import BihuanError
from web.exchange.files import sheets
from web.exchange.reading import day_of, text_of
from web.xlsx import Sheet

TITLE = "工作日历"
_HEADINGS = ("日期", "安排", "名称")
_WORKED, _FREE = "上班", "放假"


def read(content: bytes) -> dict[date, bool]:
    """Return the days of a workbook: day → worked or not. Raises :class:`BihuanError` naming what can't be read."""
    lines = next(iter(sheets(content).values()), [])
    headings = [text_of(cell) for cell in lines[0]] if lines else []
    missing = [name for name in _HEADINGS[:2] if name not in headings]
    if missing:
        raise BihuanError("import.no_column", sheet=TITLE, columns="、".join(missing))
    at = [headings.index(name) for name in _HEADINGS[:2]]
    found: dict[date, bool] = {}
    for cells in lines[1:]:
        first, second = (cells[place] if place < len(cells) else None for place in at)
        text = day_of(first)
        if text is None:
            continue
        word = text_of(second)
        if word not in (_WORKED, _FREE):
            raise BihuanError("import.word", text=f"{text} {word}", known=f"{_WORKED}、{_FREE}")
        found[date.fromisoformat(text)] = word == _WORKED
    return found


def sheet(engine: Engine) -> Sheet:
    """Return the days that the county knows."""
    table = tables.working_days
    with engine.database.read() as unit:
        rows = unit.execute(select(table).order_by(table.c.day)).all()
    lines = [(row.day, _WORKED if row.working else _FREE, row.name or "") for row in rows]
    return Sheet(TITLE, _HEADINGS, lines, (14, 10, 20))
