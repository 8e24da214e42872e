"""Two windows or two people at one task: neither writes over the other, and both versions can be seen and taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Conflict
from tests.web.conftest import Browser, Site, hidden, on_both, texts

CLERK = "jiaotongju.jingban"
CHIEF, STAFF = "jingjian.guzhang", "jingjian.guyuan1"
SCRIPT = {"X-Requested-With": "fetch"}


def opened(browser: Browser, item: int) -> dict[str, str]:
    page = browser.get(f"/tasks/{item}").text
    names = ("_version", "_document_version", "_draft_revision", "_request_key")
    return {name: hidden(page, name) for name in names}


@on_both
def test_a_second_window_does_not_write_over_what_the_first_one_saved(site: Site) -> None:
    first, second = site.browser(CLERK), site.browser(CLERK)
    item = site.waiting(CLERK, "fill_goal")
    one, other = opened(first, item), opened(second, item)
    saved = first.post(f"/tasks/{item}/draft", {**one, "project_leader": "甲窗口"}, headers=SCRIPT)
    assert saved.status_code == 200
    answer = second.post(f"/tasks/{item}/draft", {**other, "project_leader": "乙窗口"}, headers=SCRIPT)
    assert answer.status_code == 409
    found = answer.get_json()
    assert "另一窗口已于" in found["message"]
    assert {"label": "项目负责人", "shown": "甲窗口", "copy": "乙窗口"} in found["differences"]
    assert "甲窗口" in first.get(f"/tasks/{item}").text
    # Whoever has compared and keeps what is here says so with the revision that is there.
    kept = {**other, "_draft_revision": str(found["revision"]), "project_leader": "乙窗口"}
    assert second.post(f"/tasks/{item}/draft", kept, headers=SCRIPT).status_code == 200
    assert "乙窗口" in first.get(f"/tasks/{item}").text


def test_the_same_text_from_two_windows_is_no_conflict(site: Site) -> None:
    item, actor = site.waiting(CLERK, "fill_goal"), site.engine.actor(CLERK)
    saved = site.engine.save_draft(item, actor=actor, answers={"a": 1}, based_on=None, revision=0)
    again = site.engine.save_draft(item, actor=actor, answers={"a": 1}, based_on=None, revision=0)
    assert again.revision == saved.revision + 1
    with pytest.raises(Conflict):
        site.engine.save_draft(item, actor=actor, answers={"a": 2}, based_on=None, revision=0)


def test_submitting_shows_what_another_window_saved_and_the_second_click_submits(site: Site) -> None:
    first, second = site.browser(CLERK), site.browser(CLERK)
    item = site.waiting(CLERK, "fill_goal")
    stale = opened(second, item)
    first.post(f"/tasks/{item}/draft", {**opened(first, item), "project_leader": "甲窗口"}, headers=SCRIPT)
    sent = {**stale, "_outcome": "提交", "project_leader": "乙窗口"}
    answer = second.post(f"/tasks/{item}/complete", sent)
    assert answer.status_code == 409
    page = texts(answer.text)
    assert "再点一次按这里的提交" in page
    assert "甲窗口" in page
    assert 'value="乙窗口"' in answer.text
    sent |= {name: hidden(answer.text, name) for name in ("_draft_revision", "_request_key")}
    again = second.post(f"/tasks/{item}/complete", sent)
    assert again.status_code == 422  # it got as far as the checks


def test_two_people_who_draft_one_task_see_both_versions_and_take_either(site: Site) -> None:
    chief, staff = site.browser(CHIEF), site.browser(STAFF)
    item = site.waiting(CHIEF, "section_review")
    chief.post(f"/tasks/{item}/assign", {"_version": opened(chief, item)["_version"], "_to": STAFF})
    mine = {"completeness_norm": "8", "_opinion": "股长先写的。"}
    assert (
        chief.post(f"/tasks/{item}/draft", {**opened(chief, item), **mine}, headers=SCRIPT).status_code == 200
    )
    assert "也在起草这一项" in texts(staff.get(f"/tasks/{item}").text)
    site.clock.advance(timedelta(minutes=1))
    sent = {**opened(staff, item), "completeness_norm": "9", "_opinion": "经办后写的。"}
    assert staff.post(f"/tasks/{item}/hand-in", sent).status_code == 303

    page = chief.get(f"/tasks/{item}").text
    assert "经办后写的。" in page
    assert "您自己" in texts(page)
    assert "<del>股长先</del>" in page
    assert "改用我自己暂存的" in page
    site.clock.advance(timedelta(minutes=1))
    assert chief.post(f"/tasks/{item}/draft/take").status_code == 303
    page = chief.get(f"/tasks/{item}").text
    assert "改用" in page
    assert "股长先写的。</textarea>" in page
    site.clock.advance(timedelta(minutes=1))
    chief.post(f"/tasks/{item}/draft/take")
    assert "经办后写的。</textarea>" in chief.get(f"/tasks/{item}").text
