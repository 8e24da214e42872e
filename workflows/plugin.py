"""What the processes offer the engine: their handlers, and checks that depend on the outcome chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget.answers import text
from budget.plugin import thresholds_of
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding, Handler, hookimpl
from workflows import (
    answer_checks,
    archiving,
    closing,
    due_reminders,
    handlers,
    late_reviews,
    profiles,
    scoring,
    trials,
    unheard,
    yearly,
)

if TYPE_CHECKING:
    from engine.engine import Engine

#: Who leads a unit, a section, the bureau.
HEADS = (
    *("unit_head", "section_chief", "budget_chief", "perf_chief", "treasury_chief", "invest_chief"),
    *("supervision_chief", "deputy_leader", "bureau_leader", "agency_lead"),
)


#: Read once: the hook is asked at every completion.
_checks = cache(answer_checks)


@hookimpl
def bihuan_heads() -> Sequence[str]:
    """Name the roles that lead an office."""
    return HEADS


@hookimpl
def bihuan_retention(session: Session, process: str) -> str | None:
    """Let the county's rules say how long a business is kept (保管期限); of a process that they don't know its file does."""
    return archiving.retention(profiles.current(session), process)


@hookimpl
def bihuan_routine(engine: Engine) -> int:
    """Begin the campaigns of the year's plan whose time has come; tell of what is due soon, late or unheard."""
    told = due_reminders.tell(engine) + late_reviews.tell(engine) + unheard.tell(engine)
    return yearly.begin_due(engine) + told


@hookimpl
def bihuan_trial_subjects(session: Session, inputs: Sequence[str], text: str) -> Sequence[tuple[str, str]]:
    """Offer projects or units of the county to try a process out for."""
    return trials.subjects(session, inputs, text)


@hookimpl
def bihuan_trial_variables(
    session: Session, inputs: Sequence[str], subject: str, now: datetime
) -> Mapping[str, Any] | None:
    """Give what a process about a project or a unit starts with."""
    return trials.variables(session, inputs, subject, now)


@hookimpl
def bihuan_design_review(session: Session) -> bool:
    """Let the county's rules say whether a second designer reviews what is deployed."""
    return bool(profiles.current(session).value("design.four_eyes"))


@hookimpl
def bihuan_handlers() -> Sequence[Handler]:
    """Offer the handlers of all processes."""
    return handlers()


@hookimpl
def bihuan_feel_functions() -> Mapping[str, Callable[..., Any]]:
    """Offer what forms show while they are filled in: points and grades by the shipped decisions."""
    return scoring.FUNCTIONS


@hookimpl
def bihuan_check_answers(request: AnswersRequest) -> Sequence[Finding]:
    """Check the forms of the processes that offer checks, and demand a reason for another grade than the proposed one.

    That is where the budget section decides on a goal: the outcome begins with the grade (``良：协商完善``); the proposal
    is the variable ``proposed_grade``.
    """
    found_closed = closing.check(request)
    if found_closed:
        return found_closed
    if request.form_id != "goal_decision":
        check = _checks().get(request.form_id)
        return () if check is None else tuple(check(request))
    proposed, decided = request.variables.get("proposed_grade"), request.outcome[:1]
    minimum = thresholds_of(request.variables).reason_min_length
    if proposed is None or proposed == decided or len(text(request.answers.get("grade_reason"))) >= minimum:
        return ()
    return (found("grade_reason", "grade_reason", proposed=proposed, decided=decided, minimum=minimum),)
