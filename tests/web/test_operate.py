"""流程运行: the operators' pages, from the overview to a migration that is put back."""

from __future__ import annotations

import re

import pytest

import workflows
from engine.monitoring.cases import CaseQuery
from tests.engine.office import process
from tests.web.conftest import Browser, Site, on_both, texts

OPERATOR, SECOND = "yunwei1", "yunwei2"
CLERK = "jiaotongju.jingban"
PROCESS = "goal_declaration"


@pytest.fixture
def operator(site: Site) -> Browser:
    return site.browser(OPERATOR)


def running(site: Site) -> int:
    """Return a case in which the clerk has an open form."""
    item = site.waiting(CLERK, "fill_goal")
    return site.engine.task(item, site.engine.actor(CLERK)).instance_id


@on_both
def test_the_overview_leads_to_a_process_with_its_steps_and_heat(site: Site) -> None:
    browser = site.browser(OPERATOR)
    page = browser.get("/operate/").text
    assert f'href="/operate/processes/{PROCESS}"' in page
    row = next(
        one for one in site.engine.process_rows(site.engine.actor(OPERATOR)) if one.process_id == PROCESS
    )
    assert f">{row.running}</b>" in page
    shown = browser.get(f"/operate/processes/{PROCESS}")
    assert shown.status_code == 200
    assert "用时合计最多的是" in texts(shown.text)
    for by in ("waiting", "late", "time"):
        heat = browser.get(
            f"/operate/processes/{PROCESS}/heat?by={by}", headers={"X-Requested-With": "fetch"}
        )
        levels = [one["level"] for one in heat.json["heat"].values()]
        assert levels
        assert max(levels) == 5
        assert min(levels) >= 1
    waiting = browser.get(f"/operate/processes/{PROCESS}/heat").json["heat"]
    assert sum(int(one["text"]) for one in waiting.values()) >= row.open_items
    assert browser.get("/operate/processes/none").status_code == 404


def test_cases_are_found_and_what_the_address_says_wrongly_is_dropped(site: Site, operator: Browser) -> None:
    case = running(site)
    subject = site.engine.instance(case, site.engine.actor(OPERATOR)).subject or ""
    found = operator.get("/operate/cases", query_string={"text": subject})
    assert f'href="/operate/cases/{case}"' in found.text
    odd = "state=odd&version=x&started=never&late=&process=goal_declaration"
    assert operator.get(f"/operate/cases?{odd}").status_code == 200
    assert "没有符合条件的事项" in operator.get("/operate/cases?state=terminated").text
    first = operator.get("/operate/cases").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    assert operator.get(following[1].replace("&amp;", "&")).status_code == 200
    assert operator.get("/operate/cases?cursor=odd").status_code == 422


def test_a_case_is_suspended_with_a_reason_and_resumed(site: Site, operator: Browser) -> None:
    case = running(site)
    address = f"/operate/cases/{case}"
    operator.get(address)
    operator.post(f"{address}/suspend", {"reason": " "})
    assert "理由" in operator.get(address).text
    assert site.engine.case(case, "system").suspended is None
    operator.post(f"{address}/suspend", {"reason": "项目撤销，等发文", "_key": "k1"})
    operator.post(f"{address}/suspend", {"reason": "项目撤销，等发文", "_key": "k1"})
    assert "项目撤销，等发文" in texts(operator.get(address).text)
    operator.post(f"{address}/resume", {"reason": "已发文"})
    assert site.engine.case(case, "system").state == "waiting"


def test_terminating_takes_a_second_person(site: Site, operator: Browser) -> None:
    case = running(site)
    operator.get(f"/operate/cases/{case}")
    operator.post(f"/operate/cases/{case}/terminate", {"reason": "重复申报"})
    assert site.engine.case(case, "system").state == "waiting"
    assert "须另一名运行干预人员" in operator.get("/operate/proposals").text
    (proposal,) = site.engine.proposals("system")
    operator.post(f"/operate/proposals/{proposal.id}/confirm")
    assert site.engine.case(case, "system").state == "waiting"
    second = site.browser(SECOND)
    assert "重复申报" in second.get("/operate/proposals").text
    second.post(f"/operate/proposals/{proposal.id}/confirm")
    assert site.engine.case(case, "system").state == "terminated"
    assert "已终止" in site.browser("jingjian.guzhang").get(f"/instances/{case}").text
    assert "没有待确认的干预" in second.get("/operate/proposals").text


def test_a_jump_is_shown_before_it_is_done(site: Site, operator: Browser) -> None:
    case = running(site)
    detail = site.engine.case(case, "system")
    token = next(one for one in detail.tokens if one.element == "fill_goal")
    address = f"/operate/cases/{case}/jump"
    shown = operator.get(f"{address}?token={token.id}&to=review_goal")
    target = next(id for _, id, _ in detail.elements if id not in ("fill_goal",) and "sign" in id)
    shown = operator.get(f"{address}?token={token.id}&to={target}")
    assert "取消正在办理的" in shown.text
    assert site.engine.case(case, "system").tokens == detail.tokens
    form = {"source": "fill_goal", "token": str(token.id), "to": target, "reason": "纸质已填"}
    operator.post(f"/operate/cases/{case}/jump", form)
    assert target in [one.element for one in site.engine.case(case, "system").tokens]
    assert operator.get(f"{address}?token={token.id}&to=nothing").status_code == 200


def test_variables_are_corrected_as_json_and_the_record_tells(site: Site, operator: Browser) -> None:
    case = running(site)
    name, value = next(
        (name, value)
        for name, value in site.engine.case(case, "system").scopes[0].variables.items()
        if isinstance(value, str)
    )
    operator.get(f"/operate/cases/{case}")
    address = f"/operate/cases/{case}/set_variables"
    operator.post(address, {"name": name, "value": "没有引号", "reason": "更名"})
    assert "不是 JSON" in operator.get(f"/operate/cases/{case}").text
    operator.post(address, {"name": name, "value": "12", "reason": "更名"})
    assert site.engine.case(case, "system").scopes[0].variables[name] == value
    operator.post(address, {"name": name, "value": '"新的名称"', "reason": "更名", "scope": "0"})
    assert site.engine.case(case, "system").scopes[0].variables[name] == "新的名称"
    assert "更正流程数据" in texts(operator.get(f"/operate/cases/{case}").text)


def test_a_process_is_suspended_and_resumed(site: Site, operator: Browser) -> None:
    operator.get(f"/operate/processes/{PROCESS}")
    operator.post(f"/operate/processes/{PROCESS}/suspend", {"reason": "换年度"})
    assert "已停用" in operator.get("/operate/").text
    operator.post(f"/operate/processes/{PROCESS}/resume", {"reason": "开始填报"})
    (row,) = site.engine.process_rows("system", PROCESS)
    assert row.suspended_at is None


def test_running_cases_migrate_after_a_dry_run_and_are_put_back(site: Site, operator: Browser) -> None:
    engine = site.engine
    with engine.database.read() as unit:
        deployed = engine.catalogue.find(unit, PROCESS)
    files = dict(workflows.files_of(PROCESS))
    name = next(name for name in files if name.endswith(".bpmn"))
    assert files[name] == deployed.source
    files[name] = deployed.source.replace(b'name="', b'name="\xe6\x96\xb0', 1)
    engine.deploy(files, actor="system")
    before = engine.cases("system", CaseQuery(version=1, state="running", limit=100)).rows
    assert before
    address = f"/operate/processes/{PROCESS}/migrate"
    page = operator.get(f"{address}?source=1&target=2")
    assert "每个旧步骤由哪个新步骤接替" in page.text
    tried = operator.post(address, {"source": "1", "target": "2"})
    assert "什么都没有改变" in tried.text
    assert len(engine.cases("system", CaseQuery(version=1, state="running", limit=100)).rows) == len(before)
    chosen = before[0].instance_id
    begun = operator.post(
        address, {"source": "1", "target": "2", "begin": "1", "which": "chosen", "case": str(chosen)}
    )
    assert begun.status_code == 303
    engine.run_migrations()
    assert engine.case(chosen, "system").version == 2
    assert "已完成" in operator.get("/operate/migrations").text
    assert "已迁移 1" in texts(operator.get(begun.location).text)
    operator.post(f"{begun.location}/undo")
    assert "还剩 1" in texts(operator.get(begun.location).text)
    engine.run_migrations()
    assert "已退回 1" in texts(operator.get(begun.location).text)
    assert engine.case(chosen, "system").version == 1


def test_incidents_are_gathered_by_cause_and_tried_again(site: Site, operator: Browser) -> None:
    assert "没有异常" in operator.get("/operate/incidents").text
    steps = (
        "exclusiveGateway gate",
        "task late",
        "s -> gate -> late: amount > 5",
        "late -> e",
        "gate -> e: default",
    )
    site.engine.deploy({"p.bpmn": process(*steps)}, actor="system")
    cases = [site.engine.start("p", actor="system", variables={}).instance_id for _ in range(2)]
    page = operator.get("/operate/incidents").text
    assert "2 个" in page
    assert "amount" in texts(page)
    operator.post(
        "/operate/incidents/retry", {"process": "p", "element": "gate", "code": "feel.unknown_name"}
    )
    assert "其中 2 项又出错" in operator.get("/operate/incidents").text
    operator.post(
        f"/operate/cases/{cases[0]}/set_variables", {"name": "amount", "value": "7", "reason": "漏填"}
    )
    (incident,) = site.engine.case(cases[0], "system").incidents
    operator.post(f"/operate/incidents/{incident.id}/retry", {"case": str(cases[0])})
    assert [site.engine.case(case, "system").state for case in cases] == ["ended", "incident"]
    assert "恢复正常" in operator.get(f"/operate/cases/{cases[0]}").text
