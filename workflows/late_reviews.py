"""Offices that are late themselves (domain §5.1): their chief is told after a working day, the deputy leader after three."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from budget.escalation import HORIZON, Step, age
from budget.tables import Case, Escalation, Project, Unit
from engine import messages, tables
from engine.calendar import ZONE, load_working_days
from engine.commands import informing
from engine.values import load_plain
from workflows import profiles
from workflows.mornings import Morning, each_morning

if TYPE_CHECKING:
    from engine.engine import Engine

messages.register(
    {
        "review.late_chief": {
            "zh": "{office}有 {count} 件审核已超期，最早的应于 {due} 办结，请督促办理",
            "en": "{office} is late with {count} reviews, the first was due {due}; please see to it",
        },
        "review.late_leader": {
            "zh": "{office}有 {count} 件审核超期 {days} 个工作日以上未办（最早的应于 {due} 办结）",
            "en": "{office} is late with {count} reviews by {days} working days or more (the first was due {due})",
        },
    }
)

#: The offices that review, by the beginning of their roles.
_OFFICES = ("section", "budget", "perf", "treasury", "invest", "supervision")
_LEADER = "role:deputy_leader@BUREAU"
_MARK = "late reviews"


@dataclass(frozen=True, slots=True)
class _Late:
    instance_id: int
    due_at: datetime
    #: The role's beginning and the organisation of the office with which it is.
    office: tuple[str, str]
    age: int


def tell(engine: Engine) -> int:
    """Tell once a day, from the morning on, who must know of reviews that are late; return how many sentences were told."""
    return each_morning(engine, _MARK, _tell)


def _tell(morning: Morning) -> int:
    unit, now, today = morning.unit, morning.now, morning.today
    with unit.savepoint() as session:
        rules, working = profiles.current(session), load_working_days(session)
        if not working.is_working(today):
            return 0
        late = [
            _Late(row.instance_id, row.due_at, office, days)
            for row in session.execute(_overdue(now))
            if (office := _office(load_plain(row.candidates))) is not None
            and (days := age(row.due_at.astimezone(ZONE).date(), today, working.is_working)) > 0
        ]
        told = 0
        for step, days, code in (
            (Step.REVIEW_CHIEF, int(rules.value("days.late_chief")), "review.late_chief"),
            (Step.REVIEW_LEADER, int(rules.value("days.late_leader")), "review.late_leader"),
        ):
            due = _untaken(session, [one for one in late if one.age >= days], step, now)
            for (role, org), found in _by_office(due):
                whom = _LEADER if step == Step.REVIEW_LEADER else f"role:{role}_chief@{org}"
                said = {
                    "office": _name(session, org),
                    "count": len(found),
                    "days": days,
                    "due": f"{min(one.due_at for one in found).astimezone(ZONE):%Y-%m-%d}",
                }
                told += len(informing.notice(unit, [whom], code, said, "/inbox", now))
        return told


def _overdue(now: datetime) -> Any:
    """Return the query of open items past their deadline, of cases that are not secret."""
    items = tables.work_items.c
    secret: ColumnElement[bool] = func.coalesce(Project.secret_flag, false())
    return (
        select(items.instance_id, items.due_at, items.candidates)
        .join(Case, Case.instance_id == items.instance_id)
        .join(Unit, Unit.code == Case.unit)
        .outerjoin(Project, Project.id == Case.project_id)
        .where(items.state == "open", items.due_at < now, items.due_at > now - timedelta(days=HORIZON))
        .where(~Unit.secret_flag, ~secret)
        .order_by(items.instance_id, items.id)
    )


def _office(candidates: list[str]) -> tuple[str, str] | None:
    """Return the office with which an item is; None for units, leaders, third parties and experts."""
    for one in candidates:
        role, _, org = one.removeprefix("role:").partition("@")
        head, _, rank = role.rpartition("_")
        if head in _OFFICES and rank in ("chief", "staff") and org:
            return head, org
    return None


def _untaken(session: Session, late: list[_Late], step: Step, now: datetime) -> list[_Late]:
    """Return those for which a step wasn't taken for their deadline yet, and note that it is taken now."""
    query = select(Escalation.instance_id, Escalation.due_at).where(Escalation.step == step)
    query = query.where(Escalation.due_at > now - timedelta(days=HORIZON))
    taken = {(row.instance_id, row.due_at) for row in session.execute(query)}
    found = {(one.instance_id, one.due_at): one for one in late}
    fresh = [one for key, one in found.items() if key not in taken]
    session.add_all(
        Escalation(instance_id=one.instance_id, due_at=one.due_at, step=step, taken_at=now) for one in fresh
    )
    session.flush()
    return fresh


def _by_office(late: list[_Late]) -> Iterator[tuple[tuple[str, str], list[_Late]]]:
    found: dict[tuple[str, str], list[_Late]] = {}
    for one in late:
        found.setdefault(one.office, []).append(one)
    yield from sorted(found.items())


def _name(session: Session, org: str) -> str:
    orgs = tables.organisations.c
    name: str | None = session.scalar(select(orgs.name).where(orgs.code == org))
    return name or org
