"""年度结转: the preview is what is done; the old year can be read only, but for corrections; the header switches years."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import years
from budget.codes import GoalState
from budget.tables import Goal, Project
from engine.calendar import ZONE
from engine.errors import InvalidAnswers
from tests.web.conftest import Site, hidden, on_both, texts

KEEPER, CLERK = "jixiao.guzhang", "jiaotongju.jingban"
#: The demo's budget year is 2027, which is over in the next January.
OVER = datetime(2028, 1, 5, 9, tzinfo=ZONE)


def projects(site: Site, year: int) -> list[Project]:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        found = list(session.scalars(select(Project).where(Project.fiscal_year == year)))
        session.expunge_all()
        return found


def lasting(site: Site, count: int = 3) -> None:
    """Let some projects of the year go on, and all others end with it."""
    year = int(site.engine.setting("year"))
    with site.engine.database.write() as unit, unit.savepoint() as session:
        for number, project in enumerate(
            session.scalars(select(Project).where(Project.fiscal_year == year).order_by(Project.id))
        ):
            project.end_date = date(year + 1 if number < count else year, 12, 31)


def carry(site: Site, year: int) -> Any:
    browser = site.browser(KEEPER)
    page = browser.get(f"/years?year={year}").text
    return browser.post("/years", {"year": str(year), "seal": hidden(page, "seal"), "note": "人代会后"})


@on_both
def test_what_goes_on_is_in_the_next_year_and_linked_to_the_old(site: Site) -> None:
    year = int(site.engine.setting("year"))
    lasting(site)
    browser = site.browser(KEEPER)
    assert "转入下一年度 3" in texts(browser.get(f"/years?year={year}").text)
    assert f"{year} 年 12 月起可以结转" in texts(browser.get(f"/years?year={year}").text)
    assert browser.post("/years", {"year": str(year), "seal": "any"}).status_code == 303
    assert projects(site, year + 1) == [], "the year isn't over"
    site.clock.set(datetime(year + 1, 1, 5, 9, tzinfo=ZONE))
    carry(site, year)
    old = {project.id: project for project in projects(site, year)}
    new = projects(site, year + 1)
    assert len(new) == 3
    for project in new:
        before = old[project.previous_id or 0]
        assert (project.name, project.unit, project.attr) == (before.name, before.unit, "CONTINUED")
        assert project.code == before.code.replace(str(year), str(year + 1), 1)
    assert site.engine.setting("year") == year + 1
    again = site.browser(KEEPER)
    again.get(f"/years?year={year}")
    again.post("/years", {"year": str(year), "seal": f"{year}:0:0:0"})
    assert "已经结转" in texts(again.get(f"/years?year={year}").text)
    assert len(projects(site, year + 1)) == 3, "a second time does nothing"


def test_the_old_year_is_read_only_until_it_is_opened_for_a_units_corrections(site: Site) -> None:
    year = int(site.engine.setting("year"))
    lasting(site)
    site.clock.set(datetime(year + 1, 1, 5, 9, tzinfo=ZONE))
    carry(site, year)
    clerk = site.engine.actor(CLERK)
    task = site.engine.task(site.waiting(CLERK, "fill_goal"), clerk)

    def submit() -> set[str]:
        with pytest.raises(InvalidAnswers) as caught:
            site.engine.complete(
                task.item_id,
                actor=clerk,
                version=task.version,
                outcome="提交",
                answers=task.answers,
                document_version=task.document_version,
            )
        return {finding.code for finding in caught.value.findings}

    assert "year.closed" in submit()
    browser = site.browser(KEEPER)
    browser.get(f"/years?year={year}")
    given = {"unit": task.variables["project"]["unit"], "until": f"{year + 1}-01-20", "reason": "金额更正"}
    browser.post(f"/years/{year}/corrections", {**given, "reason": ""})
    assert "year.closed" in submit()
    browser.post(f"/years/{year}/corrections", given)
    assert "金额更正" in texts(browser.get(f"/years?year={year}").text)
    assert "year.closed" not in submit()
    site.clock.set(datetime(year + 1, 1, 21, 9, tzinfo=ZONE))
    assert "year.closed" in submit()


def test_nothing_is_begun_about_the_old_year_until_it_is_opened(site: Site) -> None:
    """New projects, adjustments and requests for money of a closed year are refused at once, with the reason."""
    year, said = int(site.engine.setting("year")), "已经结转，只能查阅"
    own = str(site.engine.actor(CLERK).posts[0].org)
    with site.engine.database.write() as unit, unit.savepoint() as session:
        query = select(Project, Goal).join(Goal, Goal.project_id == Project.id).where(Project.unit == own)
        project, goal = session.execute(query.where(Project.fiscal_year == year)).first() or ()
        goal.state, project.type = GoalState.APPROVED, "SERVICE"
        wanted = project.id
    lasting(site)
    site.clock.set(datetime(year + 1, 1, 5, 9, tzinfo=ZONE))
    carry(site, year)
    clerk, budget = site.browser(CLERK), site.browser("yusuan.guzhang")
    for browser in (clerk, budget):
        browser.post("/year", {"year": str(year)})
    assert said in texts(clerk.post("/begin/disbursement", {"project": str(wanted)}).text)
    assert clerk.post(f"/adjustments/{wanted}").location == "/adjustments"
    assert said in texts(clerk.get("/adjustments").text)
    typed = {
        "name": "某应急项目",
        "unit": own,
        "category": "SPECIFIC",
        "type": "SERVICE",
        "fund_book": "GENERAL",
    }
    typed |= {"amount": "12", "start": f"{year}-06-01", "end": f"{year}-12-31", "due": f"{year + 1}-06-20"}
    refused = budget.post("/projects/new", typed)
    assert (refused.status_code, said in texts(refused.text)) == (409, True)
    keeper = site.browser(KEEPER)
    keeper.get(f"/years?year={year}")
    given = {"unit": own, "until": f"{year + 1}-01-20", "reason": "金额更正"}
    keeper.post(f"/years/{year}/corrections", given)
    assert budget.post("/projects/new", typed).status_code == 303
    assert clerk.post("/begin/disbursement", {"project": str(wanted)}).status_code == 303


def test_what_changed_since_the_preview_is_not_carried_over(site: Site) -> None:
    year = int(site.engine.setting("year"))
    lasting(site)
    site.clock.set(datetime(year + 1, 1, 5, 9, tzinfo=ZONE))
    browser = site.browser(KEEPER)
    seal = hidden(browser.get(f"/years?year={year}").text, "seal")
    lasting(site, 4)
    browser.post("/years", {"year": str(year), "seal": seal})
    assert "又有变化" in texts(browser.get(f"/years?year={year}").text)
    assert projects(site, year + 1) == []


def test_the_header_switches_the_year_of_the_registers(site: Site) -> None:
    year = int(site.engine.setting("year"))
    browser = site.browser(CLERK)
    assert f"{year} 年度" in texts(browser.get("/goals").text)
    assert browser.post("/year", {"year": str(year - 1), "back": "/goals?year=1999"}).location == "/goals"
    page = texts(browser.get("/goals").text)
    assert f"{year - 1} 年度" in page
    assert browser.post("/year", {"year": "1999"}).status_code == 404
    browser.post("/year", {"year": str(year)})
    assert f"{year} 年度" in texts(browser.get("/goals").text)


def test_only_the_performance_section_carries_over(site: Site) -> None:
    clerk = site.browser(CLERK)
    assert clerk.get("/years").status_code == 403
    assert clerk.post("/years", {"year": "2027"}).status_code == 403
    assert clerk.post("/years/2027/corrections").status_code == 403
    leader = site.browser("juzhang")
    assert leader.get("/years").status_code == 200
    assert "结转到" not in texts(leader.get("/years").text)


def test_looking_back_goes_on_after_the_year(site: Site) -> None:
    assert {"SELF_EVALUATION", "RECTIFICATION", "KEY_EVALUATION"}.isdisjoint(years.OF_THE_YEAR)
    assert site.engine.setting("year")
