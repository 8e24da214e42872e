"""The service tasks of the report review: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from budget import cases, ledger, report_reviews
from budget.agencies import agencies
from budget.answers import rows, text
from budget.cases import CaseKind, CaseState
from budget.holds import Origin
from budget.ledger import LedgerEvent
from budget.money import round_half_up
from budget.report_reviews import TEMPLATES, ReportType
from budget.tables import ReportReview
from engine.calendar import ZONE
from engine.identity import names
from engine.plugins import Document, HandlerContext, handler
from workflows.reviewers import offered

#: What is said of why reviewers are chosen.
FIRST = {"zh": "首次评审", "en": "The first reading"}
ABSENT = {"zh": "有评审人到期未评，另选评审人", "en": "A reviewer let the time pass; others are needed"}
APART = {"zh": "评审人总分相差过大，请第三人评审", "en": "The totals are too far apart; a third is asked"}
#: Who reviews reports besides experts: roles and their offices.
BESIDE_EXPERTS = (("perf_staff", "PERF"),)
#: The grade that is returned to be rewritten.
POOR = "差"


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["report_review"]
    return rules


def _review(context: HandlerContext) -> ReportReview:
    return report_reviews.of_instance(context.session, context.instance.id)


def _today(context: HandlerContext) -> date:
    return context.now.astimezone(ZONE).date()


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise report_reviews.ReportError(f"instance {context.instance.id} has no document {name}")
    return document


def _unopen(context: HandlerContext) -> None:
    report_reviews.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("report_review.open", undo=_unopen)
def open_review(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the review; return what the report is, and the aspects of its template with their points."""
    unit, project = context.variables["unit"], context.variables["project"]
    campaign, session = context.variables["campaign"], context.session
    project_id = None if project is None else int(project["id"])
    looked_back = context.now.astimezone(ZONE).year - 1 if project is None else int(project["year"])
    year = looked_back if campaign is None else int(campaign["year"])
    cases.open_case(
        session,
        context.instance.id,
        CaseKind.REPORT_REVIEW,
        fiscal_year=year,
        now=context.now,
        unit=unit["code"],
        project_id=project_id,
        campaign=campaign,
        due=datetime.fromisoformat(context.variables["deadline"]),
    )
    score = report_reviews.accepted_score(session, unit["code"], year, project_id)
    review = report_reviews.open_review(
        session,
        context.instance.id,
        unit=unit["code"],
        project_id=project_id,
        fiscal_year=year,
        self_score=score,
        now=context.now,
    )
    kind = ReportType[review.report_type]
    weights = _rules(context)["weights_unit" if project is None else "weights_project"]
    about = f"{year}年度部门整体支出" if project is None else project["name"]
    return {
        "report": {
            "type": kind.value,
            "title": f"{unit['name']}{about}绩效自评报告",
            "self_score": None if score is None else round_half_up(score, 2),
            "aspects": [{"name": one.zh, "name_en": one.en.capitalize()} for one in TEMPLATES[kind]],
            "secret": unit["secret"] is True or (project is not None and project["secret"] is True),
        },
        "scores": [
            {"aspect": one.value, "name": one.zh, "points": Decimal(weights[one.value])}
            for one in TEMPLATES[kind]
        ],
        "agencies": [{"value": one.value, "label": one.label} for one in agencies(session, _today(context))],
    }


@handler("report_review.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline (domain §6.4)."""
    report_reviews.drop(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("report_review.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is handed in for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


def _asked(context: HandlerContext, why: Mapping[str, str], needed: int, absent: list[str]) -> dict[str, Any]:
    """Return what the choice of reviewers shows: why, how many, who may be chosen."""
    review = _review(context)
    taken = {seat.principal for seat in report_reviews.seats_of(review)}
    choices, refused = offered(
        context.session,
        context.variables["unit"],
        _today(context),
        agency=review.agency,
        taken=taken,
        more=BESIDE_EXPERTS,
    )
    return {
        "why": why,
        "needed": needed,
        "absent_names": absent,
        "reviewer_choices": choices,
        "reviewer_refused": refused,
    }


def _unsubmit(context: HandlerContext) -> None:
    report_reviews.unsubmit(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("report_review.submitted", undo=_unsubmit)
def record_report(context: HandlerContext) -> Mapping[str, Any]:
    """Note that the report was handed in; say who may review it."""
    body = _document(context, "report_text").body
    review = report_reviews.submit(context.session, context.instance.id, body)
    cases.submitted(context.session, context.instance.id, context.now)
    asked = _asked(context, FIRST, int(_rules(context)["reviewers"]), [])
    return {"agency": review.agency, **asked}


def _dismiss(context: HandlerContext) -> None:
    report_reviews.dismiss(context.session, context.instance.id)


@handler("report_review.reviewers", undo=_dismiss)
def register_reviewers(context: HandlerContext) -> Mapping[str, Any]:
    """Give those who were chosen a seat; return the seats that are waited for."""
    chosen = [str(one) for one in _document(context, "reviewers").body.get("reviewers") or ()]
    called = names(context.session, chosen)
    seats = report_reviews.ask(
        context.session, context.instance.id, [(one, called[one]) for one in chosen], context.now
    )
    return {"signers": [{"seat": seat.id, "who": seat.principal, "name": seat.name} for seat in seats]}


def _uncollect(context: HandlerContext) -> None:
    report_reviews.uncollect(context.session, context.instance.id)


@handler("report_review.absent", undo=_uncollect)
def record_absent(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed in time; for everybody who did not sign another is needed."""
    empty = report_reviews.collect(
        context.session, context.instance.id, context.variables["forms"], context.now, late=True
    )
    absent = [seat.name for seat in empty]
    context.audit("report_review.absent", {"names": absent})
    return _asked(context, ABSENT, len(absent), absent)


@handler("report_review.collect", undo=_uncollect)
def sum_up(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed; say what the scores say together, and which problems were named."""
    forms = context.variables["forms"]
    report_reviews.collect(context.session, context.instance.id, forms, context.now, late=False)
    review = _review(context)
    found = report_reviews.summary(review)
    seats = {seat.id: seat for seat in report_reviews.seats_of(review)}
    named = {
        (text(row.get("content")), text(row.get("suggestion"))): None
        for form in forms
        if int(form["seat"]) in seats
        for row in rows(form.get("issues"))
        if text(row.get("content"))
    }
    return {
        "found": {
            "score": found.score,
            "score_shown": round_half_up(found.score, 2),
            "spread": found.spread,
            "weakest": found.weakest,
            "weakest_shown": round_half_up(found.weakest * 100, 2),
            "weakest_zh": found.aspect.zh,
            "weakest_en": found.aspect.en,
            "signed": found.signed,
            "rows": [
                {"name": seat.name, "total": seat.total} for seat in seats.values() if seat.total is not None
            ],
        },
        "issues": [{"content": content, "suggestion": suggestion} for content, suggestion in named],
        **_asked(context, APART, 1, []),
    }


def _ungrade(context: HandlerContext) -> None:
    report_reviews.ungrade(context.session, context.instance.id)


@handler("report_review.graded", undo=_ungrade)
def record_grade(context: HandlerContext) -> Mapping[str, Any]:
    """Write the grade and the problems; say how often the report may still be rewritten, and what a rectification needs."""
    issues = [
        row for row in rows(_document(context, "feedback").body.get("issues")) if text(row.get("content"))
    ]
    review = report_reviews.grade(
        context.session,
        context.instance.id,
        grade=str(context.variables["graded"]["grade"]),
        issues=issues,
        rectify=context.variables["rectify"] is True,
        now=context.now,
    )
    context.audit("report_review.graded", {"round": review.round, "grade": review.grade})
    return {
        "rewrites_left": int(_rules(context)["rewrites"]) + 1 - review.round,
        "issues": [
            {
                "desc": f"{row['content']}（建议：{row['suggestion']}）",
                "category": "OTHER",
                "severity": "SERIOUS" if review.grade == POOR else "GENERAL",
            }
            for row in issues
        ],
        "origin": Origin(CaseKind.REPORT_REVIEW, context.instance.id).variable,
        "review_no": f"REPORT-{context.instance.id}-{review.round}",
    }


def _take_back_return(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("report_review.returned", undo=_take_back_return)
def return_report(context: HandlerContext) -> None:
    """Send a poor report back to be rewritten."""
    cases.returned(context.session, context.instance.id)


def _unclose(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)
    ledger.settle(context.session, context.instance.id, LedgerEvent.POOR_REPORT, context.now)


@handler("report_review.closed", undo=_unclose)
def close_review(context: HandlerContext) -> None:
    """Note that the unit received the review; a report that stayed poor is entered into the ledger (S1-16)."""
    review = _review(context)
    case = cases.closed(context.session, context.instance.id, context.now, result="GRADED")
    if review.grade == POOR and review.graded_at is not None:
        ledger.enter(
            context.session,
            case,
            LedgerEvent.POOR_REPORT,
            "自评报告评审为差，重写后仍未达到要求",
            since=review.graded_at,
            now=context.now,
        )


HANDLERS = (
    open_review,
    register_offline,
    mark_overdue,
    record_report,
    register_reviewers,
    record_absent,
    sum_up,
    record_grade,
    return_report,
    close_review,
)
