"""指标库: the indicators that others may take over, with the standards that they refer to and how often they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import library
from budget.codes import Code, Level1, Level2, Operator, ProjectType
from budget.library import Standard
from engine.identity import names
from web import context, leading, once
from web.samples import may_read
from workflows import profiles
from workflows.indicator_library import starting

blueprint = Blueprint("library", __name__)

_CODES: dict[str, type[Code]] = {
    "type": ProjectType,
    "level1": Level1,
    "level2": Level2,
    "operator": Operator,
    "standard": Standard,
}


@blueprint.get("/library")
def page() -> Any:
    """Show the library, narrowed as the address says."""
    if not may_read(context.actor().posts):
        abort(403)
    return _shown()


@blueprint.post("/library")
def propose() -> Any:
    """Propose indicators for the library, those of a sample goal where one is named, and lead to their form."""
    actor, engine = context.actor(), context.engine()
    office = starting.office_of(actor.posts)
    if office is None:
        abort(403)
    given, rows, source = request.form.get("sample", ""), [], "手工填写"
    with engine.database.read() as unit, Session(unit.connection) as session:
        if given:
            try:
                rows, name = library.of_sample(
                    session, int(given) if given.isdecimal() and len(given) <= 18 else 0
                )
            except KeyError:
                abort(404)
            source = f"精品样本：{name}"
        office_name = names(session, [f"org:{office}"]).get(f"org:{office}", office)
    asked = starting.start(office, office_name, rows, source, profiles.of(engine))
    started = engine.start(
        starting.PROCESS,
        actor=actor,
        variables=asked.variables,
        documents=asked.documents,
        request_key=leading.request_key(),
    )
    return redirect(url_for("instances.show", instance_id=started.instance_id), 303)


@blueprint.post("/library/<int:number>/retire")
def retire(number: int) -> Any:
    """Take an indicator out of use, with a reason."""
    actor = context.actor()
    if not any(post.role in starting.KEEPERS for post in actor.posts):
        abort(403)
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _shown(gettext("请写明停用的理由。")), 422

    def take_out(session: Session) -> Mapping[str, Any]:
        if not library.retire(session, number, by=actor.principal, reason=reason, now=context.now()):
            abort(404)
        return {}

    once.written(take_out)
    flash(gettext("已停用，填报时不再推荐。"), "ok")
    return redirect(url_for("library.page"), 303)


def _shown(error: str = "") -> str:
    posts, language = context.actor().posts, context.language()
    type, level1 = request.values.get("type", ""), request.values.get("level1", "")
    words, retired = request.values.get("text", "").strip()[:100], request.values.get("retired") == "1"
    type = type if type in ProjectType.__members__ else ""
    level1 = level1 if level1 in Level1.__members__ else ""

    def said(code: str, kind: str) -> str:
        known = _CODES[kind]
        return str(getattr(known(code), language)) if code in known.__members__ else code

    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = library.listed(session, type=type, level1=level1, words=words, retired=retired)
        return render_template(
            "library/page.html",
            indicators=found,
            uses=library.uses(session, found),
            type=type,
            level1=level1,
            text=words,
            retired=retired,
            types=[(one.value, getattr(one, language)) for one in ProjectType],
            levels=[(one.value, getattr(one, language)) for one in Level1],
            said=said,
            may_propose=starting.office_of(posts) is not None,
            may_retire=any(post.role in starting.KEEPERS for post in posts),
            error=error,
        )
