"""The service tasks of a campaign: its records, the sending out in batches, its close, and the chain of escalations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from budget import campaigns, cases, escalation
from budget.cases import CampaignState, CaseKind, CaseState
from budget.escalation import Step
from budget.projects import Register
from budget.tables import Campaign
from engine import StartRequest
from engine.calendar import ZONE, load_working_days
from engine.plugins import HandlerContext, JobContext, handler, job_handler
from workflows import profiles
from workflows.campaign import chain, cohorts, plans
from workflows.campaigns import kinds, start_variables

#: So many instances are started by one job, which is a transaction of the engine's.
BATCH = 500


def _campaign(context: HandlerContext) -> Campaign:
    return campaigns.campaign_of(context.session, int(context.variables["campaign"]["id"]))


def _about(campaign: Campaign) -> dict[str, Any]:
    """Return the variable ``campaign``."""
    return {
        "id": campaign.id,
        "kind": str(campaign.kind),
        "kind_name": CaseKind(campaign.kind).zh,
        "year": campaign.fiscal_year,
        "period": campaign.period,
        "title": campaign.title,
        "as_of": campaign.as_of.isoformat() if campaign.as_of else None,
    }


def _forget(context: HandlerContext) -> None:
    cases.closed(
        context.session, context.instance.id, context.now, result="WITHDRAWN", state=CaseState.WITHDRAWN
    )


@handler("campaign.open", undo=_forget)
def open_campaign(context: HandlerContext) -> Mapping[str, Any]:
    """Begin the case, and say what can be called for."""
    given = context.variables.get("proposal") or {}
    year = int(given.get("fiscal_year") or context.now.astimezone(ZONE).year)
    cases.open_case(
        context.session, context.instance.id, CaseKind.CAMPAIGN, fiscal_year=year, now=context.now
    )
    return {
        "kinds": [{"value": str(kind), "label": kind.zh} for kind in kinds()],
        "title": given.get("title") or "年度活动",
    }


def _unplan(context: HandlerContext) -> None:
    campaigns.change_state(context.session, _campaign(context), CampaignState.CANCELLED, context.now)


@handler("campaign.plan", undo=_unplan)
def record_plan(context: HandlerContext) -> Mapping[str, Any]:
    """Write the plan down, and count who would have to report, by section, and who not and why."""
    document = context.document("plan")
    assert document is not None
    wanted = plans.read(document.body)
    campaign = campaigns.plan(context.session, wanted, context.instance.id)
    case = cases.case_of(context.session, context.instance.id)
    case.fiscal_year, case.period = campaign.fiscal_year, campaign.period
    case.campaign_id = None
    return {
        "campaign": _about(campaign),
        "title": campaign.title,
        "opens_at": campaign.opens_at.astimezone(ZONE).isoformat(),
        "due": campaign.due_at.astimezone(ZONE).isoformat(),
        "cohort": cohorts.preview(context.session, campaign, profiles.current(context.session)),
    }


def _uncancel(context: HandlerContext) -> None:
    cases.reopened(context.session, context.instance.id)


@handler("campaign.cancel", undo=_uncancel)
def cancel(context: HandlerContext) -> None:
    """Note that the campaign is not held."""
    about = context.variables.get("campaign")
    if about is not None:
        campaigns.change_state(context.session, _campaign(context), CampaignState.CANCELLED, context.now)
    cases.closed(
        context.session, context.instance.id, context.now, result="CANCELLED", state=CaseState.WITHDRAWN
    )


def _unenroll(context: HandlerContext) -> None:
    campaigns.withdraw(context.session, _campaign(context))


@handler("campaign.enroll", undo=_unenroll)
def enroll(context: HandlerContext) -> Mapping[str, Any]:
    """Fix the list of those who must report; from now on it is sent out."""
    campaign = _campaign(context)
    members = cohorts.members(context.session, campaign, profiles.current(context.session))
    count = campaigns.enroll(context.session, campaign, members, context.now)
    cases.submitted(context.session, context.instance.id, context.now)
    context.audit("campaign.enrolled", {"members": count})
    return {"members": count}


@job_handler("campaign.send", idempotent=True, seconds=900)
def send_out(context: JobContext) -> Mapping[str, Any]:
    """Start the next instances; return how many are left. Done again it starts only what isn't there."""
    engine = context.engine
    campaign_id = int(context.variables["campaign"]["id"])
    profile = profiles.of(engine)
    with engine.database.write() as unit, unit.savepoint() as session:
        campaign = campaigns.campaign_of(session, campaign_id)
        waiting = campaigns.unstarted(session, campaign, BATCH)
        kind = kinds()[CaseKind(campaign.kind)]
        register = Register(session)
        ids, requests = [], []
        for member in waiting:
            assigned = cohorts.assigned(member)
            ids.append(member.id)
            requests.append(
                StartRequest(
                    start_variables(kind, register, assigned, campaign, profile),
                    member.business_key,
                    kind.documents(register, assigned, campaign),
                )
            )
    if requests:
        started = engine.start_many(kind.process, requests, actor="system")
        with engine.database.write() as unit, unit.savepoint() as session:
            pairs = zip(ids, started, strict=True)
            campaigns.note_started(session, {member: one.instance_id for member, one in pairs})
    with engine.database.read() as unit, Session(unit.connection) as session:
        done, of = campaigns.sent_out(session, campaigns.campaign_of(session, campaign_id))
    return {"left": of - done}


def _unopen(context: HandlerContext) -> None:
    campaigns.change_state(context.session, _campaign(context), CampaignState.OPENING, None)


@handler("campaign.opened", undo=_unopen)
def note_open(context: HandlerContext) -> Mapping[str, Any]:
    """Note that everybody has their task; the chain of reminders and escalations of this kind begins."""
    campaign = _campaign(context)
    campaigns.change_state(context.session, campaign, CampaignState.OPEN, None)
    working = load_working_days(context.session)
    days = context.variables["profile"]["escalation"]
    return {
        "chain": chain.days_of(days, campaign.kind),
        "next_check": chain.next_check(context.now, working),
    }


def _unclose(context: HandlerContext) -> None:
    campaign = _campaign(context)
    campaigns.change_state(context.session, campaign, CampaignState.OPEN, None)
    campaigns.forget_late(context.session, context.variables["closing"]["marked"])


@handler("campaign.close", undo=_unclose)
def close(context: HandlerContext) -> Mapping[str, Any]:
    """Close the campaign: who has not reported by the deadline is late; the figures stand as they are now."""
    campaign = _campaign(context)
    marked = campaigns.mark_late(context.session, campaign, context.now)
    campaigns.change_state(context.session, campaign, CampaignState.CLOSED, context.now)
    counts = campaigns.counts(context.session, campaign.id, context.now)
    return {"closing": {"marked": marked, **cohorts.closing(counts)}}


@handler("campaign.summed_up", undo=_uncancel)
def summed_up(context: HandlerContext) -> None:
    """Note that the campaign is over and summed up."""
    cases.closed(context.session, context.instance.id, context.now, result="CLOSED")


@handler("campaign.ages")
def measure(context: HandlerContext) -> Mapping[str, Any]:
    """Return how many working days past their deadline the missing reports are, each number once."""
    return {"ages": sorted(set(_ages(context).values()))}


@handler("campaign.escalate", irreversible=True)
def escalate(context: HandlerContext) -> Mapping[str, Any]:
    """Take the steps that the table D13 asks for, each once for a case and a deadline; what was told can't be unsaid."""
    campaign, ages = _campaign(context), _ages(context)
    measures = [measure for measure in context.variables["measures"] or () if measure["steps"]]
    asked = {int(measure["age"]) for measure in measures}
    if any(Step.BULLETIN in measure["steps"] for measure in measures):
        asked |= {age for age in ages.values() if age > 0}  # the notice names all that are late
    late = escalation.waiting(
        context.session, campaign, {due: age for due, age in ages.items() if age in asked}
    )
    taken: dict[str, int] = {}
    for measure in measures:
        those = [one for one in late if one.age == measure["age"]]
        for step in measure["steps"]:
            left = escalation.untaken(context.session, those, step)
            if left:
                chain.TAKE[step](context, campaign, left)
                escalation.note(context.session, left, step, context.now)
                taken[step] = taken.get(step, 0) + len(left)
    if taken:
        context.audit("campaign.escalated", {"steps": taken})
    told = Step.BULLETIN in taken
    over = campaign.state == CampaignState.CLOSED and chain.exhausted(
        ages.values(), context.variables["chain"]
    )
    return {
        "bulletin": told,
        "bulletin_of": chain.bulletin(late) if told else context.variables.get("bulletin_of"),
        "over": over,
        "next_check": chain.next_check(context.now, load_working_days(context.session)),
    }


def _ages(context: HandlerContext) -> Mapping[datetime, int]:
    today = context.now.astimezone(ZONE).date()
    working = load_working_days(context.session)
    return escalation.ages(context.session, _campaign(context), today, working.is_working)


HANDLERS = (
    open_campaign,
    record_plan,
    cancel,
    enroll,
    send_out,
    note_open,
    close,
    summed_up,
    measure,
    escalate,
)
