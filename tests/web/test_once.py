"""One click is one act: what a page posts twice is done once, and the second click leads where the first one did."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.tables import BookEntry, BookVersion, Draw, LetterTemplate, Meeting
from engine import tables
from tests.web.conftest import Browser, Site, hidden
from tests.web.test_letters import GOOD, made

CHIEF = "jixiao.guzhang"


def count(site: Site, of: Any) -> int:
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        return session.scalars(select(func.count()).select_from(of)).one()


def key_of(browser: Browser, page: str, form: str) -> str:
    """Return the key of a page's form, by where the form is posted."""
    return hidden(browser.get(page).text.partition(f'action="{form}"')[2], "_request_key")


def twice(browser: Browser, page: str, address: str, data: dict[str, Any], file: bytes = b"") -> str:
    """Post what a page shows as a double click does, and return where both clicks lead."""
    key = key_of(browser, page, address)
    led = set()
    for _ in range(2):
        sent = {**data, "_request_key": key, **({"file": (io.BytesIO(file), "t.docx")} if file else {})}
        answer = browser.post(address, sent, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        led.add(answer.headers["Location"])
    (place,) = led
    return place


def test_a_double_click_begins_one_case_and_both_clicks_lead_to_it(site: Site) -> None:
    browser = site.browser(CHIEF)
    for address, data in (("/letters", {"kind": "MINUTES", "unit": ""}), ("/library", {})):
        before = count(site, tables.instances)
        assert "/instances/" in twice(browser, address, address, data)
        assert count(site, tables.instances) == before + 1, address
        twice(browser, address, address, data)
        assert count(site, tables.instances) == before + 2, "the page anew is another act"


def test_a_double_click_writes_one_line_of_a_book_one_draw_and_one_template(site: Site) -> None:
    browser, admin = site.browser(CHIEF), site.browser("admin")
    for number in range(3):
        expert = {"title": f"专家{number}", "fields": "工程", "qualification": "高工", "employer": "设计院"}
        twice(browser, "/books/expert", "/books/expert", expert)
    assert count(site, BookEntry) == 3
    draw = {"purpose": "公路项目评价", "number": "2", "field": "工程"}
    twice(browser, "/books/expert", "/books/expert/draw", draw)
    assert count(site, Draw) == 1
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        entry = session.scalars(select(func.min(BookEntry.id))).one()
    twice(browser, "/books/expert", f"/books/expert/{entry}/strike", {"reason": "调离"})
    assert count(site, BookVersion) == 1
    twice(admin, "/admin/letters", "/admin/letters/BULLETIN", {"note": "换抬头"}, made("抬头", *GOOD))
    assert count(site, LetterTemplate) == 1


def test_two_clicks_at_the_same_moment_convene_one_meeting(site: Site) -> None:
    browsers = [site.browser(CHIEF) for _ in range(2)]
    key = key_of(browsers[0], "/meetings", "/meetings")
    given = {
        "kind": "BUREAU",
        "title": "研究公文",
        "held_on": "2026-03-11",
        "chair": "fenguan",
        "_request_key": key,
    }
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda one: one.post("/meetings", given), browsers))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert count(site, Meeting) == 1
