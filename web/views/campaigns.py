"""年度活动: the campaigns of a year, one campaign's counts, its 催办, 延期, export and bulletin, and the year's plan."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseKind
from budget.tables import Campaign, Case
from engine.calendar import ZONE
from engine.commands.errands import DONE, FAILED, OPEN
from engine.errors import BihuanError
from web import campaigns, chasing, context, given, leading, navigation, progress, xlsx
from web.errors import explained
from web.formatting import local, short_moment
from web.registers.reading import Filters
from workflows import profiles, yearly

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")

_LONGEST = 500
_ERRANDS = 8
#: What an urge says unless other words are typed; Chinese as all that offices write to each other.
_URGED = "请在截止时间前登录系统提交。"


@blueprint.before_request
def _business_only() -> None:
    if not navigation.has_business():
        abort(403)


@blueprint.get("/")
def index() -> Any:
    """List the campaigns of a year."""
    year = Filters.read(request.args, context.year()).year
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = campaigns.listed(session, year)
    return render_template(
        "campaigns/index.html",
        rows=rows,
        year=year,
        tones=campaigns.TONES,
        keeps=campaigns.keeps(),
        english=context.language() == "en",
        request_key=secrets.token_urlsafe(18),
    )


@blueprint.post("/")
def start() -> Any:
    """Begin the planning of a campaign that isn't in the year's plan, and open its form."""
    _keepers_only()
    engine = context.engine()
    started = engine.start(
        "campaign",
        actor=context.actor(),
        variables=yearly.variables(profiles.of(engine), None),
        request_key=leading.request_key(),
    )
    return redirect(_first_task(started.instance_id), code=303)


@blueprint.get("/<int:campaign>")
def show(campaign: int) -> Any:
    """Show one campaign; ``section`` and ``unit`` narrow it."""
    view = _view(campaign)
    asked = [
        one
        for one in context.engine().errands(context.actor(), 50)
        if one.kind in (chasing.URGE, chasing.EXTEND) and one.params.get("campaign") == campaign
    ]
    words = {chasing.URGE: gettext("催办"), chasing.EXTEND: gettext("延期")}
    states = {OPEN: gettext("正在办"), DONE: gettext("办完"), FAILED: gettext("没有办成")}
    return render_template(
        "campaigns/show.html",
        view=view,
        tones=campaigns.TONES,
        keeps=campaigns.keeps(),
        section=request.args.get("section", ""),
        unit=request.args.get("unit", ""),
        cases=campaigns.cases,
        words=_URGED,
        english=context.language() == "en",
        request_key=secrets.token_urlsafe(18),
        errands=[
            (one, words[one.kind], states.get(one.state, ""), short_moment(one.asked_at, context.now()))
            for one in asked[:_ERRANDS]
        ],
        running=view.state == CampaignState.OPENING or any(one.state == OPEN for one in asked),
    )


@blueprint.post("/<int:campaign>/urge")
def urge(campaign: int) -> Any:
    """Nudge whoever has the missing reports of the chosen units, in the background."""
    view = _kept(campaign)
    params = {**_chosen(campaign), "text": request.form.get("text", "").strip()[:_LONGEST]}
    _ask(chasing.URGE, view, params)
    flash(gettext("正在逐件催办，办完可以下载结果。"), "ok")
    return redirect(url_for("campaigns.show", campaign=campaign), code=303)


@blueprint.post("/<int:campaign>/extend")
def extend(campaign: int) -> Any:
    """Give the chosen units until another day, in the background; without units the campaign's own day moves, too."""
    view = _kept(campaign)
    reason = request.form.get("reason", "").strip()[:_LONGEST]
    try:
        due = datetime.combine(given.day(request.form.get("due", "")), time(18), ZONE)
    except ValueError:
        due = None
    if due is None or due <= context.now() or not reason:
        flash(gettext("延期须写明理由，日期须晚于今天。"), "error")
        return redirect(url_for("campaigns.show", campaign=campaign), code=303)
    params = {**_chosen(campaign), "due": due.isoformat(), "reason": reason}
    if params["units"] is None:
        _move_own(view, due, reason)
    _ask(chasing.EXTEND, view, params)
    flash(gettext("正在逐件延期，办完可以下载结果。"), "ok")
    return redirect(url_for("campaigns.show", campaign=campaign), code=303)


@blueprint.get("/<int:campaign>/results/<int:errand>")
def result(campaign: int, errand: int) -> Any:
    """Give the workbook of what became of each report that was urged or extended."""
    found = context.engine().errand(errand, context.actor())
    if found.params.get("campaign") != campaign:
        abort(404)
    done, path = context.engine().errand_file(errand, context.actor())
    return xlsx.file(done.name or "", path.read_bytes())


@blueprint.get("/<int:campaign>/export")
def export(campaign: int) -> Any:
    """Give the counts as a workbook."""
    view = _view(campaign)
    name = f"{view.campaign.title}_{local(context.now()).date().isoformat()}".replace("/", "_")
    return xlsx.download(name, [campaigns.sheet(view)])


@blueprint.get("/<int:campaign>/bulletin")
def bulletin(campaign: int) -> Any:
    """Show how far the units are as text and picture for a group's chat."""
    view = _view(campaign)
    section = request.args.get("section", "")
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        units = progress.read(session, context.actor().posts, Case.campaign_id == campaign, section=section)
    found = progress.Bulletin(
        office=progress.office(),
        what=view.campaign.title,
        units=units,
        now=context.now(),
        names=request.args.get("names") == "1" or not request.args.get("asked"),
        noun=campaigns.noun(view.kind),
    )
    return render_template("campaigns/bulletin.html", view=view, bulletin=found, section=section)


@blueprint.get("/plan")
def plan() -> Any:
    """Show the plan of a calendar year: what opens when, what was begun or skipped."""
    if not campaigns.sees_all():
        abort(403)
    year = request.args.get("year", default=local(context.now()).year, type=given.number)
    if not 2000 <= year <= 2100:
        abort(404)
    engine = context.engine()
    profile = profiles.of(engine)
    with engine.database.read() as unit, Session(unit.connection) as session:
        lines = yearly.plan(session, profile, year)
    return render_template(
        "campaigns/plan.html",
        lines=lines,
        year=year,
        title=yearly.title,
        profile=profile,
        keeps=campaigns.keeps(),
        automatic=bool(engine.setting("calendar", default=False)),
        today=local(context.now()).date(),
    )


@blueprint.post("/plan")
def mark() -> Any:
    """Begin a campaign of the plan now, skip it with a reason, take a skip back, or switch the calendar on or off."""
    _keepers_only()
    year = request.form.get("year", default=local(context.now()).year, type=given.number)
    try:
        address = _mark(year, request.form.get("do", ""))
    except BihuanError as error:
        flash(explained(error), "error")
        address = None
    return redirect(address or url_for("campaigns.plan", year=year), code=303)


def _mark(year: int, act: str) -> str | None:
    engine, actor = context.engine(), context.actor()
    if act in ("on", "off"):
        engine.set_setting("calendar", act == "on", actor=actor.principal)
        return None
    with engine.database.read() as unit, Session(unit.connection) as session:
        chosen = yearly.find(session, profiles.current(session), year, request.form.get("key", ""))
    if act == "begin":
        instance = yearly.begin(engine, chosen.entry, actor=actor)
        return _first_task(instance) if chosen.entry.kind != CaseKind.APPROVAL else None
    with engine.database.write() as unit, unit.savepoint() as session:
        again = yearly.find(session, profiles.current(session), year, chosen.entry.key)
        if act == "skip":
            reason = request.form.get("reason", "")
            yearly.skip(session, again, by=actor.principal, reason=reason, now=context.now())
        elif act == "resume":
            yearly.resume(session, again)
        else:
            abort(400)
    return None


def _keepers_only() -> None:
    if not campaigns.keeps():
        abort(403)


def _view(campaign: int) -> campaigns.View:
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = campaigns.view(
            session, campaign, request.args.get("section", ""), request.args.get("unit", "")
        )
    if found is None:
        abort(404)
    return found


def _kept(campaign: int) -> campaigns.View:
    _keepers_only()
    return _view(campaign)


def _chosen(campaign: int) -> dict[str, Any]:
    """Return the parameters of an errand: the campaign, and the ticked units, None for all of them."""
    units = request.form.getlist("pick")[:10_000]
    whole = request.form.get("whole") == "1"
    if not units and not whole:
        flash(gettext("请先勾选单位，或者选“全部单位”。"), "error")
        abort(redirect(url_for("campaigns.show", campaign=campaign), code=303))
    return {"campaign": campaign, "units": None if whole else units, "language": context.language()}


def _ask(kind: str, view: campaigns.View, params: dict[str, Any]) -> None:
    if view.campaign.instance_id is None:
        abort(404)
    context.engine().ask_errand(
        kind,
        view.campaign.instance_id,
        actor=context.actor(),
        params=params,
        request_key=leading.request_key(),
    )


def _move_own(view: campaigns.View, due: datetime, reason: str) -> None:
    """Let the campaign's own deadline be another day, with the timer that closes it."""
    engine, actor = context.engine(), context.actor()
    changes = engine.due_changes(
        "campaign", "follow_up", due, actor=actor, instances=[view.campaign.instance_id or 0]
    )
    results = engine.change_dues(changes, actor=actor, reason=reason)
    if any(one.error is None for one in results):
        with engine.database.write() as unit, unit.savepoint() as session:
            session.get_one(Campaign, view.campaign.id).due_at = due


def _first_task(instance: int) -> str:
    """Return the address of the task at which a campaign that was just begun waits."""
    (holder,) = context.engine().instance(instance, context.actor()).holders
    return url_for("tasks.show", item_id=holder.item_id)
