"""工作交接 in the browser: the list by step and unit, one or several receivers, what is refused."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import Site, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
FIRST, SECOND = "shangwuju.jingban", "jingjian.guzhang"


@pytest.fixture
def busy(site: Site) -> Site:
    """The demo county in which the clerk has claimed two goals."""
    actor = site.engine.actor(CLERK)
    rows = [row for row in site.engine.inbox(actor).rows if row.element == "fill_goal"]
    for row in rows[:2]:
        site.engine.claim(row.item_id, actor=actor, version=row.version)
    return site


def mine(site: Site, person: str) -> list[int]:
    return [one.item_id for one in site.engine.leaving(person, site.engine.actor(person)).items]


def fields(page: str) -> list[str]:
    return re.findall(r'<select class="input take"[^>]* name="([^"]+)"', page)


@on_both
def test_everything_goes_to_one_colleague_and_the_record_says_so(busy: Site) -> None:
    items = mine(busy, CLERK)
    assert items
    browser = busy.browser(CLERK)
    page = browser.get(f"/handover?to=user:{FIRST}").text
    assert f"共 {len(items)} 项" in page
    answer = browser.post("/handover", {"to": [f"user:{FIRST}"], "reason": "调离", "_request_key": "k"})
    assert answer.status_code == 303
    assert mine(busy, CLERK) == []
    assert set(items) <= set(mine(busy, FIRST))
    instance = busy.engine.task(items[0], busy.engine.actor(FIRST)).instance_id
    record = texts(busy.browser(FIRST).get(f"/instances/{instance}").text)
    assert "交接" in record
    assert "理由：调离" in record
    again = browser.post("/handover", {"to": [f"user:{FIRST}"], "reason": "调离", "_request_key": "k"})
    assert again.status_code == 422  # nothing is left


def test_a_part_goes_to_one_of_several_and_another_stays(busy: Site) -> None:
    before = mine(busy, CLERK)
    browser = busy.browser(CLERK)
    page = browser.get(f"/handover?to=user:{FIRST}&to=user:{SECOND}").text
    (field,) = fields(page)
    people = [f"user:{FIRST}", f"user:{SECOND}"]
    assert browser.post("/handover", {"to": people, field: "-"}).status_code == 422
    assert mine(busy, CLERK) == before
    had = set(mine(busy, SECOND))
    assert browser.post("/handover", {"to": people, field: SECOND}).status_code == 303
    assert set(before) == set(mine(busy, SECOND)) - had


def test_what_a_colleague_can_not_have_is_listed_with_the_reason(busy: Site) -> None:
    browser = busy.browser(CLERK)
    browser.get("/handover")
    answer = browser.post("/handover", {"to": ["user:admin"]})
    assert answer.status_code == 303
    page = texts(browser.get(answer.location).text)
    assert f"移交{busy.engine.actor(CLERK).name}的事项" in page
    assert f"有 {len(mine(busy, CLERK))} 项没有办成" in page
    assert "管理员" in page
    assert busy.browser(FIRST).get(answer.location).status_code == 404
    assert mine(busy, CLERK)


def test_the_head_and_an_administrator_may_hand_over_for_others(busy: Site) -> None:
    for person in (HEAD, "admin"):
        page = busy.browser(person).get(f"/handover?person=user:{CLERK}").text
        assert busy.engine.actor(CLERK).name in page
    assert busy.browser(FIRST).get(f"/handover?person=user:{CLERK}").status_code == 404
    browser = busy.browser(FIRST)
    assert browser.post("/handover", {"person": CLERK, "to": [f"user:{FIRST}"]}).status_code == 404
    assert busy.browser("admin").get("/handover?person=user:nobody").status_code == 404


def test_a_post_without_a_successor_is_said(busy: Site) -> None:
    page = texts(busy.browser(CLERK).get("/handover").text)
    assert "只有" in page
    assert "人在岗" in page


def test_without_a_receiver_nothing_runs(busy: Site) -> None:
    browser = busy.browser(CLERK)
    browser.get("/handover")
    answer = browser.post("/handover", {})
    assert answer.status_code == 422
    assert "请先选择接手人" in answer.text


def test_a_post_without_tasks_is_not_said_to_have_zero_that_will_be_passed_on(site: Site) -> None:
    page = texts(site.browser("juzhang").get("/handover").text)
    leader = site.engine.actor("juzhang").name
    assert f"只有{leader}一人在岗，岗位上现在没有待办" in page
    assert "0 项待办" not in page
