"""A letter as Word and as PDF; the PDF is set from the same Word file, so that both say the same."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.table import Table
from docx.text.paragraph import Paragraph
from flask import current_app
from markupsafe import Markup, escape

from budget import letter_facts
from budget.letters import LetterKind
from budget.tables import Letter
from web.letters import template
from web.printing import pdf

_LARGE = 20


def word(letter: Letter, *, office: str, signer: str) -> bytes:
    """Return a letter as .docx, by the template that it was signed with; a draft says that it is one."""
    kind = LetterKind(letter.kind)
    body = template.shipped(kind) if letter.template is None else letter.template.body
    return template.render(body, fields(letter, office=office, signer=signer))


def fields(letter: Letter, *, office: str, signer: str) -> dict[str, Any]:
    """Return what a template shows of a letter, and of the case that it is about as that stood when it was begun."""
    about = letter_facts.nothing() | (json.loads(letter.facts) if letter.facts else {})
    return about | {
        "office": office,
        "title": letter.title,
        "kind": LetterKind(letter.kind).zh,
        "number": letter.number or "（送审稿，未编号）",
        "addressee": letter.addressee,
        "copies_to": letter.copies_to,
        "paragraphs": [line.strip() for line in letter.text.splitlines() if line.strip()],
        "date": letter_facts.said_day(letter.signed_on) or "（未签发）",
        "signer": signer,
    }


def as_pdf(document: bytes, *, title: str, number: str, office: str, pages: str) -> bytes:
    """Return the PDF of a letter's .docx."""
    return pdf(
        "".join(_html(document)),
        title=title,
        author=office,
        foot=f"{office}　{number}",
        pages=pages,
        font=current_app.config["PDF_FONT"],
    )


def _html(document: bytes) -> Iterator[Markup]:
    """Yield the paragraphs and tables of a .docx as the paper knows them."""
    for block in Document(io.BytesIO(document)).iter_inner_content():
        if isinstance(block, Table):
            rows = Markup("").join(
                Markup("<tr>{}</tr>").format(
                    Markup("").join(Markup("<td>{}</td>").format(cell.text) for cell in row.cells)
                )
                for row in block.rows
            )
            yield Markup("<table><tbody>{}</tbody></table>").format(rows)
        elif block.text.strip():
            yield Markup("<{0}>{1}</{0}>").format(Markup(_tag(block)), escape(block.text))


def _tag(block: Paragraph) -> str:
    """Return a heading for what is centred and large, a paragraph for the rest."""
    centred = block.alignment == WD_ALIGN_PARAGRAPH.CENTER
    size = max((run.font.size.pt for run in block.runs if run.font.size is not None), default=0)
    return "h1" if centred and size >= _LARGE else "p"
