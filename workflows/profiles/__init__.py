"""A county's rules as a versioned file: thresholds, deadlines in working days, wording, each with its source.

No county is named in code: what differs between counties is a value here. An instance keeps the values that
it started with, because it starts with them as its variable ``profile``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from budget.tables import ProfileVersion
from engine import tables
from engine.values import load_plain
from workflows.profiles.settings import SETTINGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.database import Unit
    from engine.engine import Engine

#: A rule of a report (S4-10), public material (V1), what is remembered (M), a product default (P).
_SOURCE = re.compile(r"(S[1-5]-\d{2}|V\d{1,2}|M|P)( (S[1-5]-\d{2}|V\d{1,2}|M|P))*")
_ABOUT = {"code": str, "version": int, "name": str, "effective_from": date, "issued_by": str, "basis": str}
_ZONE = ZoneInfo("Asia/Shanghai")
#: The profile of a county that has chosen none.
DEFAULT = "qapqal"
#: The setting that names the version of its own by which a county goes, with its hash.
VERSION = "profile_version"
_body = select(ProfileVersion.body).where(
    ProfileVersion.code == bindparam("code"), ProfileVersion.version == bindparam("version")
)
#: Versions by their hash; more than a process ever meets are forgotten.
_OWN: dict[str, Profile] = {}
_MOST = 64


class ProfileError(ValueError):
    """A profile can't be used; ``problems`` say in Chinese what is wrong with which value."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Setting:
    """A value with where it is from; ``note`` says what it is for, or how the source was read."""

    value: Any
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A county's rules; ``settings`` by dotted name, for example ``days.review``."""

    code: str
    version: int
    name: str
    effective_from: date
    issued_by: str
    basis: str
    settings: Mapping[str, Setting]

    def value(self, name: str) -> Any:
        """Return the value of a setting; raises KeyError for a name that no profile has."""
        return self.settings[name].value

    def group(self, name: str) -> dict[str, Any]:
        """Return the values of a group, ``days`` or ``quality``, by their names in it."""
        prefix = f"{name}."
        return {
            key.removeprefix(prefix): item.value
            for key, item in self.settings.items()
            if key.startswith(prefix)
        }

    def variables(self, *groups: str) -> dict[str, Any]:
        """Return the variable ``profile`` that an instance starts with and keeps: the groups that its process reads."""
        return {"code": self.code, "version": self.version} | {name: self.group(name) for name in groups}

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the county's days begin and end."""
        return _ZONE

    def goal_deadline(self, fiscal_year: int) -> datetime:
        """Return when the goals of a budget year are due: the evening of the day in the year before."""
        month, day = str(self.value("campaign.goal_deadline")).split("-")
        return datetime.combine(date(fiscal_year - 1, int(month), int(day)), time(18), tzinfo=_ZONE)


def names() -> tuple[str, ...]:
    """Return the codes of the profiles that come with the package."""
    return tuple(sorted(p.name[:-5] for p in files(__package__).iterdir() if p.name.endswith(".toml")))


def of(engine: Engine) -> Profile:
    """Return the profile that the county has chosen (setting ``profile``), :data:`DEFAULT` where it has not yet."""
    with engine.database.read() as unit:
        return current(unit)


def current(unit: Unit | Session) -> Profile:
    """Return the county's profile as :func:`of` does, inside a transaction."""
    settings = tables.settings.c
    query = select(settings.key, settings.value).where(settings.key.in_(("profile", VERSION)))
    found = {row.key: load_plain(row.value) for row in unit.execute(query)}
    code, own = found.get("profile", DEFAULT), found.get(VERSION)
    if own is None or own["code"] != code:
        return load(code)
    return _kept(own["sha256"], lambda: unit.execute(_body, {"code": code, "version": own["version"]}))


def _kept(sha256: str, fetch: Callable[[], Any]) -> Profile:
    """Return the county's own version, which its hash names: it is read and checked once a process."""
    if sha256 not in _OWN:
        if len(_OWN) >= _MOST:
            _OWN.clear()
        _OWN[sha256] = thawed(fetch().scalar_one())
    return _OWN[sha256]


def thawed(body: str) -> Profile:
    """Return the profile that a row of :class:`budget.tables.ProfileVersion` keeps.

    The row may be older than the package: a setting that came since is what it is in the profile of the package, and
    one that is gone is left out.
    """
    data = json.loads(body)
    shipped = frozen(load(data["code"] if data["code"] in names() else DEFAULT))
    for group, entries in shipped.items():
        if isinstance(entries, dict):
            kept = data.get(group, {})
            data[group] = {name: kept.get(name, entry) for name, entry in entries.items()}
    data = {name: value for name, value in data.items() if name in shipped}
    return made(data | {"effective_from": date.fromisoformat(data["effective_from"])})


def frozen(profile: Profile) -> dict[str, Any]:
    """Return what a row of :class:`budget.tables.ProfileVersion` keeps of a profile, as its file says it."""
    data: dict[str, Any] = {name: getattr(profile, name) for name in _ABOUT}
    data["effective_from"] = profile.effective_from.isoformat()
    for name, setting in profile.settings.items():
        group, _, own = name.partition(".")
        entry = {"value": setting.value, "source": setting.source}
        data.setdefault(group, {})[own] = entry | ({"note": setting.note} if setting.note else {})
    return data


@cache
def load(code: str) -> Profile:
    """Return the profile ``code`` that comes with the package; raises KeyError and :class:`ProfileError`."""
    if code not in names():
        raise KeyError(code)
    return read(files(__package__).joinpath(f"{code}.toml").read_bytes())


def read(source: bytes) -> Profile:
    """Return the profile of a TOML file; raises :class:`ProfileError` with everything that is wrong."""
    try:
        data = tomllib.loads(source.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError((f"不是 TOML 文件：{error}",)) from error
    return made(data)


def made(data: Mapping[str, Any]) -> Profile:
    """Return the profile of what a file says; raises :class:`ProfileError` with everything that is wrong."""
    problems = tuple(_problems(data))
    if problems:
        raise ProfileError(problems)
    settings = {
        f"{group}.{name}": Setting(entry["value"], entry["source"], entry.get("note", ""))
        for group, entries in data.items()
        if isinstance(entries, dict)
        for name, entry in entries.items()
    }
    return Profile(**{name: data[name] for name in _ABOUT}, settings=settings)


def completed(session: Session, variable: Mapping[str, Any], *groups: str) -> dict[str, Any]:
    """Return the variable ``profile`` that a message brought, with the groups that its sender does not read itself.

    Those are as the county has them now: the instance begins now. Where it has chosen another profile since, they are of
    the sender's as it comes with the package; raises KeyError for a profile that doesn't.
    """
    missing = [name for name in groups if name not in variable]
    if not missing:
        return dict(variable)
    now = current(session)
    profile = now if now.code == variable["code"] else load(str(variable["code"]))
    return {**profile.variables(*missing), **variable}


def _problems(data: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in _ABOUT.items():
        if type(data.get(name)) is not kind:
            yield f"{name}：缺少，或不是应有的类型"
    given: dict[str, Any] = {}
    for group, entries in data.items():
        if group in _ABOUT:
            continue
        if not isinstance(entries, dict):
            yield f"{group}：没有这一项"
            continue
        for name, entry in entries.items():
            given[f"{group}.{name}"] = entry
    for name, entry in given.items():
        accepts = SETTINGS.get(name)
        if accepts is None:
            yield f"{name}：没有这一项，可能写错了"
        elif not isinstance(entry, dict) or not {"value", "source"} <= entry.keys() <= {
            "value",
            "source",
            "note",
        }:
            yield f"{name}：须写成 {{ value = …, source = … }}"
        elif not isinstance(entry["source"], str) or not _SOURCE.fullmatch(entry["source"]):
            yield f"{name}：来源“{entry['source']}”须是报告规则（S4-10）、制度材料（V1）、M 或 P"
        elif not accepts(entry["value"]):
            yield f"{name}：值“{entry['value']}”不合要求"
    for name in SETTINGS:
        if name not in given:
            yield f"{name}：没有给出"
