"""目标申报: who sees which projects, with totals that agree."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from budget.tables import Project
from tests.web.conftest import Site, on_both, texts
from workflows import profiles
from workflows.profiles import Setting


def total(page: str) -> tuple[int, str]:
    """Return the number of projects and the sum of the register's last row."""
    found = re.search(r"合计 (\d+) 个项目.*?([\d,]+\.\d\d)", texts(page))
    assert found
    return int(found[1]), found[2]


@on_both
def test_the_whole_county_is_109_projects_with_the_county_sum(site: Site) -> None:
    projects, _ = total(site.browser("yusuan.guzhang").get("/goals").text)
    assert projects == 109


def test_a_unit_sees_its_own_projects_only(site: Site) -> None:
    page = site.browser("jiaotongju.jingban").get("/goals").text
    projects, _ = total(page)
    assert 0 < projects < 109
    assert set(re.findall(r'class="sub" lang="zh">([^<]+) · ', page)) == {"县交通运输局"}


def test_sections_add_up_to_the_county(site: Site) -> None:
    browser = site.browser("yusuan.guzhang")
    page = browser.get("/goals").text
    sections = re.findall(r'<option value="(S\d+)"', page)
    assert len(sections) >= 3
    assert sum(total(browser.get(f"/goals?section={code}").text)[0] for code in sections) == 109


def test_marks_of_projects_are_shown_and_narrow_every_register(site: Site) -> None:
    with site.engine.database.write() as unit, unit.savepoint() as session:
        query = select(Project).where(Project.fiscal_year == 2026, ~Project.secret_flag).order_by(Project.id)
        poor, carried = session.scalars(query.where(~Project.poverty_flag)).all()[:2]
        before = len(session.scalars(query.where(Project.poverty_flag)).all())
        poor.poverty_flag, carried.carryover_amount = True, 500_000_000
        carried.annual_amount = max(carried.annual_amount, 500_000_000)
        name = carried.name
    browser = site.browser("yusuan.guzhang")
    assert total(browser.get("/goals?mark=POVERTY").text)[0] == before + 1
    page = browser.get("/goals?mark=CARRYOVER").text
    assert (total(page)[0], name in page, "上年结转" in texts(page)) == (1, True, True)
    assert browser.get("/registers/disbursement?mark=POVERTY").status_code == 200
    assert total(browser.get("/goals?mark=OTHER").text)[0] == 109
    inbox = browser.get("/inbox").text
    assert "扶贫（衔接）" in inbox
    marked = browser.get("/inbox?mark=POVERTY")
    rows, every = (len(re.findall(r"<tr[^>]* data-row", page)) for page in (marked.text, inbox))
    assert (marked.status_code, rows < every) == (200, True)
    assert len(re.findall(r"<tr[^>]* data-row", browser.get("/inbox?mark=OTHER").text)) == every


def test_titles_and_columns_use_the_countys_word_for_a_section(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "归口股室" in site.browser("yusuan.guzhang").get("/goals").text
    own = profiles.load(profiles.DEFAULT)
    changed = {**own.settings, "wording.section": Setting("科", "P")}
    monkeypatch.setattr(profiles, "load", lambda _: replace(own, settings=changed))
    page = site.browser("yusuan.guzhang").get("/goals").text
    assert "归口科室" in page
    assert "预算科负责人" in page


def test_a_secret_unit_shows_neither_name_nor_amount(site: Site) -> None:
    page = site.browser("yusuan.guzhang").get("/goals?text=人武部").text
    assert "涉密项目" in page
    assert "其中涉密" in page
    assert re.search(r"合计 \d+ 个项目.*0\.00", texts(page))


@on_both
def test_a_filter_by_state_keeps_to_it(site: Site) -> None:
    page = site.browser("yusuan.guzhang").get("/goals?state=APPROVED").text
    rows = re.search(r"<tbody>(.*?)</tbody>", page, re.S)
    assert rows
    assert set(re.findall(r'class="tag ok">([^<]+)<', rows[1])) == {"已批复"}
    assert "退回补正</span>" not in rows[1]


def test_a_goal_that_is_still_being_drafted_leads_nobody_else_into_it(site: Site) -> None:
    own = site.browser("jiaotongju.jingban").get("/goals?state=DRAFTING").text
    others = site.browser("yusuan.guzhang").get("/goals?state=DRAFTING").text
    assert 'href="/instances/' in own
    assert 'href="/instances/' not in others
    assert 'class="title"' in others


@on_both
def test_an_approved_goal_shows_its_version_with_its_number(site: Site) -> None:
    browser = site.browser("yusuan.guzhang")
    page = browser.get("/goals?state=APPROVED").text
    number = re.search(r'<td class="nowrap">(\S+)</td>', page)
    link = re.search(r'href="(/instances/\d+)"', page)
    assert number
    assert link
    instance = texts(browser.get(link[1]).text)
    assert "目标的版本" in instance
    assert number[1] in instance
