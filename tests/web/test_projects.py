"""The page of a project's life: each figure leads to its record, and only those who may see the project see it."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import Goal, Project, Unit
from tests.web.conftest import Site, on_both, texts

CHIEF = "yusuan.guzhang"


def project_of(site: Site, state: str) -> tuple[int, str]:
    """Return a project whose goal is in a state: its id and its unit."""
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = select(Project.id, Project.unit).join(Goal, Goal.project_id == Project.id)
        row = session.execute(query.where(Goal.state == state, Goal.instance_id.is_not(None)).limit(1)).one()
        return row.id, row.unit


@on_both
def test_an_approved_goal_shows_its_number_its_versions_and_leads_to_its_case(site: Site) -> None:
    project, _ = project_of(site, "APPROVED")
    page = site.browser(CHIEF).get(f"/projects/{project}").text
    assert re.search(r"批复文号 2026-\d{3}", texts(page))
    assert "第 1 版送审" in page
    assert re.search(r'href="/instances/\d+"', page)
    assert re.search(r"SHA-256 [0-9a-f]{12}", page)


def test_a_day_before_the_campaign_has_no_records(site: Site) -> None:
    project, _ = project_of(site, "APPROVED")
    page = site.browser(CHIEF).get(f"/projects/{project}?as_of=2020-01-01").text
    assert "截至这一天还没有记录" in page
    assert "批复文号" not in page


def test_another_unit_and_an_expert_to_whom_nothing_was_given_find_no_project(site: Site) -> None:
    project, unit = project_of(site, "APPROVED")
    other = next(
        one
        for one in ("jiaotongju.jingban", "shangwuju.jingban")
        if site.engine.actor(one).posts[0].org != unit
    )
    for person in (other, "zhuanjia1"):
        assert site.browser(person).get(f"/projects/{project}").status_code == 404
    assert site.browser("admin").get(f"/projects/{project}").status_code == 403


def test_a_secret_units_project_shows_that_it_is_handled_offline_and_nothing_else(site: Site) -> None:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = select(Project).join(Unit, Unit.code == Project.unit).where(Unit.secret_flag)
        row = session.scalars(query.order_by(Project.fiscal_year.desc()).limit(1)).one()
        project, name = row.id, row.name
    page = site.browser(CHIEF).get(f"/projects/{project}").text
    assert name not in page
    assert "涉密项目线下办理" in page
    assert 'class="glance"' not in page
