"""A district that says 科 where others say 股 finds its own words on every page, and in the demo of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine, Home, InboxQuery, SteppedClock
from engine.plugins import load_plugins
from tests.web.conftest import COUNTY, NOW, Browser, texts
from web import create_app
from workflows import demo, profiles

pytestmark = pytest.mark.long

PEOPLE = ("jiaotongju.jingban", "jiaotongju.fuzeren", "jingjian.guzhang", "yusuan.guzhang", "juzhang")


@pytest.mark.parametrize("profile", ["qiaokou", "tianmen"])
def test_no_page_says_a_word_of_another_county(tmp_path: Path, profile: str) -> None:
    home = Home(tmp_path)
    database = home.create_county(COUNTY, demo.name(profile), load_plugins())
    clock = SteppedClock(NOW)
    engine = Engine(database, clock=clock)
    demo.load(engine, profile=profile)
    app = create_app(home, clock=clock, config={"TESTING": True})
    word = profiles.load(profile).value("wording.section")
    seen = ""
    for person in PEOPLE:
        browser = Browser(app.test_client())
        browser.sign_in(person, demo.PASSWORD)
        rows = engine.inbox(engine.actor(person), InboxQuery(limit=3)).rows
        addresses = ["/inbox", "/done", "/started", "/goals"]
        addresses += [f"/tasks/{row.item_id}" for row in rows]
        addresses += [f"/instances/{row.instance_id}" for row in rows]
        for address in addresses:
            page = texts(browser.get(address, follow_redirects=True).text)
            assert "股" not in page, f"{person} {address}"
            seen += page
    assert f"{word}室" in seen
    home.close()
