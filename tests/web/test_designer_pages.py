"""流程设计 as pages: what is listed, how a draft is begun, what the editor's page allows the browser."""

from __future__ import annotations

import io
import re

from tests.web.conftest import Browser, Site, texts

DESIGNER, SECOND = "sheji1", "sheji2"
FILE = "disbursement.bpmn"


def begun(browser: Browser, **form: object) -> str:
    """Begin a draft as the page does, and return the address of the editor that it leads to."""
    answer = browser.post("/design/drafts", form)
    assert answer.status_code == 303
    return str(answer.location)


def test_a_designer_finds_what_is_deployed_and_begins_drafts_from_the_list(site: Site) -> None:
    browser, other = site.browser(DESIGNER), site.browser(SECOND)
    listed = texts(browser.get("/design/").text)
    assert "资金拨付绩效审核" in listed
    assert "D06.dmn" in listed
    assert "goal_declaration.form" in listed
    editor = begun(browser, file=FILE)
    assert re.fullmatch(r"/design/drafts/\d+", editor)
    assert begun(other, file=FILE) == editor  # of a file one draft is open: the second designer gets it too
    assert "卢思远" in texts(other.get("/design/").text)
    new = begun(browser, kind="bpmn", id="leave", name="请假")
    brought = begun(
        browser, brought=(io.BytesIO(b'{"id": "slip", "type": "default", "components": []}'), "slip.form")
    )
    assert len({editor, new, brought}) == 3
    listed = texts(browser.get("/design/").text)
    assert "leave.bpmn" in listed
    assert "slip.form" in listed
    assert begun(browser, brought=(io.BytesIO(b"x"), "notes.txt")) == "/design/"
    assert "notes.txt" in texts(browser.get("/design/").text)  # the refusal says which
    assert begun(browser, kind="bpmn", id="leave", name="又一个") == new
    assert browser.post(f"{editor}/drop", {}).location == "/design/"
    assert browser.post(f"{editor}/drop", {}).location == "/design/"
    assert "leave.bpmn" in texts(browser.get("/design/").text)


def test_only_the_editors_page_lets_style_sheets_be_written_and_only_with_its_own_nonce(site: Site) -> None:
    browser = site.browser(DESIGNER)
    editor = begun(browser, file=FILE)
    pages = [browser.get(editor), browser.get(editor)]
    nonces = []
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        nonce = re.search(r"style-src 'self' 'nonce-([\w-]{20,})'; style-src-attr 'unsafe-inline';", policy)
        assert nonce is not None, policy
        assert f'data-nonce="{nonce[1]}"' in page.text
        assert "script-src 'self';" in policy
        nonces.append(nonce[1])
    assert nonces[0] != nonces[1]
    assert "nonce" not in browser.get("/design/").headers["Content-Security-Policy"]


def test_the_element_templates_are_those_that_the_desktop_modeler_reads(site: Site) -> None:
    answer = site.browser(DESIGNER).get("/design/templates.json")
    ids = [template["id"] for template in answer.json["templates"]]
    assert "bihuan.user-task" in ids
    assert len(ids) == len(set(ids))


def test_a_form_is_drawn_as_users_will_see_it_while_it_is_designed(site: Site) -> None:
    browser = site.browser(DESIGNER)
    headers = {"X-CSRFToken": browser.token, "X-Requested-With": "fetch"}
    form = {
        "id": "slip",
        "type": "default",
        "components": [{"type": "textfield", "key": "why", "label": "请假事由", "id": "f1"}],
    }
    drawn = browser.client.post("/design/preview", json=form, headers=headers)
    assert "请假事由" in drawn.json["html"]
    assert "<input" in drawn.json["html"]
    refused = browser.client.post("/design/preview", data=b"{", headers=headers)
    assert refused.status_code == 422
    assert refused.json["message"]


def test_what_one_designer_asks_for_another_approves_and_either_may_go_back(site: Site) -> None:
    browser, other = site.browser(DESIGNER), site.browser(SECOND)
    editor = begun(browser, file="D06.dmn")
    draft = int(editor.rpartition("/")[2])
    design = site.engine.design
    actor = site.engine.actor(DESIGNER)
    content = design.draft(draft, actor).content
    changed = content.replace(b"<description>", "<description>改：".encode(), 1)
    assert changed != content
    design.save(draft, changed, 1, actor)
    compared = browser.get(f"/design/compared?draft={draft}").json
    assert (compared["kind"], compared["before"]) == ("dmn", content.decode())
    assert compared["after"] == changed.decode()
    assert browser.get(f"/design/compare?draft={draft}").status_code == 200
    wish = {"draft": draft, f"revision-{draft}": 2, "reason": "说明写清楚", "running": "finish"}
    dated = browser.post("/design/releases", {**wish, "when": "at", "at": ""})
    assert dated.status_code == 422  # a date that isn't given is not "at once"
    assert "说明写清楚" in dated.text
    asked = browser.post("/design/releases", {**wish, "when": "now"})
    assert asked.status_code == 303
    assert "同意部署" not in texts(browser.get(asked.location).text)
    shown = texts(other.get(asked.location).text)
    assert "待审核" in shown
    assert "说明写清楚" in texts(other.get("/design/releases").text)
    file = other.get(f"/design/compared?release={asked.location.rpartition('/')[2]}&file=D06.dmn").json
    assert file == compared
    other.post(f"{asked.location}/decide", {"agree": "yes", "opinion": "同意"})
    assert "已部署" in texts(browser.get(asked.location).text)
    assert "第 2 版" in texts(browser.get("/design/").text)
    back = browser.post("/design/processes/disbursement/roll-back", {"reason": "还是原来的好"})
    assert "已部署" in texts(browser.get(back.location).text)
    assert "第 3 版" in texts(browser.get("/design/").text)
    assert design.begin("D06.dmn", actor) > draft
    late = browser.post("/design/releases", {**wish, "when": "now"})
    assert late.status_code == 422


def test_a_migration_is_rehearsed_begun_with_its_release_and_undone(site: Site) -> None:
    browser, other = site.browser(DESIGNER), site.browser(SECOND)
    draft = int(begun(browser, file="goal_declaration.bpmn").rpartition("/")[2])
    design, actor = site.engine.design, site.engine.actor(DESIGNER)
    content = design.draft(draft, actor).content
    renamed = content.replace("填报绩效目标".encode(), "填写目标".encode())
    design.save(draft, renamed, 1, actor)
    row = site.engine.process_rows("system", "goal_declaration")[0]
    wish = {"draft": draft, f"revision-{draft}": 2, "reason": "改名", "when": "now", "running": "migrate"}
    tried = texts(browser.post("/design/releases/rehearse", wish).text)
    assert f"在办 {row.running} 件" in tried
    assert "填报绩效目标 → 填写目标" in tried
    assert site.engine.process_rows("system", "goal_declaration")[0] == row  # nothing was changed
    assert browser.post("/design/releases/rehearse", {**wish, f"revision-{draft}": 1}).status_code == 422
    release = browser.post("/design/releases", wish).location
    other.post(f"{release}/decide", {"agree": "yes"})
    while site.engine.run_migrations():
        pass
    assert site.engine.process_rows("system", "goal_declaration")[0].versions[0].running == row.running
    shown = browser.get(release).text
    assert f"已迁移 {row.running}" in texts(shown)
    undo = re.search(r'action="(/design/releases/\d+/migrations/\d+/undo)"', shown)
    assert undo is not None
    stranger = re.sub(r"migrations/\d+", "migrations/999", undo[1])
    assert browser.post(stranger, {}).status_code == 303
    assert "没有第 999 次迁移" in texts(browser.get(release).text)
    browser.post(undo[1], {})
    while site.engine.run_migrations():
        pass
    assert f"已退回 {row.running}" in texts(browser.get(release).text)


def test_a_designer_sees_where_time_passes_and_takes_the_event_log_along(site: Site) -> None:
    browser = site.browser(DESIGNER)
    page = "/design/processes/goal_declaration"
    assert page in browser.get("/design/").text
    shown = texts(browser.get(f"{page}?days=0&by=time").text)
    assert "时间花在哪里" in shown
    assert "%" in shown
    heat = browser.get(f"{page}/heat?days=0&by=time", headers={"X-Requested-With": "fetch"}).json
    assert max(one["level"] for one in heat["heat"].values()) == 5
    assert browser.get(f"{page}/heat?version=9").status_code == 404
    assert browser.get("/design/processes/nothing").status_code == 404
    log = browser.get(f"{page}/log.csv?days=0").data.decode("utf-8-sig")
    assert log.startswith("case,version,element")
    design, actor = site.engine.design, site.engine.actor(DESIGNER)
    draft = design.begin("goal_declaration.bpmn", actor)
    (subject, _), *_ = design.subjects(draft, "县交通运输局", actor)
    case = design.keep_case(draft, "停在填报", {"answers": []}, actor, subject=subject)
    assert design.check(draft, actor).cases == 1
    assert "停在填报" in texts(browser.get(page).text)
    browser.post(f"{page}/cases/{case}/remove", {})
    assert "停在填报" not in texts(browser.get(page).text)
    assert browser.post(f"{page}/cases/{case}/remove", {}).status_code == 303


def test_what_became_of_another_engines_diagram_stays_with_its_draft(site: Site) -> None:
    browser = site.browser(DESIGNER)
    theirs = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:flowable="http://flowable.org/bpmn" '
        b'targetNamespace="x"><process id="p"><userTask id="t" flowable:assignee="${who}" flowable:skipExpression="${x}"/>'
        b"</process></definitions>"
    )
    editor = begun(browser, brought=(io.BytesIO(theirs), "leave.bpmn"))
    told = browser.get(f"/design/api{editor.removeprefix('/design')}").json["converted"]
    assert told["engine"] == "Flowable"
    assert [(one["element"], one["code"]) for one in told["notes"]] == [
        ("t", "convert.changed"),
        ("t", "convert.kept"),
    ]
    ours = begun(browser, file=FILE)
    assert browser.get(f"/design/api{ours.removeprefix('/design')}").json["converted"] is None
