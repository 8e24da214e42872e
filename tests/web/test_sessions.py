"""Who gets in, for how long, and what a stranger can't do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine import tables
from tests.web.conftest import Site, on_both, texts
from workflows.demo import PASSWORD

CLERK = "jiaotongju.jingban"


def test_the_demo_county_shows_its_accounts_and_a_real_one_does_not(site: Site) -> None:
    assert CLERK in site.anonymous().get("/sign-in").text
    site.engine.set_setting("demo", False, actor="system")
    page = site.anonymous().get("/sign-in").text
    assert CLERK not in page
    assert PASSWORD not in page


def test_a_wrong_password_and_an_unknown_account_get_the_same_sentence(site: Site) -> None:
    known = site.anonymous().sign_in(CLERK, "not the password")
    unknown = site.anonymous().sign_in("nobody", "not the password")
    assert known.status_code == unknown.status_code == 403
    assert "账号或密码不对" in known.text
    assert "账号或密码不对" in unknown.text


@on_both
def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(site: Site) -> None:
    browser = site.anonymous()
    for _ in range(5):
        assert browser.sign_in(CLERK, "not the password").status_code == 403
    refused = browser.sign_in(CLERK, PASSWORD)
    assert refused.status_code == 403
    assert "锁定" in refused.text
    site.clock.advance(timedelta(minutes=16))
    assert browser.sign_in(CLERK, PASSWORD).status_code == 302


def test_a_session_ends_after_half_an_hour_without_a_request(site: Site) -> None:
    browser = site.browser(CLERK)
    for _ in range(3):
        site.clock.advance(timedelta(minutes=29))
        assert browser.get("/inbox").status_code == 200
    site.clock.advance(timedelta(minutes=31))
    answer = browser.get("/done?text=路")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    assert "登录已结束" in browser.get(answer.location).text


def test_a_session_ends_after_twelve_hours_however_busy_it_is(site: Site) -> None:
    browser = site.browser(CLERK)
    for _ in range(25):
        site.clock.advance(timedelta(minutes=28))
        assert browser.get("/inbox").status_code == 200
    site.clock.advance(timedelta(minutes=25))
    assert browser.get("/inbox").status_code == 302


def test_a_script_of_an_ended_session_is_told_so_instead_of_being_led_away(site: Site) -> None:
    answer = site.anonymous().get("/inbox", headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 401
    assert answer.headers["X-Sign-In"] == "/sign-in"


def test_after_signing_in_one_is_where_one_wanted_to_go(site: Site) -> None:
    browser = site.anonymous()
    browser.get("/sign-in?next=/done%3Ftext%3Dx")
    answer = browser.post("/sign-in", {"account": CLERK, "password": PASSWORD, "next": "/done?text=x"})
    assert answer.location == "/done?text=x"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(site: Site, address: str) -> None:
    browser = site.anonymous()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"account": CLERK, "password": PASSWORD, "next": address})
    assert answer.location == "/"


def test_the_first_password_must_be_changed_before_anything_else(site: Site) -> None:
    site.engine.people.reset_password(CLERK, "a first password", actor="user:admin")
    browser = site.anonymous()
    assert browser.sign_in(CLERK, "a first password").status_code == 302
    for address in ("/inbox", "/goals", "/done", "/instances/1"):
        assert browser.get(address).location == "/password"
    browser.get("/password")
    change = {"current": "a first password", "new": "my own password", "again": "my other password"}
    assert "不一样" in browser.post("/password", change).text
    assert browser.post("/password", {**change, "again": change["new"]}).status_code == 302
    assert browser.get("/inbox").status_code == 200
    assert site.anonymous().sign_in(CLERK, "my own password").status_code == 302


def test_a_weak_password_is_refused_with_the_rule(site: Site) -> None:
    browser = site.browser(CLERK)
    answer = browser.post("/password", {"current": PASSWORD, "new": "short", "again": "short"})
    assert answer.status_code == 422
    assert "至少 10 个字符" in texts(answer.text)


def test_signing_out_ends_the_session(site: Site) -> None:
    browser = site.browser(CLERK)
    browser.post("/sign-out")
    assert browser.get("/inbox").status_code == 302


@on_both
@pytest.mark.parametrize("by", ["themselves", "an administrator"])
def test_a_new_password_ends_the_sessions_that_began_with_the_old_one(site: Site, by: str) -> None:
    elsewhere, here = site.browser(CLERK), site.browser(CLERK)
    if by == "themselves":
        change = {"current": PASSWORD, "new": "my own password", "again": "my own password"}
        assert here.post("/password", change).status_code == 302
        assert here.get("/inbox").status_code == 200
    else:
        site.engine.people.reset_password(CLERK, "a first password", actor="user:admin")
        assert here.get("/inbox").status_code == 302
    answer = elsewhere.get("/inbox")
    assert answer.location.startswith("/sign-in")
    assert "密码已修改" in elsewhere.get(answer.location).text


def test_too_many_attempts_to_sign_in_are_slowed_down(make_site: Callable[..., Site]) -> None:
    site = make_site(RATELIMIT_ENABLED=True, SIGN_IN_RATE="3 per minute")
    browser = site.anonymous()
    statuses = [browser.sign_in(f"nobody{number}", "guess").status_code for number in range(5)]
    assert statuses == [403, 403, 403, 429, 429]


def test_a_closed_account_is_out_at_its_next_request(site: Site) -> None:
    browser = site.browser(CLERK)
    with site.engine.database.write() as unit:
        unit.execute(update(tables.people).where(tables.people.c.id == CLERK).values(active=False))
    assert browser.get("/inbox").status_code == 302


def test_a_session_of_one_county_is_nothing_in_another(site: Site) -> None:
    browser = site.browser(CLERK)
    site.app.extensions["bihuan.counties"].home.create_county("other", "邻县")
    assert browser.get("/c/other/inbox").status_code == 302
