"""公文: letters in the making and issued, the use of the seal, a letter as Word and PDF, and the templates."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session

from budget import letter_facts, letters
from budget.letters import LetterKind, LetterState
from budget.tables import Letter, LetterTemplate, Unit
from engine.admin.rights import Right
from engine.identity import names
from web import administration, context, leading, once
from web.annual.files import TYPE as WORD
from web.letters import files, template
from web.letters.template import TemplateProblem
from workflows import profiles
from workflows.letter.starting import DRAFTERS, KIND_OF, PROCESS, READERS, start

blueprint = Blueprint("letters", __name__)

#: A section's own staff read what goes to the units of their section, and what goes to no unit.
SECTIONS = frozenset({"section_staff", "section_chief"})
_MOST = 200
_LARGEST = 2_000_000


def _holds(roles: frozenset[str]) -> bool:
    return any(post.role in roles for post in context.actor().posts)


def _own_sections() -> set[str] | None:
    """Return the sections whose letters the person reads; None for those who read the county's."""
    posts = context.actor().posts
    if any(post.role in READERS - SECTIONS for post in posts):
        return None
    return {post.org for post in posts if post.role in SECTIONS}


def _office() -> str:
    return f"{context.county_name()}{profiles.of(context.engine()).value('wording.bureau')}"


def _origin(given: str) -> int | None:
    """Return the case that a letter is about."""
    return int(given) if given.isdecimal() and len(given) <= 18 else None


@blueprint.get("/letters")
def page() -> Any:
    """Show the year's letters by kind, with the use of the seal, and begin one."""
    if not _holds(READERS):
        abort(403)
    kind, year, about = request.args.get("kind", ""), context.year(), _origin(request.args.get("origin", ""))
    case = None if about is None else context.engine().instance(about, context.actor())
    query = (
        select(Letter, Unit.name)
        .outerjoin(Unit, Unit.code == Letter.unit_code)
        .where(
            func.coalesce(Letter.year, year) == year,
            Letter.state != LetterState.CANCELLED,
            func.coalesce(Unit.secret_flag, false()).is_(False),
        )
        .order_by(Letter.opened_at.desc())
        .limit(_MOST)
    )
    if kind in LetterKind.__members__:
        query = query.where(Letter.kind == kind)
    sections = _own_sections()
    if sections is not None:
        query = query.where(or_(Letter.unit_code.is_(None), Unit.section.in_(sections)))
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
            case=case,
            begin_kind=request.args.get("kind_of") or (KIND_OF.get(case.process_id, "") if case else ""),
            request_key=secrets.token_urlsafe(18),
            most=_MOST,
        )


@blueprint.post("/letters")
def begin() -> Any:
    """Begin a letter, to a unit or about a case that the person may see."""
    if not _holds(DRAFTERS):
        abort(403)
    if (before := once.answered()) is not None:
        return redirect(url_for("instances.show", instance_id=before["instance_id"]), code=303)
    kind, code = (request.form.get(name, "") for name in ("kind", "unit"))
    if kind not in LetterKind.__members__:
        abort(400)
    origin = _origin(request.form.get("origin", ""))
    if origin is not None:
        context.engine().instance(origin, context.actor())
    try:
        with context.engine().database.read() as unit, Session(unit.connection) as session:
            wording = wording_of(session, LetterKind(kind))
            asked = start(session, LetterKind(kind), origin, code or None, now=context.now(), wording=wording)
    except KeyError:
        flash(gettext("这类公文要选择主送单位；涉密的线下办理。"), "error")
        return redirect(url_for("letters.page", kind_of=kind, origin=origin), code=303)
    return begun(asked.variables)


def begun(variables: Mapping[str, Any]) -> Any:
    """Start a letter, once for each page that posts it, and lead to it."""
    started = context.engine().start(
        PROCESS,
        actor=context.actor(),
        variables=variables,
        request_key=leading.request_key(),
    )
    return redirect(url_for("instances.show", instance_id=started.instance_id), code=303)


def wording_of(session: Session, kind: LetterKind) -> str | None:
    """Return the county's own wording for a kind's drafts, None where it has none."""
    own = letters.newest(session, kind)
    return None if own is None else template.wording(own.body)


@blueprint.get("/letters/<int:instance_id>.<any(docx,pdf):ending>")
def file(instance_id: int, ending: str) -> Any:
    """Give a letter as Word or PDF to whoever may see its case."""
    context.engine().instance(instance_id, context.actor())
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        letter = session.get(Letter, instance_id)
        if letter is None or not letter.title:
            abort(404)
        body = pdf_of(session, letter) if ending == "pdf" else _word(session, letter)
        name = quote(f"{letter.number or ''}{letter.title}.{ending}")
    response = Response(body, mimetype=WORD if ending == "docx" else "application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _word(session: Session, letter: Letter) -> bytes:
    signer = names(session, [letter.signed_by]).get(letter.signed_by, "") if letter.signed_by else ""
    return files.word(letter, office=_office(), signer=signer)


def pdf_of(session: Session, letter: Letter) -> bytes:
    """Return a letter as PDF."""
    return _pdf(_word(session, letter), letter.title, letter.number or "")


def _pdf(document: bytes, title: str, number: str) -> bytes:
    return files.as_pdf(
        document,
        title=title,
        number=number,
        office=_office(),
        pages=gettext("第 {page} 页 共 {pages} 页"),
    )


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
            fields={name: said for name, (said, _) in template.FIELDS.items()},
            facts={name: said for name, (said, _) in letter_facts.TEXTS.items()},
            tables={name: (said, list(row)) for name, (said, row) in letter_facts.TABLES.items()},
        )


@blueprint.post("/admin/letters/<kind>")
def upload(kind: str) -> Any:
    """Check a changed template, and show what it makes of the examples, or keep it as the newest version."""
    _may_change()
    if kind not in LetterKind.__members__:
        abort(404)
    given = request.files.get("file")
    body = given.stream.read(_LARGEST + 1) if given is not None else b""
    try:
        template.check(body, LetterKind(kind))
    except TemplateProblem as problem:
        flash(problem.said[context.language()], "error")
        return redirect(url_for("letters.templates"), code=303)
    if request.form.get("act") == "preview":
        return _preview(body, LetterKind(kind), gettext("未保存"))

    def keep(session: Session) -> Mapping[str, Any]:
        note, by = request.form.get("note", "").strip()[:200], context.actor().principal
        kept = letters.add_template(session, LetterKind(kind), body, note=note, by=by, now=context.now())
        return {"version": kept.version}

    version = once.written(keep, body)["version"]
    flash(gettext("模板已更新为第 %(version)s 版，以后签发的公文使用它。", version=version), "ok")
    return redirect(url_for("letters.templates"), code=303)


@blueprint.get("/admin/letters/<kind>/<int:version>.docx")
def download(kind: str, version: int) -> Any:
    """Give a template; version 0 is the one that comes with the package."""
    body = _body(kind, version)
    response = Response(body, mimetype=WORD)
    name = quote(f"{LetterKind(kind).zh}模板-{version}.docx")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@blueprint.get("/admin/letters/<kind>/<int:version>.pdf")
def preview(kind: str, version: int) -> Any:
    """Show what a kept template makes of the examples, as PDF."""
    return _preview(_body(kind, version), LetterKind(kind), str(version))


def _body(kind: str, version: int) -> bytes:
    """Return a kept template; version 0 is the one that comes with the package."""
    _may_change()
    if kind not in LetterKind.__members__:
        abort(404)
    if not version:
        return template.shipped(LetterKind(kind))
    query = select(LetterTemplate).where(LetterTemplate.kind == kind, LetterTemplate.version == version)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        kept = session.scalar(query)
        if kept is None:
            abort(404)
        return kept.body


def _preview(body: bytes, kind: LetterKind, version: str) -> Response:
    name = f"{kind.zh}模板预览-{version}"
    response = Response(_pdf(template.preview(body, kind), name, ""), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    return response
