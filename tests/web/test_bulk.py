"""Bulk runs on the pages: ticked rows become a list, a preview, a run with a record; nobody's but one's own."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import urlsplit

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from engine import Engine, InboxQuery, InboxRow, Wish
from tests.engine.office import process, task
from tests.web.conftest import Browser, Site, on_both, texts

CHIEF = "jingjian.guzhang"
#: Another section's chief, whom nothing of this section concerns.
STRANGER = "shangwuju.jingban"
CHIEFS = '<zeebe:assignmentDefinition candidateUsers="=[&quot;jingjian.guzhang&quot;, &quot;juzhang&quot;]"/>'
NOTICES = process(
    task("read", CHIEFS, outcomes="同意,退回补正"),
    "s -> read -> e",
    id="notices",
    subject="=title",
    inputs="title",
)


def notices(site: Site, number: int) -> list[InboxRow]:
    """Deploy a plain process and return so many tasks of the chief."""
    site.engine.deploy({"notices.bpmn": NOTICES}, actor="user:admin")
    for each in range(1, number + 1):
        variables = {"title": f"第{each}号通知"}
        site.engine.start("notices", actor=site.engine.actor("juzhang"), variables=variables)
    return rows(site.engine)


def rows(engine: Engine, person: str = CHIEF) -> list[InboxRow]:
    query = InboxQuery(process="notices", limit=100, sort="oldest")
    return engine.inbox(engine.actor(person), query).rows


def choose(browser: Browser, picks: list[str], **more: str) -> TestResponse:
    return browser.post("/bulk/choose", {"pick": picks, **more})


def chosen(browser: Browser, found: list[InboxRow]) -> str:
    """Choose tasks and return the address of the preview."""
    answer = choose(browser, [f"{row.item_id}:{row.version}" for row in found])
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.location).path


def confirm(site: Site, browser: Browser, address: str, found: list[InboxRow], **more: str) -> TestResponse:
    """Confirm a run; what the request has no time for is done as a server does it in the background."""
    data = {"operation": "complete", "outcome": "同意", "item": [str(row.item_id) for row in found], **more}
    answer = browser.post(f"{address}/confirm", data)
    site.engine.run_bulks()
    return answer


@on_both
def test_ticked_tasks_are_previewed_confirmed_once_and_told_one_by_one(site: Site) -> None:
    found = notices(site, 4)
    browser = site.browser(CHIEF)
    address = chosen(browser, found)
    site.engine.claim(found[3].item_id, actor=site.engine.actor("juzhang"), version=found[3].version)
    page = texts(browser.get(f"{address}?operation=complete&outcome=同意").text)
    assert "选中 4 项" in page
    assert "留下不办的 1 项" in page
    assert "要办的 3 项" in page
    for _ in range(2):  # a second click is the same act
        assert confirm(site, browser, address, found[:3], opinion="已阅").status_code == 303
    record = texts(browser.get(address).text)
    assert "已处理 3 / 3 项" in record
    assert "已办成 3" in record
    assert "没有列入 1" in record
    assert [row.item_id for row in rows(site.engine, "juzhang")] == [found[3].item_id]
    assert "第1号通知" in record
    assert "同意 · 3 项" in texts(browser.get("/bulk").text)
    assert "批量办理" in texts(browser.get(f"/instances/{found[0].instance_id}").text.partition("<main")[2])


def test_what_forms_ask_to_confirm_is_ticked_once_and_written_into_each(site: Site) -> None:
    form = {
        "type": "default",
        "id": "vow",
        "components": [
            {
                "type": "checkbox",
                "id": "box",
                "key": "read",
                "label": "我已审阅",
                "validate": {"required": True},
                "properties": {"label-en": "I have read it", "in-bulk": "once"},
            }
        ],
    }
    step = task("read", CHIEFS, '<zeebe:formDefinition formId="vow"/>', document="vow", outcomes="同意")
    vows = process(step, "s -> read -> e", id="notices")
    site.engine.deploy({"notices.bpmn": vows, "vow.form": json.dumps(form).encode()}, actor="user:admin")
    for _ in range(2):
        site.engine.start("notices", actor=site.engine.actor("juzhang"), variables={})
    found, browser = rows(site.engine), site.browser(CHIEF)
    address = chosen(browser, found)
    page = browser.get(f"{address}?operation=complete&outcome=同意").text
    assert re.search(r'name="confirmed" value="read" required><span>我已审阅', page)
    assert "要办的 2 项" in page
    refused = confirm(site, browser, address, found)
    assert refused.status_code == 422
    assert "请先勾选要确认的内容" in refused.text
    assert confirm(site, browser, address, found, confirmed="read").status_code == 303
    for row in found:
        (document,) = site.engine.instance(row.instance_id, site.engine.actor(CHIEF)).documents
        assert document.body["read"] is True


def test_nothing_is_preselected_where_several_outcomes_are_possible(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get(chosen(browser, notices(site, 2))).text
    assert "data-bulk-confirm" not in page
    assert "outcome=%E5%90%8C%E6%84%8F" in page


@on_both
def test_an_outcome_that_no_task_can_have_in_bulk_is_not_offered(site: Site) -> None:
    """A rejection without a common opinion, and one that needs opinions pinned to the form."""
    source = process(
        task("read", CHIEFS, outcomes="同意,不予通过", rejects="不予通过"),
        "s -> read -> e",
        id="notices",
        subject="=title",
        inputs="title",
    )
    site.engine.deploy({"notices.bpmn": source}, actor="user:admin")
    for title in ("甲", "乙"):
        site.engine.start("notices", actor=site.engine.actor("juzhang"), variables={"title": title})
    browser = site.browser(CHIEF)
    page = browser.get(chosen(browser, rows(site.engine))).text
    assert "outcome=" not in page or "不予通过" not in re.sub(r"<title>.*?</title>", "", page)


def test_tasks_that_are_not_mine_are_refused_one_by_one_and_say_nothing_of_themselves(site: Site) -> None:
    found = notices(site, 2)
    browser = site.browser(STRANGER)
    address = chosen(browser, found)
    page = browser.get(address).text
    assert "号通知" not in page
    confirm(site, browser, address, found)
    record = browser.get(address).text
    assert "号通知" not in record
    assert "没有办成 2" in texts(record)
    assert len(rows(site.engine)) == 2


def test_nobody_sees_or_moves_anothers_run(site: Site) -> None:
    found = notices(site, 1)
    address = chosen(site.browser(CHIEF), found)
    other = site.browser("juzhang")
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/export.xlsx").status_code == 404
    for act in ("confirm", "stop", "retry"):
        assert other.post(f"{address}/{act}", {"operation": "complete", "outcome": "同意"}).status_code == 404
    assert len(rows(site.engine)) == 1


@on_both
def test_all_that_the_list_shows_becomes_an_explicit_list(site: Site) -> None:
    site.app.config["PAGE_SIZE"] = 2
    found = notices(site, 5)
    browser = site.browser(CHIEF)
    answer = browser.post("/bulk/choose", {"all": "1", "_list": "process=notices"})
    address = urlsplit(answer.location).path
    late = site.engine.start("notices", actor=site.engine.actor("juzhang"), variables={"title": "后来的"})
    page = browser.get(address).text
    assert "选中 5 项" in page
    confirm(site, browser, address, found)
    assert [row.instance_id for row in rows(site.engine)] == [late.instance_id]


def test_the_list_offers_a_box_for_each_row_and_asks_for_no_more_than_there_is(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    assert page.count('name="pick"') == page.count("data-row ")
    assert "选中列表的全部" not in page
    assert 'href="/bulk"' in page
    assert 'href="/bulk"' not in site.browser("admin").get("/inbox").text
    assert choose(browser, []).status_code == 303
    assert "没有选中任何事项" in texts(browser.get("/inbox").text)


def test_hostile_selections_are_harmless(site: Site) -> None:
    browser = site.browser(CHIEF)
    picks = ["1", "x:1", "1:", "99999999999999999999:1", "case:", "-1:1", "1:1;drop"]
    assert choose(browser, picks).status_code == 303
    too_many = [f"{number}:1" for number in range(1, 2002)]
    assert choose(browser, too_many).status_code == 303
    assert "一次最多批量办理 2000 项" in texts(browser.get("/inbox").text)
    address = chosen(browser, notices(site, 1))
    for query in ("operation=erase", "operation=transfer&to=nobody", "outcome=<script>", "from=-3&state=x"):
        page = browser.get(f"{address}?{query}")
        assert page.status_code == 200
        assert "<script>" not in page.text
    for data in ({}, {"operation": "erase"}, {"operation": "complete"}, {"operation": "transfer"}):
        assert browser.post(f"{address}/confirm", {"item": "1", **data}).status_code == 422


@on_both
def test_what_could_not_be_done_is_tried_again_as_it_is_now(site: Site) -> None:
    found = notices(site, 3)
    browser, leader = site.browser(CHIEF), site.engine.actor("juzhang")
    address = chosen(browser, found)
    version = site.engine.claim(found[0].item_id, actor=leader, version=found[0].version)
    site.engine.complete(found[1].item_id, actor=leader, version=found[1].version, outcome="同意")
    confirm(site, browser, address, found)
    record = texts(browser.get(address).text)
    assert "已有变化 2" in record
    assert site.engine.people.names(["user:juzhang"])["user:juzhang"] in record
    site.engine.unclaim(found[0].item_id, actor=leader, version=version)
    again = browser.post(f"{address}/retry")
    page = browser.get(again.location).text
    assert "选中 1 项" in page
    assert "要办的 1 项" in texts(page)


def test_what_the_request_has_no_time_for_is_told_as_waiting_and_done_in_the_background(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.views.bulk.AT_ONCE", 0)
    monkeypatch.setattr("engine.faces.bulk.SECONDS", -1)
    found, browser = notices(site, 3), site.browser(CHIEF)
    address = chosen(browser, found)
    data = {"operation": "complete", "outcome": "同意", "item": [str(row.item_id) for row in found]}
    browser.post(f"{address}/confirm", data)
    record = texts(browser.get(address).text)
    assert ("已处理 1 / 3 项" in record, "等待办理 2" in record) == (True, True)
    site.engine.run_bulks()
    assert "已办成 3" in texts(browser.get(address).text)


def test_cases_that_i_started_are_urged_together(site: Site) -> None:
    notices(site, 2)
    browser = site.browser("juzhang")
    cases = re.findall(r'value="(case:\d+)"', browser.get("/started?process=notices").text)
    assert len(cases) == 2
    held = rows(site.engine)
    chief = site.engine.actor(CHIEF)
    for row in held:
        site.engine.claim(row.item_id, actor=chief, version=row.version)
    answer = choose(browser, cases, operation="urge")
    page = texts(browser.get(answer.location).text)
    assert "要办的 2 项" in page
    address = urlsplit(answer.location).path
    browser.post(
        f"{address}/confirm",
        {"operation": "urge", "opinion": "请尽快办理", "item": [str(row.item_id) for row in held]},
    )
    site.engine.run_bulks()
    assert [note.text for note in site.engine.notes(chief, "urge")] == ["请尽快办理"] * 2


def test_a_chief_gives_several_reviews_to_one_of_the_staff_at_once(site: Site) -> None:
    browser, chief, staff = site.browser(CHIEF), site.engine.actor(CHIEF), "jingjian.guyuan1"
    waiting = InboxQuery(process="goal_declaration", element="section_review", limit=100)
    found = [row for row in site.engine.inbox(chief, waiting).rows if row.drafter is None]
    assert len(found) >= 3
    address = chosen(browser, found[:3])
    page = texts(browser.get(f"{address}?operation=assign_out&to=user:{staff}").text)
    assert "要办的 3 项" in page
    asked = {"operation": "assign_out", "to": f"user:{staff}"}
    browser.post(f"{address}/confirm", {**asked, "item": [str(row.item_id) for row in found[:3]]})
    site.engine.run_bulks()
    assert "已办成 3" in texts(browser.get(address).text)
    drafting = {row.item_id for row in site.engine.inbox(site.engine.actor(staff), waiting).rows}
    assert drafting >= {row.item_id for row in found[:3]}


def test_a_run_is_exported_with_every_task_and_its_reason(site: Site) -> None:
    found = notices(site, 2)
    browser = site.browser(CHIEF)
    address = chosen(browser, found)
    assert browser.get(f"{address}/export.xlsx").status_code == 422
    confirm(site, browser, address, found[:1])
    answer = browser.get(f"{address}/export.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [(row[1], row[6], row[7]) for row in sheet[1:3]] == [
        ("第1号通知", "已办成", ""),
        ("第2号通知", "没有列入", "没有勾选"),
    ]


def test_a_run_that_is_under_way_shows_progress_and_can_be_stopped(site: Site) -> None:
    found = notices(site, 3)
    chief = site.engine.actor(CHIEF)
    run = site.engine.choose_bulk([(row.item_id, row.version) for row in found], actor=chief)
    ticked = [row.item_id for row in found]
    site.engine.confirm_bulk(run, actor=chief, wish=Wish("complete", "同意"), ticked=ticked)
    browser = site.browser(CHIEF)
    page = browser.get(f"/bulk/{run}").text
    assert 'hx-trigger="every 1s"' in page
    assert "已处理 0 / 3 项" in texts(page)
    browser.post(f"/bulk/{run}/stop")
    page = browser.get(f"/bulk/{run}").text
    assert "hx-trigger" not in page
    assert "停下未办 3" in texts(page)
    assert len(rows(site.engine)) == 3
