"""A publication as a Word document, in the types of official documents."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from docx import Document

from web.annual.template import cell, paper, paragraph

if TYPE_CHECKING:
    from web.publishing.package import Page

_TITLE, _HEAD, _TEXT = "方正小标宋简体", "黑体", "仿宋"


def document(page: Page, office: str) -> bytes:
    """Return the .docx of a publication: each item with its facts and its table."""
    made = Document()
    paper(made)
    paragraph(made, page.title, _TITLE, 20, centred=True)
    paragraph(made, office, _TEXT, 14, centred=True)
    for place, (item, content) in enumerate(page.items, 1):
        paragraph(made, f"{place}. {item.name}（{item.code}）", _HEAD, 14)
        for name, text in content.facts:
            paragraph(made, f"{name}：{text}", _TEXT, 12)
        if content.rows:
            table = made.add_table(rows=1, cols=len(content.headings))
            table.style = "Table Grid"
            for column, heading in enumerate(content.headings):
                cell(table.cell(0, column), heading, _HEAD)
            for row in content.rows:
                cells = table.add_row().cells
                for column, text in enumerate(row):
                    cell(cells[column], text, _TEXT)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()
