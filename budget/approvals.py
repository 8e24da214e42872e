"""The approval of goals (目标批复, P05): which approved goals wait, a batch of letters, issued under numbers, received.

Who approves a budget approves its goals (88号 §29, V1): a unit gets one letter a batch, with its goals and their money.
Plain functions on a session; none commits. A project is in one batch only, unless that was withdrawn. Secret projects
and those of secret units are approved offline (domain §6.4).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from budget.codes import Code, GoalState, VersionState
from budget.goals import next_number
from budget.tables import (
    Goal,
    GoalApproval,
    GoalLetter,
    GoalLetterItem,
    GoalVersion,
    Project,
    Section,
    Unit,
)


class BatchState(Code):
    """Where a batch of approvals is."""

    DRAFT = ("DRAFT", "办理中", "being prepared")
    ISSUED = ("ISSUED", "已批复", "issued")
    WITHDRAWN = ("WITHDRAWN", "已撤销", "withdrawn")


class ApprovalError(Exception):
    """An approval can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A unit's approved goals that no letter has brought yet; amounts in 分.

    ``amount`` is the goals' money, ``budget`` that of their projects, ``differing`` of how many goals the two differ.
    """

    unit: str
    unit_name: str
    department: str
    department_name: str
    section: str
    section_name: str
    goals: int
    amount: int
    budget: int
    differing: int


def _newest() -> Select[int, int]:
    """The newest frozen version of each goal."""
    return (
        select(GoalVersion.goal_id, func.max(GoalVersion.version).label("version"))
        .where(GoalVersion.state == VersionState.FROZEN)
        .group_by(GoalVersion.goal_id)
    )


def _ready(fiscal_year: int) -> Select[Project, Unit, GoalVersion]:
    """The approved goals of a year that are in no batch; those approved before the county used this system are in none."""
    newest = _newest().subquery()
    taken = (
        select(GoalLetterItem.project_id)
        .join(GoalLetter, GoalLetter.id == GoalLetterItem.letter_id)
        .join(GoalApproval, GoalApproval.instance_id == GoalLetter.approval_id)
        .where(GoalApproval.state != BatchState.WITHDRAWN)
    )
    return (
        select(Project, Unit, GoalVersion)
        .join(Unit, Unit.code == Project.unit)
        .join(Goal, Goal.project_id == Project.id)
        .join(newest, newest.c.goal_id == Goal.id)
        .join(
            GoalVersion,
            (GoalVersion.goal_id == newest.c.goal_id) & (GoalVersion.version == newest.c.version),
        )
        .where(
            Project.fiscal_year == fiscal_year,
            Goal.state == GoalState.APPROVED,
            Goal.instance_id.is_not(None),
            Project.secret_flag.is_(False),
            Unit.secret_flag.is_(False),
            Project.id.not_in(taken),
        )
    )


def waiting(session: Session, fiscal_year: int) -> Sequence[Waiting]:
    """Return the units whose approved goals wait for a letter, by section, department and unit."""
    ready = _ready(fiscal_year).with_only_columns(
        Project.unit.label("unit"),
        GoalVersion.annual_amount.label("amount"),
        Project.annual_amount.label("budget"),
        case((GoalVersion.annual_amount != Project.annual_amount, 1), else_=0).label("differs"),
    )
    goals = ready.subquery()
    query = (
        select(
            goals.c.unit,
            func.count().label("goals"),
            func.sum(goals.c.amount).label("amount"),
            func.sum(goals.c.budget).label("budget"),
            func.sum(goals.c.differs).label("differing"),
        )
        .group_by(goals.c.unit)
        .order_by(goals.c.unit)
    )
    units = {one.code: one for one in session.scalars(select(Unit))}
    sections = {one.code: one.name for one in session.scalars(select(Section))}
    found = [
        Waiting(
            unit=row.unit,
            unit_name=units[row.unit].name,
            department=units[row.unit].department,
            department_name=units[units[row.unit].department].name,
            section=units[row.unit].section,
            section_name=sections[units[row.unit].section],
            goals=row.goals,
            amount=int(row.amount),
            budget=int(row.budget),
            differing=int(row.differing),
        )
        for row in session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.section, one.department, one.unit))


def collect(
    session: Session,
    instance_id: int,
    *,
    fiscal_year: int,
    doc_no: str,
    approved_on: date,
    units: Collection[str] | None,
) -> GoalApproval:
    """Begin a batch with a letter for each of the ``units`` (None: all) that has approved goals waiting."""
    query = _ready(fiscal_year).order_by(Project.unit, Project.id)
    if units is not None:
        query = query.where(Project.unit.in_(list(units)))
    batch = session.get(GoalApproval, instance_id)
    if batch is None:
        batch = GoalApproval(instance_id=instance_id, fiscal_year=fiscal_year)
        session.add(batch)
    batch.doc_no, batch.approved_on, batch.state = doc_no, approved_on, BatchState.DRAFT
    letters: dict[str, GoalLetter] = {}
    for project, unit, version in session.execute(query):
        letter = letters.setdefault(unit.code, GoalLetter(unit_code=unit.code, goals=0, amount=0, note=""))
        letter.goals += 1
        letter.amount += version.annual_amount
        letter.items.append(GoalLetterItem(project_id=project.id, goal_version_id=version.id))
    batch.letters = list(letters.values())
    session.flush()
    return batch


def batch_of(session: Session, instance_id: int) -> GoalApproval:
    """Return the batch of an instance; raises :class:`ApprovalError` where it has none."""
    found = session.get(GoalApproval, instance_id)
    if found is None:
        raise ApprovalError(f"instance {instance_id} has no batch of approvals")
    return found


def withdraw(session: Session, instance_id: int) -> None:
    """Note that nothing came of a batch: its goals wait again."""
    batch_of(session, instance_id).state = BatchState.WITHDRAWN
    session.flush()


def unwithdraw(session: Session, instance_id: int) -> None:
    """Undo :func:`withdraw`; raises :class:`ApprovalError` where another batch has taken one of its goals since."""
    batch = batch_of(session, instance_id)
    mine = select(GoalLetterItem.project_id).join(GoalLetter).where(GoalLetter.approval_id == instance_id)
    elsewhere = (
        select(GoalLetterItem.project_id)
        .join(GoalLetter)
        .join(GoalApproval)
        .where(GoalApproval.state != BatchState.WITHDRAWN, GoalApproval.instance_id != instance_id)
        .where(GoalLetterItem.project_id.in_(mine))
    )
    if session.scalars(elsewhere.limit(1)).first() is not None:
        raise ApprovalError(f"goals of the batch {instance_id} are in another batch")
    batch.state = BatchState.DRAFT
    session.flush()


def issue(
    session: Session,
    instance_id: int,
    *,
    doc_no: str,
    approved_on: date,
    notes: dict[str, str],
    pattern: str,
    by: str,
    now: datetime,
) -> Sequence[GoalLetter]:
    """Issue a batch: each letter of a unit in ``notes`` gets the year's next number; the other units' goals wait again.

    ``notes`` are what is said to each unit, by its code. Raises :class:`ApprovalError` where the batch isn't prepared.
    """
    batch = batch_of(session, instance_id)
    if batch.state != BatchState.DRAFT:
        raise ApprovalError(f"the batch {instance_id} is {batch.state}")
    batch.letters = [letter for letter in batch.letters if letter.unit_code in notes]
    for letter in batch.letters:
        letter.number = pattern.format(
            fiscal_year=batch.fiscal_year,
            number=next_number(session, f"goal-letter-{batch.fiscal_year}"),
            section=letter.unit.section,
            unit=letter.unit_code,
        )
        letter.note = notes[letter.unit_code]
    batch.doc_no, batch.approved_on = doc_no, approved_on
    batch.state, batch.issued_at, batch.issued_by = BatchState.ISSUED, now, by
    session.flush()
    return batch.letters


def letter_of(session: Session, instance_id: int) -> GoalLetter:
    """Return the letter that an instance brings to its unit; raises :class:`ApprovalError` where it brings none."""
    found = session.scalar(select(GoalLetter).where(GoalLetter.instance_id == instance_id))
    if found is None:
        raise ApprovalError(f"instance {instance_id} brings no letter")
    return found


def bring(session: Session, letter_id: int, instance_id: int | None) -> GoalLetter:
    """Note which instance brings a letter to its unit; None takes that back."""
    letter = session.get_one(GoalLetter, letter_id)
    letter.instance_id = instance_id
    session.flush()
    return letter


def received(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who signed a letter for receipt, and when; both None undo it."""
    letter = letter_of(session, instance_id)
    letter.received_by, letter.received_at = by, now
    session.flush()
