"""The service tasks of the joint review: who may be asked, who was, what the scores say, how it ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import reviews
from budget.money import round_half_up
from budget.reviews import DIMENSIONS, Party, RelationKind, Seat
from budget.tables import Review, ReviewSeat, Unit
from engine.calendar import ZONE
from engine.identity import members, names
from engine.plugins import Document, HandlerContext, handler

#: Who may be chosen: a role at the county's pool of experts.
EXPERT, POOL = "expert", "EXPERTS"
#: What the four dimensions are called.
DIMENSION_NAMES: Mapping[str, tuple[str, str]] = {
    "completeness": ("完整性", "completeness"),
    "relevance": ("相关性", "relevance"),
    "appropriateness": ("适当性", "appropriateness"),
    "feasibility": ("可行性", "feasibility"),
}


def refusals(session: Session, project: Mapping[str, Any], day: date) -> dict[str, dict[str, str]]:
    """Return who may not review a project's goal and why, by account: a relation to its unit or department (§6.5)."""
    units = {project["unit"], project["department"]}
    called = {row.code: row.name for row in session.scalars(select(Unit).where(Unit.code.in_(units)))}
    found = {}
    for person, related in reviews.relations(session, units, day).items():
        found[person] = {
            "zh": "；".join(
                _reason(called[one.unit], RelationKind(one.kind).zh, one.note) for one in related
            ),
            "en": "; ".join(
                f"{called[one.unit]}: {RelationKind(one.kind).en}" + (f" ({one.note})" if one.note else "")
                for one in related
            ),
        }
    return found


def _reason(unit: str, kind: str, note: str) -> str:
    return f"与{unit}有{kind}关系" + (f"（{note}）" if note else "")


def _pool(context: HandlerContext, taken: Collection[str]) -> dict[str, Any]:
    """Return who may be chosen now and who is refused, as the form shows them."""
    session, today = context.session, context.now.astimezone(ZONE).date()
    experts = [one for one in members(session, EXPERT, POOL, today) if one not in taken]
    called = names(session, experts)
    why = refusals(session, context.variables["project"], today)
    fit = [one for one in experts if one.removeprefix("user:") not in why]
    return {
        "expert_choices": [{"value": one, "label": called[one]} for one in fit],
        "expert_refused": [
            {
                "zh": f"{called[one]}：{why[one.removeprefix('user:')]['zh']}",
                "en": f"{called[one]}: {why[one.removeprefix('user:')]['en']}",
            }
            for one in experts
            if one not in fit
        ],
    }


def _review(context: HandlerContext) -> Review:
    return reviews.review_of(context.session, int(context.variables["review_id"]))


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["review"]
    return rules


def _discard(context: HandlerContext) -> None:
    reviews.discard(context.session, _review(context).id)


@handler("review.open", undo=_discard)
def open_review(context: HandlerContext) -> Mapping[str, Any]:
    """Begin a review; say which experts may be chosen, and why others may not."""
    review = reviews.open_review(
        context.session,
        context.instance.id,
        int(context.variables["project"]["id"]),
        round=int(context.variables["round"]),
        reason=str(context.variables["review_reason"]),
        now=context.now,
    )
    needed = int(_rules(context)["experts"])
    return {"review_id": review.id, "experts_needed": needed, "absent_names": [], **_pool(context, ())}


def _dismiss(context: HandlerContext) -> None:
    reviews.dismiss(context.session, _review(context).id)


@handler("review.group", undo=_dismiss)
def register_group(context: HandlerContext) -> Mapping[str, Any]:
    """Give everybody who is to review a seat: the experts chosen, at the first time the department and the section too."""
    review, project = _review(context), context.variables["project"]
    chosen = [str(one) for one in _document(context, "group").body.get("experts") or ()]
    taken = {seat.principal for seat in review.seats}
    called = names(context.session, chosen)
    seats = [Seat(one, called[one], Party.EXPERT) for one in chosen if one not in taken]
    if not taken:
        seats = [
            Seat(f"role:unit_head@{project['department']}", project["department_name"], Party.DEPT),
            Seat(f"role:section_chief@{project['section']}", project["section_name"], Party.BUREAU_SECTION),
            *seats,
        ]
    asked = reviews.ask(context.session, review.id, seats, context.now)
    return {
        "signers": [
            {"seat": seat.id, "who": seat.principal, "name": seat.name, "party": seat.party} for seat in asked
        ]
    }


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise reviews.ReviewError(f"instance {context.instance.id} has no document {name}")
    return document


def _uncollect(context: HandlerContext) -> None:
    reviews.uncollect(context.session, _review(context).id)


@handler("review.absent", undo=_uncollect)
def record_absent(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed in time; who did not sign is absent, and for an absent expert another is needed."""
    review = _review(context)
    empty = reviews.collect(context.session, review.id, context.variables["forms"], context.now, late=True)
    absent = [seat.name for seat in empty if seat.party == Party.EXPERT]
    context.audit("review.absent", {"names": [seat.name for seat in empty]})
    taken = {seat.principal for seat in review.seats}
    return {"experts_needed": len(absent), "absent_names": absent, **_pool(context, taken)}


@handler("review.collect", undo=_uncollect)
def sum_up(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed and say what the scores say together."""
    review = _review(context)
    reviews.collect(context.session, review.id, context.variables["forms"], context.now, late=False)
    found = _summary(context, review)
    weakest = min(DIMENSIONS, key=lambda name: _share(review, name))
    return {
        "joint": {
            "score": found.score,
            "score_shown": round_half_up(found.score, 2),
            "spread": found.spread,
            "weakest": found.weakest,
            "weakest_shown": round_half_up(found.weakest * 100, 2),
            "weakest_zh": DIMENSION_NAMES[weakest][0],
            "weakest_en": DIMENSION_NAMES[weakest][1],
            "rows": [_row(seat) for seat in review.seats if seat.total is not None],
        }
    }


def _summary(context: HandlerContext, review: Review) -> reviews.Summary:
    return reviews.summary(review.seats, drop_from=int(_rules(context)["drop_from"]))


def _share(review: Review, dimension: str) -> Decimal:
    most, _ = DIMENSIONS[dimension]
    return Decimal(sum(getattr(seat, dimension) or 0 for seat in review.seats)) / most


def _row(seat: ReviewSeat) -> dict[str, Any]:
    return {"name": seat.name, "party": seat.party, "total": seat.total} | {
        name: getattr(seat, name) for name in DIMENSIONS
    }


def _reopen(context: HandlerContext) -> None:
    reviews.reopen(context.session, _review(context).id)


@handler("review.conclude", undo=_reopen)
def close_review(context: HandlerContext) -> Mapping[str, Any]:
    """End the review with the conclusion's grade and give it back to the process that called."""
    review = _review(context)
    conclusion = _document(context, "conclusion").body
    agreed = context.variables.get("agreed")
    reviews.conclude(
        context.session,
        review.id,
        found=_summary(context, review),
        agreed=None if agreed is None else Decimal(agreed),
        grade=str(context.variables["grade"]),
        sample_candidate=conclusion.get("sample_candidate") is True,
        by=context.actor,
        now=context.now,
    )
    context.audit("review.concluded", {"review": review.id, "grade": review.grade})
    return {
        "joint_result": {
            "review": review.id,
            "score": review.score if review.agreed is None else review.agreed,
            "grade": review.grade,
            "sample": review.sample_candidate,
            "experts": sum(seat.party == Party.EXPERT and seat.total is not None for seat in review.seats),
        }
    }


HANDLERS = (open_review, register_group, record_absent, sum_up, close_review)
