"""信息公开: what a unit publishes in one version, where it stands, the package for websites, and correcting it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.publishing.codes import Audience, Channel, ObjectionWay, PublicationKind, PublicationState
from budget.publishing.records import OUT, PublicationError
from budget.tables import Case, Publication
from engine.errors import BihuanError
from engine.identity import names
from web import context, leading, once
from web.publishing import package
from workflows import profiles
from workflows.publication.starting import CORRECTORS, correct

blueprint = Blueprint("publications", __name__)

#: Who hears objections, and reads who made them.
HEARERS = frozenset({"perf_staff", "perf_chief"})
_STATE = PublicationState
_LONGEST = 500
_TONES = {_STATE.PUBLISHED: "ok", _STATE.NOTICE: "brand-tag", _STATE.RELEASED: "brand-tag"}


def _office() -> str:
    return f"{context.county_name()}{profiles.of(context.engine()).value('wording.bureau')}"


def _corrects() -> bool:
    return any(post.role in CORRECTORS for post in context.actor().posts)


def _found(session: Session, instance_id: int) -> Publication:
    """Return a publication whose case the person may see; raises :class:`engine.errors.NotFound`."""
    context.engine().instance(instance_id, context.actor())
    found = session.get(Publication, instance_id)
    if found is None:
        abort(404)
    return found


@blueprint.get("/publications/<int:instance_id>")
def show(instance_id: int) -> Any:
    """Show what is read, who confirmed and agreed, where it stands, and what was objected to."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = _found(session, instance_id)
        language = context.language()
        people = names(session, [one for one in (found.confirmed_by, found.reviewed_by) if one])
        versions = session.scalars(
            select(Publication)
            .where(
                Publication.unit_code == found.unit_code,
                Publication.fiscal_year == found.fiscal_year,
                Publication.kind == found.kind,
                Publication.state != _STATE.DROPPED,
            )
            .order_by(Publication.version.desc())
        ).all()
        return render_template(
            "publications/page.html",
            publication=found,
            page=package.page_of(found),
            withheld=[item for item in found.items if not item.published],
            people=people,
            versions=versions,
            said=lambda codes, code: getattr(codes(code), language) if code else "",
            kinds=PublicationKind,
            audiences=Audience,
            states=_STATE,
            channels=Channel,
            ways=ObjectionWay,
            tones=_TONES,
            ready=found.sha256 is not None,
            reads_contacts=any(post.role in HEARERS for post in context.actor().posts),
            may_correct=_corrects() and found.state in OUT,
        )


@blueprint.get("/publications/<int:instance_id>.zip")
def download(instance_id: int) -> Any:
    """Give the package of a version that was released."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = _found(session, instance_id)
        if found.sha256 is None or found.state not in OUT:
            abort(404)
        page = package.page_of(found)
        return _sent(package.package([page], _office()), package.name_of(page), 1)


@blueprint.get("/publications/campaigns/<int:campaign>.zip")
def download_all(campaign: int) -> Any:
    """Give one package of all that was released in a campaign: what is put online on a common day (S3-09)."""
    if not _corrects():
        abort(403)
    query = (
        select(Publication)
        .join(Case, Case.instance_id == Publication.instance_id)
        .where(
            Case.campaign_id == campaign,
            Publication.state.in_((_STATE.RELEASED, _STATE.PUBLISHED)),
            Publication.audience.in_((Audience.FULL, Audience.SUMMARY)),
        )
        .order_by(Publication.unit_code)
    )
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        pages = [package.page_of(found) for found in session.scalars(query)]
        if not pages:
            abort(404)
        return _sent(package.package(pages, _office()), gettext("集中公开"), len(pages))


def _sent(body: bytes, name: str, count: int) -> Response:
    context.engine().record_export("publication", name, count, actor=context.actor())
    response = Response(body, mimetype="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.zip"
    return response


@blueprint.post("/publications/<int:instance_id>/correction")
def begin_correction(instance_id: int) -> Any:
    """Begin the version that corrects this one, or takes it down: it isn't public any more from now on."""
    if not _corrects():
        abort(403)
    if (before := once.answered()) is not None:
        return redirect(url_for("instances.show", instance_id=before["instance_id"]), code=303)
    why = request.form.get("why", "").strip()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        _found(session, instance_id)
    if not why or len(why) > _LONGEST:
        flash(gettext("请写明更正或撤回的原因，不超过 %(count)s 个字。", count=_LONGEST), "error")
        return redirect(url_for("publications.show", instance_id=instance_id), code=303)
    try:
        started = correct(
            context.engine(),
            instance_id,
            why,
            actor=context.actor(),
            now=context.now(),
            request_key=leading.request_key(),
        )
    except (PublicationError, BihuanError):
        flash(gettext("这一件现在不能更正：没有公开，或者已经在更正。"), "error")
        return redirect(url_for("publications.show", instance_id=instance_id), code=303)
    flash(gettext("已停止公开，请单位核对后重新确认；都不勾选的即为撤回。"), "ok")
    return redirect(url_for("instances.show", instance_id=started), code=303)
