"""目标批复: the budget section picks the units whose approved goals wait, and sees what became of the year's batches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import approvals
from budget.answers import day
from budget.approvals import BatchState, Waiting
from budget.tables import GoalApproval, GoalLetter
from engine.calendar import ZONE
from engine.errors import BihuanError
from web import context, given, wording
from workflows import profiles
from workflows.goal_approval import starting
from workflows.goal_approval.starting import DRAWERS, MOST_UNITS, READERS

blueprint = Blueprint("goal_approvals", __name__)

#: A section's own staff see what waits of their own section only; these see the county's.
_COUNTY = READERS - {"section_staff", "section_chief"}
_YEARS_AROUND = (-2, 3)
_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of the year: its letters, how many are received, their goals and their money in 分."""

    batch: GoalApproval
    letters: int
    received: int
    goals: int
    amount: int


@blueprint.get("/goal-approvals")
def page() -> Any:
    """Show the units whose goals wait, by section, and the year's batches."""
    if not _holds(READERS):
        abort(403)
    return _shown()


@blueprint.post("/goal-approvals")
def begin() -> Any:
    """Begin a batch with the units that were picked; what is missing is said on the page, and what was typed stays."""
    if not _holds(DRAWERS):
        abort(403)
    doc_no = request.form.get("doc_no", "").strip()
    approved_on = day(request.form.get("approved_on"))
    picked = set(request.form.getlist("unit"))
    today = context.now().astimezone(ZONE).date()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        units = [one.unit for one in approvals.waiting(session, _year()) if one.unit in picked]
    problem = _problem(doc_no, approved_on, units, today)
    if problem or approved_on is None:
        return _shown(error=problem), 422
    asked = starting.start(_year(), doc_no, approved_on, units, profiles.of(context.engine()))
    try:
        started = context.engine().start(
            starting.PROCESS,
            actor=context.actor(),
            variables=asked.variables,
            business_key=asked.business_key,
        )
    except BihuanError as error:
        return _shown(error=error.message(context.language())), 409
    flash(gettext("批复已发起，请在待办里核对各单位的批复内容后报送审核。"), "ok")
    return redirect(url_for("instances.show", instance_id=started.instance_id), 303)


def _problem(doc_no: str, approved_on: date | None, units: Sequence[str], today: date) -> str:
    if not doc_no or len(doc_no) > _LONGEST_NUMBER:
        return gettext("请填写预算批复文号，不超过 %(count)s 个字。", count=_LONGEST_NUMBER)
    if approved_on is None:
        return gettext("请填写人代会批准预算的日期。")
    if approved_on > today:
        return gettext("人代会批准日期晚于今天，请核对。")
    if not units:
        return gettext("请至少勾选一个单位。")
    if len(units) > MOST_UNITS:
        return gettext(
            "一批最多 %(count)s 个单位，请分%(section)s室发起。", count=MOST_UNITS, section=wording.section()
        )
    return ""


def _holds(roles: frozenset[str]) -> bool:
    return any(post.role in roles for post in context.actor().posts)


def _year() -> int:
    return given.year(request.values.get("year", ""), context.year())


def _shown(error: str = "") -> str:
    year, chosen = _year(), request.values.get("section", "")
    words = request.values.get("text", "").strip()[:100]
    own = None if _holds(_COUNTY) else {post.org for post in context.actor().posts}
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        offered = _offered(session, year, own)
        later = [] if offered else _offered(session, year + 1, own)
        batches = _batches(session, year) if own is None else ()
    sections = sorted({(one.section, one.section_name) for one in offered})
    found = [one for one in offered if _matches(one, chosen, words)]
    profile = profiles.of(context.engine())
    return render_template(
        "goal_approvals/page.html",
        year=year,
        years=[context.year() + offset for offset in range(*_YEARS_AROUND)],
        section=chosen,
        sections=sections,
        text=words,
        waiting=found,
        later=len(later),
        goals=sum(one.goals for one in found),
        amount=sum(one.amount for one in found),
        differing=sum(one.differing for one in found),
        batches=batches,
        states=BatchState,
        said=lambda code: getattr(BatchState(code), context.language()),
        issue_by=lambda batch: batch.approved_on + timedelta(days=profile.value("goal_approval.issue_days")),
        days=profile.value("goal_approval.issue_days"),
        may_begin=_holds(DRAWERS),
        picked=request.form.getlist("unit") if error else [one.unit for one in found],
        doc_no=request.form.get("doc_no", ""),
        approved_on=request.form.get("approved_on", ""),
        error=error,
    )


def _offered(session: Session, year: int, own: Collection[str] | None) -> Sequence[Waiting]:
    return [one for one in approvals.waiting(session, year) if own is None or one.section in own]


def _matches(one: Waiting, section: str, words: str) -> bool:
    if section and one.section != section:
        return False
    return not words or any(words in text for text in (one.unit, one.unit_name, one.department_name))


def _batches(session: Session, year: int) -> Sequence[Batch]:
    query = (
        select(
            GoalApproval,
            func.count(GoalLetter.id),
            func.count(GoalLetter.received_at),
            func.coalesce(func.sum(GoalLetter.goals), 0),
            func.coalesce(func.sum(GoalLetter.amount), 0),
        )
        .outerjoin(GoalLetter, GoalLetter.approval_id == GoalApproval.instance_id)
        .where(GoalApproval.fiscal_year == year, GoalApproval.state != BatchState.WITHDRAWN)
        .group_by(GoalApproval.instance_id)
        .order_by(GoalApproval.instance_id.desc())
    )
    found = []
    for batch, letters, received, goals, amount in session.execute(query):
        session.expunge(batch)
        found.append(Batch(batch, letters, received, int(goals), int(amount)))
    return found
