"""The Word templates of letters: those that come with the package, and whether one that is uploaded can be used.

A template is a .docx with docxtpl's tags. It is rendered in a sandbox that gives it the letter's fields and nothing else.
Its part between ``{%p if drafting %}`` and ``{%p endif %}`` is the wording with which a draft of its kind begins.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from budget import letter_facts
from budget.letters import LetterKind
from web.annual.template import paper, paragraph, table
from web.exchange.files import BROKEN_ARCHIVE
from workflows.letter.wording import WORDINGS, Sandbox, WordingError, filled

#: What a template may name of the letter itself: what it is, and what stands there when it is tried out.
FIELDS: Mapping[str, tuple[str, Any]] = {
    "office": ("发文机关", "县财政局"),
    "title": ("标题", "关于公文模板试用的通知"),
    "kind": ("公文种类", "通知"),
    "number": ("文号", "财绩〔2026〕1号"),
    "addressee": ("主送", "县交通运输局"),
    "copies_to": ("抄送", "县审计局"),
    "paragraphs": ("正文各段", ["第一段。", "第二段。"]),
    "date": ("签发日期", "2026年3月11日"),
    "signer": ("签发人", "冯副局长"),
}
#: A template must name these: a letter without them is none.
NEEDED = ("title", "number", "date")
_LARGEST, _UNPACKED, _MOST = 2_000_000, 20_000_000, 200
_MACROS = ("vbaProject", "activeX", "embeddings/", "oleObject")
_TITLE, _HEAD, _TEXT = "方正小标宋简体", "黑体", "仿宋"
_BEGIN, _END = re.compile(r"\{%p\s+if\s+drafting\s*%\}"), re.compile(r"\{%p\s+endif\s*%\}")
_INNER = re.compile(r"\{%p\s+if\b")
_TAG = re.compile(r"\{[{%].*?[%}]\}")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
#: The tables that stand below a letter of a kind, where its case has them: heading, headings, the table, its cells.
_ANNEXES: Mapping[LetterKind, tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...]] = {
    LetterKind.APPROVAL: (
        (
            "附件  批复的绩效目标",
            ("目标编号", "项目编码", "项目名称", "资金（万元）"),
            "goals",
            ("number", "code", "name", "amount"),
        ),
        (
            "附件  批复的绩效指标",
            ("一级指标", "三级指标", "指标值"),
            "indicators",
            ("level1", "name", "target"),
        ),
    ),
    LetterKind.RECTIFICATION: (
        ("附件  问题清单", ("序号", "问题", "建议"), "problems", ("no", "text", "suggestion")),
    ),
    LetterKind.BULLETIN: (
        ("附件  逾期事项", ("事项", "项目或单位", "应报日期"), "overdue", ("what", "subject", "due")),
    ),
    LetterKind.MONITORING: (
        (
            "附件  绩效指标完成情况",
            ("绩效指标", "指标值", "完成情况", "偏差（%）"),
            "progress",
            ("name", "target", "actual", "deviation"),
        ),
    ),
    LetterKind.MINUTES: (
        (
            "附件  议定事项",
            ("序号", "事项", "单位", "决定", "说明"),
            "decisions",
            ("no", "subject", "unit", "decision", "remark"),
        ),
    ),
}


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
    paragraph(document, "{%p if drafting %}", _TEXT, 16)
    for line in WORDINGS[kind].splitlines():
        paragraph(document, line, _TEXT, 16, indented=True)
    paragraph(document, "{%p endif %}", _TEXT, 16)
    paragraph(document, "{%p for line in paragraphs %}", _TEXT, 16)
    paragraph(document, "{{ line }}", _TEXT, 16, indented=True)
    paragraph(document, "{%p endfor %}", _TEXT, 16)
    paragraph(document, "{{ office }}", _TEXT, 16, right=True)
    paragraph(document, "{{ date }}", _TEXT, 16, right=True)
    paragraph(document, "{%p if copies_to %}", _TEXT, 14)
    paragraph(document, "抄送：{{ copies_to }}", _TEXT, 14)
    paragraph(document, "{%p endif %}", _TEXT, 14)
    for heading, headings, name, cells in _ANNEXES.get(kind, ()):
        paragraph(document, f"{{%p if {name} %}}", _TEXT, 14)
        paragraph(document, heading, _HEAD, 14)
        table(document, headings, f"row in {name}", [f"{{{{ row.{cell} }}}}" for cell in cells])
        paragraph(document, "{%p endif %}", _TEXT, 14)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def wording(template: bytes) -> str | None:
    """Return the wording that a template holds for drafts of its kind, a paragraph a line; None where it holds none."""
    lines, depth = [], 0
    for one in Document(io.BytesIO(template)).paragraphs:
        said = one.text.strip()
        if not depth:
            depth = int(_BEGIN.fullmatch(said) is not None)
            continue
        depth += len(_INNER.findall(said)) - len(_END.findall(said))
        if not depth:
            return "\n".join(_TAG.sub(_plain, line) for line in lines)
        lines.append(said)
    return None


def _plain(tag: re.Match[str]) -> str:
    """Return a tag as plain text has it: without docxtpl's marks, with straight quotation marks."""
    return re.sub(r"^\{%p\s", "{% ", tag[0]).translate(_QUOTES)


def render(template: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return the .docx that a template makes of a letter's fields; raises :class:`TemplateProblem`."""
    try:
        document = DocxTemplate(io.BytesIO(template))
        given = {"drafting": False, **fields}
        document.render(given, jinja_env=Sandbox(autoescape=True), autoescape=True)
    except (TemplateError, TypeError, LookupError, etree.XMLSyntaxError, *BROKEN_ARCHIVE) as error:
        raise TemplateProblem(
            f"模板里的标记有错：{error}", f"A tag of the template is wrong: {error}"
        ) from error
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def preview(body: bytes, kind: LetterKind) -> bytes:
    """Return the .docx that a checked template makes of the examples, its wording filled with them."""
    facts = letter_facts.examples()
    said = filled(wording(body) or WORDINGS[kind], facts)
    given = {name: example for name, (_, example) in FIELDS.items()}
    return render(body, facts | given | {"kind": kind.zh, "paragraphs": said.splitlines()})


def check(body: bytes, kind: LetterKind) -> None:
    """Try a template out before it is accepted; raises :class:`TemplateProblem` with what is wrong.

    It is a Word file of modest size without macros or embedded objects, names nothing that a letter doesn't have, does
    nothing but show it, and shows at least title, number and date. It is tried with all that a case can say, and with
    nothing of it.
    """
    _check_file(body)
    given = {name: example for name, (_, example) in FIELDS.items()}
    for facts in (letter_facts.nothing(), letter_facts.examples()):
        made = text_of(render(body, facts | given))
        try:
            filled(wording(body) or WORDINGS[kind], facts)
        except WordingError as error:
            raise TemplateProblem(
                f"起草正文的标记有错：{error}", f"A tag of the wording is wrong: {error}"
            ) from error
    missing = [name for name in NEEDED if str(given[name]) not in made]
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
