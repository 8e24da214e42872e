"""The service tasks of the ex-ante evaluation: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from budget import cases, ex_ante
from budget.cases import CaseKind, CaseState
from budget.ex_ante import Conclusion
from budget.money import round_half_up
from budget.tables import ExAnteSeat, Policy, Project
from engine.calendar import ZONE
from engine.identity import names
from engine.plugins import Document, HandlerContext, handler
from workflows import audience
from workflows.reviewers import offered


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["exante"]
    return rules


def _today(context: HandlerContext) -> date:
    return context.now.astimezone(ZONE).date()


def _document(context: HandlerContext, name: str) -> Document:
    document = context.document(name)
    if document is None:
        raise ex_ante.ExAnteError(f"instance {context.instance.id} has no document {name}")
    return document


def _signers(seats: list[ExAnteSeat]) -> dict[str, Any]:
    return {"signers": [{"seat": seat.id, "who": seat.principal, "name": seat.name} for seat in seats]}


def _unopen(context: HandlerContext) -> None:
    ex_ante.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("ex_ante.open", undo=_unopen)
def open_evaluation(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the evaluation of a project or a policy; return the rows of both sheets that are scored."""
    variables = context.variables["project"]
    policy = variables.get("policy")
    about = (
        context.session.get_one(Project, int(variables["id"]))
        if policy is None
        else context.session.get_one(Policy, int(policy))
    )
    deadline = context.variables["deadline"]
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.EX_ANTE_EVALUATION,
        fiscal_year=about.fiscal_year,
        now=context.now,
        unit=about.unit,
        project_id=about.id if policy is None else None,
        campaign=context.variables["campaign"],
        due=None if deadline is None else datetime.fromisoformat(deadline),
    )
    ex_ante.open_evaluation(context.session, context.instance.id, about, context.now)
    if policy is None:
        return {"items": ex_ante.sheet(), "affordability": []}
    return {"items": ex_ante.sheet(ex_ante.POLICY_ITEMS), "affordability": ex_ante.affordability()}


@handler("ex_ante.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline (domain §6.4)."""
    ex_ante.drop(context.session, context.instance.id)
    cases.closed(context.session, context.instance.id, context.now, result="OFFLINE", state=CaseState.OFFLINE)


@handler("ex_ante.withdraw", irreversible=True)
def withdraw(context: HandlerContext) -> None:
    """Note that the unit asks no longer; it may ask again later."""
    ex_ante.drop(context.session, context.instance.id)
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


def _forget_overdue(context: HandlerContext) -> None:
    cases.case_of(context.session, context.instance.id).overdue_at = None


@handler("ex_ante.overdue", undo=_forget_overdue)
def mark_overdue(context: HandlerContext) -> None:
    """Note that the deadline passed; nothing is handed in for the unit."""
    cases.overdue(context.session, context.instance.id, context.now)


def _choices(context: HandlerContext) -> dict[str, Any]:
    """Return who may be chosen now, without those who have a seat in this round."""
    project = context.variables["project"]
    evaluation = ex_ante.of_instance(context.session, context.instance.id)
    taken = {seat.principal for seat in evaluation.seats if seat.round == evaluation.round}
    unit = {"code": project["unit"], "department": project["department"]}
    choices, refused = offered(context.session, unit, _today(context), taken=taken)
    return {"expert_choices": choices, "expert_refused": refused}


def _unsubmit(context: HandlerContext) -> None:
    cases.unsubmitted(context.session, context.instance.id)


@handler("ex_ante.submitted", undo=_unsubmit)
def record_report(context: HandlerContext) -> Mapping[str, Any]:
    """Note that the report was handed in; say who may score it."""
    cases.submitted(context.session, context.instance.id, context.now)
    return {"needed": int(_rules(context)["experts"]), "absent_names": [], **_choices(context)}


def _take_back_return(context: HandlerContext) -> None:
    cases.unreturned(context.session, context.instance.id)


@handler("ex_ante.returned", undo=_take_back_return)
def return_report(context: HandlerContext) -> None:
    """Send the report back to its unit."""
    cases.returned(context.session, context.instance.id)


def _dismiss(context: HandlerContext) -> None:
    ex_ante.dismiss(context.session, context.instance.id)


@handler("ex_ante.group", undo=_dismiss)
def register_group(context: HandlerContext) -> Mapping[str, Any]:
    """Give the section in charge and the experts that were chosen their seats."""
    project = context.variables["project"]
    chosen = [str(one) for one in _document(context, "acceptance").body.get("experts") or ()]
    called = names(context.session, chosen)
    people = [(one, called[one]) for one in chosen]
    section = (f"role:section_chief@{project['section']}", project["section_name"])
    return _signers(ex_ante.ask(context.session, context.instance.id, [section, *people], context.now))


def _uncollect(context: HandlerContext) -> None:
    ex_ante.uncollect(context.session, context.instance.id)


@handler("ex_ante.absent", undo=_uncollect)
def record_absent(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed in time; for absent experts others are needed, the section is asked again."""
    forms = context.variables["forms"]
    empty = ex_ante.collect(context.session, context.instance.id, forms, context.now, late=True)
    absent = [seat.name for seat in empty]
    context.audit("ex_ante.absent", {"names": absent})
    needed = sum(seat.principal.startswith("user:") for seat in empty)
    return {"needed": needed, "absent_names": absent, **_choices(context)}


def _found(context: HandlerContext) -> dict[str, Any]:
    evaluation = ex_ante.of_instance(context.session, context.instance.id)
    found = ex_ante.summary(evaluation)
    signed = [seat for seat in evaluation.seats if seat.round == evaluation.round and seat.total is not None]
    return {
        "score": found.score,
        "score_shown": round_half_up(found.score, 2),
        "rows": [
            {"name": f"{seat.name}（复评）" if seat.again else seat.name, "total": seat.total}
            for seat in signed
        ],
    }


@handler("ex_ante.collect", undo=_uncollect)
def sum_up(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed and say what the scores say; who is left may review it again."""
    forms = context.variables["forms"]
    ex_ante.collect(context.session, context.instance.id, forms, context.now, late=False)
    return {"found": _found(context), **_choices(context)}


def _undo_rereview(context: HandlerContext) -> None:
    ex_ante.dismiss(context.session, context.instance.id, again=True)


@handler("ex_ante.rereview", undo=_undo_rereview)
def register_rereview(context: HandlerContext) -> Mapping[str, Any]:
    """Give the experts of the second review their seats (S3-16)."""
    chosen = [str(one) for one in _document(context, "check").body.get("rereviewers") or ()]
    called = names(context.session, chosen)
    people = [(one, called[one]) for one in chosen]
    return _signers(ex_ante.ask(context.session, context.instance.id, people, context.now, again=True))


def _uncollect_rereview(context: HandlerContext) -> None:
    ex_ante.uncollect(context.session, context.instance.id, again=True)


@handler("ex_ante.rereviewed", undo=_uncollect_rereview)
def sum_rereview(context: HandlerContext) -> Mapping[str, Any]:
    """Keep what was signed of the second review; it counts instead of the first where anybody signed."""
    forms = context.variables["forms"]
    ex_ante.collect(context.session, context.instance.id, forms, context.now, late=True, again=True)
    return {"found": _found(context)}


def _unconclude(context: HandlerContext) -> None:
    ex_ante.unconclude(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("ex_ante.conclude", undo=_unconclude)
def conclude(context: HandlerContext) -> Mapping[str, Any]:
    """Write the conclusion and the result on which DQ36 relies; the case ends unless it may be applied for again."""
    rules, invest = _rules(context), context.document("invest")
    found = ex_ante.conclude(
        context.session,
        context.instance.id,
        conclusion=str(context.variables["conclusion"]),
        invest=invest.body if invest is not None else None,
        pattern=rules["number"],
        today=_today(context),
        now=context.now,
    )
    left = int(rules["resubmits"]) + 1 - found.round
    context.entrust(["check"], audience.unit_of(context.variables["project"]))
    context.audit("ex_ante.concluded", {"number": found.number, "conclusion": found.conclusion})
    if found.conclusion == Conclusion.PASS or left <= 0:
        result = "PASSED" if found.conclusion == Conclusion.PASS else "REJECTED"
        cases.closed(context.session, context.instance.id, context.now, result=result)
    return {"result_no": found.number, "resubmits_left": left}


def _ungive_up(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("ex_ante.give_up", undo=_ungive_up)
def give_up(context: HandlerContext) -> None:
    """Note that the unit doesn't apply again."""
    cases.closed(context.session, context.instance.id, context.now, result="REJECTED")


def _not_again(context: HandlerContext) -> None:
    ex_ante.not_again(context.session, context.instance.id)
    cases.unreturned(context.session, context.instance.id)


@handler("ex_ante.again", undo=_not_again)
def begin_again(context: HandlerContext) -> None:
    """Begin the next round: the unit applies once more (S5-29)."""
    ex_ante.again(context.session, context.instance.id)
    cases.returned(context.session, context.instance.id)


HANDLERS = (
    open_evaluation,
    register_offline,
    withdraw,
    mark_overdue,
    record_report,
    return_report,
    register_group,
    record_absent,
    sum_up,
    register_rereview,
    sum_rereview,
    conclude,
    give_up,
    begin_again,
)
