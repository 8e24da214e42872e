"""年度活动: a campaign is begun, planned, issued and followed on its pages; the year's plan begins, skips and resumes."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import Campaign, Case, Project
from engine.calendar import ZONE
from tests.web.conftest import Browser, Site, on_both, texts
from workflows import profiles, yearly

KEEPER, CLERK, SECTION = "jixiao.guzhang", "jiaotongju.jingban", "jingjian.guzhang"
OTHER = "shangwuju.jingban"
PLAN = {
    "title": "2027年度项目支出绩效目标补报",
    "kind": "GOAL",
    "fiscal_year": 2027,
    "period": "",
    "opens_on": "2026-03-11",
    "due_on": "2026-03-25",
}


def run(site: Site) -> None:
    while site.engine.run_due() or site.engine.run_jobs() or site.engine.run_errands():
        pass


def answer(site: Site, instance: int, outcome: str, answers: dict[str, Any]) -> None:
    actor = site.engine.actor(KEEPER)
    (holder,) = site.engine.instance(instance, actor).holders
    task = site.engine.task(holder.item_id, actor)
    site.engine.complete(task.item_id, actor=actor, version=task.version, outcome=outcome, answers=answers)


def opened(site: Site) -> int:
    """Hold a campaign of goals for projects that have none, and return its id."""
    with site.engine.database.write() as unit, unit.savepoint() as session:
        for number, project in enumerate(
            session.scalars(
                select(Project)
                .where(Project.fiscal_year == year(site))
                .order_by(~Project.name.like("%公路%"), Project.id)
                .limit(40)
            ).all()
        ):
            copy = {
                column.key: getattr(project, column.key)
                for column in Project.__table__.columns
                if column.key not in ("id", "code", "fiscal_year", "previous_id")
            }
            session.add(Project(**copy, fiscal_year=2031, code=f"2031-{number:03d}"))
    engine = site.engine
    started = engine.start(
        "campaign",
        actor=engine.actor(KEEPER),
        variables=yearly.variables(profiles.of(engine), None),
    )
    answer(site, started.instance_id, "送审", {**PLAN, "fiscal_year": 2031})
    answer(site, started.instance_id, "签发", {"issue_note": ""})
    run(site)
    with engine.database.read() as unit, Session(unit.connection) as session:
        return session.scalars(select(Campaign.id)).one()


def year(site: Site) -> int:
    return int(site.engine.setting("year"))


def numbers(page: str) -> dict[str, int]:
    """Return the tiles of a campaign's page: label → number."""
    found = re.findall(r'class="card counter[^"]*"[^>]*><span>([^<]+)</span><b>(\d+)</b>', page)
    return {label: int(number) for label, number in found}


@on_both
def test_the_counts_lead_to_their_cases_and_the_workbook_says_the_same(site: Site) -> None:
    campaign = opened(site)
    browser = site.browser(KEEPER)
    assert "2027年度项目支出绩效目标补报" in browser.get("/campaigns/?year=2031").text
    page = browser.get(f"/campaigns/{campaign}").text
    found = numbers(page)
    assert found == {"应报": 40, "已报": 0, "退回数": 0, "未报": 40, "逾期": 0}
    assert browser.get(f"/campaigns/{campaign}?section=S04").status_code == 200
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(browser.get(f"/campaigns/{campaign}/export").data)
    ).get_sheet_by_index(0)
    rows = book.to_python()
    assert rows[-1][:3] == ["合计", "", 40.0]
    assert sum(row[2] for row in rows[1:-1]) == 40
    bulletin = texts(browser.get(f"/campaigns/{campaign}/bulletin").text)
    assert "2027年度项目支出绩效目标补报进度的通报" in bulletin


def test_urging_reaches_who_has_the_task_though_the_draft_is_not_shown(site: Site) -> None:
    campaign = opened(site)
    browser = site.browser(KEEPER)
    browser.get(f"/campaigns/{campaign}")
    refused = browser.post(f"/campaigns/{campaign}/urge", {"text": "请抓紧"})
    assert refused.status_code == 303
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        chosen = session.scalar(select(Case.unit).where(Case.campaign_id == campaign).limit(1))
        those = list(
            session.scalars(select(Case.instance_id).where(Case.campaign_id == campaign, Case.unit == chosen))
        )
    browser.post(f"/campaigns/{campaign}/urge", {"text": "请抓紧", "pick": chosen})
    run(site)
    page = browser.get(f"/campaigns/{campaign}").text
    link = re.search(rf'href="(/campaigns/{campaign}/results/\d+)"', page)
    assert link is not None
    rows = CalamineWorkbook.from_filelike(io.BytesIO(browser.get(link[1]).data)).get_sheet_by_index(0)
    said = [row[4] for row in rows.to_python()[1:]]
    assert said == ["已催办"] * len(those)
    assert site.browser(OTHER).get(link[1]).status_code == 404


@on_both
def test_a_later_day_moves_tasks_cases_and_the_campaigns_own_close(site: Site) -> None:
    campaign = opened(site)
    browser = site.browser(KEEPER)
    browser.get(f"/campaigns/{campaign}")
    answer = browser.post(
        f"/campaigns/{campaign}/extend", {"whole": "1", "due": "2026-04-10", "reason": "系统升级"}
    )
    assert answer.status_code == 303
    run(site)
    due = datetime(2026, 4, 10, 18, tzinfo=ZONE)
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(Campaign, campaign).due_at == due
        assert set(session.scalars(select(Case.due_at).where(Case.campaign_id == campaign))) == {due}
    site.clock.set(datetime(2026, 3, 26, 1, tzinfo=ZONE))
    run(site)
    assert "进行中" in site.browser(KEEPER).get(f"/campaigns/{campaign}").text
    site.clock.set(due + timedelta(minutes=1))
    run(site)
    assert "已结束" in site.browser(KEEPER).get(f"/campaigns/{campaign}").text


def test_everybody_counts_their_own_and_only_the_performance_section_acts(site: Site) -> None:
    campaign = opened(site)
    clerk = site.browser(CLERK)
    whole = numbers(site.browser(KEEPER).get(f"/campaigns/{campaign}").text)["应报"]
    mine = clerk.get(f"/campaigns/{campaign}")
    assert 0 < numbers(mine.text)["应报"] < whole
    assert "催办所选单位" not in mine.text
    assert 0 < numbers(site.browser(SECTION).get(f"/campaigns/{campaign}").text)["应报"] < whole
    for address in (f"/campaigns/{campaign}/urge", f"/campaigns/{campaign}/extend", "/campaigns/plan"):
        assert clerk.post(address, {"whole": "1"}).status_code == 403
    assert clerk.get("/campaigns/plan").status_code == 403
    assert site.browser("admin").get(f"/campaigns/{campaign}").status_code == 403


class TestThePlan:
    """年度日历: previewed, begun by hand or by itself, skipped and resumed."""

    def keys(self, browser: Browser) -> list[str]:
        return re.findall(r'name="key" value="([^"]+)"', browser.get("/campaigns/plan?year=2026").text)

    def test_a_campaign_of_the_plan_is_begun_before_its_day_with_its_form_filled_in(self, site: Site) -> None:
        browser = site.browser(KEEPER)
        key = next(key for key in self.keys(browser) if key.startswith("campaign-GOAL-"))
        begun = browser.post("/campaigns/plan", {"year": "2026", "key": key, "do": "begin"})
        task = browser.get(begun.location).text
        assert 'value="2027年度目标申报"' in task
        assert 'value="2026-09-15"' in task
        assert "正在编制方案" in browser.get("/campaigns/plan?year=2026").text
        again = browser.post("/campaigns/plan", {"year": "2026", "key": key, "do": "begin"})
        assert again.location.endswith("/campaigns/plan?year=2026")

    def test_one_is_skipped_with_a_reason_and_resumed(self, site: Site) -> None:
        browser = site.browser(KEEPER)
        key = next(key for key in self.keys(browser) if key.startswith("campaign-GOAL-"))
        browser.post("/campaigns/plan", {"year": "2026", "key": key, "do": "skip", "reason": ""})
        assert "请写明跳过的理由" in browser.get("/campaigns/plan?year=2026").text
        browser.post("/campaigns/plan", {"year": "2026", "key": key, "do": "skip", "reason": "并入上级布置"})
        assert "并入上级布置" in browser.get("/campaigns/plan?year=2026").text
        browser.post("/campaigns/plan", {"year": "2026", "key": key, "do": "resume"})
        assert "并入上级布置" not in browser.get("/campaigns/plan?year=2026").text

    def test_the_calendar_begins_it_ten_working_days_ahead_once_however_late_it_looks(
        self, site: Site
    ) -> None:
        goals = "campaign-GOAL-2027-"
        site.clock.set(datetime(2026, 9, 1, 9, tzinfo=ZONE))
        site.engine.run_routines()
        browser = site.browser(KEEPER)
        assert goals in self.keys(browser), "not before somebody has switched the calendar on"
        browser.get("/campaigns/plan?year=2026")
        browser.post("/campaigns/plan", {"year": "2026", "do": "on"})
        site.clock.set(datetime(2026, 8, 31, 9, tzinfo=ZONE))
        site.engine.run_routines()
        assert goals in self.keys(site.browser(KEEPER))
        site.clock.set(datetime(2026, 9, 20, 9, tzinfo=ZONE))
        assert site.engine.run_routines() >= 1
        assert site.engine.run_routines() == 0
        browser = site.browser(KEEPER)
        assert goals not in self.keys(browser)
        assert "正在编制方案" in browser.get("/campaigns/plan?year=2026").text

    def test_what_is_no_campaign_begins_on_its_day_once_whoever_begins_it(self, site: Site) -> None:
        browser = site.browser(KEEPER)
        report, choice = "campaign-ANNUAL_REPORT-2026-", "campaign-KEY_SELECTION-2025-"
        assert {report, choice} <= set(self.keys(browser))
        browser.get("/annual-reports")
        browser.post("/annual-reports", {"year": "2026"})
        assert report not in self.keys(browser), "somebody has begun it by hand"
        browser.get("/campaigns/plan?year=2026")
        browser.post("/campaigns/plan", {"year": "2026", "do": "on"})
        site.clock.set(datetime(2026, 5, 6, 9, tzinfo=ZONE))
        assert site.engine.run_routines() >= 1
        browser = site.browser(KEEPER)
        assert choice not in self.keys(browser)
        assert "查看事项" in browser.get("/campaigns/plan?year=2026").text
        site.waiting(KEEPER, "propose")
        site.clock.set(datetime(2026, 11, 20, 9, tzinfo=ZONE))
        site.engine.run_routines()
        assert len(self.cases(site, "ANNUAL_REPORT")) == len(self.cases(site, "KEY_SELECTION")) == 1
        assert len(self.cases(site, "LIBRARY")) == 1

    def cases(self, site: Site, kind: str) -> list[Case]:
        with site.engine.database.read() as unit, Session(unit.connection) as session:
            found = list(session.scalars(select(Case).where(Case.kind == kind)))
            session.expunge_all()
            return found


@pytest.mark.parametrize("address", ["/campaigns/999", "/campaigns/999/export", "/campaigns/999/bulletin"])
def test_a_campaign_that_is_not_there_is_not_found(site: Site, address: str) -> None:
    assert site.browser(KEEPER).get(address).status_code == 404
