"""After finishing, the next item of the same list opens: with its filters, over its pages, to its end; and a way back."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from engine import InboxQuery
from tests.web.conftest import Browser, Site, hidden, texts

CHIEF = "jingjian.guzhang"
#: What the chief's task needs to go back to the unit.
PIN = {"pin.document": "goal", "pin.field": "overview", "pin.row": "", "pin.text": "请写清楚"}


def listed(site: Site, **query: object) -> list[int]:
    found = InboxQuery(element="section_review", limit=100, **query)  # type: ignore[arg-type]
    return [row.item_id for row in site.engine.inbox(site.engine.actor(CHIEF), found).rows]


def finish(browser: Browser, item: int, query: str, **more: str) -> str:
    """Send a task of the list back, and return where the chief is led."""
    page = browser.get(f"/tasks/{item}", query_string={"_list": query}).text
    sent = {name: hidden(page, name) for name in ("_version", "_document_version", "_request_key", "_list")}
    data = {**sent, **PIN, "_outcome": "退回补正", "_opinion": "请补充", "_then": "next", **more}
    answer = browser.post(f"/tasks/{item}/complete", data)
    assert answer.status_code == 303, texts(answer.text)
    return answer.location


def test_the_next_item_of_the_list_opens_with_its_filters_to_the_end(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    assert len(order) >= 4
    led = finish(browser, order[1], "step=section_review")
    for number, item in ((2, order[2]), (3, order[3])):
        assert urlsplit(led).path == f"/tasks/{item}", number
        assert parse_qs(urlsplit(led).query) == {"_list": ["step=section_review"]}
        led = finish(browser, item, "step=section_review")


def test_after_the_last_one_comes_what_is_left_before_it(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    assert f"/tasks/{order[-2]}" in finish(browser, order[-1], "step=section_review")


def test_when_a_filtered_list_is_done_it_is_said_and_the_filters_stay(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    reference = site.engine.task(order[0], site.engine.actor(CHIEF)).reference
    led = finish(browser, order[0], f"reference={reference}&step=section_review")
    assert urlsplit(led).path == "/inbox"
    assert parse_qs(urlsplit(led).query) == {"reference": [reference], "step": ["section_review"]}
    assert "这个列表里的事项已经办完。" in texts(browser.get(led).text)


def test_what_follows_is_that_of_a_page_as_long_as_the_person_chose(make_site: object) -> None:
    site: Site = make_site(PAGE_SIZE=2)  # type: ignore[operator]
    browser, order = site.browser(CHIEF), listed(site)
    browser.post("/lists/inbox/columns", {"column": ["due"], "rows": "20"})
    assert f"/tasks/{order[3]}" in finish(browser, order[2], "step=section_review")


def test_over_the_end_of_a_page_the_next_page_goes_on(make_site: object) -> None:
    site: Site = make_site(PAGE_SIZE=2)  # type: ignore[operator]
    browser, order = site.browser(CHIEF), listed(site)
    assert f"/tasks/{order[2]}" in finish(browser, order[1], "step=section_review")
    # The second page is reached by its cursor; when it is empty, the list goes on from its first page.
    left = listed(site)
    page = browser.get("/inbox", query_string={"step": "section_review"}).text
    cursors = []
    while following := re.search(r'rel="next" href="([^"]+)"', page):
        cursors.append(parse_qs(urlsplit(following[1].replace("&amp;", "&")).query)["cursor"][0])
        page = browser.get(following[1].replace("&amp;", "&")).text
    for item in reversed(left[2 * len(cursors) :]):
        led = finish(browser, item, f"step=section_review&cursor={cursors[-1]}")
    assert re.match(r"/tasks/\d+", led)
    assert "cursor" not in led


def test_beside_the_list_the_next_one_opens_beside_it(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    led = finish(browser, order[0], "step=section_review", _beside="1")
    assert urlsplit(led).path == "/inbox"
    assert parse_qs(urlsplit(led).query) == {"step": ["section_review"], "open": [str(order[1])]}


def test_who_did_it_by_mistake_is_shown_the_way_back(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    led = finish(browser, order[0], "step=section_review")
    page = browser.get(led).text
    assert f'<a href="/tasks/{order[0]}">办错了？可以撤回</a>' in page


def test_a_double_click_leads_on_too(site: Site) -> None:
    browser, order = site.browser(CHIEF), listed(site)
    page = browser.get(f"/tasks/{order[0]}", query_string={"_list": "step=section_review"}).text
    sent = {name: hidden(page, name) for name in ("_version", "_document_version", "_request_key", "_list")}
    data = {**sent, **PIN, "_outcome": "退回补正", "_opinion": "请补充", "_then": "next"}
    first = browser.post(f"/tasks/{order[0]}/complete", data)
    second = browser.post(f"/tasks/{order[0]}/complete", data)
    assert first.location == second.location
