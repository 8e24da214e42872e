"""本县规则: every setting of the profile with its value, source and note; a change is a new version, made by two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import books
from engine import BihuanError
from engine.admin.rights import Right
from web import administration, context, errors, given
from web.administration import needs, typed
from web.formatting import local
from web.setting_words import group_words, readable
from workflows import profiles
from workflows.profiles import Profile, Setting, versions

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

_SOURCE, _NOTE, _VALUE = 60, 300, 20_000


@blueprint.get("/")
@needs(Right.SETTINGS, Right.SECURITY)
def index() -> Any:
    """Show all settings, group by group."""
    profile = profiles.of(context.engine())
    words = group_words()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        bases = books.bases(session, local(context.now()).date())
    return render_template(
        "admin/profile.html",
        bases=bases,
        profile=profile,
        groups=[(name, words.get(name, name), _settings(profile, name)) for name in _groups(profile)],
        readable=readable,
        may_change=Right.SETTINGS in administration.rights(),
    )


@blueprint.get("/versions")
@needs(Right.SETTINGS, Right.SECURITY)
def history() -> Any:
    """Show the versions, the newest first, each with what it changed, by whom, when and by which document."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = versions.history(session)
    people = [who for one in found if one.row for who in (one.row.asked_by, one.row.confirmed_by)]
    return render_template(
        "admin/profile_versions.html",
        versions=found,
        call=administration.named(people),
        written=versions.written,
    )


@blueprint.get("/<group>")
@needs(Right.SETTINGS)
def edit(group: str) -> Any:
    """Show the form of a group of settings."""
    return _form(group, {}, None)


@blueprint.post("/<group>")
@needs(Right.SETTINGS)
def ask(group: str) -> Any:
    """Ask for a new version with what was typed; a second administrator confirms it."""
    engine, actor = context.engine(), context.actor()
    profile = profiles.of(engine)
    if group not in _groups(profile):
        abort(404)
    try:
        wanted = versions.params(
            profile,
            _typed(profile, group),
            effective_from=_day(),
            basis=typed("basis", 200),
            by=actor.principal,
            why=typed("reason"),
        )
        engine.admin.ask(versions.REQUEST, profile.code, typed("reason"), actor=actor, params=wanted)
    except BihuanError as refused:
        return _form(group, request.form, errors.explained(refused)), errors.status_of(refused)
    flash(gettext("已提出申请，请另一位管理员在“待确认”里确认。"), "ok")
    return redirect(url_for("admin.profile.index"))


def _form(group: str, shown: Mapping[str, str], error: str | None) -> str:
    profile = profiles.of(context.engine())
    if group not in _groups(profile):
        abort(404)
    return render_template(
        "admin/profile_edit.html",
        profile=profile,
        group=group,
        title=group_words().get(group, group),
        settings=_settings(profile, group),
        written=versions.written,
        shown=shown,
        error=error,
        today=context.now().date().isoformat(),
    )


def _groups(profile: Profile) -> list[str]:
    return list(dict.fromkeys(name.partition(".")[0] for name in profile.settings))


def _settings(profile: Profile, group: str) -> list[tuple[str, Setting]]:
    return [(name, one) for name, one in profile.settings.items() if name.partition(".")[0] == group]


def _typed(profile: Profile, group: str) -> dict[str, Setting]:
    """Return the settings of a group that were typed otherwise than they are."""
    found = {}
    for name, now in _settings(profile, group):
        if f"value:{name}" not in request.form:
            continue
        value = versions.read_value(typed(f"value:{name}", _VALUE), now.value)
        one = Setting(value, typed(f"source:{name}", _SOURCE), typed(f"note:{name}", _NOTE))
        if one != now:
            found[name] = one
    return found


def _day() -> date:
    try:
        return given.day(typed("effective_from", 10))
    except ValueError:
        raise BihuanError("profile.no_basis") from None
