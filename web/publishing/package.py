"""A publication as files: one .html page, one .docx and one .xlsx in a zip, for any website; nothing else is needed."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template

from budget.money import wan_from_fen
from budget.publishing import records
from budget.publishing.codes import PublicationKind
from budget.publishing.content import Content
from budget.tables import Publication, PublicationItem
from web import xlsx
from web.publishing import word

#: The zip is the same whenever it is made: its files carry the day of release.
_SUMS = "SHA256SUMS.txt"
_WIDTHS = (18, 30, 14)


@dataclass(frozen=True, slots=True)
class Page:
    """A publication as everybody reads it."""

    id: int
    title: str
    unit: str
    year: int
    version: int
    released: str
    sha256: str
    items: Sequence[tuple[PublicationItem, Content]]


def page_of(found: Publication) -> Page:
    """Return what is read of a publication."""
    kind = PublicationKind(found.kind)
    return Page(
        id=found.instance_id,
        title=f"{found.unit.name}{found.fiscal_year}年度{kind.zh}公开",
        unit=found.unit.name,
        year=found.fiscal_year,
        version=found.version,
        released=found.release_on.isoformat() if found.release_on else "",
        sha256=found.sha256 or "",
        items=records.shown(found),
    )


def name_of(page: Page) -> str:
    """Return the name of a publication's files, without an ending."""
    return re.sub(r'[\\/:*?"<>|\s]+', "_", page.title) + (f"_第{page.version}版" if page.version > 1 else "")


def html(page: Page, office: str) -> bytes:
    """Return the page as one file that needs no other."""
    foot = f"{office}　{page.released}　第 {page.version} 版　内容校验码 {page.sha256}"
    return render_template("public/static.html", page=page, foot=foot).encode("utf-8")


def workbook(page: Page) -> bytes:
    """Return the publication as a workbook: a line an item, then each item's table."""
    labels = list(dict.fromkeys(name for _, content in page.items for name, _ in content.facts))
    rows = []
    for item, content in page.items:
        facts = dict(content.facts)
        amount = None if item.amount is None else wan_from_fen(item.amount)
        rows.append([item.code, item.name, amount, *(facts.get(label, "") for label in labels)])
    sheets = [xlsx.Sheet("公开内容", ("编码", "名称", "金额（万元）", *labels), rows, _WIDTHS, [page.title])]
    headings = next((content.headings for _, content in page.items if content.rows), None)
    if headings is not None:
        details = [[item.code, item.name, *row] for item, content in page.items for row in content.rows]
        sheets.append(xlsx.Sheet("明细", ("编码", "名称", *headings), details, (18, 30, 16, 16, 30, 20)))
    return xlsx.workbook(sheets)


def package(pages: Sequence[Page], office: str) -> bytes:
    """Return the files of some publications in one zip, with an index where there are several, and all hashes."""
    files: dict[str, bytes] = {}
    for page in pages:
        name = name_of(page)
        files[f"{name}.html"] = html(page, office)
        files[f"{name}.docx"] = word.document(page, office)
        files[f"{name}.xlsx"] = workbook(page)
    if len(pages) > 1:
        links: list[dict[str, Any]] = [{"title": page.title, "name": name_of(page)} for page in pages]
        title = f"{office}预算绩效信息公开"
        files["index.html"] = render_template("public/index_static.html", links=links, title=title).encode()
    files[_SUMS] = "".join(
        f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items()
    ).encode("utf-8")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
