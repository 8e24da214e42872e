"""What happens in a joint review of a goal (P03): who may review, who is asked, what the scores say, how it ends.

Plain functions on a session, called inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.tables import ExpertRelation, Review, ReviewSeat


class RelationKind(Code):
    """How an expert is related to a unit (domain §6.5)."""

    OFFICE = ("OFFICE", "任职", "holds or held an office")
    CONSULTING = ("CONSULTING", "咨询", "consults or consulted")
    OTHER = ("OTHER", "其他利害关系", "another interest")


class Party(Code):
    """For whom a reviewer speaks; the codes of form F5."""

    DEPT = ("DEPT", "主管部门", "department")
    BUREAU_SECTION = ("BUREAU_SECTION", "业务股室", "section in charge")
    EXPERT = ("EXPERT", "专家", "expert")


class ReviewState(Code):
    """Where a joint review is."""

    OPEN = ("OPEN", "评审中", "under way")
    CONCLUDED = ("CONCLUDED", "已结论", "concluded")
    VOID = ("VOID", "已作废", "void")


#: The four dimensions of form F5: the most points of each, and the fields that make it.
DIMENSIONS: Mapping[str, tuple[int, tuple[str, str]]] = {
    "completeness": (20, ("completeness_norm", "completeness_clear")),
    "relevance": (20, ("relevance_goal", "relevance_indicator")),
    "appropriateness": (30, ("appropriate_perf", "appropriate_fund")),
    "feasibility": (30, ("feasible_possible", "feasible_condition")),
}


class ReviewError(Exception):
    """A review can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is to be asked: a principal, the name shown, the party."""

    principal: str
    name: str
    party: Party


@dataclass(frozen=True, slots=True)
class Summary:
    """What the scores say together: the mean total (0 to 100, not rounded), the spread of the totals in points, and the
    lowest mean share that any dimension has of its points (0 to 1)."""

    score: Decimal
    spread: Decimal
    weakest: Decimal


def relations(session: Session, units: Iterable[str], day: date) -> dict[str, list[ExpertRelation]]:
    """Return who is related to any of the units on a day: person → relations (domain §6.5)."""
    found: dict[str, list[ExpertRelation]] = {}
    query = select(ExpertRelation).where(ExpertRelation.unit.in_(list(units))).order_by(ExpertRelation.id)
    for row in session.scalars(query):
        if (row.since is None or row.since <= day) and (row.until is None or day <= row.until):
            found.setdefault(row.person, []).append(row)
    return found


def relate(
    session: Session,
    person: str,
    unit: str,
    kind: RelationKind,
    *,
    since: date | None,
    until: date | None = None,
    note: str = "",
) -> ExpertRelation:
    """Note that an expert is related to a unit from a day (None: always was) to a last one (None: still is)."""
    relation = ExpertRelation(person=person, unit=unit, kind=kind, note=note, since=since, until=until)
    session.add(relation)
    session.flush()
    return relation


def end_relation(session: Session, number: int, last: date) -> bool:
    """Note the last day of a relation; False where there is none that still goes on."""
    relation = session.get(ExpertRelation, number)
    if relation is None or relation.until is not None:
        return False
    relation.until = last if relation.since is None else max(last, relation.since)
    session.flush()
    return True


def open_review(
    session: Session, instance_id: int, project_id: int, *, round: int, reason: str, now: datetime
) -> Review:
    """Begin a joint review of a project's goal in its round."""
    review = Review(
        instance_id=instance_id,
        project_id=project_id,
        round=round,
        reason=reason,
        state=ReviewState.OPEN,
        opened_at=now,
    )
    session.add(review)
    session.flush()
    return review


def review_of(session: Session, review_id: int) -> Review:
    """Return a review; raises :class:`ReviewError` where there is none."""
    review = session.get(Review, review_id)
    if review is None:
        raise ReviewError(f"there is no review {review_id}")
    return review


def discard(session: Session, review_id: int) -> None:
    """Undo :func:`open_review`: the review stays as a record and counts no more."""
    review_of(session, review_id).state = ReviewState.VOID
    session.flush()


def ask(session: Session, review_id: int, seats: Sequence[Seat], now: datetime) -> list[ReviewSeat]:
    """Ask reviewers for their own form; return the seats that are now waited for, in the order in which they were asked.

    An office that let its time pass is asked again; an expert who did is not, others take their place. Raises
    :class:`ReviewError` for somebody who has a seat already.
    """
    review = review_of(session, review_id)
    taken = {seat.principal for seat in review.seats}
    for seat in seats:
        if seat.principal in taken:
            raise ReviewError(f"{seat.principal} has a seat in review {review_id} already")
        review.seats.append(
            ReviewSeat(principal=seat.principal, name=seat.name, party=seat.party, asked_at=now)
        )
    for row in review.seats:
        if row.absent_at is not None and row.party != Party.EXPERT:
            row.absent_at = None
    session.flush()
    return waiting(review)


def waiting(review: Review) -> list[ReviewSeat]:
    """Return the seats that have neither signed nor let their time pass."""
    return [seat for seat in review.seats if seat.signed_at is None and seat.absent_at is None]


def dismiss(session: Session, review_id: int) -> None:
    """Undo :func:`ask`: the seats that were asked last are taken away."""
    review = review_of(session, review_id)
    last = max((seat.asked_at for seat in review.seats), default=None)
    for seat in [seat for seat in review.seats if seat.asked_at == last]:
        review.seats.remove(seat)
    session.flush()


def collect(
    session: Session, review_id: int, forms: Iterable[Mapping[str, Any]], now: datetime, *, late: bool
) -> list[ReviewSeat]:
    """Write the forms F5 that were signed to their seats; return the seats that are still empty.

    A form names its seat by its field ``seat``. ``late`` says that the time is over: who has not signed is absent.
    """
    review = review_of(session, review_id)
    by_id = {seat.id: seat for seat in waiting(review)}
    for form in forms:
        seat = by_id.pop(int(form["seat"]), None)
        if seat is None:
            continue
        seat.signed_at = now
        for name, (_, fields) in DIMENSIONS.items():
            setattr(seat, name, sum(int(form[field]) for field in fields))
        seat.total = sum(int(form[field]) for _, fields in DIMENSIONS.values() for field in fields)
        seat.opinion = str(form.get("opinion") or "")
        seat.sample_candidate = form.get("sample_candidate") is True
    if late:
        for seat in by_id.values():
            seat.absent_at = now
    session.flush()
    return list(by_id.values())


def uncollect(session: Session, review_id: int) -> None:
    """Undo :func:`collect`: what was written last is taken out of the seats."""
    seats = review_of(session, review_id).seats
    last = max(
        (at for seat in seats for at in (seat.signed_at, seat.absent_at) if at is not None), default=None
    )
    for seat in seats:
        if seat.absent_at == last:
            seat.absent_at = None
        if seat.signed_at == last:
            seat.signed_at = seat.total = seat.opinion = None
            seat.completeness = seat.relevance = seat.appropriateness = seat.feasibility = None
            seat.sample_candidate = False
    session.flush()


def summary(seats: Iterable[ReviewSeat], *, drop_from: int) -> Summary:
    """Work out what the signed seats say.

    Where at least ``drop_from`` have signed (0: never), the highest and the lowest total are left out of the mean (P); the
    spread and the dimensions are of all. Raises :class:`ReviewError` where nobody has signed.
    """
    signed = sorted((seat for seat in seats if seat.total is not None), key=lambda seat: seat.total or 0)
    if not signed:
        raise ReviewError("nobody has signed")
    counted = signed[1:-1] if drop_from and len(signed) >= max(drop_from, 3) else signed
    with localcontext() as context:
        context.prec = 34
        score = Decimal(sum(seat.total or 0 for seat in counted)) / len(counted)
        weakest = min(
            Decimal(sum(getattr(seat, name) or 0 for seat in signed)) / (most * len(signed))
            for name, (most, _) in DIMENSIONS.items()
        )
    return Summary(score, Decimal((signed[-1].total or 0) - (signed[0].total or 0)), weakest)


def conclude(
    session: Session,
    review_id: int,
    *,
    found: Summary,
    agreed: Decimal | None,
    grade: str,
    sample_candidate: bool,
    by: str,
    now: datetime,
) -> Review:
    """End a review with its grade (优, 良, 中, 差); ``agreed`` are the points of the meeting, where there was one."""
    review = review_of(session, review_id)
    review.score, review.spread, review.weakest = found.score, found.spread, found.weakest
    review.agreed, review.grade, review.sample_candidate = agreed, grade, sample_candidate
    review.state, review.closed_at, review.concluded_by = ReviewState.CONCLUDED, now, by
    session.flush()
    return review


def reopen(session: Session, review_id: int) -> None:
    """Undo :func:`conclude`."""
    review = review_of(session, review_id)
    review.state, review.closed_at, review.concluded_by, review.grade = ReviewState.OPEN, None, None, None
    review.sample_candidate = False
    session.flush()
