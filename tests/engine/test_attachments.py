"""Attachments: stored by their content, refused by their content, read by those who take part."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from engine import BihuanError, FolderStore, NotFound
from tests.engine.office import FILL_AND_REVIEW, Office

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "type"),
    [
        ("批文.pdf", PDF, "application/pdf"),
        ("图.PNG", PNG, "image/png"),
        ("表.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "sheet"),
        ("公文.ofd", archive("OFD.xml"), "ofd"),
        ("打包.zip", archive("a.txt"), "zip"),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "msword"),
        ("名单.csv", "姓名,单位".encode("gb18030"), "text/plain"),
    ],
)
def test_the_type_is_what_the_content_is(tmp_path: Path, name: str, content: bytes, type: str) -> None:
    stored = FolderStore(tmp_path).put(name, io.BytesIO(content))
    assert type in stored.type
    assert stored.size == len(content)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("批文.pdf", b"MZ\x90\x00\x03", "attachment.type"),
        ("批文.pdf", PNG, "attachment.other_type"),
        ("表.docx", archive("a.txt"), "attachment.other_type"),
        ("空.pdf", b"", "attachment.empty"),
        ("大.pdf", PDF + b"x" * 2000, "attachment.too_large"),
        ("网页.html", b"<html>", "attachment.other_type"),
    ],
)
def test_what_may_not_be_attached_is_refused_and_leaves_no_file(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(BihuanError) as caught:
        FolderStore(tmp_path, limit=1000).put(name, io.BytesIO(content))
    assert caught.value.code == code
    assert name in caught.value.message("zh")
    assert "/x-" not in caught.value.message("zh"), "a type is told in the endings that people know"
    assert "text/plain" not in caught.value.message("zh")
    assert "image/png" not in caught.value.message("zh")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_attachment_is_read_by_who_takes_part_and_by_nobody_else(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    row = office.row("li")
    added = office.engine.attach(
        row.item_id, actor=office.who("li"), name="批文.pdf", stream=PDF, field="proof"
    )
    office.do("li")
    meta, path = office.engine.attachment(added.id, office.who("wang"))
    assert (meta.name, meta.author_name, meta.field, path.read_bytes()) == ("批文.pdf", "李", "proof", PDF)
    assert [one.id for one in office.view(instance, "wang").attachments] == [added.id]
    for person in ("sun", "root"):
        with pytest.raises(NotFound):
            office.engine.attachment(added.id, office.who(person))
        with pytest.raises(NotFound):
            office.engine.attach(row.item_id, actor=office.who(person), name="x.pdf", stream=PDF)


def test_the_same_content_is_kept_once(office: Office) -> None:
    office.run(FILL_AND_REVIEW)
    row = office.row("li")
    li = office.who("li")
    first, second = (
        office.engine.attach(row.item_id, actor=li, name=name, stream=io.BytesIO(PDF))
        for name in ("a.pdf", "b.pdf")
    )
    assert first.sha256 == second.sha256
    paths = {office.engine.attachment(one.id, li)[1] for one in (first, second)}
    assert len(paths) == 1
