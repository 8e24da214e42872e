"""Projects and budgets by file: tried row by row, written as a whole, and the same again says nothing new."""

from __future__ import annotations

import io
import re
from html import unescape

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.project_imports import TITLES
from budget.tables import Goal, Project
from tests.web.conftest import Browser, Site, on_both, texts
from web.xlsx import Sheet, workbook

BUDGET, CLERK = "yusuan.guzhang", "jiaotongju.jingban"
ROW = {
    "code": "2026-NEW-01",
    "name": "农村供水保障",
    "category": "特定目标类",
    "type": "工程类",
    "attr": "新增",
    "annual_amount": "1,234.56",
    "start_date": "2026-01-01",
    "end_date": "2026-12-31",
}


def send(browser: Browser, content: bytes, name: str) -> tuple[int, str]:
    """Upload a file; return the trial's status and page."""
    browser.get("/project-import")
    answer = browser.post(
        "/project-import",
        {"file": (io.BytesIO(content), name), "year": "2026"},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.text


def confirm(browser: Browser, page: str) -> int:
    """Confirm a trial."""
    rows = re.search(r'name="rows" value="([^"]*)"', page)
    assert rows
    return browser.post("/project-import/apply", {"rows": unescape(rows[1]), "year": "2026"}).status_code


def csv_of(*rows: dict[str, str]) -> bytes:
    """Return rows as the .csv that an office's Excel saves."""
    lines = [",".join(TITLES.values())]
    lines += [",".join(f'"{row.get(name, "")}"' for name in TITLES) for row in rows]
    return "\n".join(lines).encode("gb18030")


def a_unit(site: Site) -> str:
    return str(site.engine.actor(CLERK).posts[0].org)


@on_both
def test_a_csv_is_tried_then_written_then_says_nothing_new(site: Site) -> None:
    browser, content = site.browser(BUDGET), csv_of({**ROW, "unit": a_unit(site)})
    status, page = send(browser, content, "项目.csv")
    assert status == 200
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.scalar(select(Project).where(Project.code == ROW["code"])) is None
    assert confirm(browser, page) == 303
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Project).where(Project.code == ROW["code"])).one()
        assert (found.annual_amount, found.total_amount, found.level) == (1_234_560_000, 1_234_560_000, "L1")
        assert found.section
    assert "与系统里的完全一样" in send(browser, content, "项目.csv")[1]


def test_what_is_exported_is_unchanged_when_it_is_imported_and_has_nothing_secret(site: Site) -> None:
    browser = site.browser(BUDGET)
    content = browser.get("/project-import/projects.xlsx?year=2026").data
    status, page = send(browser, content, "项目.xlsx")
    assert status == 200
    assert "与系统里的完全一样" in page
    assert "人武部" not in texts(page)


def test_each_wrong_row_says_what_is_wrong_and_nothing_is_written(site: Site) -> None:
    browser, unit = site.browser(BUDGET), a_unit(site)
    rows = [
        {**ROW, "unit": unit},
        {**ROW, "code": "B", "unit": "nowhere", "annual_amount": "很多", "type": "别的"},
        {**ROW, "code": "C", "unit": unit, "start_date": "2026-12-31", "end_date": "2026-01-01"},
        {**ROW, "code": "D", "unit": unit, "name": ""},
    ]
    content = workbook(
        [Sheet("项目库", list(TITLES.values()), [[row.get(name, "") for name in TITLES] for row in rows])]
    )
    status, page = send(browser, content, "项目.xlsx")
    said = texts(page)
    assert status == 422
    assert "没有预算单位“nowhere”" in said
    assert "“年度预算（万元）”不是金额" in said
    assert "“项目类型”只能是工程类" in said
    assert "结束日期早于开始日期" in said
    assert "缺少“项目名称”" in said
    assert confirm(browser, page) == 422
    with site.engine.database.read() as reading, Session(reading.connection) as session:
        assert session.scalar(select(Project).where(Project.code == ROW["code"])) is None


def test_a_budget_under_an_approved_goal_is_moved_by_adjustment_only(site: Site) -> None:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = select(Project).join(Goal, Goal.project_id == Project.id)
        query = query.where(Goal.state == "APPROVED", Project.fiscal_year == 2026)
        project = session.scalars(query.limit(1)).one()
        row = {**ROW, "code": project.code, "name": project.name, "unit": project.unit, "annual_amount": "1"}
    status, page = send(site.browser(BUDGET), csv_of(row), "项目.csv")
    assert status == 422
    assert "预算变动请走预算调整" in page


def test_what_a_file_does_not_say_stays_and_a_secret_project_is_not_made_open(site: Site) -> None:
    with site.engine.database.write() as unit, unit.savepoint() as session:
        one, other = session.scalars(
            select(Project).where(Project.fiscal_year == 2026, ~Project.secret_flag).order_by(Project.id)
        ).all()[:2]
        one.poverty_flag, one.level, one.fund_book = True, "L2", "GOV_FUND"
        other.secret_flag = True
        kept, secret, name = one.code, other.code, other.name
    browser = site.browser(BUDGET)
    lines = f"项目编码,项目名称,年度预算（万元）\n{kept},改了名称的项目,{one.annual_amount / 1_000_000}\n"
    status, page = send(browser, lines.encode(), "项目.csv")
    assert (status, confirm(browser, page)) == (200, 303)
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Project).where(Project.code == kept)).one()
        assert (found.name, found.poverty_flag) == ("改了名称的项目", True)
        assert (found.level, found.fund_book) == ("L2", "GOV_FUND")
    lines = f"项目编码,项目名称,年度预算（万元）,涉密\n{secret},{name},1,否\n"
    status, page = send(browser, lines.encode(), "项目.csv")
    assert (status, "不能从文件里改为不涉密" in page) == (422, True)


def test_only_the_budget_section_imports_projects(site: Site) -> None:
    for person in (CLERK, "jixiao.guzhang"):
        assert site.browser(person).get("/project-import").status_code == 403
