"""委托代理: who acts for me, for whom I act, and arranging it for somebody who can't themself."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine.errors import BihuanError, NotFound
from engine.messages import sentence
from engine.substitution import Substitution
from web import context, given, names, people, wording
from web.errors import status_of
from web.formatting import day, local, moment

blueprint = Blueprint("substitutions", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A substitution as a line: who for whom, from when to when, in what, and how it came about."""

    id: int
    absent: str
    acting: str
    days: str
    processes: str
    state: str
    tone: str
    note: str
    may_end: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    absent: str = ""
    substitute: str = ""
    since: str = ""
    until: str = ""
    chosen: bool = False
    processes: Sequence[str] = ()
    reason: str = ""


@blueprint.get("/substitutions")
def page() -> Any:
    """Show who acts for the person and for whom they act, with a form for another one."""
    today = local(context.now()).date().isoformat()
    return _page(Typed(request.args.get("for", ""), since=today))


@blueprint.post("/substitutions")
def create() -> Any:
    """Arrange a substitution; what is refused stays in the form with the reason."""
    engine, actor = context.engine(), context.actor()
    form = request.form
    typed = Typed(
        form.get("absent", ""),
        form.get("substitute", ""),
        form.get("since", "").strip(),
        form.get("until", "").strip(),
        form.get("scope") == "chosen",
        form.getlist("processes"),
        form.get("reason", ""),
    )
    since, until = given.usable(given.day, typed.since), given.usable(given.day, typed.until)
    if since is None or until is None:
        return _page(typed, gettext("请填写起止日期。")), 422
    if not typed.substitute:
        return _page(typed, gettext("请选择由谁代理。")), 422
    try:
        created = engine.substitutions.create(
            typed.absent.removeprefix("user:") or actor.person,
            typed.substitute.removeprefix("user:"),
            since,
            until,
            actor=actor,
            processes=typed.processes if typed.chosen else None,
            reason=typed.reason,
            request_key=form.get("_request_key") or None,
        )
    except BihuanError as error:
        status = 422 if isinstance(error, NotFound) else status_of(error)
        return _page(typed, error.message(context.language())), status
    flash(gettext("已经安排好，在所选日期内立即生效。"), "ok")
    for remark in engine.substitutions.remarks(created):
        flash(sentence(remark.code, remark.params, context.language()), "warning")
    return redirect(url_for("substitutions.page"), code=303)


@blueprint.post("/substitutions/<int:substitution_id>/end")
def end(substitution_id: int) -> Any:
    """End a substitution at once."""
    context.engine().substitutions.end(substitution_id, actor=context.actor())
    flash(gettext("代理已经结束，对方不再看到这些事项。"), "ok")
    return redirect(url_for("substitutions.page"), code=303)


def _page(typed: Typed, error: str = "") -> str:
    engine, actor = context.engine(), context.actor()
    found = engine.substitutions
    arranged = [] if actor.no_business and not actor.is_admin else found.arranged(actor)
    others = actor.is_admin or bool(engine.heads_of(actor))
    sections = [
        (
            gettext("谁代理我"),
            [_line(one) for one in found.of(actor.person)],
            gettext("没有安排过。出差、请假前在这里委托一位同事。"),
        ),
        (gettext("我代理谁"), [_line(one) for one in found.by(actor.person)], gettext("没有代理别人。")),
    ]
    if others:
        empty = gettext("没有替人安排过。同事突然生病等情况，可以在这里替他安排。")
        sections.append((gettext("我可以安排的人"), [_line(one) for one in arranged], empty))
    anyone = people.Scope()
    return render_template(
        "substitutions/page.html",
        error=error,
        typed=typed,
        sections=sections,
        others=others,
        own=not actor.no_business,
        absent=people.picker(
            "absent",
            gettext("替谁安排"),
            anyone,
            chosen=_chosen(typed.absent),
            required=actor.no_business,
            hint="" if actor.no_business else gettext("不选就是替您自己安排。"),
        ),
        substitute=people.picker(
            "substitute",
            gettext("由谁代理"),
            anyone,
            chosen=_chosen(typed.substitute),
            query=request.args.get("q", ""),
        ),
        processes=names.processes(),
        request_key=secrets.token_urlsafe(18),
        today=local(context.now()).date().isoformat(),
    )


def _chosen(principal: str) -> Sequence[str]:
    return [principal if principal.startswith("user:") else f"user:{principal}"] if principal else []


def _line(one: Substitution) -> Line:
    states = {
        "planned": (gettext("未到日期"), ""),
        "running": (gettext("代理中"), "ok"),
        "over": (gettext("已结束"), ""),
    }
    state, tone = states[one.state]
    known = dict(names.processes()) if one.processes is not None else {}
    notes = []
    if one.arranged_by is not None:
        notes.append(gettext("%(name)s安排，原因：%(reason)s", name=one.arranged_by, reason=one.reason))
    if one.ended_at is not None:
        notes.append(gettext("%(at)s 结束", at=moment(one.ended_at)))
    return Line(
        one.id,
        one.person_name,
        one.substitute_name,
        gettext("%(since)s 至 %(until)s", since=day(one.valid_from), until=day(one.valid_to)),
        gettext("全部业务")
        if one.processes is None
        else gettext("、").join(wording.said(known.get(id, id)) for id in one.processes),
        state,
        tone,
        gettext("；").join(notes),
        one.state != "over",
    )
