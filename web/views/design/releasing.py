"""提交部署: a release is asked for, reviewed by a second person, carried out at its time, taken back, or undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from engine.calendar import ZONE
from engine.commands.migrating import Fate
from engine.design.rehearsing import Rehearsal
from engine.design.releases import DEPLOYED, FINISH, PENDING, REVIEW, Release, Wish
from engine.errors import BihuanError, Refused
from engine.messages import sentence
from web import context
from web.errors import explained
from web.views.design.base import blueprint, called


@blueprint.get("/releases")
def releases() -> Any:
    """Show the releases, those that wait first."""
    found = context.engine().design.releases(context.actor())
    return render_template(
        "design/releases.html", releases=found, names=_names(found), states=states(), pending=PENDING
    )


@blueprint.get("/releases/new")
def new_release() -> Any:
    """Ask which drafts go into use, why, when, and what becomes of running cases."""
    return _asked({request.args.get("draft", 0, int)})


@blueprint.post("/releases")
def release() -> Any:
    """Ask for a release of drafts at the revisions that the page showed."""
    design, actor = context.engine().design, context.actor()
    wanted = _wanted()
    try:
        wish = Wish(request.form.get("reason", ""), _moment(), request.form.get("running", FINISH))
        found = design.release(wanted, wish, actor)
    except BihuanError as error:
        flash(explained(error), "error")
        return _asked(set(wanted)), 422
    return _shown(found)


@blueprint.post("/releases/rehearse")
def rehearse() -> Any:
    """Try the migration that the release would begin, and show what it would do; nothing is changed."""
    wanted = _wanted()
    try:
        found = context.engine().design.rehearse(wanted, context.actor())
    except BihuanError as error:
        flash(explained(error), "error")
        return _asked(set(wanted)), 422
    return _asked(set(wanted), found)


@blueprint.get("/releases/<int:release_id>")
def released(release_id: int) -> Any:
    """Show a release: its files, what came of it, and what may be done."""
    design, actor = context.engine().design, context.actor()
    found = design.released(release_id, actor)
    error = found.outcome.get("error")
    left = design.left_behind(found, actor)
    return render_template(
        "design/release.html",
        release=found,
        files=design.files_of_release(release_id, actor),
        migrations=[(run, left[run.id]) for run in design.migrations_of(found, actor)],
        why=_why,
        names=_names([found]),
        states=states(),
        problem=context.said(error["message"]) if error else "",
        may_decide=found.state == REVIEW and found.asked_by != actor.principal,
        may_withdraw=found.state in PENDING and actor.principal in (found.asked_by, found.decided_by),
    )


@blueprint.post("/releases/<int:release_id>/decide")
def decide_release(release_id: int) -> Any:
    """Approve a release or decline it."""
    agree = request.form.get("agree") == "yes"
    opinion = request.form.get("opinion", "")
    try:
        found = context.engine().design.decide(release_id, agree, opinion, context.actor())
    except BihuanError as error:
        flash(explained(error), "error")
        return redirect(url_for("design.released", release_id=release_id), 303)
    return _shown(found)


@blueprint.post("/releases/<int:release_id>/withdraw")
def withdraw_release(release_id: int) -> Any:
    """Take a release back."""
    try:
        found = context.engine().design.withdraw(release_id, context.actor())
    except BihuanError as error:
        flash(explained(error), "error")
        return redirect(url_for("design.released", release_id=release_id), 303)
    return _shown(found)


@blueprint.post("/releases/<int:release_id>/migrations/<int:migration_id>/undo")
def undo_migration(release_id: int, migration_id: int) -> Any:
    """Let the cases that a release moved be put back, as far as nobody has gone on with them."""
    try:
        count = context.engine().design.undo_migration(release_id, migration_id, context.actor())
        told = ngettext("将 %(num)d 项退回原版本。", "将 %(num)d 项退回原版本。", count)
        flash(told if count else gettext("没有可以退回的。"), "ok")
    except BihuanError as error:
        flash(explained(error), "error")
    return redirect(url_for("design.released", release_id=release_id), 303)


@blueprint.post("/processes/<process_id>/roll-back")
def roll_back(process_id: str) -> Any:
    """Deploy an earlier version of a process again."""
    deployment = request.form.get("deployment", type=int)
    wish = Wish(request.form.get("reason", ""), origin="rollback")
    try:
        found = context.engine().design.roll_back(process_id, wish, context.actor(), deployment)
    except BihuanError as error:
        flash(explained(error), "error")
        return redirect(url_for("design.index"), 303)
    return _shown(found)


def states() -> dict[str, str]:
    """Return what the states of a release are called."""
    return {
        "review": gettext("待审核"),
        "approved": gettext("已同意，到时部署"),
        "deployed": gettext("已部署"),
        "declined": gettext("审核未通过"),
        "withdrawn": gettext("已撤回"),
        "failed": gettext("没有部署成"),
    }


def _wanted() -> dict[int, int]:
    """Return the drafts that the form names, each with the revision that the page showed."""
    return {
        int(id): request.form.get(f"revision-{id}", 0, int)
        for id in request.form.getlist("draft")
        if id.isdecimal() and len(id) < 19
    }


def _asked(chosen: set[int], rehearsals: Sequence[Rehearsal] | None = None) -> str:
    design, actor = context.engine().design, context.actor()
    drafts = design.listing(actor).drafts
    return render_template(
        "design/release_new.html",
        drafts=drafts,
        chosen=chosen,
        review=design.needs_review(),
        rehearsals=rehearsals,
        why=_why,
        form=request.form,
    )


def _why(fate: Fate) -> str:
    """Return why a case can't be moved."""
    return sentence(fate.refusal or "", fate.params, context.language())


def _shown(found: Release) -> Any:
    tone = "error" if found.state == "failed" else "ok"
    said = gettext("已部署。") if found.state == DEPLOYED else states()[found.state]
    flash(said, tone)
    return redirect(url_for("design.released", release_id=found.id), 303)


def _moment() -> datetime | None:
    """Return the moment of the form's field, in the county's zone; None where deployment is to be at once."""
    if request.form.get("when") != "at":
        return None
    try:
        return datetime.fromisoformat(request.form.get("at", "")).replace(tzinfo=ZONE)
    except ValueError:
        raise Refused("operation.no_day") from None


def _names(found: list[Release]) -> dict[str, str]:
    return called(person for one in found for person in (one.asked_by, one.decided_by) if person)
