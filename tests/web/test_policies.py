"""政策事前评估: units enter policies and ask for their evaluation; others see their part."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import Policy
from tests.web.conftest import Site, texts

CLERK, OTHER, SECTION, CHIEF = "jiaotongju.jingban", "shangwuju.jingban", "jingjian.guzhang", "jixiao.guzhang"


def test_a_unit_enters_a_policy_and_asks_for_its_evaluation_once(site: Site) -> None:
    clerk = site.browser(CLERK)
    own = site.engine.actor(CLERK).posts[0].org
    assert "政策事前评估" in texts(clerk.get("/begin").text)
    policy = {
        "unit": own,
        "year": "2026",
        "name": "农村客运补贴",
        "attr": "NEW",
        "years": "3",
        "basis": "会议纪要",
    }
    clerk.get("/policies")
    refused = clerk.post("/policies", policy | {"amount": "零"})
    assert (refused.status_code, "请填写年度资金" in refused.text) == (422, True)
    assert 'value="农村客运补贴"' in refused.text
    assert clerk.post("/policies", policy | {"amount": "120.5"}).status_code == 303
    foreign = site.engine.actor(OTHER).posts[0].org
    assert clerk.post("/policies", policy | {"unit": foreign, "amount": "1"}).status_code == 403
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(Policy)).one()
        assert (found.code, found.annual_amount) == ("ZC2026-001", 120_500_000)
    assert "还没有申请" in texts(clerk.get("/policies?year=2026").text)
    other = site.browser(OTHER)
    assert "农村客运补贴" not in other.get("/policies?year=2026").text
    assert other.post(f"/policies/{found.id}/evaluate", {}).status_code == 404
    begun = clerk.post(f"/policies/{found.id}/evaluate", {})
    assert begun.status_code == 303
    assert "填报评估报告" in clerk.get(begun.headers["Location"]).text
    again = clerk.post(f"/policies/{found.id}/evaluate", {})
    assert (again.status_code, "正在评估" in again.text) == (409, True)
    for reader in (SECTION, CHIEF):
        page = site.browser(reader).get("/policies?year=2026").text
        assert ("农村客运补贴" in page, "申请事前评估" in page) == (True, False)
    assert "农村客运补贴" in site.browser(CHIEF).get("/registers/ex_ante_evaluation?year=2026").text
    assert site.browser("zhuanjia1").get("/policies").status_code == 403
