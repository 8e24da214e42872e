"""How each step of the chain of §5.1 is taken, once for all cases that have come to it: who is told what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from budget import cases, escalation, ledger
from budget.escalation import Late, Step
from budget.ledger import LedgerEvent
from budget.tables import Campaign
from engine import messages
from engine.calendar import OPENS, ZONE, WorkingDays
from engine.plugins import HandlerContext
from workflows.profiles.calendar import OTHER

messages.register(
    {
        "campaign.remind": {
            "zh": "{title}：还有 {count} 项待报，截止时间 {due}",
            "en": "{title}: {count} still to report, due {due}",
        },
        "campaign.head": {
            "zh": "{title}：贵单位有 {count} 项逾期未报，截止时间是 {due}，请督促办理",
            "en": "{title}: your unit has {count} overdue since {due}; please see to it",
        },
        "campaign.section": {
            "zh": "{title}：归口单位 {units} 个共 {count} 项逾期未报（{names}）",
            "en": "{title}: {count} of {units} units in your charge are overdue ({names})",
        },
        "campaign.bulletin": {
            "zh": "{title}：{units} 个单位共 {count} 项逾期未报，请拟发通报",
            "en": "{title}: {count} of {units} units are overdue; please draw up a notice",
        },
    }
)

#: So many units are named in a sentence.
_NAMES = 5


def days_of(settings: Mapping[str, Mapping[str, Any]], kind: str) -> dict[str, Any]:
    """Return the profile's days for a kind of business, None for a step that the county leaves out."""
    return {name: by_kind.get(kind, by_kind[OTHER]) or None for name, by_kind in settings.items()}


def next_check(now: datetime, working: WorkingDays) -> str:
    """Return when it is looked again who is late: the morning of the next working day, ISO 8601."""
    day = working.next(now.astimezone(ZONE).date())
    return datetime.combine(day, OPENS, ZONE).isoformat()


def exhausted(ages: Iterable[int], days: Mapping[str, Any]) -> bool:
    """Whether nothing can follow any more: everybody has reported, or the last step has been taken for all."""
    given = [days[name] for name in ("head", "section", "bulletin", "ledger") if days[name] is not None]
    return all(age >= max(given, default=0) for age in ages)


def bulletin(late: Sequence[Late]) -> Mapping[str, Any]:
    """Return the variable ``bulletin_of``: the late units with what is missing of them, for the notice."""
    overdue = escalation.by_unit([one for one in late if one.age > 0])
    return {
        "units": [
            {
                "unit": found[0].unit_name,
                "count": len(found),
                "days": max(one.age for one in found),
                "projects": "、".join(one.project for one in found if one.project),
            }
            for found in overdue.values()
        ],
        "count": sum(len(found) for found in overdue.values()),
    }


def _link(campaign: Campaign, **narrowed: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in narrowed.items())
    return f"/campaigns/{campaign.id}" + (f"?{query}" if query else "")


def _said(campaign: Campaign, late: Sequence[Late]) -> dict[str, Any]:
    names = list(dict.fromkeys(one.unit_name for one in late))
    return {
        "title": campaign.title,
        "count": len(late),
        "units": len(names),
        "names": "、".join(names[:_NAMES]) + ("等" if len(names) > _NAMES else ""),
        "due": f"{min(one.due_at for one in late).astimezone(ZONE):%Y-%m-%d %H:%M}",
    }


def _remind(context: HandlerContext, campaign: Campaign, late: Sequence[Late]) -> None:
    for unit, found in escalation.by_unit(late).items():
        told = _said(campaign, found)
        context.tell([f"role:unit_clerk@{unit}"], "campaign.remind", told, _link(campaign, unit=unit))


def _head(context: HandlerContext, campaign: Campaign, late: Sequence[Late]) -> None:
    for unit, found in escalation.by_unit(late).items():
        told = _said(campaign, found)
        context.tell([f"role:unit_head@{unit}"], "campaign.head", told, _link(campaign, unit=unit))


def _section(context: HandlerContext, campaign: Campaign, late: Sequence[Late]) -> None:
    for section, found in escalation.by_section(late).items():
        told = _said(campaign, found)
        context.tell(
            [f"role:section_chief@{section}"], "campaign.section", told, _link(campaign, section=section)
        )


def _bulletin(context: HandlerContext, campaign: Campaign, late: Sequence[Late]) -> None:
    people = ["role:perf_staff@PERF", "role:perf_chief@PERF"]
    context.tell(people, "campaign.bulletin", _said(campaign, late), _link(campaign))


def _ledger(context: HandlerContext, campaign: Campaign, late: Sequence[Late]) -> None:
    for one in late:
        about = f"“{one.project}”" if one.project else ""
        ledger.enter(
            context.session,
            cases.case_of(context.session, one.instance_id),
            LedgerEvent.NOT_REPORTED,
            f"{campaign.title}：{about}逾期 {one.age} 个工作日未报",
            since=one.due_at,
            now=context.now,
        )


TAKE: Mapping[str, Callable[[HandlerContext, Campaign, Sequence[Late]], None]] = {
    Step.REMIND_FIRST: _remind,
    Step.REMIND_LAST: _remind,
    Step.REMIND_DUE: _remind,
    Step.HEAD: _head,
    Step.SECTION: _section,
    Step.BULLETIN: _bulletin,
    Step.LEDGER: _ledger,
}
