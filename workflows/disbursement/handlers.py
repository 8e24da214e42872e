"""The service tasks of a disbursement review: each writes into the budget's records, and can undo it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from budget import cases, disbursements, holds, payment_facts
from budget.answers import number
from budget.cases import CaseKind, CaseState
from budget.disbursements import Decision, RequestState
from budget.goals import next_number
from budget.quality.disbursement_checks import rushes
from budget.tables import Project
from engine.calendar import ZONE
from engine.plugins import HandlerContext, handler
from workflows import profiles

#: What the offices choose, as D06 calls it.
OUTCOMES: Mapping[str, Decision] = {
    "同意": Decision.APPROVE,
    "暂缓": Decision.HOLD,
    "退回补正": Decision.RETURN,
}
_VERDICTS = {decision: outcome for outcome, decision in OUTCOMES.items()}
#: The steps of the offices that are asked at the same time.
_OPINIONS = ("section_opinion", "perf_opinion", "invest_opinion", "supervise_opinion")


def _form(context: HandlerContext, name: str) -> Mapping[str, Any]:
    document = context.document(name)
    return document.body if document is not None else {}


def _rules(context: HandlerContext) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = context.variables["profile"]["disbursement"]
    return rules


def _project(context: HandlerContext) -> Project:
    found: Project = context.session.get_one(Project, int(context.variables["project"]["id"]))
    return found


def _facts(context: HandlerContext) -> dict[str, Any]:
    today = context.now.astimezone(ZONE).date()
    return payment_facts.facts(context.session, _project(context), today, context.now)


def _ended(
    state: RequestState, before: RequestState, case_state: CaseState = CaseState.CLOSED
) -> tuple[Callable[[HandlerContext], None], Callable[[HandlerContext], None]]:
    """Return how a request and its case end in a state, and how that is undone."""

    def end(context: HandlerContext) -> None:
        disbursements.to_state(context.session, context.instance.id, state, context.now)
        cases.closed(context.session, context.instance.id, context.now, result=state.value, state=case_state)

    def begin_again(context: HandlerContext) -> None:
        disbursements.to_state(context.session, context.instance.id, before)
        cases.reopened(context.session, context.instance.id)

    return end, begin_again


_withdraw, _ = _ended(RequestState.WITHDRAWN, RequestState.DRAFTING, CaseState.WITHDRAWN)
_offline, _ = _ended(RequestState.OFFLINE, RequestState.DRAFTING, CaseState.OFFLINE)
_give_up, _ungive_up = _ended(RequestState.RETURNED, RequestState.RETURNED)
_abandon, _unabandon = _ended(RequestState.HELD, RequestState.HELD)
_stop, _unstop = _ended(RequestState.STOPPED, RequestState.REVIEWING)


@handler("disbursement.open", undo=_withdraw)
def open_request(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the request and its case; every so many-th of the year is looked at by supervision (抽查)."""
    project = _project(context)
    profile = profiles.completed(context.session, context.variables["profile"], "disbursement")
    disbursements.open_request(context.session, context.instance.id, project.id, context.now)
    cases.open_case(
        context.session,
        context.instance.id,
        CaseKind.DISBURSEMENT,
        fiscal_year=project.fiscal_year,
        now=context.now,
        unit=project.unit,
        project_id=project.id,
    )
    running = next_number(context.session, f"disbursement-{project.fiscal_year}")
    return {
        "profile": profile,
        "facts": _facts(context),
        "sampled": running % int(profile["disbursement"]["sample_every"]) == 0,
    }


@handler("disbursement.secret", irreversible=True)
def register_offline(context: HandlerContext) -> None:
    """Keep only that it was handled offline."""
    _offline(context)


def _unsubmit(context: HandlerContext) -> None:
    disbursements.unsubmit(context.session, context.instance.id)
    cases.unsubmitted(context.session, context.instance.id)


@handler("disbursement.submitted", undo=_unsubmit)
def record_request(context: HandlerContext) -> Mapping[str, Any]:
    """Write the request; supervision is asked for a sample, and where something is doubtful (DQ24, an earlier failure)."""
    form, facts, rules = _form(context, "request"), _facts(context), _rules(context)
    month = context.now.astimezone(ZONE).month
    doubtful = bool(facts["rect_failed"]) or bool(rushes(form, facts, rules, month))
    project = _project(context)
    request = disbursements.submit(
        context.session, context.instance.id, form, budget=project.annual_amount, doubtful=doubtful
    )
    cases.submitted(context.session, context.instance.id, context.now)
    amount = number(form.get("amount")) or Decimal(0)
    return {
        "stage": "OPINIONS",
        "verdict": None,
        "out_of_scope": False,
        "supervised": context.variables["sampled"] is True or request.doubtful,
        "works_review": bool(facts["works"]) and amount >= rules["invest_from"],
    }


@handler("disbursement.assess")
def assess(context: HandlerContext) -> Mapping[str, Any]:
    """Look again at everything that D06 asks; ``progress_gap`` is in percentage points, 0 where no progress is given."""
    facts, form = _facts(context), _form(context, "request")
    amount = number(form.get("amount")) or Decimal(0)
    ratio = payment_facts.payment_ratio(
        amount, facts["paid_cum"], facts["budget"], number(form.get("contract_amount"))
    )
    progress = number(form.get("physical_progress"))
    gap = Decimal(0) if ratio is None or progress is None else max(Decimal(0), ratio - progress)
    return {
        "facts": facts,
        "over_budget": facts["paid_cum"] + amount > facts["budget"],
        "progress_gap": gap,
    }


def _undecide(context: HandlerContext) -> None:
    disbursements.drop_review(context.session, context.instance.id)


@handler("disbursement.decide", undo=_undecide)
def decide(context: HandlerContext) -> Mapping[str, Any]:
    """Let the stricter of D06 and of the offices count, and note it with its reason."""
    checked, verdict = context.variables["checked"], context.variables["verdict"]
    by_people = OUTCOMES[verdict] if verdict else None
    decision = disbursements.strictest(checked["decision"], by_people)
    by_rule = decision == checked["decision"]
    reason = checked["why"] if by_rule else f"审核意见：{verdict}"
    disbursements.note_review(
        context.session, context.instance.id, context.variables["stage"], decision, reason, context.now
    )
    if checked["supervise"]:
        disbursements.request_of(context.session, context.instance.id).doubtful = True
    context.audit("disbursement.decided", {"decision": decision.value, "reason": reason})
    return {
        "review": {"decision": decision.value, "reason": reason},
        "supervised": context.variables["supervised"] or checked["supervise"],
    }


def _unreturn(context: HandlerContext) -> None:
    disbursements.to_state(context.session, context.instance.id, RequestState.REVIEWING)
    cases.unreturned(context.session, context.instance.id)


@handler("disbursement.returned", undo=_unreturn)
def return_request(context: HandlerContext) -> None:
    """Send the request back to its unit."""
    disbursements.to_state(context.session, context.instance.id, RequestState.RETURNED)
    cases.returned(context.session, context.instance.id)


@handler("disbursement.give_up", undo=_ungive_up)
def give_up(context: HandlerContext) -> None:
    """Note that the unit asks no more."""
    _give_up(context)


def _unhold(context: HandlerContext) -> None:
    disbursements.to_state(context.session, context.instance.id, RequestState.REVIEWING)


@handler("disbursement.hold", undo=_unhold)
def hold(context: HandlerContext) -> Mapping[str, Any]:
    """Note that the request is held, and when somebody or something looks at it again.

    That is when all that keeps the project's money back has lapsed by itself, or before that when it was held too long.
    """
    disbursements.to_state(context.session, context.instance.id, RequestState.HELD)
    too_long = context.now + timedelta(days=int(_rules(context)["hold_days"]))
    lapse = holds.lapse(context.session, _project(context).id, context.now)
    lapses = lapse is not None and lapse < too_long
    wake_at = lapse if lapse is not None and lapses else too_long
    return {"wake_at": wake_at.astimezone(ZONE).isoformat(), "lapses": lapses}


@handler("disbursement.abandon", undo=_unabandon)
def abandon(context: HandlerContext) -> None:
    """Note that a held request ended without a payment."""
    _abandon(context)


@handler("disbursement.stop", undo=_unstop)
def stop(context: HandlerContext) -> None:
    """Note that the project's money is stopped, which ends the request."""
    _stop(context)


@handler("disbursement.opinions")
def record_opinions(context: HandlerContext) -> Mapping[str, Any]:
    """Let the strictest opinion count; where all agree the leaders are next."""
    asked = [*_OPINIONS[:2]]
    asked += [
        name
        for name, on in (("invest_opinion", "works_review"), ("supervise_opinion", "supervised"))
        if context.variables[on]
    ]
    verdict = disbursements.strictest(*(OUTCOMES[context.variables[f"{name}_outcome"]] for name in asked))
    return {
        "verdict": _VERDICTS[verdict],
        "stage": "APPROVAL" if verdict == Decision.APPROVE else "OPINIONS",
        "out_of_scope": any(_form(context, name).get("out_of_scope") is True for name in asked),
    }


@handler("disbursement.approved")
def record_approval(context: HandlerContext) -> Mapping[str, Any]:
    """Note what the leaders decided; where they agree the treasury section is next."""
    verdict = context.variables["outcome"]
    return {"verdict": verdict, "stage": "PAYMENT" if verdict == "同意" else "APPROVAL"}


def _unpay(context: HandlerContext) -> None:
    disbursements.unpay(context.session, context.instance.id)
    cases.reopened(context.session, context.instance.id)


@handler("disbursement.paid", undo=_unpay)
def record_payment(context: HandlerContext) -> None:
    """Write the payment, which counts from now on."""
    paid = disbursements.pay(
        context.session, context.instance.id, _form(context, "receipt"), context.actor, context.now
    )
    cases.closed(context.session, context.instance.id, context.now, result="PAID")
    context.audit("disbursement.paid", {"amount": paid.amount, "paid_on": paid.paid_on.isoformat()})


HANDLERS = (
    open_request,
    register_offline,
    record_request,
    assess,
    decide,
    return_request,
    give_up,
    hold,
    abandon,
    stop,
    record_opinions,
    record_approval,
    record_payment,
)
