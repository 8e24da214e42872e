"""What the budget room offers the engine: tables, checks of the goal form, the stop for secret content."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from budget import marks, secrecy
from budget.answers import GoalAnswers, text
from budget.known import known_of, told_elsewhere
from budget.monitoring.functions import FUNCTIONS
from budget.projects import changed_record_fields
from budget.quality import check_read, demand_reasons
from budget.quality.adjustment_checks import check_adjustment
from budget.quality.evaluation_checks import check_evaluation
from budget.quality.known_checks import Copied
from budget.quality.model import found
from budget.quality.monitoring_checks import check_monitoring
from budget.quality.thresholds import Thresholds
from budget.tables import Base, Case, Project, Unit
from engine.plugins import AnswersRequest, Finding, MigrationBranch, hookimpl

#: Importing them lets lists be narrowed by the projects' marks, and administrators mark units as secret, by two.
__all__ = ["marks", "secrecy"]

#: The form that the checks read; see ``forms/goal_declaration.form``.
GOAL_FORM = "goal_declaration"
#: The step in which only what was pointed at may be changed: reasons can't be given there, its reviewer sees the warnings.
REFINING = "refine_goal"
#: See ``forms/monitoring.form``.
MONITORING_FORM = "monitoring"
#: See ``forms/self_evaluation.form``.
EVALUATION_FORM = "self_evaluation"
#: See ``forms/budget_adjustment.form``.
ADJUSTMENT_FORM = "budget_adjustment"


@hookimpl
def bihuan_migrations() -> MigrationBranch:
    """Offer the budget's tables."""
    return MigrationBranch("budget", str(files("budget").joinpath("migrations")), Base.metadata)


@hookimpl
def bihuan_feel_functions() -> Mapping[str, Callable[..., Any]]:
    """Offer the functions with which forms reckon as the records do."""
    return FUNCTIONS


@hookimpl
def bihuan_check_answers(request: AnswersRequest) -> Sequence[Finding]:
    """Check goals, monitoring and self-evaluations with the profile's thresholds, and against the project's data.

    A warning without a reason becomes an error; an empty cell that the form requires is reported by the form.
    """
    thresholds = thresholds_of(request.variables)
    if request.form_id == MONITORING_FORM:
        return check_monitoring(request.answers, request.variables, thresholds, request.now)
    if request.form_id == EVALUATION_FORM:
        return check_evaluation(request.answers, request.variables, thresholds, _copied(request))
    if request.form_id == ADJUSTMENT_FORM:
        return check_adjustment(request, thresholds)
    if request.form_id != GOAL_FORM:
        return ()
    goal, project = GoalAnswers.read(request.answers), request.variables.get("project")
    known = None
    if request.session is not None and isinstance(project, Mapping):
        known = known_of(request.session, int(project["id"]), goal)
    findings = check_read(goal, thresholds, known)
    if request.element != REFINING:
        findings = demand_reasons(findings, goal, thresholds)
    findings = [finding for finding in findings if not _is_required_and_empty(finding, request)]
    if isinstance(project, Mapping):
        findings.extend(
            found("record_changed", field, value=project_value)
            for field, project_value in changed_record_fields(request.answers, project)
        )
    return findings


def _copied(request: AnswersRequest) -> Copied | None:
    """Return whose self-evaluation tells most nearly the same, where the records can be asked."""
    project = request.variables.get("project")
    if request.session is None or not isinstance(project, Mapping):
        return None
    return told_elsewhere(request.session, int(project["id"]), text(request.answers.get("goal_actual")))


@hookimpl
def bihuan_may_store(request: AnswersRequest) -> Finding | None:
    """Say that secret content may not be stored here at all (secret unit or project, or 涉密标识 ticked)."""
    about = (request.variables.get("project"), request.variables.get("unit"))
    secret = any(isinstance(one, Mapping) and one.get("secret") is True for one in about)
    if secret or (request.form_id == GOAL_FORM and request.answers.get("secret_flag") is True):
        return found("secret", "secret_flag")
    return None


@hookimpl
def bihuan_secret_cases(session: Session, instances: Sequence[int]) -> Collection[int]:
    """Return the instances about a secret project or a secret unit (domain §6.4)."""
    return set(session.scalars(_secret, {"instances": list(instances)}))


_secret = (
    select(Case.instance_id)
    .outerjoin(Project, Project.id == Case.project_id)
    .outerjoin(Unit, Unit.code == Case.unit)
    .where(
        Case.instance_id.in_(bindparam("instances", expanding=True)),
        or_(Project.secret_flag, Unit.secret_flag),
    )
)


def thresholds_of(variables: Mapping[str, Any]) -> Thresholds:
    """Return the thresholds of the profile that the instance started with (variable ``profile.quality``)."""
    profile = variables.get("profile")
    quality = profile.get("quality") if isinstance(profile, Mapping) else None
    return Thresholds.read(quality if isinstance(quality, Mapping) else None)


def _is_required_and_empty(finding: Finding, request: AnswersRequest) -> bool:
    path = (finding.field or "").split(".")
    name = ".".join(part for part in path if not part.isdigit())
    return finding.blocks and name in _required(request.form) and _at(request.answers, path) in (None, "")


def _at(answers: Any, path: Sequence[str]) -> Any:
    """Return the value at a path, None where there is none."""
    for part in path:
        if isinstance(answers, Mapping):
            answers = answers.get(part)
        elif isinstance(answers, (list, tuple)) and part.isdigit() and int(part) < len(answers):
            answers = answers[int(part)]
        else:
            return None
    return answers


@lru_cache(maxsize=16)
def _required(form: bytes) -> frozenset[str]:
    """Return the fields that a form file requires, columns of its tables as ``table.column``."""
    return frozenset(_required_in(json.loads(form).get("components", ()), ""))


def _required_in(components: Sequence[Mapping[str, Any]], prefix: str) -> Iterator[str]:
    for component in components:
        path = component.get("path") or ""
        inner = f"{prefix}{path}." if path else prefix
        yield from _required_in(component.get("components", ()), inner)
        if component.get("key") and component.get("validate", {}).get("required") is True:
            yield f"{prefix}{component['key']}"
