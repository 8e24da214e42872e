"""Projects and budgets as a workbook or .csv: what is exported can be imported, and says nothing new then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from budget.money import wan_from_fen
from budget.project_imports import AMOUNTS, CODES, TITLES, Given
from budget.tables import Project, Unit
from engine.errors import BihuanError
from web.exchange.figures import csv_lines
from web.exchange.files import MOST_BYTES, MOST_ROWS, sheets
from web.exchange.reading import day_of, text_of
from web.xlsx import Sheet

_NAMES = {title: name for name, title in TITLES.items()} | {
    "项目代码": "code",
    "预算单位代码": "unit",
    "年度预算(万元)": "annual_amount",
    "项目总额(万元)": "total_amount",
}
_DAYS = ("start_date", "end_date")
_NOTES = (
    "项目编码是唯一的依据：本年度没有的会新增，有的会修改，文件里没写的不动。",
    "绩效目标已经批复的项目，预算变动须走预算调整，不能从这里改。",
    "日期写成 2026-01-31；涉密写“是”或“否”，涉密项目只登记办理情况。",
)


def read(name: str, content: bytes, most: int = MOST_ROWS) -> Sequence[Given]:
    """Return the rows of a file, ``most`` at most; raises :class:`BihuanError` for what can't be read or lacks a column."""
    if len(content) > MOST_BYTES:
        raise BihuanError("import.too_large")
    if name.lower().endswith(".csv"):
        lines = csv_lines(content, most)
    else:
        lines = next(iter(sheets(content, 1, rows=most).values()), ())
    headings = [text_of(cell) for cell in lines[0]] if lines else []
    columns = {at: _NAMES[text] for at, text in enumerate(headings) if text in _NAMES}
    missing = [TITLES[one] for one in ("code", "annual_amount") if one not in columns.values()]
    if missing:
        raise BihuanError("import.no_column", sheet="项目库", columns="、".join(missing))
    found = []
    for number, cells in enumerate(lines[1:], 2):
        values = {column: _text(column, cells[at]) for at, column in columns.items() if at < len(cells)}
        if any(values.values()):
            found.append(Given(number, values))
    if not found:
        raise BihuanError("figures.no_rows")
    return found


def _text(column: str, cell: Any) -> str:
    if column not in _DAYS:
        return text_of(cell)
    try:
        return day_of(cell) or ""
    except BihuanError:
        return text_of(cell)


def book(session: Session, year: int, *, empty: bool = False) -> tuple[Sheet, Sheet]:
    """Return a year's projects as a sheet, without the secret ones, and how it is filled in; ``empty`` has no projects."""
    rows = [] if empty else list(_rows(session, year))
    guide = Sheet("说明", ("怎样填写",), [(note,) for note in _NOTES], (90,))
    return Sheet("项目库", list(TITLES.values()), rows, (22, 36, 12, 12, 14, 10, 10, 16, 18, 18)), guide


def _rows(session: Session, year: int) -> Iterator[Sequence[Any]]:
    earlier = aliased(Project)
    query = (
        select(Project, earlier.code)
        .join(Unit, Unit.code == Project.unit)
        .outerjoin(earlier, earlier.id == Project.previous_id)
        .where(Project.fiscal_year == year, ~Project.secret_flag, ~Unit.secret_flag)
        .order_by(Project.code)
    )
    for project, previous in session.execute(query):
        cells = {name: getattr(project, name, None) for name in TITLES}
        cells |= {name: codes[cells[name]].zh for name, codes in CODES.items()}
        cells |= {name: wan_from_fen(cells[name], 6) for name in AMOUNTS}
        flags = {"poverty_flag": "是" if project.poverty_flag else "否", "secret_flag": "否"}
        yield list((cells | {"previous": previous} | flags).values())
