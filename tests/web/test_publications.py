"""What is published is read without signing in where the county serves it; its package and its corrections are not."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import GoalState
from budget.projects import Register
from budget.publishing import records
from budget.publishing.codes import Audience, PublicationKind
from budget.tables import Goal, Project, Publication, PublicationObjection, Unit
from tests.web.conftest import Site, hidden
from web import objections
from workflows import profiles
from workflows.publication.campaign import about

#: Whose goals are published, the unit's head, and who agrees.
UNIT_HEAD, REVIEWER = "jiaotongju.fuzeren", "jixiao.guzhang"


@pytest.fixture
def published(site: Site) -> int:
    """Publish the goals of a unit of the demo county, and return the instance."""
    return agreed(site, notice_days=0)


def agreed(site: Site, **changed: Any) -> int:
    """Let a unit confirm its goals and the performance section agree, by changed rules; return the instance."""
    engine = site.engine
    head = engine.actor(UNIT_HEAD)
    with engine.database.read() as unit, Session(unit.connection) as session:
        rules = profiles.current(session).variables("publication")
        rules["publication"] |= {"channels": [], **changed}
        code = next(post.org for post in head.posts if post.role == "unit_head")
        year = session.scalars(
            select(Project.fiscal_year)
            .join(Goal, Goal.project_id == Project.id)
            .where(Project.unit == code, Goal.state == GoalState.APPROVED)
        ).first()
        assert year is not None
        variables = {
            "unit": Register(session).unit_variables(code),
            "publication": about(PublicationKind.GOAL, year),
            "campaign": None,
            "deadline": (site.clock.now() + timedelta(days=9)).isoformat(),
            "profile": rules,
        }
    instance = int(engine.start("publication", actor="system", variables=variables).instance_id)
    for person, outcome in ((UNIT_HEAD, "确认公开内容"), (REVIEWER, "同意公开")):
        (holder,) = engine.instance(instance, engine.actor(person)).holders
        task = engine.task(holder.item_id, engine.actor(person))
        engine.complete(
            task.item_id,
            actor=engine.actor(person),
            version=task.version,
            outcome=outcome,
            answers={"items": task.variables["items"], "confirmed": True}
            if person == UNIT_HEAD
            else {"remark": "已核对"},
            opinion="同意。",
            document_version=task.document_version,
        )
    engine.run_due()
    return instance


def test_everybody_reads_what_was_published_and_nothing_else(site: Site, published: int) -> None:
    stranger = site.anonymous()
    answers = [
        stranger.get(f"/public/{path}")
        for path in ("", str(published), f"{published}.docx", f"{published}.xlsx")
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert answer.headers["ETag"]
    assert f"/public/{published}" in answers[0].text
    assert "年度总体目标" in answers[1].text
    assert "csrf" not in answers[1].text
    again = stranger.get(f"/public/{published}", headers={"If-None-Match": answers[1].headers["ETag"]})
    assert again.status_code == 304
    assert 'lang="en"' in stranger.get("/public/?lang=en").text
    assert f"/public/{published}" not in stranger.get("/public/?kind=MONITORING").text

    with site.engine.database.write() as unit, unit.savepoint() as session:
        found = session.get_one(Publication, published)
        found.audience = Audience.LIMITED
    assert stranger.get(f"/public/{published}").status_code == 404, "a limited circle is not everybody"
    with site.engine.database.write() as unit, unit.savepoint() as session:
        found = session.get_one(Publication, published)
        found.audience = Audience.FULL
        session.get_one(Unit, found.unit_code).secret_flag = True
    assert stranger.get(f"/public/{published}").status_code == 404, "what became secret is not shown"
    assert f"/public/{published}" not in stranger.get("/public/").text


def test_a_county_that_serves_no_public_page_has_none(site: Site, published: int) -> None:
    site.engine.set_setting("profile", "licheng", actor="system")
    assert site.anonymous().get("/public/").status_code == 404
    assert site.anonymous().get(f"/public/{published}").status_code == 404


def test_the_package_is_complete_and_the_same_each_time(site: Site, published: int) -> None:
    staff = site.browser("jixiao.guzhang")
    page = staff.get(f"/publications/{published}")
    assert page.status_code == 200
    assert "下载公开包" in page.text
    assert f"/publications/{published}" in staff.get(f"/instances/{published}").text
    first, again = (staff.get(f"/publications/{published}.zip") for _ in range(2))
    assert first.status_code == 200, first.text
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        names = archive.namelist()
        assert sorted(name.rpartition(".")[2] for name in names) == ["docx", "html", "txt", "xlsx"]
        sums = dict(
            reversed(line.split("  ")) for line in archive.read("SHA256SUMS.txt").decode().splitlines()
        )
        assert {
            name: hashlib.sha256(archive.read(name)).hexdigest() for name in names if name in sums
        } == sums
        html = next(name for name in names if name.endswith(".html"))
        with zipfile.ZipFile(io.BytesIO(again.data)) as other:
            assert archive.read(html) == other.read(html)
    assert staff.get("/publications/campaigns/1.zip").status_code == 404, "nothing of it is released"
    assert site.browser("shangwuju.jingban").get("/publications/campaigns/1.zip").status_code == 403


def test_a_correction_takes_it_down_at_once(site: Site, published: int) -> None:
    staff, stranger = site.browser("jixiao.guzhang"), site.anonymous()
    staff.get(f"/publications/{published}")
    address = f"/publications/{published}/correction"
    assert site.browser("fenguan").post(address, {"why": "写错"}).status_code == 403
    assert staff.post(address, {"why": ""}).status_code == 303
    assert stranger.get(f"/public/{published}").status_code == 200
    begun = staff.post(address, {"why": "得分写错"})
    assert begun.status_code == 303
    assert stranger.get(f"/public/{published}").status_code == 404
    assert staff.post(address, {"why": "再更正"}).headers["Location"].endswith(f"/publications/{published}")
    instance = int(begun.headers["Location"].rpartition("/")[2])
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert records.publication_of(session, instance).version == 2


def test_anybody_objects_on_the_page_while_it_is_on_show_and_nothing_is_released_before_it_is_settled(
    site: Site,
) -> None:
    instance = agreed(site, notice_days=5)
    address, stranger = f"/public/{instance}/objection", site.anonymous()
    page = stranger.get(f"/public/{instance}").text
    assert f"{address}" in page
    form = stranger.get(address)
    assert "Set-Cookie" not in form.headers
    assert form.headers["Cache-Control"] == "no-store"
    token = hidden(form.text, "token")
    good = {"token": token, "content": "里程与实际不符，请核实", "contact": "王某 13800000000"}
    for wrong, why in (
        ({"token": "forged"}, "没有提交"),
        ({"token": objections_token(site, instance + 1)}, "没有提交"),
        ({"content": "短"}, "到 2000 个字"),
        ({"content": "长" * 2001}, "到 2000 个字"),
        ({"contact": "长" * 201}, "不超过 200 个字"),
        ({"website": "http://spam"}, "没有提交"),
    ):
        refused = stranger.post(address, good | wrong)
        assert refused.status_code == 422
        assert why in refused.text
        assert "csrf" not in refused.text
    assert good["content"] in stranger.post(address, good | {"token": "forged"}).text, "what was typed stays"
    receipts = {stranger.post(address, good).headers["Location"] for _ in range(2)}
    assert len(receipts) == 1, "a double click objects once"
    receipt = receipts.pop()
    assert "已收到您的异议" in stranger.get(receipt).text
    assert stranger.get("/public/objections/none").status_code == 404
    second = good | {
        "token": hidden(stranger.get(address).text, "token"),
        "content": "第二件异议内容",
        "contact": "",
    }
    assert stranger.post(address, second).status_code == 303

    chief, unit_head = site.engine.actor(REVIEWER), site.browser(UNIT_HEAD)
    shown = site.browser(REVIEWER).get(f"/publications/{instance}").text
    assert "13800000000" in shown
    told = unit_head.get(f"/publications/{instance}").text
    assert good["content"] in told
    assert "13800000000" not in told, "who objected is the performance section's business"
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        until = session.get_one(Publication, instance).notice_until
    assert until is not None
    site.clock.set(until + timedelta(minutes=1))
    site.engine.run_due()
    assert "公示已经结束" in stranger.get(address).text
    assert stranger.post(address, good | {"content": "太晚了的异议"}).status_code == 422
    for number, content in enumerate((good["content"], second["content"])):
        (holder,) = site.engine.instance(instance, chief).holders
        task = site.engine.task(holder.item_id, chief)
        assert task.element == "settle_objection", "what is open keeps it back after the last day"
        assert task.variables["objection"]["content"] == content, "the oldest is settled first"
        assert "13800000000" not in str(task.variables)
        with site.engine.database.read() as unit, Session(unit.connection) as session:
            assert session.get_one(Publication, instance).state == "NOTICE"
        site.engine.complete(
            task.item_id,
            actor=chief,
            version=task.version,
            outcome="异议不成立",
            answers={"answer": f"经核实与批复一致{number}"},
            document_version=task.document_version,
        )
        site.engine.run_due()
    assert "经核实与批复一致0" in stranger.get(receipt).text
    site.engine.run_due()
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(Publication, instance).state == "PUBLISHED"
        found = session.scalars(select(PublicationObjection).order_by(PublicationObjection.id)).all()
        assert [(one.way, one.upheld, one.contact) for one in found] == [
            ("ONLINE", False, good["contact"]),
            ("ONLINE", False, ""),
        ]


def objections_token(site: Site, publication: int) -> str:
    with site.app.test_request_context("/"):
        return objections.token(site.engine.database.code, publication)
