"""The search page and the filter bar: words marked, what may be seen only, and bad input that loses nothing."""

from __future__ import annotations

import re
from html import unescape

from engine import InboxQuery
from tests.web.conftest import Site, on_both, texts
from web import filters
from web.lists import ListState

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"
OTHER_UNIT = "shangwuju.jingban"


def subjects(page: str) -> list[str]:
    """Return the titles of what was found."""
    found = re.findall(r'<a class="title"[^>]*>(.*?)</a>', page, re.S)
    return [unescape(re.sub(r"<[^>]+>", "", one)) for one in found]


@on_both
def test_the_box_at_the_top_finds_what_the_person_may_see_and_marks_it(site: Site) -> None:
    row = site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=100)).rows[-1]
    assert row.subject is not None
    browser = site.browser(CHIEF)
    assert 'action="/search"' in browser.get("/inbox").text
    page = browser.get("/search", query_string={"text": row.subject[:4]})
    assert page.status_code == 200
    assert row.subject in subjects(page.text)
    assert f"<mark>{row.subject[:4]}</mark>" in page.text


def test_words_of_a_form_are_shown_where_they_stand(site: Site) -> None:
    browser = site.browser(CHIEF)
    page = browser.get("/search", query_string={"text": "满意度"}).text
    assert '<p class="excerpt">' in page
    assert "<mark>满意度</mark>" in page


def test_who_may_not_see_a_case_does_not_find_it(site: Site) -> None:
    mine = site.engine.inbox(site.engine.actor(CLERK), InboxQuery(limit=100)).rows[0]
    assert mine.subject is not None
    address = {"text": mine.subject}
    assert mine.subject in subjects(site.browser(CLERK).get("/search", query_string=address).text)
    for person in (OTHER_UNIT, "admin"):
        assert subjects(site.browser(person).get("/search", query_string=address).text) == []


def test_what_cannot_be_searched_for_says_so(site: Site) -> None:
    browser = site.browser(CHIEF)
    assert "输入要找的文字" in browser.get("/search").text
    assert "请输入文字或数字" in browser.get("/search?text=%25%25").text
    hostile = browser.get("/search", query_string={"text": "<script>x</script> ' OR 1=1 --"})
    assert hostile.status_code == 200
    assert "<script>x" not in hostile.text
    assert browser.get("/search?text=路&cursor=lsP_____").status_code in (200, 422)


def test_filters_narrow_the_inbox_and_stand_in_the_address(site: Site) -> None:
    actor = site.engine.actor(CHIEF)
    rows = site.engine.inbox(actor, InboxQuery(limit=100)).rows
    some = next(row for row in rows if row.amount)
    assert some.amount is not None
    wan = f"{some.amount / 1_000_000:f}"
    for name, value in (
        ("step", some.element),
        ("reference", (some.reference or "")[-4:].lower()),
        ("amount_from", wan),
        ("amount_to", wan),
        ("section", "S03"),
    ):
        address = {name: value}
        page = site.browser(CHIEF).get("/inbox", query_string=address).text
        expected = site.engine.inbox(actor, ListState.read(address).inbox_query(100)).rows
        size = site.app.config["PAGE_SIZE"]
        assert subjects(page) == [row.subject or row.step for row in expected[:size]], name
        assert unescape(page).count('class="chip"') == 1, name
    both = {"amount_from": wan, "amount_to": wan}
    assert {row.amount for row in site.engine.inbox(actor, ListState.read(both).inbox_query(100)).rows} == {
        some.amount
    }


def test_bad_values_get_a_sentence_and_lose_nothing(site: Site) -> None:
    browser = site.browser(CHIEF)
    all_rows = subjects(browser.get("/inbox").text)
    page = browser.get(
        "/inbox", query_string={"amount_from": "十万", "due_to": "2026-02-31", "text": ""}
    ).text
    assert "“十万”不是金额" in texts(page)
    assert "“2026-02-31”不是日期" in texts(page)
    assert 'value="十万"' in page
    assert 'value="2026-02-31"' in page
    assert subjects(page) == all_rows
    turned = browser.get("/inbox", query_string={"amount_from": "9", "amount_to": "1"}).text
    assert "下限比上限大" in texts(turned)
    assert subjects(turned) == []
    huge = browser.get("/inbox", query_string={"amount_from": "9" * 60, "due_from": "99999-1-1"})
    assert huge.status_code == 200


def test_amounts_and_days_are_read_as_people_write_them() -> None:
    assert filters.amount("1,234.5 万元") == 1_234_500_000
    assert filters.amount("１２．５") == 12_500_000
    for text in ("2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日"):
        assert filters.day(text).isoformat() == "2026-03-01"
    for bad in ("", "x", "NaN", "Infinity", "1e30"):
        assert filters.usable(filters.amount, bad) is None
