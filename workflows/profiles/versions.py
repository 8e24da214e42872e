"""A county's own versions of its rules: asked for by one administrator, made by a second one's word, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import ProfileVersion
from engine import messages
from engine.admin.approvals import Kind, register
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.admin.settings import put
from engine.errors import Conflict, Refused
from workflows import profiles
from workflows.profiles import Profile, ProfileError, Setting

#: The request's name; its subject is the profile's code.
REQUEST = "profile"
_LONGEST = 200

messages.register(
    {
        "profile.wrong": {"zh": "{problems}", "en": "Refused: {problems}"},
        "profile.same": {"zh": "没有改动", "en": "Nothing was changed"},
        "profile.no_basis": {
            "zh": "请填写依据文号和生效日期",
            "en": "Name the document and the day from which it holds",
        },
        "profile.meanwhile": {
            "zh": "提出申请以后规则又有了新版本（第 {version} 版），请重新提出",
            "en": "The rules have a newer version ({version}) since; please ask again",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Made:
    """A version of the rules: the package's own (``row`` None), or one that administrators made."""

    profile: Profile
    row: ProfileVersion | None
    #: What is different from the version before: name, what it was, what it is.
    changes: Sequence[tuple[str, Setting | None, Setting | None]]


def read_value(text: str, known: Any) -> Any:
    """Return the value that was typed for a setting whose value is ``known``; raises :class:`Refused`."""
    try:
        if isinstance(known, bool):
            return {"true": True, "false": False}[text.strip()]
        if isinstance(known, int):
            return int(text)
        if isinstance(known, str):
            return text.strip()
        return json.loads(text)
    except (ValueError, KeyError) as error:
        raise Refused("profile.wrong", problems=f"“{text[:40]}”不能读成应有的类型") from error


def written(value: Any) -> str:
    """Return a value as it is typed."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def changed(
    profile: Profile, settings: Mapping[str, Setting], *, effective_from: date, basis: str
) -> Profile:
    """Return the next version with other settings; raises :class:`Refused` with what is wrong, or for no change.

    ``basis`` names the document by which it is changed.
    """
    if not basis.strip():
        raise Refused("profile.no_basis")
    if all(profile.settings.get(name) == setting for name, setting in settings.items()):
        raise Refused("profile.same")
    data = profiles.frozen(profile) | {
        "version": profile.version + 1,
        "effective_from": effective_from,
        "basis": basis.strip()[:_LONGEST],
    }
    for name, setting in settings.items():
        group, _, own = name.partition(".")
        entry = {"value": setting.value, "source": setting.source}
        data[group] = {**data[group], own: entry | ({"note": setting.note} if setting.note else {})}
    try:
        return profiles.made(data)
    except ProfileError as error:
        raise Refused("profile.wrong", problems="；".join(error.problems)) from error


def difference(before: Profile, after: Profile) -> Sequence[tuple[str, Setting | None, Setting | None]]:
    """Return the settings that are not the same in two versions, by name."""
    names = sorted(before.settings.keys() | after.settings.keys())
    pairs = [(name, before.settings.get(name), after.settings.get(name)) for name in names]
    return [(name, old, new) for name, old, new in pairs if old != new]


def history(session: Session) -> Sequence[Made]:
    """Return the versions of the county's profile, the newest first, the package's own last."""
    now = profiles.current(session)
    query = select(ProfileVersion).where(ProfileVersion.code == now.code).order_by(ProfileVersion.version)
    before = profiles.load(now.code)
    found = [Made(before, None, ())]
    for row in session.scalars(query):
        profile = profiles.thawed(row.body)
        found.append(Made(profile, row, difference(before, profile)))
        before = profile
    return list(reversed(found))


def params(
    now: Profile, settings: Mapping[str, Setting], *, effective_from: date, basis: str, by: str, why: str
) -> dict[str, Any]:
    """Return what a request for the version after ``now`` carries; raises what :func:`changed` raises."""
    changed(now, settings, effective_from=effective_from, basis=basis)
    return {
        "version": now.version + 1,
        "effective_from": effective_from.isoformat(),
        "basis": basis,
        "asked_by": by,
        "why": why,
        "settings": {
            name: {"value": one.value, "source": one.source, "note": one.note}
            for name, one in settings.items()
        },
    }


def _next(command: Command, given: Mapping[str, Any]) -> Profile:
    """Return the version that is asked for; raises :class:`Conflict` where it isn't the next any more."""
    now = profiles.current(command.unit)
    if given.get("version") != now.version + 1:
        raise Conflict("profile.meanwhile", version=now.version)
    return changed(
        now,
        {name: Setting(**one) for name, one in given["settings"].items()},
        effective_from=date.fromisoformat(given["effective_from"]),
        basis=given["basis"],
    )


def _check(command: Command, _subject: str, given: Mapping[str, Any]) -> None:
    _next(command, given)


def _do(command: Command, _subject: str, given: Mapping[str, Any]) -> None:
    wanted = _next(command, given)
    now = profiles.current(command.unit)
    body = json.dumps(profiles.frozen(wanted), ensure_ascii=False, sort_keys=True)
    digest = sha256(body.encode()).hexdigest()
    with command.unit.savepoint() as session:
        session.add(
            ProfileVersion(
                code=wanted.code,
                version=wanted.version,
                body=body,
                sha256=digest,
                asked_by=str(given.get("asked_by", "")),
                confirmed_by=command.by,
                reason=str(given.get("why", ""))[:500],
                made_at=command.now,
            )
        )
    put(command, profiles.VERSION, {"code": wanted.code, "version": wanted.version, "sha256": digest})
    changes = {name: [old and old.value, new and new.value] for name, old, new in difference(now, wanted)}
    command.record("profile.changed", version=wanted.version, basis=wanted.basis, changes=changes)


register(REQUEST, Kind(frozenset({Right.SETTINGS}), frozenset({Right.SETTINGS, Right.SECURITY}), _check, _do))
