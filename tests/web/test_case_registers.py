"""The registers of cases: one builder for every business, with filters, order, pages, totals, and who sees what."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases
from budget.cases import CaseKind
from budget.tables import Project, Unit
from tests.web.conftest import Site, on_both, texts
from web.registers import reading, registers
from web.registers.reading import Filters

CHIEF, CLERK, SECTION = "jixiao.guzhang", "jiaotongju.jingban", "jingjian.guzhang"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
#: Cases of other businesses have instances of their own; these numbers are nobody's.
FIRST = 900_000


def monitor_all(site: Site) -> dict[str, Any]:
    """Open a monitoring of every project of the year; every third is reported, every fifth is overdue."""
    with site.engine.database.write() as unit, unit.savepoint() as session:
        year = session.scalar(select(Project.fiscal_year).order_by(Project.fiscal_year.desc()).limit(1))
        found = session.scalars(select(Project).where(Project.fiscal_year == year).order_by(Project.id)).all()
        for number, project in enumerate(found):
            cases.open_case(
                session,
                FIRST + number,
                CaseKind.MONITORING,
                fiscal_year=project.fiscal_year,
                now=NOW,
                unit=project.unit,
                project_id=project.id,
            ).period = "05" if number % 2 else "08"
            if number % 3 == 0:
                cases.submitted(session, FIRST + number, NOW)
            if number % 5 == 0:
                cases.overdue(session, FIRST + number, NOW)
        secret = session.scalar(select(Unit.code).where(Unit.secret_flag))
        return {"year": year, "count": len(found), "secret": secret}


def counted(page: str) -> int:
    """Return the number in the register's last row."""
    found = re.search(r"合计 (\d+) 件", texts(page))
    return int(found[1]) if found else 0


@on_both
def test_a_business_without_a_module_of_its_own_has_a_whole_register(site: Site) -> None:
    made = monitor_all(site)
    browser = site.browser(CHIEF)
    assert counted(browser.get("/registers/monitoring").text) == made["count"]
    halves = [counted(browser.get(f"/registers/monitoring?period={one}").text) for one in ("05", "08")]
    assert sum(halves) == made["count"]
    assert min(halves) > 0
    late = counted(browser.get("/registers/monitoring?state=OVERDUE").text)
    assert 0 < late < made["count"]
    assert "运行监控" in texts(browser.get("/registers").text)


@on_both
@pytest.mark.parametrize("sort", ["", "amount", "-amount", "submitted", "-submitted", "section"])
def test_pages_one_after_another_show_each_row_once_in_any_order(site: Site, sort: str) -> None:
    made = monitor_all(site)
    register, actor = registers()["monitoring"], site.engine.actor(CHIEF)
    seen: list[Any] = []
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        after: str | None = ""
        while after is not None:
            page = reading.read(session, register, actor, Filters(made["year"], sort=sort), after, limit=20)
            seen += page.rows
            after = page.next_cursor
    assert len(seen) == len({row.key for row in seen}) == made["count"]
    if sort == "-amount":
        amounts = [row.values["amount"] for row in seen]
        assert amounts == sorted(amounts, key=lambda amount: -1 if amount is None else amount, reverse=True)


def test_a_unit_sees_its_own_cases_a_section_those_in_its_charge(site: Site) -> None:
    made = monitor_all(site)
    pages = {one: site.browser(one).get("/registers/monitoring").text for one in (CLERK, SECTION)}
    units = set(re.findall(r'class="sub" lang="zh">([^<]+) · ', pages[CLERK]))
    assert units == {"县交通运输局"}
    assert 0 < counted(pages[CLERK]) < counted(pages[SECTION]) < made["count"]


def test_a_department_sees_the_cases_of_the_units_below_it(site: Site) -> None:
    monitor_all(site)
    own = _unit_of(site)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        other = session.scalars(
            select(Unit)
            .join(Project, Project.unit == Unit.code)
            .where(~Unit.secret_flag, ~Project.secret_flag, Unit.code != own, Unit.parent.is_(None))
            .limit(1)
        ).one()
        other.parent, other.level = own, 2
        name = other.name
    page = site.browser(CLERK).get("/registers/monitoring").text
    assert set(re.findall(r'class="sub" lang="zh">([^<]+) · ', page)) == {"县交通运输局", name}


def _unit_of(site: Site) -> str:
    return str(site.engine.actor(CLERK).posts[0].org)


def test_an_expert_sees_only_what_was_given_to_them(site: Site) -> None:
    monitor_all(site)
    page = site.browser("zhuanjia1").get("/registers/monitoring")
    assert page.status_code == 200
    assert counted(page.text) == 0


def test_a_secret_units_row_has_neither_name_nor_amount_anywhere(site: Site) -> None:
    made = monitor_all(site)
    register, actor = registers()["monitoring"], site.engine.actor(CHIEF)
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        rows = [
            row
            for row in reading.every(session, register, actor, Filters(made["year"], sort="-amount"))
            if row.secret
        ]
        narrowed = reading.totals(session, register, actor, Filters(made["year"], amount_from="0"))
    assert rows
    assert all(row.name is None and row.values["amount"] is None and row.project_id is None for row in rows)
    assert narrowed.secret == 0


def test_the_workbook_has_every_row_of_the_filtered_register_and_leaves_a_trace(site: Site) -> None:
    monitor_all(site)
    browser = site.browser(CHIEF)
    shown = counted(browser.get("/registers/monitoring?period=05").text)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(browser.get("/registers/monitoring.xlsx?period=05").data)
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) - 1 == shown
    assert "金额（万元）" in rows[0]
    assert {row[rows[0].index("期次")] for row in rows[1:]} == {"5月"}


def test_an_unknown_register_is_not_found_and_goals_lead_to_their_own_page(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert browser.get("/registers/nothing").status_code == 404
    assert browser.get("/registers/goal?state=APPROVED").location == "/goals?state=APPROVED"
