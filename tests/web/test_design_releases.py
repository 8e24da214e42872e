"""流程设计 as JSON: a change is asked for, reviewed, deployed and gone back from."""

from __future__ import annotations

from tests.web.conftest import Site
from tests.web.test_design_drafts import DESIGNER, FILE, SECOND, send


def test_a_change_is_reviewed_deployed_and_rolled_back(site: Site) -> None:
    first, second = site.browser(DESIGNER), site.browser(SECOND)
    draft = send(first, "POST", "/drafts", {"file": FILE}, 201)
    content = draft["content"].replace('name="', 'name="改·', 1)
    saved = send(first, "PUT", f"/drafts/{draft['id']}", {"content": content, "base": 1})
    wish = {"drafts": [{"id": draft["id"], "revision": saved["revision"]}], "reason": "改名"}
    assert send(first, "POST", "/releases", {**wish, "at": "soon"}, 400)
    asked = send(first, "POST", "/releases", wish, 201)
    assert (asked["state"], asked["files"][0]["file"]) == ("review", FILE)
    path = f"/releases/{asked['id']}"
    assert send(second, "GET", f"{path}/files/{FILE}")["content"] == content
    assert send(second, "GET", f"{path}/files/none.bpmn", status=404)["code"] == "design.no_file"
    assert send(first, "POST", f"{path}/decide", {"agree": True}, 403)["code"] == "release.own"
    done = send(second, "POST", f"{path}/decide", {"agree": True, "opinion": "可以"})
    assert done["state"] == "deployed"
    assert done["decided_by"]["name"] == "纪文清"
    (process,) = [one for one in send(first, "GET", "/files")["processes"] if one["file"] == FILE]
    assert process["versions"][0]["deployed_by"]["name"] == "卢思远"
    assert process["draft"] is None
    back = send(first, "POST", f"/processes/{process['id']}/roll-back", {"reason": "改错了"}, 201)
    assert (back["state"], back["origin"]) == ("deployed", "rollback")
    listed = send(second, "GET", "/releases")
    assert listed["review"] is True
    assert [one["id"] for one in listed["releases"]] == [back["id"], asked["id"]]
    assert send(first, "POST", f"{path}/withdraw", status=409)["code"] == "release.is_deployed"
