"""Reads execution figures from a workbook or a .csv: columns by their headings, rows as they stand."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from budget.codes import FundBook
from budget.monitoring.imports import WAN, YUAN, Given
from engine import messages
from engine.errors import BihuanError
from web.exchange.files import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, sheets
from web.exchange.reading import text_of

#: The headings, and other words under which they are known.
CODE, MONTH, BOOK = "项目编码", "月份", "预算"
AMOUNTS = {f"累计执行数（{unit}）": unit for unit in (WAN, YUAN)}
_ALIASES = {
    "项目代码": CODE,
    "编码": CODE,
    "资金来源": BOOK,
    "累计执行数(万元)": f"累计执行数（{WAN}）",
    "累计执行数(元)": f"累计执行数（{YUAN}）",
    "执行数（万元）": f"累计执行数（{WAN}）",
    "执行数（元）": f"累计执行数（{YUAN}）",
}
_BOOKS = {book.zh: book.value for book in FundBook}

messages.register(
    {
        "figures.no_columns": {
            "zh": "找不到列“项目编码”和“累计执行数（万元）”或“累计执行数（元）”，请下载模板对照",
            "en": "There are no columns 项目编码 and 累计执行数（万元） or 累计执行数（元）; compare the template",
        },
        "figures.no_rows": {"zh": "文件里没有数据", "en": "The file has no rows"},
        "figures.not_text": {
            "zh": "这个 .csv 文件的编码认不出来，请另存为 UTF-8 或 .xlsx",
            "en": "The encoding of this .csv is not known; save it as UTF-8 or as .xlsx",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file gives: its rows, and whether amounts are in 万元 or in 元."""

    rows: Sequence[Given]
    unit: str


def read(name: str, content: bytes) -> Read:
    """Return the rows of a file; raises :class:`BihuanError` for what can't be read or lacks a column."""
    if len(content) > MOST_BYTES:
        raise BihuanError("import.too_large")
    lines = csv_lines(content) if name.lower().endswith(".csv") else next(iter(sheets(content).values()), ())
    headings = [text_of(cell) for cell in lines[0]] if lines else []
    places = {_ALIASES.get(text, text): at for at, text in reversed(list(enumerate(headings))) if text}
    amount = next((heading for heading in AMOUNTS if heading in places), None)
    if CODE not in places or amount is None:
        raise BihuanError("figures.no_columns")

    def cell(cells: Sequence[Any], heading: str) -> Any:
        at = places.get(heading)
        return cells[at] if at is not None and at < len(cells) else None

    rows = []
    for number, cells in enumerate(lines[1:], 2):
        code, given = text_of(cell(cells, CODE)), cell(cells, amount)
        if not code and not text_of(given):
            continue
        book = text_of(cell(cells, BOOK))
        rows.append(
            Given(number, code, text_of(given), _BOOKS.get(book, book), text_of(cell(cells, MONTH)) or None)
        )
    if not rows:
        raise BihuanError("figures.no_rows")
    return Read(rows, AMOUNTS[amount])


def csv_lines(content: bytes, rows: int = MOST_ROWS) -> Sequence[Sequence[str]]:
    """Return the cells of a .csv in UTF-8, GB 18030 or, where it begins with its mark, UTF-16; raises
    :class:`BihuanError`.

    Cells are separated by commas, or by tabs, as spreadsheets write “Unicode text”.
    """
    marked = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        first = text.partition("\n")[0]
        between = "\t" if "\t" in first and "," not in first else ","
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=between))
        except csv.Error as error:
            raise BihuanError("figures.not_text") from error
        if len(lines) > rows or any(len(line) > MOST_COLUMNS for line in lines):
            raise BihuanError("import.too_large")
        return lines
    raise BihuanError("figures.not_text")
