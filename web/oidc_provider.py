"""A county's OpenID provider: authorization code with PKCE, and every token verified before it counts."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine import BihuanError

#: How tokens may be signed: with the provider's key pair, never with a shared secret, never not at all.
ALGORITHMS = ["RS256", "PS256", "ES256"]
#: How long a sign-in may take, how much clocks may differ, and how long what the provider says of itself is kept.
LASTS, LEEWAY, KEPT = 600, 60, 600.0
_TIMEOUT = 8
_LONGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way, as the browser's session keeps it: what the provider's answer must fit."""

    state: str
    nonce: str
    verifier: str
    at: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as the session takes it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider recognised: the claim that names the account, and the name where it is told."""

    account: str
    name: str


class Provider:
    """A county's provider, as its settings name it; what it says of itself is fetched and kept for some minutes."""

    _kept: ClassVar[dict[str, tuple[float, dict[str, Any]]]] = {}
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, settings: Mapping[str, Any], secret: str) -> None:
        self.issuer = str(settings["issuer"]).rstrip("/")
        self.client = str(settings["client_id"])
        self.claim = str(settings["claim"])
        self.create = bool(settings["create"])
        self.secret = secret

    def begin(self, redirect_uri: str, now: int) -> tuple[str, Started]:
        """Return the provider's address to which the browser goes, and what must be kept until it comes back."""
        started = Started(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), now
        )
        endpoint = self._endpoint("authorization_endpoint")
        with self._session(redirect_uri) as session:
            address, _ = session.create_authorization_url(
                endpoint, state=started.state, nonce=started.nonce, code_verifier=started.verifier
            )
        return str(address), started

    def finish(
        self, started: Mapping[str, Any] | None, answer: Mapping[str, str], redirect_uri: str, now: int
    ) -> Known:
        """Return whom the provider recognised; raises :class:`BihuanError` for an answer that doesn't fit or is no good."""
        if not started or not 0 <= now - int(started["at"]) <= LASTS:
            raise BihuanError("oidc.late")
        if not hmac.compare_digest(str(started["state"]).encode(), answer.get("state", "").encode()):
            raise BihuanError("oidc.refused")
        if answer.get("iss", self.issuer).rstrip("/") != self.issuer or not answer.get("code"):
            raise BihuanError("oidc.refused")
        try:
            with self._session(redirect_uri) as session:
                token = session.fetch_token(
                    self._endpoint("token_endpoint"),
                    code=answer["code"],
                    grant_type="authorization_code",
                    code_verifier=str(started["verifier"]),
                    timeout=_TIMEOUT,
                )
        except AuthlibBaseError as error:
            raise BihuanError("oidc.refused") from error
        except (requests.RequestException, ValueError) as error:
            raise BihuanError("oidc.unreachable") from error
        claims = self._claims(token, str(started["nonce"]), now)
        account = claims.get(self.claim)
        if not isinstance(account, str) or not account.strip():
            raise BihuanError("oidc.no_claim", claim=self.claim)
        return Known(account.strip(), str(claims.get("name") or account).strip())

    def leaving(self) -> str | None:
        """Return the address at which one signs out of the provider itself, where it has one."""
        try:
            return self._endpoint("end_session_endpoint")
        except BihuanError:
            return None

    def _claims(self, token: Mapping[str, Any], nonce: str, now: int) -> Mapping[str, Any]:
        """Return the claims of a verified ID token: its signature, issuer, audience, times, nonce and access token."""
        try:
            text = str(token.get("id_token") or "")
            try:
                found = jwt.decode(text, self._keys(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                found = jwt.decode(text, self._keys(fresh=True), algorithms=ALGORITHMS)  # keys change
            options: dict[str, Any] = {
                "iss": {"essential": True, "values": [self.issuer, f"{self.issuer}/"]},
                "aud": {"essential": True, "value": self.client},
                "exp": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            }
            params = {"nonce": nonce, "client_id": self.client, "access_token": token.get("access_token")}
            claims = CodeIDToken(found.claims, found.header, options, params)
            claims.validate(now=now, leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
            raise BihuanError("oidc.refused") from error
        return dict(claims)

    def _session(self, redirect_uri: str) -> Any:
        return OAuth2Session(
            self.client,
            self.secret or None,
            scope="openid profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
        )

    def _endpoint(self, name: str) -> str:
        address = self._fetched(f"{self.issuer}/.well-known/openid-configuration").get(name)
        loopback = self.issuer.startswith(("http://127.0.0.1:", "http://localhost:"))
        if not isinstance(address, str) or not address.startswith("http://" if loopback else "https://"):
            raise BihuanError("oidc.unreachable")
        return address

    def _keys(self, *, fresh: bool = False) -> KeySet:
        return KeySet.import_key_set(self._fetched(self._endpoint("jwks_uri"), fresh=fresh))

    def _fetched(self, address: str, *, fresh: bool = False) -> Any:
        """Return a JSON document of the provider's; raises :class:`BihuanError` where there is none, or another's."""
        with self._guard:
            kept = self._kept.get(address)
        if kept is not None and not fresh and time.monotonic() - kept[0] < KEPT:
            return kept[1]
        try:
            answer = requests.get(address, timeout=_TIMEOUT, allow_redirects=False, stream=True)
            text = answer.raw.read(_LONGEST, decode_content=True)
            answer.raise_for_status()
            found = json.loads(text)
        except (requests.RequestException, ValueError, OSError) as error:
            raise BihuanError("oidc.unreachable") from error
        if not isinstance(found, dict) or found.get("issuer", self.issuer).rstrip("/") != self.issuer:
            raise BihuanError("oidc.unreachable")
        with self._guard:
            self._kept[address] = (time.monotonic(), found)
        return found
