"""A real OpenID provider on loopback: Authlib's authorization server, RSA keys, discovery and JWKS over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "bihuan", "a client's secret"


def new_key(name: str) -> RSAKey:
    """Return a key pair for signing."""
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class Client:
    """The one application that the provider knows."""

    redirect_uri: str
    method: str = "client_secret_basic"

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """An authorization code that was given out."""

    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class OpenIdProvider:
    """``with OpenIdProvider(redirect_uri) as provider`` serves; ``user`` is who agrees to everything.

    ``spoil`` changes the claims before they are signed, ``signing`` is the key that signs, ``published`` the keys that
    the world is told.
    """

    redirect_uri: str
    user: str = "li"
    spoil: Callable[[dict[str, Any]], dict[str, Any]] = dict
    signing: Any = field(default_factory=lambda: new_key("one"))
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    codes: dict[str, Code] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self.published = KeySet([self.signing])
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.port = self._server.server_port

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> OpenIdProvider:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _app(self) -> Flask:
        app = Flask("provider")
        provider = self

        class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

            def save_authorization_code(self, code: str, request: Any) -> None:
                data = request.payload.data
                provider.codes[code] = Code(
                    code,
                    request.user,
                    request.payload.redirect_uri,
                    request.payload.scope,
                    data.get("nonce"),
                    data.get("code_challenge"),
                    data.get("code_challenge_method"),
                )

            def query_authorization_code(self, code: str, _client: Client) -> Code | None:
                return provider.codes.get(code)

            def delete_authorization_code(self, authorization_code: Code) -> None:
                provider.codes.pop(authorization_code.code, None)

            def authenticate_user(self, authorization_code: Code) -> str:
                return authorization_code.user

        class IdTokens(OpenIDCode):  # type: ignore[misc]
            def exists_nonce(self, nonce: str, _request: Any) -> bool:
                return any(code.nonce == nonce for code in provider.codes.values())

            def get_client_claims(self, _client: Client) -> dict[str, Any]:
                return {"iss": provider.issuer, "aud": [CLIENT]}

            def generate_user_info(self, user: str, _scope: str) -> UserInfo:
                return UserInfo(sub=user, name=f"{user}的姓名", employee=user)

            def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
                claims = self.get_compatible_claims(request)
                claims.update(self.get_authorization_code_claims(request.authorization_code))
                claims.update(self.generate_user_info(request.user, token["scope"]))
                return str(
                    jwt.encode(
                        provider.header, provider.spoil(claims), provider.signing, [provider.header["alg"]]
                    )
                )

        client = Client(self.redirect_uri)
        server = AuthorizationServer(
            app,
            query_client=lambda id: client if id == CLIENT else None,
            save_token=lambda *_: None,
        )
        server.register_grant(Grant, [IdTokens(require_nonce=True), CodeChallenge(required=True)])

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Any:
            return jsonify(
                issuer=self.issuer,
                authorization_endpoint=f"{self.issuer}/authorize",
                token_endpoint=f"{self.issuer}/token",
                jwks_uri=f"{self.issuer}/keys",
                end_session_endpoint=f"{self.issuer}/leave",
            )

        @app.get("/keys")
        def keys() -> Any:
            return jsonify(self.published.as_dict(private=False))

        @app.get("/authorize")
        def authorize() -> Any:
            return server.create_authorization_response(grant_user=self.user)

        @app.post("/token")
        def token() -> Any:
            return server.create_token_response(request)

        return app
