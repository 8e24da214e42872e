"""参考样本与上年: last year's goal beside this one's, samples, 复制上年, and rows taken over into the draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import library, samples
from budget.answers import rows
from budget.codes import VersionState
from budget.tables import Case, Goal, GoalVersion, Project
from engine import InboxQuery
from web.views import references

if TYPE_CHECKING:
    from tests.web.conftest import Site


def waiting(site: Site, attr: str) -> tuple[str, int, int]:
    """Return a clerk, their open goal of a new or a continued project, and the project, of those not begun."""
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        query = (
            select(Project.unit, Case.instance_id, Project.id)
            .join(Case, Case.project_id == Project.id)
            .join(Goal, Goal.project_id == Project.id)
            .where(Project.attr == attr, Goal.state == "DRAFTING", Project.secret_flag.is_(False))
        )
        found = {row.instance_id: row for row in session.execute(query)}
    from workflows.demo.catalogue import units

    short = {row.code: row.short for row in units() if row.flag != "secret"}
    for instance, row in found.items():
        person = f"{short.get(row.unit, '')}.jingban"
        if row.unit in short:
            for open_item in site.engine.inbox(site.engine.actor(person), InboxQuery(limit=100)).rows:
                if open_item.instance_id == instance:
                    return person, open_item.item_id, row.id
    raise AssertionError(f"no goal of a {attr} project waits to be filled in")


def version_type(site: Site, project_id: int) -> str:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        return session.get_one(Project, project_id).type


def draft(site: Site, person: str, item: int) -> Any:
    return site.engine.task(item, site.engine.actor(person)).answers


def test_last_year_stands_beside_this_year_and_is_copied(site: Site) -> None:
    person, item, _ = waiting(site, "CONTINUED")
    browser = site.browser(person)
    assert f'href="/tasks/{item}/reference"' in browser.get(f"/tasks/{item}").text
    page = browser.get(f"/tasks/{item}/reference").text
    assert "上年批复的目标" in page
    before = draft(site, person, item)
    answer = browser.post(f"/tasks/{item}/reference/last-year")
    assert answer.status_code == 303
    after = draft(site, person, item)
    assert after["goal_annual"] != before.get("goal_annual")
    assert after["annual_amount"] == before["annual_amount"]
    assert rows(after["indicators"])
    assert "已复制上年批复的内容" in browser.get(answer.location).text


def test_rows_of_a_sample_are_taken_without_its_targets(site: Site) -> None:
    person, item, project_id = waiting(site, "NEW")
    with site.engine.database.write() as unit, unit.savepoint() as session:
        project = session.get_one(Project, project_id)
        version = session.scalars(
            select(GoalVersion)
            .join(Goal)
            .join(Project)
            .where(
                Project.type == project.type,
                Project.id != project.id,
                GoalVersion.state == VersionState.FROZEN,
            )
        ).first()
        assert version is not None
        samples.recommend(session, version, by="SECTION", now=site.clock.now())
        name, key = version.indicators[0].level3_name, f"{version.id}-{version.indicators[0].position}"
    browser = site.browser(person)
    assert name in browser.get(f"/tasks/{item}/reference").text
    assert name in browser.get("/samples").text
    assert name not in browser.get("/samples?text=没有这样的项目").text
    assert site.browser("zhuanjia1").get("/samples").status_code == 403
    browser.post(f"/tasks/{item}/reference", {"row": [key, "999-1"]})
    taken = rows(draft(site, person, item)["indicators"])[-1]
    assert (taken["level3_name"], taken.get("target_value")) == (name, None)
    count = len(rows(draft(site, person, item)["indicators"]))
    browser.get(f"/tasks/{item}/reference")
    browser.post(f"/tasks/{item}/reference", {"row": [key]})
    assert len(rows(draft(site, person, item)["indicators"])) == count
    assert browser.post(f"/tasks/{item}/reference/last-year").status_code == 404

    row = {
        "type": version_type(site, project_id),
        "level1": "OUTPUT",
        "level2": "QUANTITY",
        "name": "年度养护巡查次数",
        "operator": "GE",
        "target": "24",
        "unit": "次",
        "formula": "巡查记录的份数",
        "standard_kind": "EXPENSE",
        "standard": "公路养护定额",
    }
    others = [row | {"name": f"别的指标{number}", "formula": ""} for number in range(library.OFFERED)]
    other_type = row | {
        "name": "别类项目的指标",
        "type": "IT" if row["type"] != "IT" else "OTHER",
    }
    with site.engine.database.write() as unit, unit.savepoint() as session:
        published = library.publish(
            session, [*others, row, other_type], instance_id=None, source="县里", now=site.clock.now()
        )
        key = f"l{published[-2].id}"
    page = browser.get(f"/tasks/{item}/reference?text=养护定额").text
    assert "年度养护巡查次数" in browser.get(f"/tasks/{item}/reference?text=巡查记录").text
    assert "公路养护定额" in page
    assert "别类项目的指标" not in page
    assert "年度养护巡查次数" not in browser.get(f"/tasks/{item}/reference?text=没有这样的字").text
    browser.post(f"/tasks/{item}/reference?text=巡查", {"row": [key]})
    taken = rows(draft(site, person, item)["indicators"])[-1]
    assert taken["level3_name"] == "年度养护巡查次数"
    assert taken.get("target_value") is None, "the reference value is not this project's"
    assert (taken["operator"], taken["direction"], taken["nature"]) == ("GE", "POSITIVE", "QUANT")
    assert (taken["standard_source"], taken["standard_note"]) == ("OTHER", "项目支出标准：公路养护定额")
    assert taken["library_id"] == key.upper()


def test_a_process_of_the_countys_own_whose_project_says_nothing_of_secrecy_has_a_page(site: Site) -> None:
    person, item, _ = waiting(site, "CONTINUED")
    task = site.engine.task(item, site.engine.actor(person))
    with site.app.test_request_context("/"):
        assert references.address(replace(task, variables={**task.variables, "project": {}})) is not None
        hidden = {**task.variables, "project": {"secret": True}}
        assert references.address(replace(task, variables=hidden)) is None
