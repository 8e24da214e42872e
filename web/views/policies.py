"""政策事前评估: a unit enters a policy that is no project and asks for its ex-ante evaluation (P04, S5-15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import policies
from budget.ex_ante import Conclusion
from budget.policies import PolicyAttr
from budget.projects import Register
from budget.tables import Policy, Unit
from web import context, leading, navigation
from web.registers.reading import Filters
from web.registers.scope import OUTSIDE, SECTION_ROLES, UNIT_ROLES, organisations
from workflows import profiles
from workflows.ex_ante_evaluation.campaign import GROUPS

blueprint = Blueprint("policies", __name__)

#: Who enters a policy of their unit and asks for its evaluation.
ENTERERS = frozenset({"unit_clerk"})
_STRANGERS = frozenset({"expert", "agency_lead", "agency_member"}) | OUTSIDE


def may_read() -> bool:
    """Whether the person reads policies at all: units their own, sections those of their units, the bureau all."""
    return any(post.role not in navigation.NO_BUSINESS | _STRANGERS for post in context.actor().posts)


def _own() -> list[str]:
    return organisations([post for post in context.actor().posts if post.role in ENTERERS], ENTERERS)


def _year() -> int:
    return Filters.read(request.values, context.year()).year


@blueprint.get("/policies")
def page() -> Any:
    """Show the year's policies that the person may see, and to a unit's clerk the form."""
    return _shown()


@blueprint.post("/policies")
def enter() -> Any:
    """Enter a policy of one of the clerk's units."""
    typed, own = request.form.to_dict(), _own()
    if not own or typed.get("unit") not in own:
        abort(403)
    given = policies.read(typed)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        owner = session.get(Unit, typed["unit"])
        if owner is None or owner.secret_flag:
            abort(403)
        if not given.wrong:
            by, now = context.actor().principal, context.now()
            policies.enter(session, _year(), owner.code, given.columns, by=by, now=now)
    if given.wrong:
        return _shown(typed, given.wrong), 422
    flash(gettext("已登记，可以申请事前评估。"), "ok")
    return redirect(url_for("policies.page", year=_year()), 303)


@blueprint.post("/policies/<int:number>/evaluate")
def evaluate(number: int) -> Any:
    """Ask for the evaluation of a policy, and lead to the report that is to be filled in."""
    engine, own = context.engine(), _own()
    with engine.database.read() as unit, Session(unit.connection) as session:
        found = session.get(Policy, number)
        if found is None or found.unit not in own:
            abort(404)
        listed = policies.listed(session, found.fiscal_year, units=own)
        if not next(one for one in listed if one.policy.id == number).may_begin:
            return _shown(error=gettext("这项政策正在评估或者已经通过。")), 409
        about = policies.variables(Register(session), found)
    started = engine.start(
        "ex_ante_evaluation",
        actor=context.actor(),
        variables={
            "project": about,
            "campaign": None,
            "deadline": None,
            "profile": profiles.of(engine).variables(*GROUPS),
        },
        request_key=leading.request_key(),
    )
    return redirect(url_for("instances.show", instance_id=started.instance_id), 303)


def _shown(
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, tuple[str, str]] | None = None,
    error: str = "",
) -> str:
    if not may_read():
        abort(403)
    posts, own, year = context.actor().posts, _own(), _year()
    inside = any(
        post.role not in navigation.NO_BUSINESS | _STRANGERS | UNIT_ROLES | SECTION_ROLES for post in posts
    )
    units, sections = organisations(posts, UNIT_ROLES), organisations(posts, SECTION_ROLES)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = policies.listed(session, year, units=None if inside else units, sections=sections)
        offices = [found for code in own if (found := session.get(Unit, code)) is not None]
        return render_template(
            "policies/page.html",
            rows=rows,
            offices=[(one.code, one.name) for one in offices if not one.secret_flag],
            attrs=[(one.value, getattr(one, context.language())) for one in PolicyAttr],
            attr=lambda code: getattr(PolicyAttr[code], context.language()),
            conclusion=lambda code: getattr(Conclusion[code], context.language()) if code else "",
            own=own,
            typed=typed or {},
            wrong=wrong or {},
            english=context.language() == "en",
            years=[context.year() + offset for offset in (-1, 0, 1)],
            year=year,
            error=error,
        )
