"""The Word templates of letters: those that come with the package, and whether one that is uploaded can be used.

A template is a .docx with docxtpl's tags. It is rendered in a sandbox that gives it the letter's fields and nothing else.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from budget.letters import LetterKind
from web.annual.template import paper, paragraph
from web.exchange.files import BROKEN_ARCHIVE

#: What a template may name, with what stands there when it is tried out.
FIELDS: Mapping[str, Any] = {
    "office": "县财政局",
    "title": "关于公文模板试用的通知",
    "kind": "通知",
    "number": "财绩〔2026〕1号",
    "addressee": "县交通运输局",
    "copies_to": "县审计局",
    "paragraphs": ["第一段。", "第二段。"],
    "date": "2026年3月11日",
    "signer": "冯副局长",
}
#: A template must name these: a letter without them is none.
NEEDED = ("title", "number", "date")
_LARGEST, _UNPACKED, _MOST = 2_000_000, 20_000_000, 200
_MACROS = ("vbaProject", "activeX", "embeddings/", "oleObject")
_TITLE, _TEXT = "方正小标宋简体", "仿宋"


#: What a template may do with a field before it is shown; others can make a few characters into a gigabyte.
_FILTERS = frozenset({"default", "d", "first", "join", "last", "length", "replace", "trim"})


class _Sandbox(ImmutableSandboxedEnvironment):
    """Shows fields, walks over lists, compares; a template can neither reckon nor call what texts and numbers can do."""

    intercepted_binops = frozenset({"*", "**", "//", "%", "+", "-", "/"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}

    def call_binop(self, _context: Any, operator: str, _left: Any, _right: Any) -> Any:
        """Refuse every operator between two values."""
        raise SecurityError(f"operator {operator}")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether ``obj.attr`` may be read: what a loop tells, but nothing of texts, numbers and lists."""
        return not isinstance(obj, str | int | float | list | tuple | dict) and super().is_safe_attribute(
            obj, attr, value
        )


class TemplateProblem(ValueError):
    """A template can't be used; the text says why, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.said = {"zh": zh, "en": en}


@cache
def shipped(kind: LetterKind) -> bytes:
    """Return the template that comes with the package: office, number, title, addressee, text, date (GB/T 9704)."""
    document = Document()
    paper(document)
    paragraph(document, "{{ office }}", _TITLE, 26, centred=True)
    paragraph(document, "{{ number }}", _TEXT, 16, centred=True)
    paragraph(document, "{{ title }}", _TITLE, 22, centred=True)
    if kind not in (LetterKind.MONITORING, LetterKind.MINUTES):
        paragraph(document, "{{ addressee }}：", _TEXT, 16)
    paragraph(document, "{%p for line in paragraphs %}", _TEXT, 16)
    paragraph(document, "{{ line }}", _TEXT, 16, indented=True)
    paragraph(document, "{%p endfor %}", _TEXT, 16)
    paragraph(document, "{{ office }}", _TEXT, 16, right=True)
    paragraph(document, "{{ date }}", _TEXT, 16, right=True)
    paragraph(document, "{%p if copies_to %}", _TEXT, 14)
    paragraph(document, "抄送：{{ copies_to }}", _TEXT, 14)
    paragraph(document, "{%p endif %}", _TEXT, 14)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def render(template: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return the .docx that a template makes of a letter's fields; raises :class:`TemplateProblem`."""
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(fields), jinja_env=_Sandbox(), autoescape=True)
    except (TemplateError, TypeError, LookupError, etree.XMLSyntaxError, *BROKEN_ARCHIVE) as error:
        raise TemplateProblem(
            f"模板里的标记有错：{error}", f"A tag of the template is wrong: {error}"
        ) from error
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def check(body: bytes) -> None:
    """Try a template out before it is accepted; raises :class:`TemplateProblem` with what is wrong.

    It is a Word file of modest size without macros or embedded objects, names nothing that a letter doesn't have, does
    nothing but show it, and shows at least title, number and date.
    """
    _check_file(body)
    made = text_of(render(body, FIELDS))
    missing = [name for name in NEEDED if str(FIELDS[name]) not in made]
    if missing:
        tags = "、".join(f"{{{{ {name} }}}}" for name in missing)
        raise TemplateProblem(f"模板里没有 {tags}", f"The template lacks {tags}")


def _check_file(body: bytes) -> None:
    if len(body) > _LARGEST:
        raise TemplateProblem("文件超过 2 MB", "The file is larger than 2 MB")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
    except BROKEN_ARCHIVE:
        raise TemplateProblem("不是 Word 文件（.docx）", "It is no Word file (.docx)") from None
    names = [entry.filename for entry in entries]
    if "word/document.xml" not in names:
        raise TemplateProblem("不是 Word 文件（.docx）", "It is no Word file (.docx)")
    if len(entries) > _MOST or sum(entry.file_size for entry in entries) > _UNPACKED:
        raise TemplateProblem("文件解压后过大", "The file is too large when unpacked")
    if any(mark in name for name in names for mark in _MACROS):
        raise TemplateProblem("文件里有宏或嵌入对象", "The file has macros or embedded objects")


def text_of(document: bytes) -> str:
    """Return the text of a .docx, a paragraph a line, its tables and its headers among them."""
    read = Document(io.BytesIO(document))
    lines = [one.text for one in read.paragraphs]
    lines += [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    for section in read.sections:
        lines += [one.text for part in (section.header, section.footer) for one in part.paragraphs]
    return "\n".join(lines)
