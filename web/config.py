"""The application's settings: their defaults, and the secret that signs the sessions."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

#: Every setting can be overridden by ``create_app(config=…)`` or by an environment variable ``BIHUAN_<NAME>``.
DEFAULTS: dict[str, Any] = {
    "SESSION_IDLE_MINUTES": 30,
    "SESSION_HOURS": 12,
    "DEFAULT_COUNTY": None,
    "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
    "MAX_FORM_PARTS": 20_000,
    "RATELIMIT_ENABLED": True,
    "RATELIMIT_STORAGE_URI": "memory://",
    "RATELIMIT_HEADERS_ENABLED": True,
    "SIGN_IN_RATE": "20 per minute",
    #: So many objections one address may make on the public page.
    "OBJECTION_RATE": "10 per hour",
    "PAGE_SIZE": 20,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_REFRESH_EACH_REQUEST": False,
    "WTF_CSRF_TIME_LIMIT": None,
    "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,
    "BABEL_DEFAULT_LOCALE": "zh",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "TRUSTED_PROXIES": 0,
    #: A TrueType file (.ttf, .ttc) that printed sheets are set in; without one the PDF reader's own Chinese font.
    "PDF_FONT": "",
}


def secret_key(folder: Path) -> bytes:
    """Return the installation's signing key, made on first use and readable by its owner only."""
    file = folder / "secret.key"
    if not file.exists():
        # Processes that start at once agree on one key: it appears whole, and only the first of them places it.
        made = folder / f"secret.key.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    key = file.read_bytes()
    if len(key) < 32:
        raise RuntimeError(f"{file} is not a signing key; remove it to have a new one made")
    return key


def from_environment() -> dict[str, Any]:
    """Return the settings that the environment overrides, each with the type of its default."""
    found: dict[str, Any] = {}
    for name, default in DEFAULTS.items():
        text = os.environ.get(f"BIHUAN_{name}")
        if text is None:
            continue
        if isinstance(default, bool):
            found[name] = text.strip().lower() in {"1", "true", "yes", "on"}
        elif isinstance(default, int):
            found[name] = int(text)
        else:
            found[name] = text
    return found
