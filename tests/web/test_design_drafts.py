"""流程设计 as JSON: files, drafts and their checks, for designers and nobody else."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.web.conftest import Browser, Site, texts

DESIGNER, SECOND = "sheji1", "sheji2"
FILE = "disbursement.bpmn"


def send(browser: Browser, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    """Send JSON as the editors do, and return the JSON of the answer, whose status is ``status``."""
    response = browser.client.open(
        f"/design/api{path}",
        method=method,
        json=body,
        headers={"X-CSRFToken": browser.token, "X-Requested-With": "fetch"},
    )
    assert response.status_code == status, f"{method} {path}: {response.status_code} {texts(response.text)}"
    return response.json


def test_a_draft_is_begun_saved_checked_and_given_up(site: Site) -> None:
    first, second = site.browser(DESIGNER), site.browser(SECOND)
    listed = send(first, "GET", "/files")
    (process,) = [one for one in listed["processes"] if one["file"] == FILE]
    assert process["versions"][0]["deployed_by"]["name"]
    assert {one["file"] for one in listed["decisions"]} >= {"D06.dmn"}
    assert process["draft"] is None
    draft = send(first, "POST", "/drafts", {"file": FILE}, 201)
    assert draft["revision"] == 1
    assert draft["base"] == {"deployment": process["versions"][0]["deployment"], "up_to_date": True}
    path = f"/drafts/{draft['id']}"
    refused = send(second, "POST", "/drafts", {"file": FILE}, 409)
    assert refused["params"]["draft"] == draft["id"]
    assert send(second, "GET", path)["editors"][0]["person"]["name"] == "卢思远"
    saved = send(first, "PUT", path, {"content": draft["content"] + "\n", "base": 1})
    assert saved["revision"] == 2
    late = send(second, "PUT", path, {"content": "<x/>", "base": 1}, 409)
    assert (late["code"], late["params"]["revision"]) == ("design.changed", 2)
    assert "卢思远" in late["message"]
    assert send(second, "POST", f"{path}/here")["revision"] == 2
    assert send(second, "POST", f"{path}/here", {"leave": True}) == {"editors": []}
    assert send(first, "POST", f"{path}/check")["verdict"] == "accepted"
    broken = draft["content"].replace('targetRef="', 'targetRef="no_', 1)
    found = send(first, "POST", f"{path}/check", {"content": broken})
    assert found["verdict"] == "refused"
    blocking = next(one for one in found["findings"] if one["severity"] == "error")
    assert blocking["file"] == FILE
    assert blocking["message"]
    send(first, "POST", f"{path}/restore", {"revision": 1, "base": 2})
    history = send(first, "GET", f"{path}/revisions")["revisions"]
    assert [(one["revision"], one["restored"]) for one in history] == [(3, 1), (2, None), (1, None)]
    assert send(first, "GET", f"{path}/revisions/2")["content"] == draft["content"] + "\n"
    send(first, "DELETE", path, {"base": 3})
    assert send(first, "PUT", path, {"content": "x", "base": 3}, 409)["code"] == "design.closed"
    brought = send(first, "POST", "/drafts", {"kind": "form", "id": "leave", "name": "请假单"}, 201)
    assert brought["file"] == "leave.form"
    assert [one["file"] for one in send(first, "GET", "/files")["new"]] == ["leave.form"]
    packed = first.get(f"/design/api/deployments/{process['versions'][0]['deployment']}.zip")
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        assert archive.read(FILE).decode() == draft["content"]
    one = first.get(f"/design/api/deployments/{process['versions'][0]['deployment']}/files/{FILE}")
    assert one.data.decode() == draft["content"]
    assert send(first, "POST", "/drafts", {"file": 1}, 400)["message"]
    assert send(first, "GET", "/drafts/999", status=404)["code"] == "design.no_draft"
    assert send(first, "GET", "/deployments/999/files/x", status=404)["code"] == "design.no_deployment"


def test_nobody_else_gets_in(site: Site) -> None:
    for person in ("jiaotongju.jingban", "admin", "yunwei1"):
        browser = site.browser(person)
        assert send(browser, "GET", "/files", status=403)["code"] == "design.only"
    designer = site.browser(DESIGNER)
    assert "流程设计人员" in texts(designer.get("/inbox").text)
    designer.token = ""
    assert send(designer, "POST", "/drafts", {"file": FILE}, 400)["code"] == "http.400"


def test_what_is_known_depends_on_the_element(site: Site) -> None:
    browser = site.browser(DESIGNER)
    draft = send(browser, "POST", "/drafts", {"file": "goal_declaration.bpmn"}, 201)
    path = f"/drafts/{draft['id']}/known"

    def names(element: str) -> dict[str, Any]:
        return {one["name"]: one for one in send(browser, "GET", f"{path}?element={element}")["names"]}

    first, everything = names("fill_goal"), send(browser, "GET", path)
    assert first["project"]["source"] is None
    assert "goal" in {one["name"] for one in everything["names"] if one["kind"] == "document"}
    document = next(one for one in everything["names"] if one["name"] == "goal")
    rows = next(one for one in document["members"] if one["name"] == "indicators")
    assert "target_value" in {one["name"] for one in rows["members"]}
    last = {one["name"] for one in everything["names"]} - first.keys()
    assert last, "what later steps give isn't known at the first one"
    assert {"role", "sum"} <= {one["name"] for one in everything["functions"]}
    assert {"id": "expert", "name": "评审专家"} in everything["roles"]
    assert any(one["id"] == "goal_declaration" for one in everything["forms"])
    assert any(one["needs"] for one in everything["decisions"])
    content = {"content": draft["content"], "element": "fill_goal"}
    assert {one["name"] for one in send(browser, "POST", path, content)["names"]} == first.keys()
    assert send(browser, "GET", f"{path}?element=nowhere", status=404)["code"] == "design.no_element"
    listed = send(browser, "GET", f"/drafts/{draft['id']}/steps")
    (sign,) = [one for one in listed["steps"] if one["element"] == "unit_sign"]
    assert sign["properties"]["deadline"]["value"] == {"setting": "profile.days.sign"}
    change = {"element": "unit_sign", "property": "deadline", "value": {"days": 4}}
    changed = send(browser, "POST", "/steps", {"content": draft["content"], "changes": [change]})
    assert "=working days(now(), 4)" in changed["content"]
    hidden = {"element": "leader_sign", "property": "approver", "value": []}
    refused = send(browser, "POST", "/steps", {"content": draft["content"], "changes": [hidden]}, 422)
    assert refused["code"] == "steps.hidden"
    ours = send(browser, "POST", "/convert", {"content": draft["content"]})
    assert (ours["content"], ours["engine"], ours["notes"]) == (draft["content"], None, [])
    theirs = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:flowable="http://flowable.org/bpmn">'
        '<process id="p"><userTask id="t" flowable:assignee="${who}"/></process></definitions>'
    )
    told = send(browser, "POST", "/convert", {"content": theirs})
    assert told["engine"] == "Flowable"
    assert [(one["element"], "=who" in one["message"]) for one in told["notes"]] == [("t", True)]
