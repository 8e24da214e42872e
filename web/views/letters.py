"""公文: letters in the making and issued, the use of the seal, a letter as Word and PDF, and the templates."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import letters
from budget.letters import LetterKind, LetterState
from budget.tables import Letter, LetterTemplate, Unit
from engine.admin.rights import Right
from engine.identity import names
from web import administration, context
from web.annual.files import TYPE as WORD
from web.letters import files, template
from web.letters.template import TemplateProblem
from workflows import profiles
from workflows.letter.starting import DRAFTERS, PROCESS, start

blueprint = Blueprint("letters", __name__)

#: Who reads the list of letters, besides those who draft them.
READERS = DRAFTERS | {"deputy_leader", "bureau_leader"}
_MOST = 200
_LARGEST = 2_000_000


def _holds(roles: frozenset[str]) -> bool:
    return any(post.role in roles for post in context.actor().posts)


def _office() -> str:
    return f"{context.county_name()}{profiles.of(context.engine()).value('wording.bureau')}"


@blueprint.get("/letters")
def page() -> Any:
    """Show the year's letters by kind, with the use of the seal, and begin one."""
    if not _holds(READERS):
        abort(403)
    kind, year = request.args.get("kind", ""), context.year()
    query = (
        select(Letter, Unit.name)
        .outerjoin(Unit, Unit.code == Letter.unit_code)
        .where(func.coalesce(Letter.year, year) == year, Letter.state != LetterState.CANCELLED)
        .order_by(Letter.opened_at.desc())
        .limit(_MOST)
    )
    if kind in LetterKind.__members__:
        query = query.where(Letter.kind == kind)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.execute(query).all()
        people = names(session, [one.sealed_by for one, _ in found if one.sealed_by])
        units = session.execute(
            select(Unit.code, Unit.name).where(Unit.secret_flag.is_(False)).order_by(Unit.code)
        ).all()
        return render_template(
            "letters/page.html",
            found=found,
            people=people,
            units=units,
            kinds=LetterKind,
            sent=letters.SENT,
            kind=kind,
            year=year,
            said=lambda codes, code: getattr(codes(code), context.language()),
            states=LetterState,
            may_draft=_holds(DRAFTERS),
            origin=request.args.get("origin", ""),
        )


@blueprint.post("/letters")
def begin() -> Any:
    """Begin a letter, to a unit or about a case that the person may see."""
    if not _holds(DRAFTERS):
        abort(403)
    kind, code, about = (request.form.get(name, "") for name in ("kind", "unit", "origin"))
    if kind not in LetterKind.__members__:
        abort(400)
    origin = int(about) if about.isdecimal() and len(about) <= 18 else None
    if origin is not None:
        context.engine().instance(origin, context.actor())
    try:
        with context.engine().database.read() as unit, Session(unit.connection) as session:
            asked = start(session, LetterKind(kind), origin, code or None)
    except KeyError:
        flash(gettext("这类公文要选择主送单位；涉密的线下办理。"), "error")
        return redirect(url_for("letters.page"), code=303)
    started = context.engine().start(PROCESS, actor=context.actor(), variables=asked.variables)
    return redirect(url_for("instances.show", instance_id=started.instance_id), code=303)


@blueprint.get("/letters/<int:instance_id>.<any(docx,pdf):ending>")
def file(instance_id: int, ending: str) -> Any:
    """Give a letter as Word or PDF to whoever may see its case."""
    context.engine().instance(instance_id, context.actor())
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        letter = session.get(Letter, instance_id)
        if letter is None or not letter.title:
            abort(404)
        signer = names(session, [letter.signed_by]).get(letter.signed_by, "") if letter.signed_by else ""
        body = files.word(letter, office=_office(), signer=signer)
        if ending == "pdf":
            body = files.as_pdf(letter, body, office=_office(), pages=gettext("第 {page} 页 共 {pages} 页"))
        name = quote(f"{letter.number or ''}{letter.title}.{ending}")
    response = Response(body, mimetype=WORD if ending == "docx" else "application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _may_change() -> None:
    if Right.SETTINGS not in administration.rights():
        abort(403)


@blueprint.get("/admin/letters")
def templates() -> Any:
    """Show each kind's template in all its versions."""
    _may_change()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(select(LetterTemplate).order_by(LetterTemplate.version.desc())).all()
        people = names(session, [one.uploaded_by for one in found])
        return render_template(
            "letters/templates.html",
            kinds=LetterKind,
            versions={kind: [one for one in found if one.kind == kind] for kind in LetterKind},
            people=people,
            fields=template.FIELDS,
        )


@blueprint.post("/admin/letters/<kind>")
def upload(kind: str) -> Any:
    """Check a changed template, and keep it as the newest version."""
    _may_change()
    if kind not in LetterKind.__members__:
        abort(404)
    given = request.files.get("file")
    body = given.stream.read(_LARGEST + 1) if given is not None else b""
    try:
        template.check(body)
    except TemplateProblem as problem:
        flash(problem.said[context.language()], "error")
        return redirect(url_for("letters.templates"), code=303)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        kept = letters.add_template(
            session,
            LetterKind(kind),
            body,
            note=request.form.get("note", "").strip()[:200],
            by=context.actor().principal,
            now=context.now(),
        )
        version = kept.version
    flash(gettext("模板已更新为第 %(version)s 版，以后签发的公文使用它。", version=version), "ok")
    return redirect(url_for("letters.templates"), code=303)


@blueprint.get("/admin/letters/<kind>/<int:version>.docx")
def download(kind: str, version: int) -> Any:
    """Give a template; version 0 is the one that comes with the package."""
    _may_change()
    if kind not in LetterKind.__members__:
        abort(404)
    body = template.shipped(LetterKind(kind))
    if version:
        with context.engine().database.read() as unit, Session(unit.connection) as session:
            query = select(LetterTemplate).where(
                LetterTemplate.kind == kind, LetterTemplate.version == version
            )
            kept = session.scalar(query)
            if kept is None:
                abort(404)
            body = kept.body
    response = Response(body, mimetype=WORD)
    name = quote(f"{LetterKind(kind).zh}模板-{version}.docx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
