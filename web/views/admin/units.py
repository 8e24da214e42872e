"""单位与科室: the organisations as a tree, with their days, and which section is in charge of which unit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import units as register
from budget.secrecy import SECRET_UNIT
from engine import BihuanError, Organisation
from engine.admin.organisations import Also
from engine.admin.rights import Right
from engine.database import Unit
from engine.errors import NotFound
from web import administration, context, errors, wording
from web.administration import asked, day, needs, typed

blueprint = Blueprint("units", __name__, url_prefix="/units")
_LOOKS = (Right.ACCOUNTS, Right.GRANTS)


@blueprint.get("/")
@needs(*_LOOKS)
def index() -> Any:
    """Show the tree; a search shows what it finds, each where it stands."""
    engine, actor = context.engine(), context.actor()
    text, kind, state = asked("text"), asked("kind"), asked("state")
    rows = [
        row
        for row in engine.admin.organisations(actor)
        if (not text or text in row.org.name or text.lower() in row.org.code.lower())
        and (not kind or row.org.kind == kind)
        and (not state or row.state == state)
    ]
    with engine.database.read() as unit, Session(unit.connection) as session:
        facts, sections = register.facts(session), register.sections(session)
    return render_template(
        "admin/units.html",
        rows=rows,
        facts=facts,
        sections=sections,
        kinds=administration.kind_words(),
        states=administration.state_words(),
        wanted={"text": text, "kind": kind, "state": state},
        flat=bool(text or kind or state),
        may_make=Right.ACCOUNTS in administration.rights(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.ACCOUNTS)
def new() -> Any:
    """Make an organisation."""
    if request.method == "POST":
        return _saved(None)
    blank = {"kind": asked("kind") or "unit", "parent": asked("parent")}
    return _form(None, blank)


@blueprint.route("/<code>", methods=["GET", "POST"])
@needs(*_LOOKS)
def edit(code: str) -> Any:
    """Show an organisation, and change it."""
    if request.method == "POST":
        return _saved(code)
    return _form(code, _values(code))


@blueprint.route("/<code>/merge", methods=["GET", "POST"])
@needs(Right.ACCOUNTS)
def merge(code: str) -> Any:
    """Show what merging an organisation into another one would do; do it when that was confirmed."""
    admin, actor = context.engine().admin, context.actor()
    into, reason = typed("into"), typed("reason")
    if request.method == "GET":
        into = asked("into")
    found, error, status = None, None, 200
    try:
        if request.method == "POST":
            done = admin.merge_org(code, into, reason, actor=actor)
            flash(gettext("“%(org)s”已并入“%(into)s”。", org=done.name, into=done.into_name), "ok")
            return redirect(url_for("admin.units.index"), code=303)
        found = admin.merger(code, into, actor=actor) if into else None
    except BihuanError as refused:
        if isinstance(refused, NotFound) and not into:
            raise
        error, status = refused.message(context.language()), errors.status_of(refused)
    rows = admin.organisations(actor)
    row = next((one for one in rows if one.org.code == code), None)
    if row is None:
        raise NotFound("org.unknown", org=code)
    page = render_template(
        "admin/merge.html",
        row=row,
        into=into,
        reason=reason,
        found=found,
        error=error,
        others=[
            (one.org.code, one.org.name) for one in rows if one.org.code != code and one.org.successor is None
        ],
        role=wording.role,
    )
    return page, status


@blueprint.post("/<code>/secret")
@needs(Right.ACCOUNTS)
def secret(code: str) -> Any:
    """Ask another administrator to confirm that a unit is marked as secret, or no longer."""
    params = {"on": typed("on") == "1"}
    try:
        context.engine().admin.ask(SECRET_UNIT, code, typed("reason"), actor=context.actor(), params=params)
    except NotFound:
        raise
    except BihuanError as refused:
        return _form(code, _values(code), errors.explained(refused), errors.status_of(refused))
    flash(gettext("已提出申请，请另一位管理员在“待确认”里确认。"), "ok")
    return redirect(url_for("admin.units.edit", code=code))


def _values(code: str) -> dict[str, Any]:
    engine = context.engine()
    org = next((one for one in engine.people.orgs() if one.code == code), None)
    if org is None:
        raise NotFound("org.unknown", org=code)
    with engine.database.read() as unit, Session(unit.connection) as session:
        fact = register.facts(session).get(code)
    return {
        "code": org.code,
        "name": org.name,
        "kind": org.kind,
        "parent": org.parent or "",
        "first": org.valid_from or "",
        "last": org.valid_to or "",
        "phone": org.phone or "",
        "section": fact.section if fact else "",
        "secret": fact.secret if fact else False,
    }


def _form(code: str | None, values: Any, error: str | None = None, status: int = 200) -> Any:
    engine, actor = context.engine(), context.actor()
    rows = engine.admin.organisations(actor)
    with engine.database.read() as unit, Session(unit.connection) as session:
        sections, fact = register.sections(session), register.facts(session).get(code or "")
    view = render_template(
        "admin/unit.html",
        code=code,
        values=values,
        error=error,
        kinds=administration.kind_words(),
        parents=administration.org_choices([row.org for row in rows if row.org.code != code]),
        sections=sections,
        fact=fact,
        row=next((row for row in rows if row.org.code == code), None),
        may_make=Right.ACCOUNTS in administration.rights(),
    )
    return view, status


def _saved(code: str | None) -> Any:
    """Make or change an organisation and, in the same transaction, the budget's record of it."""
    engine, actor = context.engine(), context.actor()
    try:
        org = Organisation(
            code or typed("code", 40),
            typed("name"),
            typed("kind"),
            typed("parent") or None,
            day(typed("first")),
            day(typed("last")),
        )
        if code is None:
            engine.admin.create_org(org, actor=actor, also=following(org, typed("section")))
            changed = True
        else:
            changed = engine.admin.change_org(org, actor=actor, also=following(org, typed("section")))
        changed |= engine.admin.set_office_phone(org.code, typed("phone", 60), actor=actor)
    except BihuanError as refused:
        if isinstance(refused, NotFound) and code is not None and refused.params.get("org") == code:
            raise
        return _form(code, request.form, errors.explained(refused), errors.status_of(refused))
    flash(gettext("已保存。") if changed else gettext("没有改动。"), "ok")
    return redirect(url_for("admin.units.edit", code=org.code))


def following(org: Organisation, section: str | None) -> Also:
    """Return what lets the budget's record of an organisation follow it in the engine's transaction."""

    def also(unit: Unit) -> dict[str, Any]:
        with unit.savepoint() as session:
            return dict(register.keep(session, org, section))

    return also
