"""试运行 as JSON: a draft is played with the county's own people and real forms, and kept as a test case."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import Site
from tests.web.test_design_drafts import DESIGNER, SECOND, send


def test_a_draft_is_played_for_a_project_and_kept_as_a_test_case(site: Site) -> None:
    first, second = site.browser(DESIGNER), site.browser(SECOND)
    before = site.engine.process_rows("system", "disbursement")[0].running
    draft = send(first, "POST", "/drafts", {"file": "goal_declaration.bpmn"}, 201)
    path = f"/drafts/{draft['id']}"
    found = send(first, "GET", f"{path}/subjects?text=县交通运输局")["subjects"]
    assert found
    assert all("县交通运输局" in one["name"] for one in found)
    trial: dict[str, Any] = {"subject": found[0]["id"], "now": "2026-03-11T10:00:00+08:00", "answers": []}
    begun = send(first, "POST", f"{path}/try", trial)
    assert begun["problem"] is None, begun["problem"]
    (fill,) = begun["waiting"]
    assert fill["element"] == "fill_goal"
    assert fill["element"] in begun["tokens"]
    assert [one["id"] for one in fill["asked"][0]["people"]] == ["user:jiaotongju.jingban"]
    assert fill["because"]["candidateGroups"].startswith("=")
    assert "<input" in fill["html"]
    wrong = {"element": "fill_goal", "outcome": fill["outcomes"][0]["name"], "fields": [["overview", "短"]]}
    refused = send(first, "POST", f"{path}/try", {**trial, "answers": [wrong]})
    assert refused["problem"]["code"] == "play.refused"
    assert refused["findings"]
    assert "短" in refused["waiting"][0]["html"]
    stranger = {"element": "fill_goal", "by": "user:shangwuju.jingban"}
    assert send(first, "POST", f"{path}/try", {**trial, "answers": [stranger]})["problem"]
    later = send(first, "POST", f"{path}/try", {**trial, "answers": [{"advance": "P20D"}]})
    assert later["now"].startswith("2026-03-31")
    assert send(first, "POST", f"{path}/try", {**trial, "subject": "project:999999"}, 404)
    content = draft["content"].replace('name="', 'name="改·', 1)
    send(first, "PUT", path, {"content": content, "base": 1})
    case = send(first, "POST", f"{path}/cases", {**trial, "name": "交通局填报", "answers": []}, 201)
    assert send(first, "POST", f"{path}/cases", {**trial, "name": "", "answers": []}, 422)
    assert send(first, "POST", f"{path}/cases", {**trial, "name": "坏", "answers": [stranger]}, 422)
    assert send(second, "GET", "/processes/goal_declaration/cases")["cases"][0]["expected"]["open"] == [
        "fill_goal"
    ]
    assert send(first, "POST", f"{path}/cases/run") == {
        "passed": True,
        "cases": [
            {
                "id": case["id"],
                "process": "goal_declaration",
                "name": "交通局填报",
                "passed": True,
                "differences": [],
                "path": begun["report"]["path"],
            }
        ],
    }
    renamed = (
        content.replace('"fill_goal"', '"fill_in"')
        .replace(">fill_goal<", ">fill_in<")
        .replace("fill_goal,", "fill_in,")
    )
    failed = send(first, "POST", f"{path}/cases/run", {"content": renamed})
    assert failed["passed"] is False
    assert "fill_in" in failed["cases"][0]["differences"][0]["message"]
    saved = send(first, "PUT", path, {"content": renamed, "base": 2})
    wish = {"drafts": [{"id": draft["id"], "revision": saved["revision"]}], "reason": "改标识"}
    stopped = send(first, "POST", "/releases", wish, 422)
    assert stopped["code"] == "release.cases"
    assert "交通局填报" in stopped["findings"][0]["message"]
    send(second, "DELETE", f"/cases/{case['id']}")
    send(second, "DELETE", f"/cases/{case['id']}", status=404)
    assert site.engine.process_rows("system", "disbursement")[0].running == before
    form = send(first, "POST", "/drafts", {"kind": "form", "id": "leave", "name": "请假"}, 201)
    assert send(first, "POST", f"/drafts/{form['id']}/try", {}, 422)["code"] == "trial.not_a_process"
