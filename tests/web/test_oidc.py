"""Signing in at a real provider over real HTTP; whatever is wrong with its answer lets nobody in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc.jwk import KeySet, OctKey

from engine import Forbidden
from tests.services.openid import CLIENT, SECRET, OpenIdProvider, new_key
from tests.web.conftest import Browser, Site, texts
from web.oidc_provider import LASTS, Provider

CLERK = "shangwuju.jingban"
BACK = "http://localhost/sign-in/oidc/callback"


@pytest.fixture
def provider(site: Site) -> Iterator[OpenIdProvider]:
    """A provider that the county trusts, and whose clock is the county's."""
    site.clock.set(datetime.fromtimestamp(int(time.time()), UTC))
    Provider._kept.clear()
    with OpenIdProvider(BACK, user=CLERK) as running:
        configure(site, running)
        (site.app.extensions["bihuan.counties"].home.folder("demo") / "oidc.secret").write_text(SECRET + "\n")
        yield running


def configure(site: Site, provider: OpenIdProvider, **changed: str) -> None:
    typed = {"enabled": "1", "issuer": provider.issuer, "client_id": CLIENT, "claim": "sub", **changed}
    site.engine.admin.change_setting("oidc", typed, actor=site.engine.actor("admin"))


def to_provider(browser: Browser, address: str = "/sign-in/oidc") -> str:
    """Begin a sign-in; return the address at which the provider sends the browser back."""
    away = browser.get(address)
    assert away.status_code == 302, texts(away.text)
    answer = requests.get(away.location, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    back = answer.headers["Location"]
    assert back.startswith(BACK)
    return back.removeprefix("http://localhost")


def sign_in(site: Site) -> tuple[Browser, Any]:
    browser = site.anonymous()
    return browser, browser.get(to_provider(browser))


def refused(browser: Browser, answer: Any, sentence: str) -> None:
    """Assert that nobody is signed in, and that the sign-in page says why."""
    assert answer.location == "/sign-in"
    assert sentence in texts(browser.get("/sign-in").text)
    assert browser.get("/inbox").status_code == 302


def test_the_county_signs_its_people_in_at_its_provider(site: Site, provider: OpenIdProvider) -> None:
    page = site.anonymous().get("/sign-in").text
    assert "统一认证登录" in page
    browser = site.anonymous()
    back = to_provider(browser, "/sign-in/oidc?next=/done")
    answer = browser.get(back)
    assert answer.location == "/done"
    assert browser.get("/inbox").status_code == 200
    assert "统一认证" in texts(browser.get("/sessions").text)
    away = browser.post("/sign-out")
    assert away.location == "/sign-in?left=oidc"
    assert f"{provider.issuer}/leave" in browser.get(away.location).text


@pytest.mark.usefixtures("provider")
def test_the_request_carries_state_nonce_and_a_challenge_and_no_secret(site: Site) -> None:
    address = site.anonymous().get("/sign-in/oidc").location
    asked = parse_qs(urlsplit(address).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 32
    assert "secret" not in address


@pytest.mark.usefixtures("provider")
def test_an_answer_is_good_once_and_for_the_browser_that_asked(site: Site) -> None:
    browser, stranger = site.anonymous(), site.anonymous()
    back = to_provider(browser)
    refused(stranger, stranger.get(back), "停留太久或已经用过")
    assert browser.get(back).location == "/"
    assert browser.get(back).location == "/sign-in"


@pytest.mark.usefixtures("provider")
def test_a_forged_or_late_answer_is_refused(site: Site) -> None:
    browser = site.anonymous()
    query = parse_qs(urlsplit(to_provider(browser)).query)
    forged = {"code": query["code"][0], "state": "x" * 32}
    refused(browser, browser.get(f"/sign-in/oidc/callback?{urlencode(forged)}"), "统一认证没有通过")
    to_provider(browser)
    foreign = {**forged, "state": "张三"}
    refused(browser, browser.get(f"/sign-in/oidc/callback?{urlencode(foreign)}"), "统一认证没有通过")
    back = to_provider(browser)
    site.clock.set(datetime.fromtimestamp(int(time.time()) + LASTS + 5, UTC))
    refused(browser, browser.get(back), "停留太久")


def test_a_code_that_was_used_already_is_refused(site: Site, provider: OpenIdProvider) -> None:
    browser = site.anonymous()
    back = to_provider(browser)
    provider.codes.clear()
    refused(browser, browser.get(back), "统一认证没有通过")


SPOILT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another nonce": lambda claims: {**claims, "nonce": "another"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "another audience": lambda claims: {**claims, "aud": ["somebody else"]},
    "another party": lambda claims: {**claims, "aud": [CLIENT, "else"], "azp": "else"},
    "another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "expired": lambda claims: {**claims, "exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "no expiry": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "not yet": lambda claims: {**claims, "nbf": int(time.time()) + 3600},
    "another access token": lambda claims: {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_token_with_wrong_claims_lets_nobody_in(site: Site, provider: OpenIdProvider, name: str) -> None:
    provider.spoil = SPOILT[name]
    refused(*sign_in(site), "统一认证没有通过")


def test_a_token_that_another_key_signed_lets_nobody_in(site: Site, provider: OpenIdProvider) -> None:
    provider.signing = new_key("one")
    refused(*sign_in(site), "统一认证没有通过")


def test_a_token_signed_with_a_shared_secret_lets_nobody_in(site: Site, provider: OpenIdProvider) -> None:
    provider.signing = OctKey.import_key(SECRET)
    provider.header = {"alg": "HS256", "kid": "one"}
    refused(*sign_in(site), "统一认证没有通过")


def test_new_keys_of_the_provider_are_fetched(site: Site, provider: OpenIdProvider) -> None:
    assert sign_in(site)[1].location == "/"
    provider.signing = new_key("two")
    provider.header = {"alg": "RS256", "kid": "two"}
    provider.published = KeySet([provider.signing])
    assert sign_in(site)[1].location == "/"


def test_somebody_without_an_account_is_told_so_and_made_one_only_where_the_county_wants(
    site: Site, provider: OpenIdProvider
) -> None:
    provider.user = "neu.ling"
    refused(*sign_in(site), "“neu.ling”在本县没有账号")
    rows = site.engine.admin.sign_ins(site.engine.actor("admin")).rows
    assert (rows[0].account, rows[0].what, rows[0].how) == ("neu.ling", "refused", "oidc")
    configure(site, provider, create="1")
    browser, answer = sign_in(site)
    assert answer.location == "/"
    assert site.engine.actor("neu.ling").posts == ()
    with pytest.raises(Forbidden):
        site.engine.people.authenticate("neu.ling", "")
    assert browser.get("/inbox").status_code == 200


@pytest.mark.usefixtures("provider")
def test_a_closed_account_stays_out(site: Site) -> None:
    site.engine.admin.close_person(CLERK, "调离", actor=site.engine.actor("admin"))
    refused(*sign_in(site), "停用")


def test_the_claim_that_names_the_account_is_the_countys_choice(site: Site, provider: OpenIdProvider) -> None:
    configure(site, provider, claim="employee")
    assert sign_in(site)[1].location == "/"
    configure(site, provider, claim="badge")
    refused(*sign_in(site), "没有给出“badge”")


def test_a_provider_that_is_away_or_another_is_told(site: Site, provider: OpenIdProvider) -> None:
    configure(site, provider, issuer=f"{provider.issuer}/other")
    browser = site.anonymous()
    refused(browser, browser.get("/sign-in/oidc"), "暂时连不上")


def test_a_provider_that_says_it_is_somebody_else_is_not_asked(site: Site, provider: OpenIdProvider) -> None:
    configure(site, provider, issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    browser = site.anonymous()
    refused(browser, browser.get("/sign-in/oidc"), "暂时连不上")
