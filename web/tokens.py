"""接口口令: the secrets by which other systems send execution figures; kept as hashes, shown once, revoked at any time."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from engine.engine import Engine

#: The county's setting: name → {"hash", "made_at", "made_by"}.
SETTING = "execution_tokens"


def known(engine: Engine) -> Mapping[str, Mapping[str, Any]]:
    """Return the tokens that count, by name, without their secrets."""
    found: Mapping[str, Mapping[str, Any]] = engine.setting(SETTING, {})
    return found


def make(engine: Engine, name: str, *, by: str) -> str:
    """Make a token of a name, in place of an earlier one of the same; return the secret, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    entry = {"hash": _hash(token), "made_at": engine.clock.now().isoformat(), "made_by": by}
    engine.set_setting(SETTING, {**known(engine), name: entry}, actor=by)
    return token


def revoke(engine: Engine, name: str, *, by: str) -> bool:
    """Let a token count no more; return whether there was one of the name."""
    left = {one: entry for one, entry in known(engine).items() if one != name}
    if len(left) == len(known(engine)):
        return False
    engine.set_setting(SETTING, left, actor=by)
    return True


def holder(engine: Engine, header: str) -> str | None:
    """Return the name of the token that an ``Authorization: Bearer`` header gives, None for none that counts."""
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    given = _hash(token.strip())
    return next(
        (name for name, entry in known(engine).items() if hmac.compare_digest(entry["hash"], given)), None
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
