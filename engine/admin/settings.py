"""The settings that administrators change: each with its right, its limits, and the old value in history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update

from engine import history, tables
from engine.admin import rights
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.database import Unit
from engine.errors import BihuanError, NotFound
from engine.passwords import RULES, Rules
from engine.values import dump_json, load_plain

#: The chain of the settings.
CHAIN = "settings"
#: The settings of sessions, of the logs' retention, of what counts as sensitive, and of the sign-in at a provider.
SESSIONS, LOGS, SENSITIVE, OIDC = "sessions", "logs", "sensitive", "oidc"
#: Logs of sign-ins and of reading are kept for six months at least (网络安全法 §21).
LEAST_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Setting:
    """Who may change a setting, what it is where nobody has, and what makes a value of what was typed."""

    right: Right
    default: Any
    read: Callable[[Mapping[str, Any]], Any]


def get(unit: Unit, key: str) -> Any:
    """Return a setting's value, its default where nobody has set it."""
    text = unit.execute(select(tables.settings.c.value).where(tables.settings.c.key == key)).scalar()
    default = SETTINGS[key].default
    if text is None:
        return default
    value = load_plain(text)
    return {**default, **value} if isinstance(default, dict) and isinstance(value, dict) else value


def change(command: Command, key: str, typed: Mapping[str, Any]) -> bool:
    """Change a setting; return whether it is another value. Raises :class:`BihuanError` for one outside its limits."""
    known = SETTINGS.get(key)
    if known is None:
        raise NotFound("setting.unknown", key=key)
    rights.require(command.unit, command.actor, known.right)
    value = known.read(typed)
    if value == get(command.unit, key):
        return False
    put(command, key, value)
    return True


def put(command: Command, key: str, value: Any) -> None:
    """Write a setting, with the value that it had before in history."""
    table = tables.settings
    query = select(table.c.value).where(table.c.key == key).with_for_update()
    before = command.unit.execute(query).scalar()
    text = dump_json(value)
    if before is None:
        command.unit.execute(table.insert(), {"key": key, "value": text})
    else:
        command.unit.execute(update(table).where(table.c.key == key).values(value=text))
    body = {"key": key, "value": value, "before": None if before is None else load_plain(before)}
    history.record(command.unit, CHAIN, history.Entry("setting.changed", command.by, command.now, body=body))


def _number(typed: Mapping[str, Any], name: str, least: int, most: int) -> int:
    text = str(typed.get(name, "")).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not least <= int(text) <= most:
        raise BihuanError("setting.range", name=name, least=least, most=most)
    return int(text)


def _passwords(typed: Mapping[str, Any]) -> dict[str, int]:
    limits = {"length": (8, 64), "kinds": (1, 4), "failures": (3, 10), "lock_minutes": (5, 1440)}
    return {name: _number(typed, name, *limit) for name, limit in limits.items()}


def _sessions(typed: Mapping[str, Any]) -> dict[str, int]:
    return {"idle_minutes": _number(typed, "idle_minutes", 5, 240), "hours": _number(typed, "hours", 1, 24)}


def _logs(typed: Mapping[str, Any]) -> dict[str, int]:
    return {"months": _number(typed, "months", LEAST_MONTHS, 120)}


def _sensitive(typed: Mapping[str, Any]) -> dict[str, bool]:
    return {name: bool(typed.get(name)) for name in ("audience", "secret")}


def _oidc(typed: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("issuer", "client_id", "claim", "label")
    found: dict[str, Any] = {name: str(typed.get(name, "")).strip()[:300] for name in texts}
    found["enabled"], found["create"] = bool(typed.get("enabled")), bool(typed.get("create"))
    found["claim"] = found["claim"] or "sub"
    issuer = found["issuer"]
    local = issuer.startswith(("http://127.0.0.1:", "http://localhost:"))
    if found["enabled"] and not (issuer.startswith("https://") or local):
        raise BihuanError("oidc.bad_issuer")
    if found["enabled"] and not found["client_id"]:
        raise BihuanError("oidc.no_client")
    return found


SETTINGS: Mapping[str, Setting] = {
    RULES: Setting(Right.SECURITY, asdict(Rules()), _passwords),
    SESSIONS: Setting(Right.SECURITY, {"idle_minutes": 30, "hours": 12}, _sessions),
    LOGS: Setting(Right.SECURITY, {"months": 12}, _logs),
    SENSITIVE: Setting(Right.SECURITY, {"audience": True, "secret": True}, _sensitive),
    OIDC: Setting(
        Right.SECURITY,
        {
            "enabled": False,
            "issuer": "",
            "client_id": "",
            "claim": "sub",
            "label": "",
            "create": False,
        },
        _oidc,
    ),
}
