"""重点评价选题: the performance section picks among the year's candidates, and sees what became of those chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import FundBook
from budget.key_candidates import Candidate, chosen
from budget.key_codes import ChoiceReason, Evaluator, KeyState
from budget.tables import Case, KeyChoice, KeyEvaluation, Project, Unit
from engine.errors import BihuanError
from web import context, given
from workflows import profiles
from workflows.key_selection import starting
from workflows.key_selection.starting import CHOOSERS, READERS

blueprint = Blueprint("key_evaluations", __name__)

#: So many candidates are shown; the filters find the others.
SHOWN = 100
_YEARS_AROUND = (-3, 2)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A project on the year's approved list, with its evaluation where it has begun."""

    choice: KeyChoice
    project: Project
    unit_name: str
    evaluation: KeyEvaluation | None


@blueprint.get("/key-evaluations/selection")
def selection() -> Any:
    """Show the candidates, ranked, and the projects that were chosen."""
    if not any(post.role in READERS for post in context.actor().posts):
        abort(403)
    return _shown()


@blueprint.post("/key-evaluations/selection")
def begin() -> Any:
    """Begin the year's selection with the candidates that were picked."""
    actor = context.actor()
    if not any(post.role in CHOOSERS for post in actor.posts):
        abort(403)
    picked = set(request.form.getlist("project"))
    profile = profiles.of(context.engine())
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        rows = [one for one in starting.offered(session, _year(), profile) if str(one.project_id) in picked]
    if not rows:
        return _shown(error=gettext("请至少勾选一个项目。")), 422
    asked = starting.start(_year(), rows, profile)
    try:
        started = context.engine().start(
            starting.PROCESS, actor=actor, variables=asked.variables, business_key=asked.business_key
        )
    except BihuanError as error:
        return _shown(error=error.message(context.language())), 409
    flash(gettext("选题已发起，请在待办里写明每个项目的选题理由。"), "ok")
    return redirect(url_for("instances.show", instance_id=started.instance_id), 303)


def _year() -> int:
    return given.year(request.values.get("year", ""), context.year())


def _shown(error: str = "") -> str:
    profile, year = profiles.of(context.engine()), _year()
    words, reason = request.values.get("text", "").strip()[:100], request.values.get("reason", "")
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        offered = starting.offered(session, year, profile)
        picked = _picked(session, year)
        running = session.scalar(
            select(Case.instance_id).where(
                Case.kind == CaseKind.KEY_SELECTION, Case.fiscal_year == year, Case.closed_at.is_(None)
            )
        )
        found = [one for one in offered if _matches(one, words, reason)]
        language = context.language()
        return render_template(
            "key_evaluations/selection.html",
            year=year,
            years=[context.year() + offset for offset in range(*_YEARS_AROUND)],
            text=words,
            reason=reason,
            reasons=[(str(one), getattr(one, language)) for one in ChoiceReason],
            candidates=found[:SHOWN],
            count=len(found),
            shown=SHOWN,
            picked=picked,
            amount=sum(one.project.annual_amount for one in picked),
            wanted=profile.value("key_evaluation.count"),
            running=running,
            may_choose=any(post.role in CHOOSERS for post in context.actor().posts),
            said=lambda code, words: getattr(words(code), language) if code else "",
            books=FundBook,
            states=KeyState,
            evaluators=Evaluator,
            words=ChoiceReason,
            error=error,
        )


def _matches(one: Candidate, words: str, reason: str) -> bool:
    if reason and reason not in one.reasons:
        return False
    return not words or any(words in text for text in (one.name, one.unit_name, one.code))


def _picked(session: Session, year: int) -> Sequence[Chosen]:
    choices = chosen(session, year)
    units = {row.code: row.name for row in session.execute(select(Unit.code, Unit.name))}
    ids = [one.project_id for one in choices]
    query = select(KeyEvaluation).where(KeyEvaluation.project_id.in_(ids))
    evaluations = {one.project_id: one for one in session.scalars(query)}
    return [
        Chosen(one, one.project, units[one.project.unit], evaluations.get(one.project_id)) for one in choices
    ]
