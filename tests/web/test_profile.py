"""本县规则: each setting with its source; a change is checked, confirmed by a second administrator, and a new version."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy.orm import Session

from engine.errors import Conflict
from tests.web.conftest import Site, on_both, texts
from workflows import profiles
from workflows.profiles import versions

GIVEN = {"basis": "县财绩〔2026〕8号", "effective_from": "2026-04-01", "reason": "缩短初审"}


def confirm(site: Site, who: str = "admin2") -> int:
    browser = site.browser(who)
    found = re.findall(r'action="(/admin/approvals/\d+/confirm)"', browser.get("/admin/approvals/").text)
    return browser.post(found[0]).status_code


@on_both
def test_a_change_takes_two_and_holds_from_then_on(site: Site) -> None:
    browser = site.browser("admin")
    page = texts(browser.get("/admin/profile/").text)
    assert "days.review" in page
    assert "业务股室初审" in page
    browser.get("/admin/profile/days")
    changed = {"value:days.review": "4", "source:days.review": "P", "note:days.review": "业务股室初审"}
    assert browser.post("/admin/profile/days", {**GIVEN, **changed}).status_code == 302
    assert profiles.of(site.engine).value("days.review") == 5, "nobody has confirmed it"
    asked = texts(browser.get("/admin/approvals/").text)
    assert "days.review = 4" in asked
    assert confirm(site) == 302
    now = profiles.of(site.engine)
    assert (now.version, now.value("days.review"), now.basis) == (2, 4, GIVEN["basis"])
    assert now.value("days.sign") == 3
    history = texts(browser.get("/admin/profile/versions").text)
    assert "缩短初审" in history
    assert "第 2 版" in history
    assert "随软件提供" in history


def test_what_runs_keeps_the_version_with_which_it_began(site: Site) -> None:
    before = profiles.of(site.engine).variables("days")
    browser = site.browser("admin")
    browser.get("/admin/profile/days")
    changed = {"value:days.sign": "2", "source:days.sign": "P", "note:days.sign": ""}
    browser.post("/admin/profile/days", {**GIVEN, **changed})
    confirm(site)
    assert before["version"] == 1
    assert profiles.of(site.engine).variables("days")["version"] == 2
    item = site.waiting("jiaotongju.jingban", "fill_goal")
    task = site.engine.task(item, site.engine.actor("jiaotongju.jingban"))
    assert task.variables["profile"]["version"] == 1
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        begun = profiles.completed(session, {**before, "days": {"sign": 9}}, "rectification")
        assert (begun["days"]["sign"], begun["version"]) == (9, 1), "what the sender brought stays"
        assert profiles.completed(session, before, "days") == before


def test_what_a_message_begins_has_the_countys_own_rules(site: Site) -> None:
    sent = profiles.of(site.engine).variables("days")
    browser = site.browser("admin")
    browser.get("/admin/profile/rectification")
    name = "rectification.due_days"
    changed = {f"value:{name}": "45", f"source:{name}": "P", f"note:{name}": ""}
    assert browser.post("/admin/profile/rectification", {**GIVEN, **changed}).status_code == 302
    confirm(site)
    with site.engine.database.read() as unit, Session(unit.connection) as session:
        begun = profiles.completed(session, sent, "rectification")
        elsewhere = profiles.completed(session, sent | {"code": "another"}, "days")
    assert begun["rectification"]["due_days"] == 45
    assert profiles.load(profiles.DEFAULT).value(name) == 30
    assert elsewhere["code"] == "another"


def test_a_wrong_value_and_one_without_a_basis_are_refused_with_what_is_wrong(site: Site) -> None:
    browser = site.browser("admin")
    browser.get("/admin/profile/days")
    wrong = {"value:days.review": "0", "source:days.review": "P", "note:days.review": ""}
    answer = browser.post("/admin/profile/days", {**GIVEN, **wrong})
    assert answer.status_code == 422
    assert "days.review：值“0”不合要求" in texts(answer.text)
    text = browser.post("/admin/profile/days", {**GIVEN, **wrong, "value:days.review": "vier"})
    assert text.status_code == 422
    heard = {**wrong, "value:days.review": "4", "source:days.review": "听说"}
    assert "来源“听说”" in texts(browser.post("/admin/profile/days", {**GIVEN, **heard}).text)
    right = {**wrong, "value:days.review": "4"}
    assert browser.post("/admin/profile/days", {**GIVEN, **right, "basis": ""}).status_code == 422
    assert browser.post("/admin/profile/days", GIVEN).status_code == 422


def test_a_request_is_worth_nothing_once_the_rules_have_a_newer_version(site: Site) -> None:
    engine = site.engine
    now = profiles.of(engine)
    asked = [
        versions.params(
            now,
            {"days.sign": profiles.Setting(days, "P")},
            effective_from=now.effective_from,
            basis="文",
            by="user:admin",
            why="",
        )
        for days in (2, 4)
    ]
    first = engine.admin.ask(versions.REQUEST, now.code, "一", actor=engine.actor("admin"), params=asked[0])
    engine.admin.confirm(first, actor=engine.actor("admin2"))
    with engine.database.read() as unit, Session(unit.connection) as session:
        (newest, _) = versions.history(session)
    assert [name for name, _, _ in newest.changes] == ["days.sign"]
    with pytest.raises(Conflict) as caught:
        engine.admin.ask(versions.REQUEST, now.code, "二", actor=engine.actor("admin"), params=asked[1])
    assert caught.value.code == "profile.meanwhile"


def test_every_setting_is_typed_as_it_is_written() -> None:
    for code in profiles.names():
        profile = profiles.load(code)
        for name, setting in profile.settings.items():
            assert versions.read_value(versions.written(setting.value), setting.value) == setting.value, name
        again = profiles.thawed(json.dumps(profiles.frozen(profile)))
        assert again == profile


def test_groups_and_values_are_told_in_words(site: Site) -> None:
    page = site.browser("admin").get("/admin/profile/").text
    headings = re.findall(r'class="card panel" id="[a-z_]+"><h2>([^<]*)', page)
    assert len(headings) > 30
    assert all(re.search(r"[\u4e00-\u9fff]", one) for one in headings)
    values = re.findall(r'class="setting-value" lang="zh">([^<]*)', page)
    assert any("产出指标：50" in one for one in values)
    assert any("绩效自评　" in one and "20 个工作日" in one for one in values)
    assert not any("{&#34;" in one or "[&#34;" in one for one in values)
