"""What every response tells the browser to allow: its own origin, and nothing that a page does not need."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{sheets}{attributes}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def allow_diagram() -> None:
    """Let this response's page hold a diagram: the viewer sets style attributes on its own elements."""
    g.diagram = True


def allow_editor() -> str:
    """Let this response's page hold the designer's editors, and return the nonce that their style sheets carry."""
    g.diagram = True
    g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def install(app: Flask) -> None:
    """Put the headers on every response of ``app``."""

    @app.after_request
    def headers(response: Response) -> Response:
        attributes = "; style-src-attr 'unsafe-inline'" if g.get("diagram") else ""
        sheets = f" 'nonce-{g.nonce}'" if g.get("nonce") else ""
        policy = _POLICY.format(sheets=sheets, attributes=attributes)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = (
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
