"""Reminders of what is due soon (domain §5.1): so many working days before a deadline, whoever has the step hears of it.

The calls for reports have a chain of their own, and a few steps a timer in their file, which know the round. All other steps
of all businesses are looked through once a working day; what a county's rules say is `reminders.*`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from budget.campaigns import WITH_UNIT
from budget.tables import Case, Project, Unit
from engine import messages, tables
from engine.calendar import ZONE, WorkingDays, load_working_days
from engine.commands import informing
from engine.plugins import HandlerContext
from engine.values import load_plain
from workflows import profiles
from workflows.mornings import Morning, each_morning
from workflows.profiles import Profile

if TYPE_CHECKING:
    from engine.engine import Engine

messages.register(
    {
        "due.soon": {
            "zh": "“{step}”有 {count} 件将于 {due} 到期：{subject}，请按时办理",
            "en": "{count} of “{step}” will be due {due}: {subject}",
        },
    }
)

#: Steps with a reminder of their own in their file, by process and element.
OWN = frozenset(
    {
        ("goal_declaration", "fill_goal"),
        ("monitoring", "fill_report"),
        ("rectification", "report_actions"),
        ("self_evaluation", "fill_evaluation"),
    }
)
#: The setting that says how many working days ahead, by process and element; the others follow ``reminders.steps``.
SETTING: Mapping[tuple[str, str], str] = {
    ("key_evaluation", "write_draft"): "reminders.drafts",
    ("engagement", "deliver"): "reminders.drafts",
    ("key_evaluation", "ask_opinions"): "reminders.opinions",
}
#: What follows its own setting whatever the step is.
_PROCESS = {"disbursement": "reminders.payments"}
_OTHERS = "reminders.steps"
SETTINGS = (_OTHERS, "reminders.drafts", "reminders.opinions", "reminders.payments")
_MARK = "due reminders"
#: So many cases are named in a sentence.
_NAMED = 2


def remind(context: HandlerContext, step: str, roles: Sequence[str], *, called: bool) -> None:
    """Tell a project's unit that its step is due (variable ``due``): what a file's own reminder does.

    Nothing is told of a secret project, nor where a call for reports tells it (``called``).
    """
    project = context.variables["project"]
    if called or project["secret"]:
        return
    due = datetime.fromisoformat(context.variables["due"]).astimezone(ZONE)
    said = {"step": step, "count": 1, "due": f"{due:%Y-%m-%d %H:%M}", "subject": project["name"]}
    people = [f"role:{role}@{project['unit']}" for role in roles]
    context.tell(people, "due.soon", said, f"/instances/{context.instance.id}")


def tell(engine: Engine) -> int:
    """Tell once a working day, from the morning on, what comes due; return how many sentences were told."""
    return each_morning(engine, _MARK, _tell)


def _tell(morning: Morning) -> int:
    unit, now, today = morning.unit, morning.now, morning.today
    with unit.savepoint() as session:
        rules, working = profiles.current(session), load_working_days(session)
        if not working.is_working(today):
            return 0
        told = 0
        for (people, step, due), items in sorted(_due(session, rules, working, today).items()):
            said = {
                "step": step,
                "count": len(items),
                "due": f"{due.astimezone(ZONE):%Y-%m-%d %H:%M}",
                "subject": _named([subject for _, subject in items]),
            }
            link = f"/tasks/{items[0][0]}" if len(items) == 1 else "/inbox"
            told += len(informing.notice(unit, list(people), "due.soon", said, link, now))
        return told


def _due(
    session: Session, rules: Profile, working: WorkingDays, today: date
) -> dict[tuple[tuple[str, ...], str, datetime], list[tuple[int, str]]]:
    """Return the items that are told of today with their subjects, by who has them, the step, and the deadline."""
    ahead = {name: int(rules.value(name)) for name in SETTINGS}
    spans = {days: span(working, today, days) for days in ahead.values()}
    found: dict[tuple[tuple[str, ...], str, datetime], list[tuple[int, str]]] = {}
    for row in session.execute(_open(list(spans.values()))):
        key = (row.process_id, row.element)
        first, last = spans[ahead[_PROCESS.get(row.process_id) or SETTING.get(key, _OTHERS)]]
        if key in OWN or not first <= row.due_at < last:
            continue
        people = (row.assignee,) if row.assignee else tuple(sorted(load_plain(row.candidates)))
        found.setdefault((people, row.step, row.due_at), []).append((row.id, row.subject or ""))
    return found


def span(working: WorkingDays, today: date, days: int) -> tuple[datetime, datetime]:
    """Return from when to when a deadline lies that many working days ahead, with the free days that follow."""
    day = working.add(today, days)
    return datetime.combine(day, time(), ZONE), datetime.combine(working.next(day), time(), ZONE)


def _open(spans: Sequence[tuple[datetime, datetime]]) -> Select[Any]:
    """Return the query of open items due in one of the spans, of cases that are not secret and that no call reminds of."""
    items, instances = tables.work_items.c, tables.instances.c
    secret = or_(func.coalesce(Project.secret_flag, false()), func.coalesce(Unit.secret_flag, false()))
    called = and_(
        func.coalesce(Case.campaign_id, 0) != 0, Case.state.in_(WITH_UNIT), Case.submitted_at.is_(None)
    )
    return (
        select(
            items.id,
            items.element,
            items.step,
            items.due_at,
            items.assignee,
            items.candidates,
            instances.subject,
            tables.definitions.c.process_id,
        )
        .join(tables.instances, instances.id == items.instance_id)
        .join(tables.definitions, tables.definitions.c.id == items.definition_id)
        .join(Case, Case.instance_id == items.instance_id)
        .outerjoin(Unit, Unit.code == Case.unit)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(
            items.state == "open",
            or_(*(and_(items.due_at >= first, items.due_at < last) for first, last in spans)),
            ~secret,
            ~called,
        )
        .order_by(items.id)
    )


def _named(subjects: Sequence[str]) -> str:
    named = "、".join(subjects[:_NAMED])
    return f"{named}等" if len(subjects) > _NAMED else named
