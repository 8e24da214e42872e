"""Workbooks of people and organisations: what is exported says nothing new, what is tried is what is applied."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from engine import BihuanError
from engine.admin.exchange import PERSON, Row
from engine.admin.logs import LogQuery
from engine.plugins import IdentitySource, SourceUnreadable, hookimpl
from tests.web.conftest import Browser, Site, hidden, on_both, texts
from web.exchange import files
from web.exchange.columns import SHEETS
from web.xlsx import Sheet, workbook

HEADINGS = {sheet.title: [column.heading for column in sheet.columns] for sheet in SHEETS}
UNITS, PEOPLE, POSTS = HEADINGS


def book(**rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook with these rows on the sheets ``units``, ``people`` and ``posts``."""
    titles = {"units": UNITS, "people": PEOPLE, "posts": POSTS}
    return workbook([Sheet(titles[name], HEADINGS[titles[name]], lines) for name, lines in rows.items()])


def send(browser: Browser, content: bytes, name: str = "人员.xlsx") -> str:
    """Upload a workbook; return the address of its trial."""
    browser.get("/admin/exchange/")
    answer = browser.post(
        "/admin/exchange/", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 302, texts(answer.text)
    return answer.location


def counts(page: str) -> dict[str, int]:
    """Return the numbers at the top of a trial."""
    found = re.findall(r"<span>(新增|修改|不变|错误)</span><b>(\d+)</b>", page)
    return {word: int(number) for word, number in found}


@on_both
def test_what_is_exported_is_unchanged_when_it_is_imported(site: Site) -> None:
    browser = site.browser("admin")
    exported = browser.get("/admin/exchange/export").data
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(exported)).sheet_names
    assert sheets == [UNITS, PEOPLE, POSTS]
    page = browser.get(send(browser, exported)).text
    found = counts(page)
    assert found.pop("不变") > 200
    assert set(found.values()) == {0}, texts(page)[:3000]
    assert "确认导入" not in page


@on_both
def test_an_import_is_tried_row_by_row_and_applied_as_one_event(site: Site) -> None:
    browser = site.browser("admin")
    trial = send(
        browser,
        book(
            units=[
                ("901001", "县示例局", "预算单位", "", "S01", "2026-01-01", ""),
                ("901002", "县示例中心", "预算单位", "901001", "S01", "", ""),
            ],
            people=[("shiliju.jingban", "张三", "启用"), ("shangwuju.jingban", "高秀英改", "")],
            posts=[("shiliju.jingban", "绩效经办人", 901001, "", "2026.12.31")],
        ),
    )
    page = browser.get(trial).text
    assert counts(page) == {"新增": 4, "修改": 1, "不变": 0, "错误": 0}
    assert "名称：" in texts(page)
    with pytest.raises(BihuanError):
        site.engine.actor("shiliju.jingban")
    before = len(site.engine.admin.administered(site.engine.actor("admin"), LogQuery(limit=500)).rows)
    answer = browser.post(f"{trial}/apply", {"digest": hidden(page, "digest"), "passwords": "1"})
    assert answer.status_code == 200
    first = re.search(r"<code>([a-z0-9-]{14})</code>", answer.text)
    assert first is not None
    assert site.engine.people.authenticate("shiliju.jingban", first[1]).principals >= {
        "role:unit_clerk@901001"
    }
    rows = site.engine.admin.administered(site.engine.actor("admin"), LogQuery(limit=500)).rows
    assert len(rows) == before + 1
    (event,) = [row for row in rows if row.kind == "import.applied"]
    assert len(event.body["done"]) == 5
    assert first[1] not in str(event.body)
    assert browser.post(f"{trial}/apply", {"digest": hidden(page, "digest")}).status_code == 404
    assert site.engine.verify_history() == []


def test_each_error_names_its_cell_and_nothing_is_written(site: Site) -> None:
    browser = site.browser("admin")
    trial = send(
        browser,
        book(
            units=[
                ("902001", "无归口", "预算单位", "", "", "", ""),
                ("902002", "环", "其他类", "", "", "", ""),
                ("", "没有代码", "", "", "", "", ""),
            ],
            people=[
                ("bad id", "张三", ""),
                ("zhang", "", ""),
                ("li4", "李四", "请假"),
                ("ok1", "好人", ""),
                ("ok1", "又一个", ""),
            ],
            posts=[
                ("ok1", "绩效经办人", "nowhere", "", ""),
                ("ok1", "县长", "101001", "", ""),
                ("ok1", "单位负责人", "101001", "13月", ""),
                ("admin", "绩效经办人", "101001", "", ""),
            ],
        ),
    )
    page = browser.get(trial).text
    assert counts(page) == {"新增": 1, "修改": 0, "不变": 0, "错误": 11}
    said = texts(page)
    for cell in ("E2", "C3", "A4", "A2", "B3", "C4", "C2", "B3", "D4"):
        assert cell in said
    assert "第 5 行重复" in said
    assert 'name="digest"' not in page
    plan = site.engine.admin.try_import(
        int(trial.rpartition("/")[2]), lambda *_: lambda _: {}, actor=site.engine.actor("admin")
    )
    refused = browser.post(f"{trial}/apply", {"digest": plan.digest})
    assert refused.status_code in (409, 422)
    with pytest.raises(BihuanError):
        site.engine.actor("ok1")


def test_applying_something_else_than_was_tried_is_refused(site: Site) -> None:
    browser = site.browser("admin")
    trial = send(browser, book(people=[("neu1", "新人", "")]))
    digest = hidden(browser.get(trial).text, "digest")
    site.engine.admin.create_person("neu1", "先来一步", actor=site.engine.actor("admin"))
    answer = browser.post(f"{trial}/apply", {"digest": digest})
    assert answer.status_code == 409
    assert "试算之后数据有变化" in texts(answer.text)
    assert counts(answer.text)["修改"] == 1


def test_the_template_is_understood_except_for_what_its_examples_name(site: Site) -> None:
    browser = site.browser("admin")
    page = browser.get(send(browser, browser.get("/admin/exchange/template").data)).text
    assert counts(page) == {"新增": 6, "修改": 0, "不变": 0, "错误": 0}


def parts(**changed: bytes) -> bytes:
    """Return a small workbook with some of its parts replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(people=[("a", "b", "")]))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            name = part.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(part.filename, changed.get(name, old.read(part)))
    return stream.getvalue()


def sheet(body: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{body}</sheetData></worksheet>'.encode()


def torn() -> bytes:
    """Return a workbook in which the compressed data of a part is spoilt while its directory is whole."""
    content = parts()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place = archive.getinfo("xl/workbook.xml")
    begin = place.header_offset + 30 + len(place.filename)
    return content[:begin] + b"\xff" * 20 + content[begin + 20 :]


BOMBS: Mapping[str, bytes] = {
    "spoilt data": torn(),
    "a million columns and rows": parts(
        sheet1=sheet(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        )
    ),
    "in other quotes": parts(sheet1=sheet("<row r='1048576'><c\nr = 'XFD1048576'><v>1</v></c></row>")),
    "cells that don't say where": parts(sheet1=sheet('<row r="1">' + "<c><v>1</v></c>" * 1000 + "</row>")),
    "a place written as an entity": parts(sheet1=sheet('<row r="1"><c r="&#88;FD9"><v>1</v></c></row>')),
    "zeros": parts(sheet1=sheet(" " * 29_000_000)),
    "an entity": parts(sheet1=b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet("")),
    "another encoding": parts(sheet1=sheet('<row r="1"/>').decode().encode("utf-16")),
    "no workbook": parts()[:100],
    "text": b"a,b,c",
    "nothing": b"",
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_and_what_is_no_workbook_are_refused(name: str) -> None:
    with pytest.raises(BihuanError) as caught:
        files.sheets(BOMBS[name])
    assert caught.value.code in ("import.too_large", "import.not_xlsx")


SOUND = book(people=[("a", "甲", "启用")], posts=[("a", "单位负责人", "1", "2026-01-01", "")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_workbooks_are_refused_or_read_but_never_anything_else(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(1, len(content)))])
    with suppress(BihuanError):
        assert isinstance(files.sheets(cut), dict)


def test_a_long_chain_of_organisations_is_refused_in_no_time(site: Site) -> None:
    chain = [(f"C{at}", f"链{at}", "主管部门", f"C{at - 1}" if at else "", "", "", "") for at in range(1500)]
    browser = site.browser("admin")
    address = send(browser, book(units=chain))
    began = time.monotonic()
    page = browser.get(address).text
    assert time.monotonic() - began < 30
    found = counts(page)
    assert found["错误"] > 1400
    assert "上级超过 20 层" in page


def test_a_cell_that_looks_like_a_formula_is_text(site: Site) -> None:
    site.engine.admin.create_person("evil", "=1+1", actor=site.engine.actor("admin"))
    exported = site.browser("admin").get("/admin/exchange/export").data
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        assert all(b"<f>" not in archive.read(part) for part in archive.namelist())


class _Personnel:
    """A source of people as a plug-in offers one; ``rows`` is what it has, None where it can't be read."""

    type = "personnel"
    name: Mapping[str, str] = {"zh": "人事系统", "en": "Personnel system"}
    rows: Sequence[Row] | None = None

    @hookimpl
    def bihuan_identity_sources(self) -> Sequence[IdentitySource]:
        return (self,)

    def read(self) -> Sequence[Row]:
        if self.rows is None:
            raise SourceUnreadable("没有连上")
        return self.rows


def test_people_are_read_from_a_source_and_tried_like_a_workbook(site: Site) -> None:
    source = _Personnel()
    site.engine.plugins.register(source)
    browser = site.browser("admin")
    try:
        assert "从“人事系统”读取并试算" in browser.get("/admin/exchange/").text
        refused = browser.post("/admin/exchange/sources/personnel", {})
        assert (refused.status_code, "没有连上" in refused.text) == (502, True)
        source.rows = [Row(PERSON, "人员", 1, {"id": "xinren", "name": "新来", "active": "yes"})]
        answer = browser.post("/admin/exchange/sources/personnel", {})
        assert answer.status_code == 302
        assert counts(browser.get(answer.location).text)["新增"] == 1
        assert (
            site.browser("jiaotongju.jingban").post("/admin/exchange/sources/personnel", {}).status_code
            == 403
        )
    finally:
        site.engine.plugins.unregister(source)
