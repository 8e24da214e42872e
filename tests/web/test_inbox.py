"""The lists: filters in the address, counters, pages, the item beside the list, and what an empty one says."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from engine import InboxQuery
from tests.web.conftest import Site, on_both, texts
from web.lists import ListState

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"


def subjects(page: str) -> list[str]:
    """Return the titles of the rows."""
    return re.findall(r'class="title"[^>]*>([^<]+)<', page)


def test_each_counter_shows_as_many_rows_as_it_says(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    counters = re.findall(
        r'<a class="card counter[^"]*" href="([^"]+)"[^>]*><span>[^<]+</span><b[^>]*>(\d+)</b>', page
    )
    assert len(counters) == 4
    for address, count in counters:
        rows = subjects(browser.get(address.replace("&amp;", "&")).text)
        assert len(rows) == min(int(count), site.app.config["PAGE_SIZE"])


@on_both
def test_pages_follow_each_other_without_gap_or_repetition(site: Site) -> None:
    site.app.config["PAGE_SIZE"] = 2
    browser = site.browser(CHIEF)
    everything = [
        row.item_id for row in site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=100)).rows
    ]
    address, seen = "/inbox", []
    while address:
        page = browser.get(address).text
        seen += [int(number) for number in re.findall(r'data-item="(\d+)"', page)]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == everything


@on_both
def test_a_search_finds_subject_unit_and_code_and_is_kept_in_the_address(site: Site) -> None:
    browser = site.browser(CHIEF)
    row = site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=100)).rows[-1]
    for text in (row.subject, row.reference):
        page = browser.get("/inbox", query_string={"text": text}).text
        assert row.subject in subjects(page)
        assert f'value="{text}"' in page


def test_an_empty_list_says_what_to_do(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert "放宽或重置" in browser.get("/inbox?text=绝无此事").text
    assert "都办完了" in site.browser("admin").get("/inbox").text


@on_both
def test_hostile_filters_are_harmless(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get(
        "/inbox", query_string={"text": '"><script>alert(1)</script>', "due": "never", "sort": "x"}
    )
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert browser.get("/inbox?cursor=%00broken").status_code in (200, 422)
    assert browser.get("/inbox?open=99999999999999999999").status_code == 200


def test_the_opened_item_stands_beside_the_list_and_its_address_can_be_shared(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    page = site.browser(CHIEF).get(f"/inbox?open={item}").text
    assert f'data-task="{item}"' in page
    assert re.search(rf'data-item="{item}" class="current"', page)
    assert "办理并下一项" in page


def test_somebody_elses_item_is_not_opened_by_a_shared_address(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    page = site.browser("shangwuju.jingban").get(f"/inbox?open={item}")
    assert page.status_code == 200
    assert "data-task=" not in page.text


def test_done_and_started_lead_to_the_instances(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/done").text
    links = re.findall(r'href="(/instances/\d+)"', page)
    assert links
    assert browser.get(links[0]).status_code == 200
    assert browser.get("/started").status_code == 200


def test_deadlines_move_with_the_clock(site: Site) -> None:
    browser = site.browser(CLERK)
    before = texts(browser.get("/inbox").text).count("已超期 ")
    site.clock.advance(timedelta(days=40))
    browser = site.browser(CLERK)
    assert texts(browser.get("/inbox").text).count("已超期 ") > before


def test_a_list_state_survives_the_way_through_an_address() -> None:
    state = ListState(text="路 & 桥", due="today", sort="newest", cursor="abc")
    assert ListState.parse(state.query()) == state
    assert "cursor" not in state.args(due="week")
    assert parse_qs(urlsplit("/inbox?" + state.query()).query)["text"] == ["路 & 桥"]


def test_the_inbox_weighs_less_than_150_kilobytes_without_the_diagram_viewer(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/inbox").text
    weight = len(page.encode())
    fetched: set[str] = set()
    todo = re.findall(r'(?:src|href)="(/static/[^"#]+)', page)
    while todo:
        address = todo.pop()
        if address in fetched:
            continue
        fetched.add(address)
        answer = browser.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.content_encoding == "gzip", address
        weight += len(answer.data)
        content = gzip.decompress(answer.data)
        folder = address.rsplit("/", 1)[0]
        static_imports = re.findall(rb'(?:from|import)\s*"\./([\w-]+\.js)"', content)
        todo += [f"{folder}/{name.decode()}" for name in static_imports]
    assert weight < 150_000
