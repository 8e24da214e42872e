"""What a person sets about a list: columns, rows a page, saved filters; and the list as a workbook."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pytest
from python_calamine import CalamineWorkbook

from engine import InboxQuery
from tests.web.conftest import Site, on_both, texts
from web.views import lists

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"
OTHER_CHIEF = "yusuan.guzhang"


def headings(page: str) -> list[str]:
    found = re.findall(r'<th scope="col" class="column-(\w+)', page)
    return [name for name in found if name not in {"title", "tick", "acts", "pick"}]


def filter_id(page: str, name: str) -> str:
    found = re.search(rf'id="saved-(\d+)" [^>]*><span lang="zh">{name}<', page)
    assert found, f"no saved filter {name}"
    return found[1]


@on_both
def test_columns_and_rows_are_the_persons_own_and_stay(site: Site) -> None:
    browser = site.browser(CHIEF)
    usual = headings(browser.get("/inbox").text)
    answer = browser.post(
        "/lists/inbox/columns",
        {"column": ["reference", "due", "nonsense"], "rows": "50", "_list": "due=overdue"},
    )
    assert answer.location == "/inbox?due=overdue"
    assert headings(site.browser(CHIEF).get("/inbox").text) == ["reference", "due"]
    assert headings(site.browser(CLERK).get("/inbox").text) == usual
    assert headings(browser.get("/done").text) != ["reference", "due"]
    browser.post("/lists/inbox/columns", {"usual": "1"})
    assert headings(browser.get("/inbox").text) == usual


def test_a_page_has_as_many_rows_as_was_chosen(site: Site) -> None:
    site.app.config["PAGE_SIZE"] = 2
    browser = site.browser(CHIEF)
    assert len(re.findall("<tr data-row", browser.get("/inbox").text)) == 2
    browser.post("/lists/inbox/columns", {"column": ["due"], "rows": "20"})
    assert len(re.findall("<tr data-row", browser.get("/inbox").text)) > 2
    browser.post("/lists/inbox/columns", {"column": ["due"], "rows": "100000"})
    assert len(re.findall("<tr data-row", browser.get("/inbox").text)) == 2


def test_a_heading_sorts_up_and_down(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox?sort=amount").text
    assert re.search(r'class="column-amount num" aria-sort="descending"', page)
    amounts = [row.amount or 0 for row in _inbox(site, "amount")]
    assert amounts == sorted(amounts, reverse=True)
    assert re.search(r'id="sort-amount" href="/inbox\?sort=smallest"', page)
    page = browser.get("/inbox?sort=smallest").text
    assert re.search(r'id="sort-amount" href="/inbox\?sort=amount"', page)


def _inbox(site: Site, sort: str = "due") -> list:
    return site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=100, sort=sort)).rows


@on_both
def test_a_filter_is_saved_used_renamed_made_the_default_and_deleted(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert "保存筛选" not in browser.get("/inbox").text
    assert "保存筛选" in browser.get("/inbox?due=overdue&sort=amount").text
    answer = browser.post(
        "/lists/inbox/filters", {"name": "超期大额", "_list": "due=overdue&sort=amount&cursor=x"}
    )
    assert answer.location == "/inbox?due=overdue&sort=amount"
    page = browser.get("/inbox?due=overdue&sort=amount").text
    saved = filter_id(page, "超期大额")
    assert re.search(
        rf'id="saved-{saved}" href="/inbox\?due=overdue&amp;sort=amount" aria-current="true"', page
    )
    browser.post(f"/lists/inbox/filters/{saved}/rename", {"name": "超期的"})
    browser.post(f"/lists/inbox/filters/{saved}/default", {})
    page = browser.get("/inbox").text
    assert filter_id(page, "超期的") == saved
    assert re.search(r'<a href="/inbox\?due=overdue&amp;sort=amount"[^>]*data-nav="inbox.waiting"', page)
    assert len(re.findall("<tr data-row", page)) == len(_inbox(site))
    browser.post(f"/lists/inbox/filters/{saved}/delete", {})
    page = browser.get("/inbox").text
    assert "超期的" not in page
    assert re.search(r'<a href="/inbox"[^>]*data-nav="inbox.waiting"', page)


def test_a_shared_filter_is_there_for_those_of_the_role_and_nobody_else(site: Site) -> None:
    chief = site.browser(CHIEF)
    post = site.engine.actor(CHIEF).posts[0]
    role = f"role:{post.role}@{post.org}"
    page = texts(
        chief.get(
            chief.post("/lists/inbox/filters", {"name": "本股", "role": role, "_list": "due=week"}).location
        ).text
    )
    assert "常用筛选已保存" in page
    saved = filter_id(chief.get("/inbox").text, "本股")
    other = site.browser(OTHER_CHIEF)
    assert "本股" not in other.get("/inbox").text
    for operation in ("rename", "delete", "default"):
        address = f"/lists/inbox/filters/{saved}/{operation}"
        assert other.post(address, {"name": "x"}).status_code == 404
    refused = other.post("/lists/inbox/filters", {"name": "冒名", "role": role, "_list": "due=week"})
    assert "只能共享给您自己担任的岗位" in other.get(refused.location).text


@on_both
def test_a_workbook_has_all_pages_with_numbers_as_numbers_and_times_as_times(site: Site) -> None:
    site.app.config["PAGE_SIZE"] = 2
    answer = site.browser(CHIEF).get("/lists/inbox.xlsx?sort=amount")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "2026-03-11.xlsx" in answer.headers["Content-Disposition"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0)
    head, *rows = sheet.to_python()
    expected = _inbox(site, "amount")
    assert head[0] == "事项"
    assert [row[0] for row in rows] == [row.subject for row in expected]
    amount, due = head.index("金额（万元）"), head.index("办理时限")
    assert [row[amount] for row in rows] == [(row.amount or 0) / 1_000_000 for row in expected]
    assert all(isinstance(row[due], datetime) for row in rows)
    with site.engine.database.read() as unit:
        found = unit.connection.exec_driver_sql(
            "SELECT actor, body FROM events WHERE chain = 'exports'"
        ).all()
    ((actor, body),) = found
    assert actor == f"user:{CHIEF}"
    assert f'"rows":{len(expected)}' in body


def test_what_would_be_a_formula_stays_a_text(site: Site) -> None:
    instance = site.engine.task(site.waiting(CLERK, "fill_goal"), site.engine.actor(CLERK)).instance_id
    site.engine.copy(instance, actor=site.engine.actor(CLERK), to=[CHIEF], text='=HYPERLINK("http://x","点")')
    answer = site.browser(CHIEF).get("/lists/copies.xlsx")
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert row[head.index("附言")] == '=HYPERLINK("http://x","点")'
    import zipfile

    sheet = zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


def test_one_that_is_too_long_says_that_it_was_cut(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_ROWS", 2)
    answer = site.browser(CHIEF).get("/lists/inbox.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(_inbox(site)) > 2
    assert [row[0] for row in rows[1:3]] == [row.subject for row in _inbox(site)[:2]]
    assert rows[-1][0] == "只导出了前 2 项，请用筛选条件缩小范围后再导出。"


def test_every_list_can_be_exported_and_only_lists_that_there_are(site: Site) -> None:
    browser = site.browser(CLERK)
    for name in ("done", "started", "copies", "drafts", "followed"):
        assert browser.get(f"/lists/{name}.xlsx").status_code == 200
    assert browser.get("/lists/secrets.xlsx").status_code == 404
    assert browser.post("/lists/secrets/columns").status_code == 404
