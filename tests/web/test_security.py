"""Headers, cookies, forged requests: what the browser is told, and what is refused."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.web.conftest import Site, on_both
from web.config import secret_key
from workflows.demo import PASSWORD

CLERK = "jiaotongju.jingban"


def policy(header: str) -> dict[str, str]:
    """Return a Content-Security-Policy by directive."""
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.mark.parametrize("address", ["/sign-in", "/inbox", "/goals", "/nothing-here", "/healthz"])
def test_every_answer_carries_a_strict_policy(site: Site, address: str) -> None:
    answer = site.browser(CLERK).get(address)
    directives = policy(answer.headers["Content-Security-Policy"])
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"


def test_style_attributes_are_allowed_only_where_a_diagram_is(site: Site) -> None:
    browser = site.browser(CLERK)
    attributes = {
        address: policy(browser.get(address).headers["Content-Security-Policy"]).get("style-src-attr")
        for address in ("/inbox", "/goals", "/sign-in", "/password")
    }
    assert attributes == {"/inbox": "'unsafe-inline'", "/goals": None, "/sign-in": None, "/password": None}


@pytest.mark.parametrize("address", ["/inbox", "/goals", "/done", "/password"])
def test_no_page_has_inline_code_or_styles_or_asks_another_origin(site: Site, address: str) -> None:
    page = site.browser(CLERK).get(address).text
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", page)
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page)


def test_the_session_cookie_is_closed_to_scripts_and_other_sites_and_secure_over_https(site: Site) -> None:
    client = site.anonymous().client
    plain = client.get("/sign-in").headers["Set-Cookie"]
    secure = site.app.test_client().get("/sign-in", base_url="https://county.example").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "Secure" in secure


def test_https_is_made_to_stay(site: Site) -> None:
    answer = site.app.test_client().get("/sign-in", base_url="https://county.example")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def writing_routes(site: Site) -> list[str]:
    """Every address that takes a POST, with numbers filled in."""
    return sorted(
        re.sub(r"<(?:\w+:)?\w+>", "1", re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule))
        for rule in site.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    )


def test_nothing_is_written_without_the_pages_token(site: Site) -> None:
    browser = site.browser(CLERK)
    routes = writing_routes(site)
    assert len(routes) >= 12
    # Nobody is signed in there: a token of its own stands in the page (tests/web/test_publications.py).
    for address in (one for one in routes if not one.startswith("/public/")):
        browser.token = ""
        answer = browser.post(address, {"account": CLERK, "password": PASSWORD})
        assert answer.status_code == 400, address
        assert "刷新页面" in answer.text, address


def test_another_sessions_token_is_no_token(site: Site) -> None:
    browser, other = site.browser(CLERK), site.browser("jiaotongju.fuzeren")
    browser.token = other.token
    assert browser.post("/sign-out").status_code == 400


def test_errors_are_pages_in_the_readers_language(site: Site) -> None:
    browser = site.browser(CLERK)
    assert "没有找到" in browser.get("/nothing-here").text
    browser.get("/inbox")
    browser.post("/language", {"language": "en", "back": "/inbox"})
    answer = browser.get("/nothing-here")
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_fault_shows_a_reference_and_nothing_of_its_inside(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.browser(CLERK)

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the database password is hunter2")

    monkeypatch.setattr(site.engine, "done", broken)
    answer = browser.get("/done")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)


@pytest.mark.parametrize(
    "address", ["/tasks/{}", "/instances/{}", "/messages/{}", "/bulk/{}", "/attachments/{}"]
)
def test_a_number_that_no_database_holds_is_the_address_of_nothing(site: Site, address: str) -> None:
    assert site.browser(CLERK).get(address.format("9" * 19)).status_code == 404


@pytest.mark.parametrize(
    ("person", "address"),
    [
        (CLERK, "/bulk?before={}"),
        ("jixiao.guzhang", "/goals?year={}"),
        ("jixiao.guzhang", "/goals?year=²"),
        ("shenji", "/audit?before={}"),
        ("yunwei1", "/operate/cases?started=0001-01-01&until=9999-12-31"),
        (CLERK, "/inbox?due_from=0001-01-01&due_to=1-1-1"),
        (CLERK, "/lists/done.xlsx?due_to=9999-12-31"),
        ("admin", "/admin/logs/sign-ins?before={}"),
        ("jixiao.guzhang", "/goal-approvals?year=²²²²"),
        ("jixiao.guzhang", "/key-evaluations/selection?year=²²²²"),
    ],
)
def test_numbers_and_days_beyond_all_reckoning_are_left_out_of_account(
    site: Site, person: str, address: str
) -> None:
    assert site.browser(person).get(address.format("9" * 25)).status_code == 200


@pytest.mark.quick_on_sqlite
@on_both
def test_what_nobody_can_see_is_left_out_of_what_is_typed(site: Site) -> None:
    browser = site.browser(CLERK)
    assert browser.get("/inbox?text=%00公路").status_code == 200
    assert browser.get("/admin/people/a%00b").status_code == 404
    browser.post("/phrases", {"act": "add", "text": "同\u200b意\0上报\u202e"})
    assert "同意上报" in browser.get("/phrases").text
    item = site.waiting(CLERK, "fill_goal")
    page = f"/tasks/{item}/operations/transfer"
    instance = site.engine.task(item, site.engine.actor(CLERK)).instance_id
    answer = browser.post(f"/instances/{instance}/comments", {"text": "\u200b\ufeff\0"})
    assert answer.status_code == 422  # it says nothing
    assert browser.post(page, {"to": "user:\0", "_version": "1"}).status_code == 422
    file = (io.BytesIO("说明".encode()), "\u202e说明\u200b.txt")
    sent = browser.post(f"/tasks/{item}/attachments", {"file": file}, headers={"X-Requested-With": "fetch"})
    assert sent.get_json()["name"] == "说明.txt"


def test_a_body_that_is_too_large_is_refused_with_a_sentence(site: Site) -> None:
    browser = site.browser(CLERK)
    item = site.waiting(CLERK, "fill_goal")
    answer = browser.post(
        f"/tasks/{item}/draft", {"overview": "长" * 11_000_000}, headers={"X-Requested-With": "fetch"}
    )
    assert answer.status_code == 413
    assert "超过了允许的大小" in answer.get_json()["message"]


def test_built_files_are_kept_by_browsers_for_long_and_carry_their_hash(site: Site) -> None:
    browser = site.anonymous()
    page = browser.get("/sign-in").text
    for address in re.findall(r'(?:src|href)="(/static/[^"#]+)"', page):
        assert re.search(r"-[0-9A-Z]{8}\.(?:js|css)$", address), address
        assert "max-age=31536000" in browser.get(address).headers["Cache-Control"]


def test_the_county_can_be_named_in_the_address_and_every_link_stays_in_it(site: Site) -> None:
    browser = site.anonymous()
    page = browser.get("/c/demo/sign-in").text
    assert 'href="/c/demo/static/' in page
    answer = browser.post("/c/demo/sign-in", {"account": CLERK, "password": PASSWORD})
    assert answer.location == "/c/demo/"
    assert browser.get("/c/demo/inbox").status_code == 200
    assert browser.get("/c/nowhere/inbox").status_code == 404


def test_health_tells_whether_the_counties_answer(site: Site) -> None:
    answer = site.anonymous().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "counties": 1, "broken": []})


def test_processes_that_start_at_once_sign_with_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(tmp_path), range(40)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(RuntimeError):
        secret_key(tmp_path)
