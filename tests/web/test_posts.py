"""岗位 in the browser: the current post is in the header, can be switched, and narrows the lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.conftest import NOW, Browser, Site, on_both, texts

CLERK = "jiaotongju.jingban"
#: Another unit whose books the clerk keeps too.
OTHER = "shangwuju.jingban"


@pytest.fixture
def centre(site: Site) -> Site:
    """The demo county in which a clerk keeps the books of a second unit until tomorrow."""
    (post,) = site.engine.actor(OTHER).posts
    tomorrow = (NOW + timedelta(days=1)).date()
    site.engine.people.add_post(CLERK, post.role, post.org, to=tomorrow)
    return site


def header(browser: Browser) -> str:
    page = browser.get("/inbox").text
    return texts(page[page.index("<header") : page.index("</header")])


def test_a_single_post_is_shown_and_needs_no_switch(site: Site) -> None:
    page = site.browser(CLERK).get("/inbox").text
    assert "绩效经办人" in page
    assert "post-switch" not in page


@on_both
def test_all_posts_are_shown_until_one_is_chosen(centre: Site) -> None:
    browser = centre.browser(CLERK)
    assert "全部岗位（2 个）" in header(browser)
    first, second = centre.engine.actor(CLERK).posts
    everything = centre.engine.inbox(centre.engine.actor(CLERK)).counts.all
    answer = browser.post("/post", {"post": second.principal, "back": "/inbox?sort=newest"})
    assert answer.headers["Location"] == "/inbox?sort=newest"
    shown = header(browser)
    assert f"当前岗位 {second.org_name}" in shown or second.org_name in shown
    rows = browser.get("/inbox").text.count("data-row ")
    assert 0 < rows < everything
    browser.post("/post", {"post": ""})
    assert browser.get("/inbox").text.count("data-row ") > rows
    assert first.org_name in header(browser)


def test_a_post_of_somebody_else_can_not_be_chosen(centre: Site) -> None:
    browser = centre.browser(CLERK)
    assert browser.post("/post", {"post": "role:perf_chief@PERF"}).status_code == 404
    assert "全部岗位" in header(browser)


def test_a_chosen_post_that_ends_falls_back_to_the_others(centre: Site) -> None:
    browser = centre.browser(CLERK)
    second = centre.engine.actor(CLERK).posts[1]
    browser.post("/post", {"post": second.principal})
    for _ in range(48):
        centre.clock.advance(timedelta(hours=1))
        browser.post("/stay")
    page = browser.get("/inbox").text
    assert "post-switch" not in page
    assert second.org_name not in page


def test_the_switch_leads_nowhere_but_here(centre: Site) -> None:
    browser = centre.browser(CLERK)
    answer = browser.post("/post", {"post": "", "back": "//elsewhere.example/"})
    assert answer.headers["Location"] == "/inbox"


def test_the_task_says_as_whom_one_acts_and_the_record_keeps_it(centre: Site) -> None:
    browser = centre.browser(CLERK)
    actor = centre.engine.actor(CLERK)
    row = next(
        one
        for one in centre.engine.inbox(actor).rows
        if f"role:unit_clerk@{actor.posts[1].org}" in one.candidates
    )
    page = texts(browser.get(f"/tasks/{row.item_id}").text)
    assert f"办理身份 {actor.name}（{actor.posts[1].org_name} 绩效经办人）" in page
    browser.post(f"/tasks/{row.item_id}/claim", {"_version": row.version})
    record = texts(browser.get(f"/instances/{row.instance_id}").text)
    assert f"{actor.name}（{actor.posts[1].org_name} 绩效经办人） 认领" in record
