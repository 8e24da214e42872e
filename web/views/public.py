"""What everybody may read without signing in, where the county wants it served: only what was published, cacheable.

While something is on show (公示) anybody may object to it here; what they write goes into the publication's process.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from budget.publishing import records
from budget.publishing.codes import Audience, PublicationKind, PublicationState
from budget.publishing.records import PublicationError
from budget.tables import Publication, PublicationObjection, Unit
from engine.calendar import ZONE
from web import context, objections, xlsx
from web.annual.files import TYPE as WORD
from web.extensions import csrf, limiter
from web.objections import Objection
from web.publishing import package, word
from workflows import profiles

blueprint = Blueprint("public", __name__)

#: So long a page may be kept by browsers and proxies, in seconds; a correction takes effect after it at the latest.
_KEPT = 300
_MOST = 500


def _readable() -> list[ColumnElement[bool]]:
    """Return the conditions on what everybody may read: published or on show, to all, of a unit that isn't secret."""
    return [
        Publication.state.in_((PublicationState.PUBLISHED, PublicationState.NOTICE)),
        Publication.audience.in_((Audience.FULL, Audience.SUMMARY)),
        Unit.secret_flag.is_(False),
    ]


def _served() -> Any:
    profile = profiles.of(context.engine())
    if not profile.value("publication.page"):
        abort(404)
    return profile


def _answer(body: bytes | str, mimetype: str = "text/html", name: str = "") -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={_KEPT}"
    if name:
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.add_etag()
    return response.make_conditional(request)


def _language() -> str:
    return "en" if request.args.get("lang") == "en" else "zh"


@blueprint.get("/public/")
def index() -> Any:
    """List what is published, the newest first; filters are in the address."""
    profile = _served()
    year, kind = request.args.get("year", ""), request.args.get("kind", "")
    query = (
        select(Publication, Unit)
        .join(Unit, Unit.code == Publication.unit_code)
        .where(*_readable())
        .order_by(Publication.fiscal_year.desc(), Publication.kind, Publication.unit_code)
        .limit(_MOST)
    )
    if year.isdecimal() and len(year) == 4:
        query = query.where(Publication.fiscal_year == int(year))
    if kind in PublicationKind.__members__:
        query = query.where(Publication.kind == kind)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.execute(query).all()
        years = session.scalars(
            select(Publication.fiscal_year)
            .join(Unit, Unit.code == Publication.unit_code)
            .where(*_readable())
            .distinct()
            .order_by(Publication.fiscal_year.desc())
        ).all()
        with force_locale(_language()):
            return _answer(
                render_template(
                    "public/index.html",
                    found=found,
                    years=years,
                    kinds=PublicationKind,
                    year=year,
                    kind=kind,
                    lang=_language(),
                    office=_office(profile),
                    states=PublicationState,
                )
            )


def _office(profile: Any) -> str:
    return f"{context.county_name()}{profile.value('wording.bureau')}"


def _publication(session: Session, instance_id: int) -> Publication:
    query = (
        select(Publication)
        .join(Unit, Unit.code == Publication.unit_code)
        .where(Publication.instance_id == instance_id, *_readable())
    )
    found = session.scalar(query)
    if found is None:
        abort(404)
    return found


@blueprint.get("/public/<int:instance_id>")
def show(instance_id: int) -> Any:
    """Show one publication."""
    profile = _served()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = _publication(session, instance_id)
        with force_locale(_language()):
            return _answer(
                render_template(
                    "public/page.html",
                    publication=found,
                    page=package.page_of(found),
                    on_show=found.state == PublicationState.NOTICE,
                    hears=_hears(profile),
                    lang=_language(),
                    office=_office(profile),
                )
            )


@blueprint.get("/public/<int:instance_id>.<any(docx,xlsx):ending>")
def file(instance_id: int, ending: str) -> Any:
    """Give one publication as Word or as a workbook."""
    profile = _served()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        page = package.page_of(_publication(session, instance_id))
        name = f"{package.name_of(page)}.{ending}"
        if ending == "docx":
            return _answer(word.document(page, _office(profile)), WORD, name)
        return _answer(package.workbook(page), xlsx.TYPE, name)


def _hears(profile: Any) -> bool:
    return bool(profile.value("publication.objections_online"))


@blueprint.route("/public/<int:instance_id>/objection", methods=["GET", "POST"])
@csrf.exempt  # nobody is signed in here: there is nothing that a forged request could use; see web.objections
@limiter.limit(lambda: current_app.config["OBJECTION_RATE"], methods=["POST"])
def object_to(instance_id: int) -> Any:
    """Show the form of an objection, or take one: it is kept, wakes the process, and gets a receipt."""
    profile = _served()
    if not _hears(profile):
        abort(404)
    engine, rule = context.engine(), profile.value("publication.objection_contact")
    with engine.database.read() as unit, Session(unit.connection) as session:
        found = _publication(session, instance_id)
        page = package.page_of(found)
        open_still = found.state == PublicationState.NOTICE and context.now() < found.notice_until
    with force_locale(_language()):
        typed, closed = Objection(), gettext("公示已经结束，不能再提出异议。")
        if request.method == "POST" and open_still:
            typed = objections.read(request.form, engine.database.code, instance_id, contact=rule)
            if not typed.problem:
                try:
                    _keep(instance_id, typed)
                    return redirect(url_for("public.objection", receipt=typed.receipt, lang=_lang()), 303)
                except PublicationError:
                    open_still = False
        problem = typed.problem if open_still else closed
        body = render_template(
            "public/objection.html",
            page=page,
            typed=typed,
            problem=problem,
            open=open_still,
            contact=rule,
            token=objections.token(engine.database.code, instance_id),
            trap=objections.TRAP,
            limits=objections,
            lang=_language(),
            office=_office(profile),
        )
    return _not_kept(body, 422 if request.method == "POST" else 200)


def _keep(instance_id: int, typed: Objection) -> None:
    """Write an objection down and wake the process; where it sleeps on, it finds the objection before it releases."""
    engine, now = context.engine(), context.now()
    with engine.database.write() as unit, unit.savepoint() as session:
        one = records.object_publicly(
            session,
            instance_id,
            content=typed.content,
            contact=typed.contact,
            receipt=typed.receipt,
            now=now,
            today=now.astimezone(ZONE).date(),
        )
        message = f"PublicObjection-{one.id}"
    engine.publish("PublicObjection", str(instance_id), message_id=message)


@blueprint.get("/public/objections/<receipt>")
def objection(receipt: str) -> Any:
    """Show what became of an objection to whoever has its receipt."""
    profile = _served()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = session.scalars(
            select(PublicationObjection).where(PublicationObjection.receipt == receipt)
        ).first()
        if found is None:
            abort(404)
        with force_locale(_language()):
            body = render_template(
                "public/receipt.html", objection=found, lang=_language(), office=_office(profile)
            )
    return _not_kept(body)


def _lang() -> str | None:
    return "en" if _language() == "en" else None


def _not_kept(body: str, status: int = 200) -> Response:
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response
