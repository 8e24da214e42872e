"""调整截止日: the owner of a deadline sees what moving it does, confirms just that, and gets a result."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from engine.calendar import ZONE
from engine.commands import extending
from tests.web.conftest import Site, hidden, on_both, texts
from web.views import deadlines

OWNER = "yusuan.guzhang"
CLERK = "jiaotongju.jingban"
STEP = "goal_declaration/fill_goal"
NEW = {"step": STEP, "due": "2026-04-30", "hour": "17:30"}


@on_both
def test_the_preview_is_carried_out_as_it_was_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 60)  # on a slow machine, too, it is done when the page comes
    browser = site.browser(OWNER)
    page = browser.get("/deadlines", query_string=NEW).text
    assert "将调整" in page
    item = site.waiting(CLERK, "fill_goal")
    before = site.engine.task(item, site.engine.actor(CLERK)).due_at
    given = {**NEW, "seal": hidden(page, "seal"), "_request_key": hidden(page, "_request_key")}
    assert browser.post("/deadlines", given).status_code == 422
    done = browser.post("/deadlines", {**given, "reason": "节假日顺延"})
    assert done.status_code == 303
    record = texts(browser.get(done.location).text)
    assert "调整截止日到 2026-04-30 17:30" in record
    assert "已完成" in record
    assert browser.get(f"{done.location}/export.xlsx").status_code == 200
    after = site.engine.task(item, site.engine.actor(CLERK))
    assert after.due_at == datetime(2026, 4, 30, 17, 30, tzinfo=ZONE) != before
    view = site.engine.instance(after.instance_id, site.engine.actor(CLERK))
    (told,) = [one for one in view.timeline if one.kind == "due.changed"]
    assert told.data["reason"] == "节假日顺延"
    record = texts(site.browser(CLERK).get(f"/instances/{after.instance_id}").text)
    assert "→ 2026-04-30 17:30" in record


def test_what_has_changed_since_the_preview_is_shown_again(site: Site) -> None:
    browser = site.browser(OWNER)
    page = browser.get("/deadlines", query_string=NEW).text
    item, clerk = site.waiting(CLERK, "fill_goal"), site.engine.actor(CLERK)
    site.engine.claim(item, actor=clerk, version=site.engine.task(item, clerk).version)
    given = {**NEW, "seal": hidden(page, "seal"), "reason": "节假日顺延"}
    answer = browser.post("/deadlines", given)
    assert answer.status_code == 409
    assert "又有变化" in texts(answer.text)
    assert hidden(answer.text, "seal") != given["seal"]
    assert 'value="节假日顺延"' in answer.text


def test_too_many_for_one_time_are_moved_one_time_after_the_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extending, "MAX_CHANGES", 3)
    monkeypatch.setattr(deadlines, "AT_ONCE", 60)
    browser = site.browser(OWNER)
    left = []
    for _ in range(2):
        page = browser.get("/deadlines", query_string=NEW).text
        assert "将调整 3 件" in texts(page)
        found = re.search(r"一次最多调整 3 件，先调整最早的；其余 (\d+) 件", texts(page))
        assert found
        left.append(int(found[1]))
        given = {name: hidden(page, name) for name in ("seal", "_request_key")}
        assert browser.post("/deadlines", {**NEW, **given, "reason": "节假日顺延"}).status_code == 303
    assert left[0] == left[1] > 0
    assert (
        len(
            re.findall(
                '<td class="nowrap">2026-04-30 17:30', browser.get("/deadlines", query_string=NEW).text
            )
        )
        == 3
    )


def test_who_owns_no_deadline_is_offered_none(site: Site) -> None:
    browser = site.browser(CLERK)
    assert "没有由您决定的期限" in browser.get("/deadlines").text
    assert 'href="/deadlines"' not in browser.get("/inbox").text
    assert browser.post("/deadlines", {**NEW, "reason": "…", "seal": "…"}).status_code == 400
    assert 'href="/deadlines"' in site.browser(OWNER).get("/inbox").text


def test_a_clerk_asks_and_the_owner_decides(site: Site) -> None:
    item, clerk, owner = site.waiting(CLERK, "fill_goal"), site.browser(CLERK), site.browser(OWNER)
    instance = site.engine.task(item, site.engine.actor(CLERK)).instance_id
    page = clerk.get(f"/tasks/{item}/operations/extend").text
    given = {"_version": hidden(page, "_version"), "due": "2026-05-20", "reason": "材料未齐"}
    answer = clerk.post(f"/tasks/{item}/operations/extend", given)
    assert "等" in texts(clerk.get(answer.location).text)
    assert "decide_extension" in owner.get(f"/instances/{instance}").text
    page = owner.get(f"/tasks/{item}/operations/decide_extension?_back=case").text
    assert "材料未齐" in page
    wrong = owner.post(f"/tasks/{item}/operations/decide_extension", {"answer": "second"})
    assert wrong.status_code == 422
    done = owner.post(
        f"/tasks/{item}/operations/decide_extension", {"due": "2026-05-10", "reason": "同意", "_back": "case"}
    )
    assert done.status_code == 303
    again = owner.post(f"/tasks/{item}/operations/decide_extension", {"due": "2026-05-10"})
    assert again.status_code == 422
    assert "没有待决定的延期申请" in texts(again.text)
    due = site.engine.task(item, site.engine.actor(CLERK)).due_at
    assert due is not None
    assert due.astimezone(ZONE).date().isoformat() == "2026-05-10"
