"""The dashboard: figures from the records, each leading to as many rows as it says, within what the person may see."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from sqlalchemy import select

from budget.tables import Campaign, MonitoringRecord, Project
from tests.web.conftest import Site, on_both, texts
from tests.web.test_case_registers import FIRST, counted, monitor_all

CHIEF, CLERK, SECTION = "jixiao.guzhang", "jiaotongju.jingban", "jingjian.guzhang"


def report(site: Site, share: str = "0.5", light: str = "RED") -> int:
    """Let the first project of the year report that a share of its money and half of its goal is reached."""
    monitor_all(site)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        year = session.scalar(select(Project.fiscal_year).order_by(Project.fiscal_year.desc()).limit(1))
        project = session.scalars(
            select(Project).where(Project.fiscal_year == year).order_by(Project.id).limit(1)
        ).one()
        session.add(
            MonitoringRecord(
                project_id=project.id,
                fiscal_year=year,
                instance_id=FIRST,
                period="05",
                as_of=date(2026, 4, 30),
                version=1,
                state="ACCEPTED",
                document_version=1,
                document_sha256="b" * 64,
                budget_initial=project.annual_amount,
                budget_adjusted=project.annual_amount,
                executed=int(project.annual_amount * Decimal(share)),
                forecast=project.annual_amount,
                money_planned=Decimal("0.3333"),
                money_actual=Decimal(share),
                money_deviation=Decimal(0),
                goal_actual=Decimal("0.5"),
                goal_deviation=Decimal(0),
                deviation=Decimal(0),
                light=light,
                action="RECTIFY",
                mode="SELF",
                submitted_at=datetime(2026, 3, 3, tzinfo=UTC),
                submitted_by="user:li",
            )
        )
        return project.id


def matrix(page: str) -> list[list[tuple[int, str]]]:
    """Return the numbers of the status matrix with where they lead, line by line."""
    body = re.search(r'board-matrix".*?<tbody>(.*?)</tbody>', page, re.S)
    assert body
    lines = []
    for line in re.findall(r"<tr>(.*?)</tr>", body[1], re.S):
        cells = re.findall(r'<td class="num">(?:<a[^>]*href="([^"]*)">)?(?:<span[^>]*>)?(\d+)', line)
        lines.append([(int(number), unescape(href)) for href, number in cells])
    return lines


def figures(page: str, chart: str) -> dict[str, Any]:
    """Return what a picture is drawn from."""
    found = re.search(rf"data-chart=\"{chart}\" data-figures='([^']*)'", page)
    assert found
    answer: dict[str, Any] = json.loads(unescape(found[1]))
    return answer


@on_both
def test_each_line_of_the_matrix_has_the_same_cohort_and_leads_to_its_rows(site: Site) -> None:
    monitor_all(site)
    browser = site.browser(CHIEF)
    lines = matrix(browser.get("/dashboard").text)
    sums = {sum(number for number, _ in line[:5]) for line in lines}
    assert len(lines) == 7
    assert len(sums) == 1
    approved, where = lines[0][4]
    page = texts(browser.get(where).text)
    secret = re.search(r"其中涉密 (\d+) 个", page)
    rows = re.search(r"合计 (\d+) 个项目", page)
    assert rows
    assert int(rows[1]) - (int(secret[1]) if secret else 0) == approved
    late, where = lines[1][5]
    assert late > 0
    assert counted(browser.get(where).text) >= late


@on_both
def test_a_project_that_was_monitored_is_a_point_that_leads_to_its_page(site: Site) -> None:
    project = report(site)
    page = site.browser(CHIEF).get("/dashboard").text
    (point,) = figures(page, "scatter")["points"]
    assert (point["money"], point["goal"], point["light"]) == (50.0, 50.0, "RED")
    assert point["href"] == f"/projects/{project}"
    assert f'href="/projects/{project}"' in page.partition("data-chart")[2]
    assert "红 1 · 黄 0 · 共监控 1" in texts(page)


def test_what_the_sections_have_adds_up_to_the_county(site: Site) -> None:
    report(site)
    browser = site.browser(CHIEF)
    rows = figures(browser.get("/dashboard").text, "sections")["rows"]
    page = texts(browser.get("/goals").text)
    amount = re.search(r"金额 ([\d,]+\.\d\d) 万元", page)
    assert amount
    assert len(rows) >= 3
    assert round(sum(row["budget"] for row in rows), 2) == float(amount[1].replace(",", ""))


def test_a_section_and_a_unit_see_their_own_figures_and_experts_none(site: Site) -> None:
    report(site)
    one = figures(site.browser(SECTION).get("/dashboard").text, "sections")["rows"]
    assert [row["name"] for row in one] == ["经建股"]
    unit = figures(site.browser(CLERK).get("/dashboard").text, "sections")["rows"]
    assert sum(row["projects"] for row in unit) < one[0]["projects"]
    assert site.browser("zhuanjia1").get("/dashboard").status_code == 403


def test_the_units_that_are_late_are_ranked_and_lead_to_what_is_missing(site: Site) -> None:
    monitor_all(site)
    browser = site.browser(CHIEF)
    page = browser.get("/dashboard").text
    ranking = re.findall(
        r'href="(/registers\?[^"]+)"><span lang="zh">[^<]+</span><span class="num">(\d+)', page
    )
    assert ranking
    counts = [int(count) for _, count in ranking]
    assert counts == sorted(counts, reverse=True)
    assert "运行监控" in texts(browser.get(unescape(ranking[0][0])).text).partition("只列出符合条件的业务")[2]


def test_growth_is_told_only_beside_a_year_whose_goals_were_called_for_here(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert "比上年" not in browser.get("/dashboard").text
    with site.engine.database.write() as unit, unit.savepoint() as session:
        year = session.scalars(select(Project.fiscal_year).order_by(Project.fiscal_year.desc())).first()
        assert year is not None
        now = datetime(2026, 3, 3, tzinfo=UTC)
        session.add(
            Campaign(
                kind="GOAL",
                fiscal_year=year - 1,
                title="目标申报",
                state="CLOSED",
                opens_at=now,
                due_at=now,
            )
        )
    assert "比上年" in browser.get(f"/dashboard?year={year}").text
