"""The Word template of the annual report, made by code: an official document's type and order, with docxtpl's tags."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

#: The types of official documents (GB/T 9704): title, headings, text.
_TITLE, _HEAD, _SUBHEAD, _TEXT = "方正小标宋简体", "黑体", "楷体", "仿宋"
_LINES = ("指标", "单位", "预算年度", "本年", "上年", "增减", "增减%")
_SCORES = ("分组", "项目数", "简单平均", "加权平均", "优", "良", "中", "差")
_CELLS = ("zh", "unit", "fiscal_year", "value", "before", "change", "rate")


@cache
def template() -> bytes:
    """Return the template as a .docx."""
    document = Document()
    paper(document)
    paragraph(document, "{{ title }}", _TITLE, 22, centred=True)
    paragraph(document, "{{ office }}", _TEXT, 16, centred=True)
    paragraph(document, "（统计数截至 {{ as_of }}）", _TEXT, 14, centred=True)
    _chapter(document, "一、组织领导和制度建设", "overview")
    paragraph(document, "二、工作开展情况", _HEAD, 16)
    paragraph(document, "{%p for part in parts %}", _TEXT, 16)
    paragraph(document, "（{{ part.number }}）{{ part.title }}", _SUBHEAD, 16)
    paragraph(document, "{{ part.said }}", _TEXT, 16, indented=True)
    paragraph(document, "{%p endfor %}", _TEXT, 16)
    _texts(document, "work")
    _chapter(document, "三、存在的问题", "problems")
    _chapter(document, "四、下一步打算", "plans")
    paragraph(document, "{{ signature }}", _TEXT, 16, right=True)
    document.add_page_break()
    paragraph(document, "附表1  年度绩效管理统计表", _HEAD, 14)
    table(document, _LINES, "line in lines", [f"{{{{ line.{name} }}}}" for name in _CELLS])
    paragraph(document, "{%p for note in notes %}", _TEXT, 10)
    paragraph(document, "注：{{ note }}", _TEXT, 10)
    paragraph(document, "{%p endfor %}", _TEXT, 10)
    paragraph(document, "附表2  年度项目分布", _HEAD, 14)
    paragraph(document, "{%p for group in breakdowns %}", _TEXT, 12)
    paragraph(document, "{{ group.title }}", _SUBHEAD, 12)
    table(
        document,
        ("分组", "项目数", "金额（万元）"),
        "row in group.rows",
        [f"{{{{ row[{n}] }}}}" for n in range(3)],
    )
    paragraph(document, "{%p endfor %}", _TEXT, 12)
    paragraph(document, "附表3  年度自评得分", _HEAD, 14)
    paragraph(document, "{%p for group in scores %}", _TEXT, 12)
    paragraph(document, "{{ group.title }}", _SUBHEAD, 12)
    table(document, _SCORES, "row in group.rows", [f"{{{{ row[{n}] }}}}" for n in range(len(_SCORES))])
    paragraph(document, "{%p endfor %}", _TEXT, 12)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def paper(document: Any) -> None:
    """Set a document on A4 with the margins of official documents."""
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = (
        Cm(3.7),
        Cm(3.5),
        Cm(2.8),
        Cm(2.6),
    )


def _chapter(document: Any, title: str, field: str) -> None:
    paragraph(document, title, _HEAD, 16)
    _texts(document, field)


def _texts(document: Any, field: str) -> None:
    """Add a loop over the paragraphs of a text that a person wrote."""
    paragraph(document, f"{{%p for line in {field} %}}", _TEXT, 16)
    paragraph(document, "{{ line }}", _TEXT, 16, indented=True)
    paragraph(document, "{%p endfor %}", _TEXT, 16)


def paragraph(
    document: Any,
    text: str,
    font: str,
    size: int,
    *,
    centred: bool = False,
    right: bool = False,
    indented: bool = False,
) -> None:
    paragraph = document.add_paragraph()
    _run(paragraph, text, font, size)
    paragraph.paragraph_format.line_spacing = Pt(size * 1.75)
    paragraph.paragraph_format.space_after = Pt(0)
    if indented:
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    if centred or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT


def _run(paragraph: Any, text: str, font: str, size: int) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def table(document: Any, headings: Sequence[str], loop: str, cells: Sequence[str]) -> None:
    """Add a table with a row that docxtpl repeats."""
    made = document.add_table(rows=4, cols=len(headings))
    made.style = "Table Grid"
    for place, heading in enumerate(headings):
        cell(made.cell(0, place), heading, _HEAD)
        cell(made.cell(2, place), cells[place], _TEXT)
    cell(made.cell(1, 0), f"{{%tr for {loop} %}}", _TEXT)
    cell(made.cell(3, 0), "{%tr endfor %}", _TEXT)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def cell(of: Any, text: str, font: str) -> None:
    """Write a cell of a table."""
    _run(of.paragraphs[0], text, font, 10)
