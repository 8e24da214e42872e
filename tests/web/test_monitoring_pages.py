"""运行监控: the register with its lights, and the scatter of spending and achievement, for those who may see them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases
from budget.cases import CaseKind
from budget.monitoring.codes import Light, MonitorMode, RecordState
from budget.tables import MonitoringRecord, Project, Unit
from tests.web.conftest import Site, on_both, texts

CHIEF, CLERK, SECTION = "jixiao.guzhang", "jiaotongju.jingban", "jingjian.guzhang"
NOW = datetime(2026, 6, 2, 2, tzinfo=UTC)
#: Cases of these numbers are nobody's instances.
FIRST = 800_000


def monitored(site: Site) -> list[tuple[str, str]]:
    """Report every project of the year but the secret ones; return unit and name, the red ones first."""
    made = []
    with site.engine.database.write() as unit, unit.savepoint() as session:
        year = site.engine.setting("year")
        query = (
            select(Project, Unit)
            .join(Unit, Unit.code == Project.unit)
            .where(Project.fiscal_year == year)
            .order_by(Project.code)
        )
        for number, (project, owner) in enumerate(session.execute(query)):
            cases.open_case(
                session,
                FIRST + number,
                CaseKind.MONITORING,
                fiscal_year=year,
                now=NOW,
                unit=project.unit,
                project_id=project.id,
            ).period = "05"
            cases.submitted(session, FIRST + number, NOW)
            red = number % 4 == 0
            secret = project.secret_flag or owner.secret_flag
            for version, light in ((1, Light.BLUE), (2, Light.RED if red else Light.GREEN)):
                session.add(
                    MonitoringRecord(
                        project_id=project.id,
                        fiscal_year=year,
                        instance_id=FIRST + number,
                        period="05",
                        as_of=date(year, 5, 31),
                        version=version,
                        state=RecordState.SUBMITTED,
                        document_version=version,
                        document_sha256="0" * 64,
                        budget_initial=project.annual_amount,
                        budget_adjusted=project.annual_amount,
                        executed=project.annual_amount // 4,
                        forecast=project.annual_amount,
                        money_planned=Decimal("0.4167"),
                        money_actual=Decimal("0.25") if red else Decimal("0.4155"),
                        money_deviation=Decimal("0.4"),
                        goal_actual=Decimal("0.3"),
                        goal_deviation=Decimal(0),
                        deviation=Decimal("0.40004799") if red else Decimal("0.01"),
                        light=light,
                        mode=MonitorMode.SELF,
                        submitted_at=NOW,
                        submitted_by="user:li",
                    )
                )
            if not secret:
                made.append((red, project.unit, project.name))
    return [(owner, name) for red, owner, name in sorted(made, key=lambda one: not one[0])]


@on_both
def test_the_register_shows_the_newest_light_and_filters_by_it(site: Site) -> None:
    monitored(site)
    browser = site.browser(CHIEF)
    red = texts(browser.get("/registers/monitoring?state=LIGHT_RED").text)
    assert "40%" in red
    assert "25%" in red
    assert "41.55%" not in red
    green = texts(browser.get("/registers/monitoring?state=LIGHT_GREEN").text)
    assert "41.55%" in green
    blue = texts(browser.get("/registers/monitoring?state=LIGHT_BLUE").text)
    assert "没有符合条件的事项" in blue
    assert browser.get("/registers/monitoring?sort=-deviation").status_code == 200
    assert browser.get("/registers/monitoring.xlsx?state=LIGHT_RED").status_code == 200


@on_both
def test_the_scatter_shows_each_project_once_and_no_secret_one(site: Site) -> None:
    made = monitored(site)
    page = site.browser(CHIEF).get("/monitoring/scatter").text
    assert page.count('class="dot ') == len(made)
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        hushed = session.scalars(
            select(Project.name)
            .join(Unit, Unit.code == Project.unit)
            .where(Project.secret_flag | Unit.secret_flag)
        ).all()
    assert hushed
    assert not any(f">{name}<" in page for name in hushed)
    assert "25.00%" in page
    assert 'class="dot bad"' in page


@pytest.mark.parametrize("who", [CLERK, SECTION])
def test_the_scatter_is_of_ones_own_projects(site: Site, who: str) -> None:
    made = monitored(site)
    seen = site.browser(who).get("/monitoring/scatter").text
    posts = {post.org for post in site.engine.actor(who).posts}
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        units = {
            row.code
            for row in session.scalars(select(Unit))
            if row.code in posts or row.parent in posts or row.section in posts
        }
    own = [name for owner, name in made if owner in units]
    assert own
    assert seen.count('class="dot ') == len(own)


def test_a_checkpoint_nobody_reported_at_says_so(site: Site) -> None:
    monitored(site)
    page = site.browser(CHIEF).get("/monitoring/scatter?period=08").text
    assert "还没有监控数据" in texts(page)
