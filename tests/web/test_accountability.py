"""责任追究, 指标库: who sees and begins what, entries of one unit only, indicators of a sample, retiring with a reason."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases, ledger, library
from budget.cases import CaseKind
from budget.ledger import LedgerEvent
from budget.tables import LedgerEntry, LibraryIndicator, Project, Sample
from tests.web.conftest import Site, texts

CHIEF, STAFF = "jixiao.guzhang", "jixiao.ganshi"
INDICATOR = {
    "type": "ENGINEERING",
    "level1": "OUTPUT",
    "level2": "QUALITY",
    "name": "工程验收合格率",
    "operator": "EQ",
    "target": "100",
    "unit": "%",
    "standard_kind": "INDUSTRY",
    "standard": "公路工程质量检验评定标准",
}


def entered(site: Site, instance: int, unit: str) -> int:
    with site.engine.database.write() as write, write.savepoint() as session:
        now = site.engine.clock.now()
        case = cases.open_case(session, instance, CaseKind.GOAL, fiscal_year=2026, now=now, unit=unit)
        since = now - timedelta(days=20)
        entry = ledger.enter(session, case, LedgerEvent.NOT_REPORTED, "目标申报逾期", since=since, now=now)
        return entry.id


def test_the_performance_section_begins_with_entries_of_one_unit(site: Site) -> None:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        units = sorted(set(session.scalars(select(Project.unit).where(~Project.secret_flag))))[:2]
    one, other = (entered(site, 920_000 + number, unit) for number, unit in enumerate(units))
    for account in ("jiaotongju.jingban", "jingjian.guzhang", "admin"):
        assert site.browser(account).get("/accountability").status_code == 403
    reader = site.browser("caijian.guzhang")
    assert 'type="checkbox"' not in reader.get("/accountability").text
    assert reader.post("/accountability", {"entry": str(one)}).status_code == 403
    chief = site.browser(CHIEF)
    address = "/accountability"
    chief.get("/registers/ledger?year=2026")
    chief.post("/year", {"year": "2026"})
    page = chief.get(address).text
    assert texts(page).count("目标申报逾期") == 2
    answer = chief.post(address, {"entry": [str(one), str(other)]})
    assert (answer.status_code, "同一个单位" in answer.text) == (422, True)
    assert chief.post(address, {}).status_code == 422
    clicked = {"entry": str(one), "_request_key": "one-click-of-a-page"}
    answer, second = chief.post(address, clicked), chief.post(address, clicked)
    assert answer.status_code == 303
    assert second.headers["Location"] == answer.headers["Location"], "a second click begins nothing"
    assert "拟责任追究意见" in chief.get(answer.headers["Location"]).text
    assert texts(chief.get(address).text).count("目标申报逾期") == 1
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(LedgerEntry, one).handled_by is not None
    assert "责任追究" in chief.get("/registers/accountability").text


def test_indicators_are_proposed_from_a_sample_and_retired_with_a_reason(site: Site) -> None:
    with site.engine.database.write() as unit, unit.savepoint() as session:
        sample = session.scalars(
            select(Sample.project_id)
            .join(Project, Project.id == Sample.project_id)
            .where(~Project.secret_flag)
        ).first()
        (made,) = library.publish(
            session, [INDICATOR], instance_id=None, source="随县带来", now=site.clock.now()
        )
        number = made.id
    clerk = site.browser("jiaotongju.jingban")
    assert "工程验收合格率" in clerk.get("/library?type=ENGINEERING&text=验收").text
    assert "工程验收合格率" not in clerk.get("/library?level1=BENEFIT").text
    assert site.browser("zhuanjia1").get("/library").status_code == 403
    assert clerk.post("/library", {}).status_code == 403
    chief = site.browser(CHIEF)
    if sample is not None:
        answer = chief.post("/library", {"sample": str(sample)})
        assert answer.status_code == 303
        assert "整理指标" in chief.get(answer.headers["Location"]).text
    assert chief.post("/library", {"sample": "99999999"}).status_code == 404
    answer = chief.post("/library", {})
    assert answer.status_code == 303
    assert chief.post(f"/library/{number}/retire", {"reason": " "}).status_code == 422
    assert chief.post(f"/library/{number}/retire", {"reason": "标准已废止"}).status_code == 303
    assert chief.post(f"/library/{number}/retire", {"reason": "标准已废止"}).status_code == 404
    assert "标准已废止" in chief.get("/library?retired=1").text
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(LibraryIndicator, number).retired_by is not None
