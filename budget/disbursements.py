"""Payments: what a unit asked for, what was decided and why, what was paid, and the year's figures of all that (T10).

The records' side of the process ``disbursement`` (P09, form F9): plain functions on a session, none commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from budget.answers import day, number, text
from budget.codes import Code
from budget.money import fen_from_wan
from budget.tables import Disbursement, DisbursementRequest, DisbursementReview, Project, Unit


class Decision(Code):
    """决定 (D06), the strictest last."""

    APPROVE = ("APPROVE", "同意", "approved")
    HOLD = ("HOLD", "暂缓", "held")
    RETURN = ("RETURN", "退回", "returned")
    STOP = ("STOP", "停止", "stopped")


#: Which of two decisions counts: the stricter one.
_STRICT = tuple(Decision)


class RequestState(Code):
    """Where a request is; the process ends PAID, RETURNED, HELD or STOPPED (domain §7.1)."""

    DRAFTING = ("DRAFTING", "填报", "being filled in")
    REVIEWING = ("REVIEWING", "审核中", "under review")
    HELD = ("HELD", "暂缓", "held")
    RETURNED = ("RETURNED", "退回", "returned")
    STOPPED = ("STOPPED", "停止", "stopped")
    PAID = ("PAID", "已拨付", "paid")
    OFFLINE = ("OFFLINE", "线下办理", "handled offline")
    WITHDRAWN = ("WITHDRAWN", "已撤销", "withdrawn")


class DisbursementError(Exception):
    """A request can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a year (§8.1 拨付审核; T10 asks for reviews and for projects, each once). Amounts in 分."""

    requests: int
    #: How often requests were submitted for review, again after a return included (审核次数).
    reviews: int
    #: How many projects asked (去重项目数).
    projects: int
    requested: int
    paid: int
    paid_amount: int
    #: Requests that were held, returned or stopped at least once.
    held: int
    returned: int
    stopped: int


def request_of(session: Session, instance_id: int) -> DisbursementRequest:
    """Return the request of an instance; raises :class:`DisbursementError` where it has none."""
    found = session.get(DisbursementRequest, instance_id)
    if found is None:
        raise DisbursementError(f"instance {instance_id} is no request for a payment")
    return found


def open_request(session: Session, instance_id: int, project_id: int, now: datetime) -> DisbursementRequest:
    """Begin a request."""
    found = session.get(DisbursementRequest, instance_id)
    if found is None:
        found = DisbursementRequest(instance_id=instance_id, project_id=project_id, opened_at=now)
        session.add(found)
    found.state, found.closed_at = RequestState.DRAFTING, None
    session.flush()
    return found


def submit(
    session: Session, instance_id: int, form: Mapping[str, Any], *, budget: int, doubtful: bool
) -> DisbursementRequest:
    """Write the form as it was submitted; ``budget`` in 分. A doubt stays once there is one."""
    found = request_of(session, instance_id)
    contract = number(form.get("contract_amount"))
    found.amount = fen_from_wan(number(form.get("amount")) or 0)
    found.purpose = text(form.get("purpose"))
    found.contract_amount = None if contract is None else fen_from_wan(contract)
    found.physical_progress = number(form.get("physical_progress"))
    found.budget, found.paid_before = budget, paid_of(session, found.project_id)
    found.doubtful = found.doubtful or doubtful
    found.submissions += 1
    found.state = RequestState.REVIEWING
    session.flush()
    return found


def unsubmit(session: Session, instance_id: int) -> None:
    """Undo :func:`submit`."""
    found = request_of(session, instance_id)
    found.submissions = max(0, found.submissions - 1)
    found.state = RequestState.RETURNED if found.submissions else RequestState.DRAFTING
    session.flush()


def strictest(*decisions: str | None) -> Decision:
    """Return the strictest of several decisions; none at all is an approval."""
    given = [Decision[one] for one in decisions if one]
    return max(given, key=_STRICT.index, default=Decision.APPROVE)


def note_review(
    session: Session, instance_id: int, stage: str, decision: Decision, reason: str, now: datetime
) -> None:
    """Note what was decided at a moment, and why."""
    found = request_of(session, instance_id)
    found.reviews.append(
        DisbursementReview(
            at=now, submission=found.submissions, stage=stage, decision=decision, reason=reason
        )
    )
    session.flush()


def drop_review(session: Session, instance_id: int) -> None:
    """Undo the last :func:`note_review`."""
    found = request_of(session, instance_id)
    if found.reviews:
        found.reviews.pop()
    session.flush()


def to_state(
    session: Session, instance_id: int, state: RequestState, closed_at: datetime | None = None
) -> None:
    """Set where a request is; ``closed_at`` where that is its end."""
    found = request_of(session, instance_id)
    found.state, found.closed_at = state, closed_at
    session.flush()


def pay(session: Session, instance_id: int, form: Mapping[str, Any], by: str, now: datetime) -> Disbursement:
    """Write what the treasury section paid: the amount in 万元, the day and the voucher of the form."""
    request = request_of(session, instance_id)
    paid_on, amount = day(form.get("paid_on")), number(form.get("paid_amount"))
    if paid_on is None or amount is None:
        raise DisbursementError(f"the receipt of instance {instance_id} says neither how much nor when")
    found = Disbursement(
        project_id=request.project_id,
        instance_id=instance_id,
        amount=fen_from_wan(amount),
        paid_on=paid_on,
        voucher=text(form.get("voucher_no")),
        registered_at=now,
        registered_by=by,
    )
    session.add(found)
    to_state(session, instance_id, RequestState.PAID, now)
    return found


def unpay(session: Session, instance_id: int) -> None:
    """Undo :func:`pay`."""
    found = session.scalar(select(Disbursement).where(Disbursement.instance_id == instance_id))
    if found is not None:
        session.delete(found)
    to_state(session, instance_id, RequestState.REVIEWING)


def paid_of(session: Session, project_id: int, until: date | None = None) -> int:
    """Return what was paid to a project, to the end of a day where one is given, in 分."""
    query = select(func.coalesce(func.sum(Disbursement.amount), 0)).where(
        Disbursement.project_id == project_id
    )
    if until is not None:
        query = query.where(Disbursement.paid_on <= until)
    return int(session.scalar(query) or 0)


def months_of(session: Session, project_id: int, year: int) -> Sequence[int]:
    """Return what was paid to a project in each month of a year, January first, in 分."""
    months = [0] * 12
    for paid_on, amount in session.execute(
        select(Disbursement.paid_on, Disbursement.amount).where(Disbursement.project_id == project_id)
    ):
        if paid_on.year == year:
            months[paid_on.month - 1] += amount
    return months


def figures(
    session: Session,
    fiscal_year: int,
    as_of: datetime | None = None,
    covers: Sequence[ColumnElement[bool]] = (),
) -> Figures:
    """Return the figures of a budget year's projects, of what was reviewed and paid until ``as_of``.

    ``covers`` are further conditions on projects and units.
    """
    reviewed = DisbursementReview.at <= as_of if as_of is not None else true()
    paid_by = Disbursement.registered_at <= as_of if as_of is not None else true()
    conditions = (Project.fiscal_year == fiscal_year, *covers)
    submissions = (
        select(DisbursementReview.instance_id, DisbursementReview.submission)
        .join(DisbursementRequest, DisbursementRequest.instance_id == DisbursementReview.instance_id)
        .join(Project, Project.id == DisbursementRequest.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(reviewed, *conditions)
        .distinct()
        .subquery()
    )
    chosen = select(submissions.c.instance_id)
    reviews = session.execute(select(func.count()).select_from(submissions)).scalar_one()
    requests, projects, requested = session.execute(
        select(
            func.count(),
            func.count(DisbursementRequest.project_id.distinct()),
            func.coalesce(func.sum(DisbursementRequest.amount), 0),
        ).where(DisbursementRequest.instance_id.in_(chosen))
    ).one()
    paid, amount = session.execute(
        select(func.count(), func.coalesce(func.sum(Disbursement.amount), 0)).where(
            Disbursement.instance_id.in_(chosen), paid_by
        )
    ).one()
    decided = select(
        DisbursementReview.decision, func.count(DisbursementReview.instance_id.distinct())
    ).where(DisbursementReview.instance_id.in_(chosen), reviewed)
    by_decision: dict[str, int] = {
        decision: int(count)
        for decision, count in session.execute(decided.group_by(DisbursementReview.decision))
    }
    return Figures(
        requests=int(requests),
        reviews=int(reviews),
        projects=int(projects),
        requested=int(requested),
        paid=int(paid),
        paid_amount=int(amount),
        held=by_decision.get(Decision.HOLD, 0),
        returned=by_decision.get(Decision.RETURN, 0),
        stopped=by_decision.get(Decision.STOP, 0),
    )
