"""What a campaign's plan form says, read from its answers, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from budget import campaigns
from budget.campaigns import Plan
from budget.cases import CampaignState, CaseKind
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding
from workflows import closing
from workflows.campaigns import kinds

#: The form that says what is to be called for; see ``forms/campaign_plan.form``.
FORM = "campaign_plan"
#: A campaign opens when offices do, and what it asks for is due when they close.
OPENS, CLOSES = time(9), time(18)


def read(answers: Mapping[str, Any]) -> Plan:
    """Return the plan that sound answers mean; raises KeyError and ValueError for others."""
    as_of = answers.get("as_of")
    return Plan(
        kind=CaseKind(answers["kind"]),
        fiscal_year=int(answers["fiscal_year"]),
        period=str(answers.get("period") or "").strip(),
        title=str(answers["title"]).strip(),
        as_of=date.fromisoformat(as_of) if as_of else None,
        opens_at=datetime.combine(date.fromisoformat(answers["opens_on"]), OPENS, ZONE),
        due_at=datetime.combine(date.fromisoformat(answers["due_on"]), CLOSES, ZONE),
    )


def check(request: AnswersRequest) -> Sequence[Finding]:
    """Return what is wrong with a plan beyond single fields: its days, and that it is there already."""
    if request.outcome == "取消活动":
        return ()
    try:
        plan = read(request.answers)
    except (KeyError, ValueError, TypeError):
        return ()  # the form says which field is missing
    found = []
    if plan.kind not in kinds():
        found.append(
            _finding("kind", "不能布置这一类活动，请另选", "This can't be called for; choose another kind")
        )
    elif (periods := kinds()[plan.kind].periods) and plan.period not in periods:
        found.append(
            _finding(
                "period",
                f"期次须是下列之一：{'、'.join(periods)}",
                f"The period must be one of: {', '.join(periods)}",
            )
        )
    if plan.due_at <= plan.opens_at:
        found.append(
            _finding("due_on", "截止日须晚于启动日", "The deadline must be later than the opening day")
        )
    if plan.due_at <= request.now:
        found.append(_finding("due_on", "截止日已经过去", "The deadline has passed already"))
    if request.session is not None:
        found.extend(closing.of_plan(request.session, plan, request.now))
        found.extend(_taken(request.session, plan, request.variables))
    return found


def _taken(session: Session, plan: Plan, variables: Mapping[str, Any]) -> Sequence[Finding]:
    there = campaigns.same(session, plan.kind, plan.fiscal_year, plan.period)
    mine = variables.get("campaign")
    own = mine.get("id") if isinstance(mine, Mapping) else None
    if there is None or there.state == CampaignState.CANCELLED or there.id == own:
        return ()
    return (
        _finding(
            "period",
            f"这一年度、期次已有活动“{there.title}”，请改期次，或在那项活动里办理",
            f"There is the campaign “{there.title}” of this year and period; use another period, or that one",
        ),
    )


def _finding(field: str, zh: str, en: str) -> Finding:
    return Finding("error", f"campaign.{field}", {"zh": zh, "en": en}, field=field)
