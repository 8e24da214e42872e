"""登记簿 and 预算一体化衔接: who keeps which line, changes, strikes, draws; the budget system's file and codes."""

from __future__ import annotations

import io
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.books import BOOKS
from budget.tables import BookEntry, Draw, Project
from tests.web.conftest import Site, texts
from web.exchange.files import sheets

CHIEF, CLERK, SECTION = "jixiao.guzhang", "jiaotongju.jingban", "jingjian.guzhang"


def unit_of(site: Site, account: str) -> str:
    return next(post.org for post in site.engine.actor(account).posts)


def test_books_are_kept_by_those_whose_they_are_and_leave_their_history(site: Site) -> None:
    chief, clerk = site.browser(CHIEF), site.browser(CLERK)
    page = texts(chief.get("/books/").text)
    assert all(book.zh in page for book in BOOKS.values())
    assert "专家库" not in texts(clerk.get("/books/").text)
    assert clerk.get("/books/expert").status_code == 403
    assert site.browser("zhuanjia1").get("/books/").status_code == 403
    training = {
        "title": "绩效业务培训",
        "on": "2026-03-02",
        "audience": "UNITS",
        "batches": "5",
        "year": "2026",
    }
    refused = chief.post("/books/training", training)
    assert (refused.status_code, "请填写人次" in refused.text) == (422, True)
    assert chief.post("/books/training", training | {"people": "118"}).status_code == 303
    assert clerk.post("/books/training", training | {"people": "9"}).status_code == 403
    kept = texts(chief.get("/books/training?year=2026").text)
    assert ("绩效业务培训" in kept, "人次 118" in kept) == (True, True)
    assert chief.get("/books/training.xlsx?year=2026").status_code == 200
    own = unit_of(site, CLERK)
    head = {"title": "赵局长", "part": "HEAD", "post": "局长", "unit": own}
    clerk.get("/books/leading_group")
    assert clerk.post("/books/leading_group", head).status_code == 303
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        other = session.scalars(select(Project.unit).where(Project.unit != own, ~Project.secret_flag)).first()
        entry = session.scalars(select(BookEntry.id).where(BookEntry.book == "leading_group")).one()
    assert clerk.post("/books/leading_group", head | {"unit": str(other)}).status_code == 403
    stranger = site.browser("shangwuju.jingban")
    assert "赵局长" not in stranger.get("/books/leading_group").text
    assert stranger.post(f"/books/leading_group/{entry}/strike", {"reason": "x"}).status_code == 404
    changed = head | {"entry": str(entry), "post": "党组书记、局长"}
    assert clerk.post("/books/leading_group", changed).status_code == 303
    edited = clerk.get(f"/books/leading_group?edit={entry}").text
    assert ("党组书记、局长" in edited, "历次内容" in edited) == (True, True)
    stale = clerk.post("/books/leading_group", changed | {"version": "1", "post": "局长"})
    assert (stale.status_code, "刚被别人改过" in stale.text) == (409, True)
    assert clerk.post(f"/books/leading_group/{entry}/strike", {"reason": ""}).status_code == 422
    assert clerk.post(f"/books/leading_group/{entry}/strike", {"reason": "调离"}).status_code == 303
    assert "赵局长" not in clerk.get("/books/leading_group").text
    basis = {
        "title": "县预算绩效管理办法",
        "issuer": "县财政局",
        "kind": "MEASURES",
        "state": "IN_FORCE",
        "settings": "days.review、goal.number",
    }
    assert chief.post("/books/basis", basis).status_code == 303
    assert "《县预算绩效管理办法》" in site.browser("admin").get("/admin/profile/").text


def test_experts_are_drawn_by_a_recorded_lot_and_units_assessed_from_the_records(site: Site) -> None:
    chief = site.browser(CHIEF)
    for number in range(4):
        expert = {
            "title": f"专家{number}",
            "fields": "工程",
            "qualification": "高级工程师",
            "employer": "市设计院",
        }
        assert chief.post("/books/expert", expert).status_code == 303
    few = chief.post("/books/expert/draw", {"purpose": "评价", "number": "9"})
    assert (few.status_code, "只有 4 个" in few.text) == (422, True)
    asked = {"purpose": "公路项目评价", "number": "2", "seed": "2026-07", "field": "工程"}
    assert chief.post("/books/expert/draw", asked).status_code == 303
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        draw = session.scalars(select(Draw)).one()
        assert (draw.seed, len(draw.drawn), len(draw.candidates)) == ("2026-07", 2, 4)
    assert "公路项目评价" in chief.get("/books/expert").text
    agency = {"title": "甲事务所", "fields": "工程", "qualification": "甲级", "code": "没有的"}
    refused = chief.post("/books/agency", agency)
    assert (refused.status_code, "没有这个机构代码" in refused.text) == (422, True)
    assert chief.post("/books/agency", agency | {"code": "A01"}).status_code == 303
    assert "履约均分" in texts(chief.get("/books/agency").text)
    answer = chief.post("/books/unit_score/propose", {"year": "2026"})
    assert answer.status_code == 303
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        made = session.scalars(select(BookEntry).where(BookEntry.book == "unit_score")).all()
    assert made
    assert {one.title for one in made} <= set("优良中差")
    chief.post("/books/unit_score/propose", {"year": "2026"})
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        again = session.scalars(select(BookEntry).where(BookEntry.book == "unit_score")).all()
    assert len(again) == len(made)


def test_the_budget_systems_file_is_reconciled_and_approved_goals_are_pushed_in_its_codes(site: Site) -> None:
    budget = site.browser("yusuan.guzhang")
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        project = session.scalars(select(Project).where(~Project.secret_flag).order_by(Project.id)).first()
        assert project is not None
        year, code, name, owner = project.fiscal_year, project.code, project.name, project.unit
    budget.get("/integration")
    named = {"kind": "UNIT", "ours": owner, "theirs": "370112-01", "year": str(year)}
    assert budget.post("/integration/codes", named).status_code == 303
    assert budget.post("/integration/codes", named | {"ours": "没有的"}).status_code == 422
    lines = f"项目编码,项目名称,单位代码,年度预算（万元）\n{code},{name},370112-01,0.01\n没有的,某项目,1,2\n"
    answer = budget.post(
        "/integration",
        {"year": str(year), "file": (io.BytesIO(lines.encode()), "核对.csv")},
        content_type="multipart/form-data",
    )
    page = texts(answer.text)
    assert answer.status_code == 200
    assert ("年度预算不同" in page, "本系统没有" in page, "单位不同" in page) == (True, True, False)
    assert budget.post("/integration", {}).status_code == 422
    many = lines + "".join(f"2099-{number},某项目,1,{number}\n" for number in range(10_000))
    sent = {"year": str(year), "as": "xlsx", "file": (io.BytesIO(many.encode("gb18030")), "核对.csv")}
    whole = budget.post("/integration", sent, content_type="multipart/form-data")
    rows = next(iter(sheets(whole.data, rows=50_000).values()))
    assert rows[0][:4] == ["行", "编码", "项目", "差异"]
    assert len([row for row in rows if row[3] == "本系统没有"]) == 10_001
    tabs = lines.replace(",", "\t").encode("utf-16")
    sent = {"year": str(year), "file": (io.BytesIO(tabs), "核对.csv")}
    again = budget.post("/integration", sent, content_type="multipart/form-data")
    assert "年度预算不同" in texts(again.text)
    pushed = json.loads(budget.get(f"/integration/goals.json?year={year}").text)
    assert pushed["format"] == "bihuan-goals-1"
    mine = [one for one in pushed["goals"] if one["unit"] == "370112-01"]
    assert all(one["indicators"] and one["goal_no"] for one in pushed["goals"])
    assert not any(one["unit"] == owner for one in pushed["goals"]), mine
    assert site.browser(SECTION).get("/integration").status_code == 403
