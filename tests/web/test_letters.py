"""Letters as Word and PDF from templates; a changed template is tried out before it is accepted."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import letters
from budget.cases import CaseKind
from budget.codes import GoalState
from budget.letters import LetterKind
from budget.tables import Case, Goal, Letter, LetterTemplate, Project, Unit
from tests.web.conftest import Site, hidden
from web.letters import template
from web.letters.template import TemplateProblem

GOOD = ("{{ office }} {{ number }}", "{{ title }}", "{{ date }}")


def made(*lines: str) -> bytes:
    """Return a .docx with some paragraphs."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def with_file(body: bytes, name: str) -> bytes:
    """Return a zip with one more file."""
    stream = io.BytesIO(body)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, b"x")
    return stream.getvalue()


@pytest.mark.parametrize("kind", list(LetterKind))
def test_the_templates_that_come_along_can_be_used(kind: LetterKind) -> None:
    template.check(template.shipped(kind), kind)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"no zip", "不是 Word"),
        (made("{{ title }}", "{{ date }}"), "number"),
        (made(*GOOD, "{{ password }}"), "password"),
        (made(*GOOD, "{{ title.__class__.__mro__ }}"), "标记有错"),
        (made(*GOOD, "{{ ''.__class__ }}"), "标记有错"),
        (made(*GOOD, "{{ range(10) }}"), "range"),
        (made(*GOOD, "{% for x in paragraphs %}{{ x }}"), "标记有错"),
        (made(*GOOD, "{{ paragraphs.append(1) }}"), "标记有错"),
        (made(*GOOD, "{% include 'x' %}"), "标记有错"),
        (made(*GOOD, "{{ title * 100000000000 }}"), "标记有错"),
        (made(*GOOD, "{{ title.center(100000000000) }}"), "标记有错"),
        (made(*GOOD, "{{ '%99999999999d'|format(1) }}"), "标记有错"),
        (made(*GOOD)[:-400], "不是 Word"),
        (made(*GOOD).replace(b"PK\x03\x04", b"PK\x03\x05", 9), "标记有错"),
        (with_file(made(*GOOD), "word/vbaProject.bin"), "宏"),
        (made(*GOOD) + b"0" * 2_000_001, "2 MB"),
    ],
)
def test_a_template_that_cannot_be_used_or_does_more_than_show_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(TemplateProblem) as refused:
        template.check(body, LetterKind.BULLETIN)
    assert why in refused.value.said["zh"]


def test_a_letter_is_word_and_pdf_and_keeps_the_template_that_it_was_signed_with(site: Site) -> None:
    clerk, admin = site.browser("jixiao.guzhang"), site.browser("admin")
    clerk.get("/letters")
    begun = clerk.post("/letters", {"kind": "BULLETIN", "unit": ""})
    assert "/letters?" in begun.headers["Location"], "a bulletin goes to a unit"
    unit = re.search(r'<option value="(\w+)" lang="zh">', clerk.get("/letters").text)
    assert unit is not None
    begun = clerk.post("/letters", {"kind": "BULLETIN", "unit": unit[1]})
    id = int(begun.headers["Location"].rpartition("/")[2])
    assert clerk.get(f"/letters/{id}.docx").status_code == 404, "nothing is drafted"
    with site.engine.database.write() as transaction, transaction.savepoint() as session:
        letters.write(
            session,
            id,
            title="关于逾期的通报",
            addressee="各单位",
            copies_to="审计局",
            text="第一段。\n<b>二</b>",
            by="user:x",
        )
    assert f"/letters/{id}.pdf" in clerk.get(f"/instances/{id}").text
    draft = template.text_of(clerk.get(f"/letters/{id}.docx").data)
    assert "未编号" in draft
    assert "<b>二</b>" in draft
    with site.engine.database.write() as transaction, transaction.savepoint() as session:
        letters.sign(
            session, id, pattern="通〔{fiscal_year}〕{number}号", by="user:x", on=site.clock.now().date()
        )
    before = template.text_of(clerk.get(f"/letters/{id}.docx").data)
    assert "通〔2026〕1号" in before
    text = "".join(
        page.extract_text() for page in PdfReader(io.BytesIO(clerk.get(f"/letters/{id}.pdf").data)).pages
    )
    assert "关于逾期的通报" in text.replace(" ", "")
    assert "通〔2026〕1号" in text.replace(" ", "")
    assert site.browser("shangwuju.jingban").get(f"/letters/{id}.pdf").status_code == 404
    assert clerk.get("/admin/letters").status_code == 403

    admin.get("/admin/letters")
    bad = {"file": (io.BytesIO(made("{{ nothing }}")), "t.docx")}
    admin.post("/admin/letters/BULLETIN", bad, content_type="multipart/form-data")
    assert "标记有错" in admin.get("/admin/letters").text
    good = {"file": (io.BytesIO(made("本县特有的抬头", *GOOD)), "t.docx"), "note": "换抬头"}
    admin.post("/admin/letters/BULLETIN", good, content_type="multipart/form-data")
    assert "换抬头" in admin.get("/admin/letters").text
    assert "本县特有的抬头" in template.text_of(admin.get("/admin/letters/BULLETIN/1.docx").data)
    assert template.text_of(clerk.get(f"/letters/{id}.docx").data) == before, (
        "what was signed keeps its template"
    )
    with site.engine.database.write() as transaction, transaction.savepoint() as session:
        second = letters.open_letter(session, 900_001, LetterKind.BULLETIN, unit[1], None, site.clock.now())
        letters.write(session, 900_001, title="新的", addressee="", copies_to="", text="新", by="user:x")
        letters.sign(
            session, 900_001, pattern="通〔{fiscal_year}〕{number}号", by="user:x", on=site.clock.now().date()
        )
        assert second.template is not None
        assert second.template.version == 1
    with site.engine.database.read() as transaction, Session(transaction.connection) as session:
        assert len(session.scalars(select(Letter)).all()) == 2
    assert "关于逾期的通报" in clerk.get("/letters?kind=BULLETIN").text


def approved(site: Site) -> int:
    """Return the case of a goal of the demo county that was approved."""
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = (
            select(Case.instance_id)
            .join(Project, Project.id == Case.project_id)
            .join(Unit, Unit.code == Project.unit)
            .join(Goal, Goal.project_id == Project.id)
            .where(
                Case.kind == CaseKind.GOAL,
                Goal.state == GoalState.APPROVED,
                ~Project.secret_flag,
                ~Unit.secret_flag,
            )
            .order_by(Case.instance_id)
        )
        return session.scalars(query).first() or 0


def test_a_letter_says_what_its_case_is_and_a_county_words_it_as_it_likes(site: Site) -> None:
    clerk, admin = site.browser("jixiao.guzhang"), site.browser("admin")
    author, origin = site.engine.actor("jixiao.guzhang"), approved(site)
    assert f"/letters?origin={origin}" in clerk.get(f"/instances/{origin}").text
    page = clerk.get(f"/letters?origin={origin}").text
    assert f'name="origin" value="{origin}"' in page
    assert '<option value="APPROVAL" selected>' in page, "what is usually written about a goal"

    def begun(kind: LetterKind) -> tuple[int, dict[str, Any]]:
        key = hidden(clerk.get("/letters").text, "_request_key")
        given = {"kind": kind.value, "unit": "", "origin": str(origin), "_request_key": key}
        answers = [clerk.post("/letters", given).headers["Location"] for _ in range(2)]
        assert answers[0] == answers[1], "a double click begins one letter"
        id = int(answers[0].rpartition("/")[2])
        (holder,) = site.engine.instance(id, author).holders
        return id, dict(site.engine.task(holder.item_id, author).variables["letter"])

    id, said = begun(LetterKind.APPROVAL)
    facts = said["facts"]
    assert facts["goal_number"]
    assert facts["indicators"]
    for told in ("goal_number", "amount", "goal"):
        assert facts[told] in said["text"]
    with site.engine.database.write() as transaction, transaction.savepoint() as session:
        names = {name: said[name] for name in ("title", "addressee", "text")}
        letters.write(session, id, copies_to="", by="user:x", **names)
    word = template.text_of(clerk.get(f"/letters/{id}.docx").data)
    assert facts["project"] in word
    assert "{{" not in word
    assert "drafting" not in word
    assert all(row["name"] in word for row in facts["indicators"]), "the indicators are annexed"
    assert clerk.get(f"/letters/{id}.pdf").data.startswith(b"%PDF")

    admin.get("/admin/letters")
    own = made(
        *GOOD, "{%p if drafting %}", "本县决定对“{{ project }}”（{{ unit }}）开展评价。", "{%p endif %}"
    )
    own = {"file": (io.BytesIO(own), "t.docx"), "act": "preview"}
    shown = admin.post("/admin/letters/EVALUATION", own, content_type="multipart/form-data")
    assert shown.mimetype == "application/pdf"
    with site.engine.database.read() as transaction, Session(transaction.connection) as session:
        assert session.scalars(select(LetterTemplate)).all() == [], "a preview keeps nothing"
    for wrong in ("{{ nothing }}", "{{ project * 9 }}", "{% for x in goals %}"):
        bad = made(*GOOD, "{%p if drafting %}", wrong, "{%p endif %}")
        admin.post(
            "/admin/letters/EVALUATION",
            {"file": (io.BytesIO(bad), "t.docx")},
            content_type="multipart/form-data",
        )
        assert "标记有错" in admin.get("/admin/letters").text
    own = made(
        *GOOD, "{%p if drafting %}", "本县决定对“{{ project }}”（{{ unit }}）开展评价。", "{%p endif %}"
    )
    admin.post(
        "/admin/letters/EVALUATION", {"file": (io.BytesIO(own), "t.docx")}, content_type="multipart/form-data"
    )
    for version in (0, 1):
        assert admin.get(f"/admin/letters/EVALUATION/{version}.pdf").data.startswith(b"%PDF")
    _, said = begun(LetterKind.EVALUATION)
    assert said["text"] == f"本县决定对“{facts['project']}”（{facts['unit']}）开展评价。"
