"""The county's channels as its settings say, their secrets, and the hosts that they may speak to."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from engine import history, tables
from engine.database import Unit
from engine.errors import BihuanError, NotFound
from engine.history import Entry
from engine.notify.gate import Gate
from engine.notify.kinds import HOWS, KINDS, NEVER
from engine.notify.ports import Channel
from engine.values import dump_json, load_plain

#: The setting's key: channel name → {"type", "on", "discreet", "quiet", "audience", "options"}.
CHANNELS = "notify.channels"
#: ``host`` or ``host:port`` of the mail server and the gateway; only the command line changes it.
HOSTS = "notify.hosts"
#: When digests go out on working days, what "soon" means, the pages' address from outside, who signs, the defaults.
GENERAL = "notify.general"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
#: A secret that stands elsewhere: in a variable of the server's environment with our prefix, or in a file of the folder
#: that the operator names. Nothing else of the server can be read by a county's settings.
_PREFIX = "BIHUAN_SECRET_"
_FOLDER = "BIHUAN_SECRETS"
_settings = tables.settings.c
_secrets = tables.secrets.c
_setting = select(_settings.value).where(_settings.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Configured:
    """A channel of the county: its name in the settings, its type, and what the administrator chose.

    ``quiet`` are two times of day between which nothing is sent. ``audience`` lists the principals whom it may tell; empty
    means everybody. With ``discreet`` a message says only that something waits.
    """

    name: str
    channel: Channel
    on: bool
    discreet: bool
    quiet: tuple[time, time] | None
    audience: Sequence[str]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class General:
    """What holds for all channels: when digests go out, how many working days before its end a deadline is near, the
    address of the pages as people reach them, the name that messages carry, and who gets what by default.
    """

    digest_at: time = time(8, 30)
    near_days: int = 3
    url: str = ""
    sender: str = ""
    language: str = "zh"
    defaults: Mapping[str, Mapping[str, str]] | None = None

    def default(self, channel: str, kind: str) -> str:
        """Return when people who chose nothing get a kind through a channel."""
        return (self.defaults or {}).get(channel, {}).get(kind, NEVER)


def read_setting(unit: Unit, key: str, default: Any) -> Any:
    """Return a setting inside a transaction."""
    text = unit.execute(_setting, {"key": key}).scalar()
    return default if text is None else load_plain(text)


def kinds_of_channels(plugins: Any) -> dict[str, Channel]:
    """Return what plug-ins offer: type → channel."""
    return {channel.type: channel for offer in plugins.hook.bihuan_channels() for channel in offer}


def configured(unit: Unit, plugins: Any) -> dict[str, Configured]:
    """Return the county's channels by name; one whose type no plug-in knows any more is left out."""
    known = kinds_of_channels(plugins)
    found = {}
    for name, said in read_setting(unit, CHANNELS, {}).items():
        channel = known.get(said["type"])
        if channel is not None:
            quiet = said.get("quiet")
            found[name] = Configured(
                name,
                channel,
                bool(said["on"]),
                bool(said.get("discreet", channel.discreet)),
                (time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet else None,
                tuple(said.get("audience", ())),
                {
                    option.name: said["options"].get(option.name, option.default)
                    for option in channel.options
                    if option.kind != "secret"
                },
            )
    return found


def general(unit: Unit) -> General:
    """Return what holds for all channels."""
    said = read_setting(unit, GENERAL, {})
    return General(
        time.fromisoformat(said.get("digest_at", "08:30")),
        int(said.get("near_days", 3)),
        said.get("url", ""),
        said.get("sender", ""),
        said.get("language", "zh"),
        said.get("defaults"),
    )


def gate(unit: Unit) -> Gate:
    """Return the way to the allowed hosts."""
    return Gate(read_setting(unit, HOSTS, []))


def checked(plugins: Any, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a channel as they are kept; raises :class:`BihuanError` for what can't be used."""
    if not _NAME.fullmatch(name):
        raise BihuanError("channel.bad_name", channel=name)
    channel = kinds_of_channels(plugins).get(str(said.get("type", "")))
    if channel is None:
        raise NotFound("channel.unknown_type", type=str(said.get("type", "")))
    given = said.get("options", {})
    options: dict[str, Any] = {}
    for option in channel.options:
        value = given.get(option.name, option.default)
        if option.kind == "secret":
            continue
        if option.kind == "number":
            value = _number(option.label, value)
        elif option.kind == "flag":
            value = bool(value)
        else:
            value = str(value).strip()[:4000]
        if option.required and value in ("", None):
            raise BihuanError("channel.missing", option=option.label["zh"], option_en=option.label["en"])
        if option.kind == "choice" and value not in {choice for choice, _ in option.choices}:
            raise BihuanError("channel.bad_choice", value=str(value))
        options[option.name] = value
    return {
        "type": channel.type,
        "on": bool(said.get("on")),
        "discreet": bool(said.get("discreet", channel.discreet)),
        "quiet": _quiet(said.get("quiet")),
        "audience": [str(one).strip() for one in said.get("audience", ()) if str(one).strip()],
        "options": options,
    }


def checked_general(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the general settings as they are kept; raises :class:`BihuanError` for what can't be used."""
    near = _number({"zh": "提前几个工作日提醒", "en": "Working days ahead"}, said.get("near_days", 3))
    if not 0 <= near <= 60:
        raise BihuanError("channel.bad_number", option="提前几个工作日提醒", option_en="Working days ahead")
    url = str(said.get("url", "")).strip().rstrip("/")
    if url and not url.startswith(("http://", "https://")):
        raise BihuanError("channel.bad_url", url=url)
    defaults = {
        str(channel): {kind: how for kind, how in kinds.items() if kind in KINDS and how in HOWS}
        for channel, kinds in (said.get("defaults") or {}).items()
    }
    return {
        "digest_at": f"{_time(said.get('digest_at', '08:30')):%H:%M}",
        "near_days": near,
        "url": url[:200],
        "sender": str(said.get("sender", "")).strip()[:60],
        "language": "en" if said.get("language") == "en" else "zh",
        "defaults": defaults,
    }


def set_secret(unit: Unit, name: str, value: str, actor: str, now: datetime) -> None:
    """Keep a secret, or forget it where ``value`` is empty; history says that it was changed, never what it is."""
    mine = _secrets.name == name
    if not value:
        unit.execute(delete(tables.secrets).where(mine))
    elif not unit.execute(update(tables.secrets).where(mine), {"value": value, "changed_at": now}).rowcount:
        unit.execute(insert(tables.secrets), {"name": name, "value": value, "changed_at": now})
    body = {"name": name, "kept": bool(value)}
    history.record(unit, "settings", Entry("secret.changed", actor, now, body=body))


def secrets_set(unit: Unit) -> dict[str, datetime]:
    """Return which secrets are kept, and since when; not what they are."""
    rows = unit.execute(select(_secrets.name, _secrets.changed_at))
    return {row.name: row.changed_at for row in rows}


def with_secrets(unit: Unit, one: Configured) -> dict[str, Any]:
    """Return all options of a channel, with its secrets; raises :class:`BihuanError` for one that can't be read."""
    wanted = {
        secret_name(one.name, option.name): option.name
        for option in one.channel.options
        if option.kind == "secret"
    }
    rows = unit.execute(select(_secrets.name, _secrets.value).where(_secrets.name.in_(list(wanted))))
    found = {wanted[row.name]: resolved(row.value) for row in rows}
    return {**one.options, **dict.fromkeys(wanted.values(), ""), **found}


def secret_name(channel: str, option: str) -> str:
    """Return under which name a channel's secret is kept."""
    return f"{channel}.{option}"


def resolved(value: str) -> str:
    """Return a secret: itself, or what ``env:NAME`` or ``file:NAME`` stands for."""
    kind, colon, name = value.partition(":")
    if not colon or kind not in ("env", "file"):
        return value
    if kind == "env":
        if not name.startswith(_PREFIX) or name not in os.environ:
            raise BihuanError("secret.no_variable", name=name, prefix=_PREFIX)
        return os.environ[name]
    folder = os.environ.get(_FOLDER)
    path = Path(folder or "") / Path(name).name
    if not folder or Path(name).name != name or not path.is_file():
        raise BihuanError("secret.no_file", name=name, folder=_FOLDER)
    return path.read_text(encoding="utf-8").strip()


def keep_setting(unit: Unit, key: str, value: Any, actor: str, now: datetime) -> None:
    """Change a setting inside a transaction; history keeps who did it."""
    text = dump_json(value)
    if not unit.execute(update(tables.settings).where(_settings.key == key), {"value": text}).rowcount:
        unit.execute(insert(tables.settings), {"key": key, "value": text})
    history.record(unit, "settings", Entry("setting.changed", actor, now, body={"key": key, "value": value}))


def _number(label: Mapping[str, str], value: Any) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        raise BihuanError("channel.bad_number", option=label["zh"], option_en=label["en"]) from None


def _time(text: Any) -> time:
    try:
        return time.fromisoformat(str(text).strip())
    except ValueError:
        raise BihuanError("channel.bad_time", text=str(text)) from None


def _quiet(said: Any) -> list[str] | None:
    if not said or not any(said):
        return None
    return [f"{_time(one):%H:%M}" for one in said]
