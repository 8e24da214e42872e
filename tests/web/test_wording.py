"""A district that says 科 where others say 股 finds its own words on every page, and in the demo of its own.

The pages are those of the navigation, so that one that is added is read, too; of each the first that it leads to.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from engine import Engine, Home, InboxQuery, SteppedClock
from engine.plugins import load_plugins
from tests.web.conftest import COUNTY, NOW, Browser, texts
from web import create_app
from workflows import demo, profiles

#: The word of others, where it is an office's and no share of a company's.
WORD = re.compile(".{0,12}股(?!权|份|东|票|金)(?<!控股)(?<!国股).{0,12}")
#: The first page to which a list leads.
DETAIL = re.compile(r'<a class="title"[^>]* href="(/[^"]*)"')

pytestmark = pytest.mark.long

#: Who sees most: all their navigation leads to is read.
READERS = ("jiaotongju.jingban", "jixiao.guzhang", "admin")
PEOPLE = (*READERS, "jiaotongju.fuzeren", "jingjian.guzhang", "yusuan.guzhang", "juzhang")


def navigated(browser: Browser) -> list[str]:
    """Return where a person's navigation leads."""
    page = browser.get("/inbox").text
    [side] = re.findall(r'<nav class="side".*?</nav>', page, re.DOTALL)
    return [html.unescape(address) for address in re.findall(r'<a href="(/[^"]*)"', side)]


@pytest.mark.parametrize("profile", ["qiaokou", "tianmen"])
def test_no_page_says_a_word_of_another_county(tmp_path: Path, profile: str) -> None:
    home = Home(tmp_path)
    database = home.create_county(COUNTY, demo.name(profile), load_plugins())
    clock = SteppedClock(NOW)
    engine = Engine(database, clock=clock)
    demo.load(engine, profile=profile)
    app = create_app(home, clock=clock, config={"TESTING": True})
    word = profiles.load(profile).value("wording.section")
    seen, wrong = "", []
    for person in PEOPLE:
        browser = Browser(app.test_client())
        browser.sign_in(person, demo.PASSWORD)
        rows = engine.inbox(engine.actor(person), InboxQuery(limit=3)).rows
        addresses = ["/inbox", "/done", "/started", "/goals"]
        addresses += [f"/tasks/{row.item_id}" for row in rows]
        addresses += [f"/instances/{row.instance_id}" for row in rows]
        if person in READERS:
            addresses += navigated(browser)
        for address in addresses:
            page = browser.get(address, follow_redirects=True).text
            wrong += [(person, address, found) for found in WORD.findall(texts(page))]
            seen += texts(page)
            if (first := DETAIL.search(page)) is not None and person in READERS:
                detail = html.unescape(first[1])
                shown = texts(browser.get(detail, follow_redirects=True).text)
                wrong += [(person, detail, found) for found in WORD.findall(shown)]
    assert wrong == []
    assert f"{word}室" in seen
    home.close()
