"""Which projects should be evaluated by a key evaluation: candidates ranked by what the reports choose by (选题).

S1-04 chooses by the project's nature and its amount, S2-13 by reach, influence and public interest, S2-14 pilots special
kinds of funds, S4-17 important spending on the ground of self-evaluations. What the records know is ranked here; public
interest and the leaders' orders are for people to add. Secret projects and units never appear (DQ29).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.codes import FundBook
from budget.evaluations import EvaluationState, ScoreType
from budget.key_codes import ChoiceReason, ChoiceState
from budget.tables import Case, Evaluation, KeyChoice, KeyEvaluation, Project, Unit

#: Grades that are a finding by themselves.
_WEAK = ("中", "差")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that could be chosen; amounts in 分. ``reasons`` speak for it, ``findings`` are what was found."""

    project_id: int
    code: str
    name: str
    unit: str
    unit_name: str
    section: str
    amount: int
    fund_book: FundBook
    self_score: Decimal | None
    self_grade: str | None
    #: How often the project had to be rectified in the year.
    findings: int
    reasons: tuple[ChoiceReason, ...]


def candidates(
    session: Session, fiscal_year: int, *, books: Iterable[str], amount_from: int
) -> Sequence[Candidate]:
    """Return a year's projects that are not chosen yet, those with most reasons first, then the largest.

    ``books`` are the budgets that the county chooses from; ``amount_from`` in 分 is what counts as a large amount.
    """
    taken = select(KeyEvaluation.project_id).where(KeyEvaluation.state != "ABORTED")
    chosen = select(KeyChoice.project_id).where(KeyChoice.state != ChoiceState.REJECTED)
    query = (
        select(Project, Unit.name)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == fiscal_year,
            Project.fund_book.in_(list(books)),
            ~Project.secret_flag,
            ~Unit.secret_flag,
            Project.id.not_in(taken),
            Project.id.not_in(chosen),
        )
    )
    scores = _self_scores(session, fiscal_year)
    findings = _findings(session, fiscal_year)
    found = []
    for project, unit_name in session.execute(query):
        own = scores.get(project.id)
        reasons = []
        if project.annual_amount >= amount_from:
            reasons.append(ChoiceReason.AMOUNT)
        if findings.get(project.id) or (own is not None and (own.grade in _WEAK or own.forced)):
            reasons.append(ChoiceReason.FINDINGS)
        if project.fund_book != FundBook.GENERAL:
            reasons.append(ChoiceReason.FUND_NATURE)
        found.append(
            Candidate(
                project_id=project.id,
                code=project.code,
                name=project.name,
                unit=project.unit,
                unit_name=unit_name,
                section=project.section,
                amount=project.annual_amount,
                fund_book=FundBook[project.fund_book],
                self_score=own.total if own is not None else None,
                self_grade=own.grade if own is not None else None,
                findings=findings.get(project.id, 0),
                reasons=tuple(reasons),
            )
        )
    return sorted(found, key=lambda one: (-len(one.reasons), -one.amount, one.code))


def _self_scores(session: Session, fiscal_year: int) -> Mapping[int, Evaluation]:
    query = (
        select(Evaluation)
        .where(
            Evaluation.fiscal_year == fiscal_year,
            Evaluation.score_type == ScoreType.SELF,
            Evaluation.state == EvaluationState.ACCEPTED,
            Evaluation.project_id.is_not(None),
        )
        .order_by(Evaluation.accepted_at, Evaluation.id)
    )
    return {one.project_id: one for one in session.scalars(query) if one.project_id is not None}


def _findings(session: Session, fiscal_year: int) -> Mapping[int, int]:
    query = (
        select(Case.project_id, func.count())
        .where(
            Case.kind == CaseKind.RECTIFICATION,
            Case.fiscal_year == fiscal_year,
            Case.project_id.is_not(None),
        )
        .group_by(Case.project_id)
    )
    return {project: count for project, count in session.execute(query) if project is not None}


def approve(
    session: Session,
    instance_id: int,
    fiscal_year: int,
    rows: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Sequence[KeyChoice]:
    """Write the list that the leaders approved; ``rows`` are those of form ``key_selection`` with ``project_id``."""
    revoke(session, instance_id)
    found = [
        KeyChoice(
            instance_id=instance_id,
            fiscal_year=fiscal_year,
            project_id=int(row["project_id"]),
            reason=ChoiceReason[row["reason"]],
            note=row.get("note") or "",
            complex=row.get("complex") is True,
            concerned=row.get("concerned") is True,
            research=row.get("research") is True,
            ready=row.get("ready") is True,
            state=ChoiceState.APPROVED,
            decided_at=now,
        )
        for row in rows
    ]
    session.add_all(found)
    session.flush()
    return found


def revoke(session: Session, instance_id: int) -> None:
    """Undo :func:`approve`."""
    session.execute(delete(KeyChoice).where(KeyChoice.instance_id == instance_id))
    session.flush()


def chosen(session: Session, fiscal_year: int) -> Sequence[KeyChoice]:
    """Return the year's approved choices in the order of their units."""
    query = (
        select(KeyChoice)
        .join(Project, Project.id == KeyChoice.project_id)
        .where(KeyChoice.fiscal_year == fiscal_year, KeyChoice.state == ChoiceState.APPROVED)
        .order_by(Project.unit, Project.code)
    )
    return session.scalars(query).all()
