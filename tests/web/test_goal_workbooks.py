"""One workbook carries all goals of a unit out and in: what is typed offline becomes drafts, unreadable cells are named."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import xlsxwriter
from werkzeug.datastructures import FileStorage
from xlsxwriter.utility import xl_rowcol_to_cell

from engine.tasks.query import InboxQuery
from tests.web.conftest import Browser, Site
from web.exchange.files import sheets

CLERK = "jiaotongju.jingban"
PAGE = "/goal-workbook"


Book = dict[str, list[list[Any]]]


def opened(content: bytes) -> Book:
    return {name: [list(row) for row in rows] for name, rows in sheets(content, 99).items()}


def beside(sheet: list[list[Any]], label: str) -> tuple[int, int]:
    """Return the cell in which the value of a label stands."""
    for number, row in enumerate(sheet):
        for column, value in enumerate(row):
            if isinstance(value, str) and re.sub(r"[*（].*", "", value) == label:
                return number, column + 1
    raise AssertionError(label)


def write(sheet: list[list[Any]], label: str, value: Any) -> str:
    """Type a value beside its label; return the cell's name."""
    row, column = beside(sheet, label)
    sheet[row][column] = value
    return str(xl_rowcol_to_cell(row, column))


def upload(browser: Browser, book: Book) -> Any:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}
    ) as made:
        for name, rows in book.items():
            page = made.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    stream.seek(0)
    return browser.post(PAGE, {"file": FileStorage(stream, "申报表.xlsx")})


def kept(page: str) -> str:
    return unescape(re.findall(r'name="file" value="([^"]*)"', page)[0])


def test_a_units_goals_go_out_and_come_back_as_drafts_and_nothing_is_submitted(site: Site) -> None:
    clerk, actor = site.browser(CLERK), site.engine.actor(CLERK)
    rows = site.engine.inbox(actor, InboxQuery(process="goal_declaration", element="fill_goal")).rows
    assert rows
    answer = clerk.get(f"{PAGE}.xlsx?last_year=1")
    book = opened(answer.data)
    codes = [name for name in book if name != "填写说明"]
    assert set(codes) <= {row.reference for row in rows}

    # Offline: a text, an amount, a choice by its words, and a row of the table of indicators.
    sheet = book[codes[0]]
    write(sheet, "项目概况", "对全县三条县道实施路面大修和安全防护，改善出行条件。")
    write(sheet, "保障措施", "专班推进")
    number, _ = beside(sheet, "一级指标")
    headings, first = sheet[number], sheet[number + 1]
    for heading, value in {
        "一级指标*": "产出",
        "二级指标*": "数量指标",
        "三级指标*": "大修县道里程",
        "性质*": "定量",
        "比较符*": "不低于",
        "年度指标值": 42.5,
        "计量单位": "公里",
    }.items():
        first[headings.index(heading)] = value
    sheet.insert(number + 2, ["效益", "社会效益", "受益群众", "定量", "≥", 18500, "", "人"])
    tried = upload(clerk, book)
    assert tried.status_code == 200
    item = next(row for row in rows if row.reference == codes[0]).item_id
    before = site.engine.task(item, actor)
    done = clerk.post(f"{PAGE}/apply", {"file": kept(tried.text)})
    assert done.status_code == 200
    task = site.engine.task(item, actor)
    assert task.draft_revision == before.draft_revision + 1
    assert task.answers["overview"] == "对全县三条县道实施路面大修和安全防护，改善出行条件。"
    row, inserted = task.answers["indicators"][:2]
    assert (inserted["level3_name"], inserted["target_value"]) == ("受益群众", "18500")
    assert (row["level1"], row["operator"], row["target_value"], row["unit"]) == (
        "OUTPUT",
        "GE",
        "42.5",
        "公里",
    )
    assert task.answers["project_code"] == codes[0]
    assert len(
        site.engine.inbox(actor, InboxQuery(process="goal_declaration", element="fill_goal")).rows
    ) == len(rows)

    # The draft has changed since the export: it is written over only where that is ticked.
    write(sheet, "保障措施", "另一份文件")
    again = upload(clerk, book)
    assert "导出后草稿又改过" in again.text
    clerk.post(f"{PAGE}/apply", {"file": kept(again.text)})
    assert site.engine.task(item, actor).answers["safeguards"] == "专班推进"
    clerk.post(f"{PAGE}/apply", {"file": kept(again.text), "over": codes[0]})
    assert site.engine.task(item, actor).answers["safeguards"] == "另一份文件"


def test_cells_that_cannot_be_read_are_named_and_their_project_is_left(site: Site) -> None:
    clerk, actor = site.browser(CLERK), site.engine.actor(CLERK)
    book = opened(clerk.get(f"{PAGE}.xlsx").data)
    name = next(one for one in book if one != "填写说明")
    amount = write(book[name], "资金总额", "八百万")
    day = write(book[name], "开始日期", "年初")
    book["别的项目"] = [["项目编码"]]
    tried = upload(clerk, book)
    assert tried.status_code == 422
    assert f'<code>{amount}</code> <span lang="zh">资金总额</span> “八百万”不是数字' in tried.text
    assert f'<code>{day}</code> <span lang="zh">开始日期</span> “年初”不是日期' in tried.text
    assert "不在填报中" in tried.text
    rows = site.engine.inbox(actor, InboxQuery(process="goal_declaration", element="fill_goal")).rows
    item = next(row.item_id for row in rows if row.reference == name)
    before = site.engine.task(item, actor).draft_revision
    clerk.post(f"{PAGE}/apply", {"file": kept(tried.text), "over": name})
    assert site.engine.task(item, actor).draft_revision == before
    for wrong in (b"", b"PK\x03\x04no workbook"):
        answer = clerk.post(PAGE, {"file": FileStorage(io.BytesIO(wrong), "x.xlsx")})
        assert answer.status_code in (400, 422)
    assert clerk.post(f"{PAGE}/apply", {"file": "%%%"}).status_code == 400
