"""What the dashboard shows: cards, the two monitored rates of each project, where a year's projects stand, who is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import and_, select, true
from sqlalchemy.orm import Session

from budget import statistics
from budget.cases import CaseKind, CaseState
from budget.money import round_half_up
from budget.monitoring import queries
from budget.monitoring.codes import Light
from budget.monitoring.queries import Point
from budget.statistics import Scope, shown, spending, standing
from budget.statistics.spending import Spending
from budget.tables import Case, Project
from web import context
from web.formatting import local, number, wan
from web.registers import registers, scope
from web.registers.cases import ENDED, OVERDUE
from web.registers.model import NO_STATE, word, words_of

#: Roles that see the whole county's figures besides those that see every row.
READERS = scope.CHECKERS | {scope.CONGRESS, scope.LEADING}


#: Roles that read the county's figures as a whole.
COUNTY = scope.SEE_ALL | READERS


@dataclass(frozen=True, slots=True)
class Card:
    """A figure above the charts: how full its bar is (0 to 100), what is under it, and how it changed in a year."""

    label: str
    value: str
    unit: str
    share: int
    tone: str
    under: str
    change: str
    href: str


def scope_of(posts: Sequence[Any], year: int, section: str, as_of: datetime) -> Scope | None:
    """Return what a person may see figures of: the county (narrowed to ``section``), their section, or their unit.

    None for agencies, experts and others who see single cases only.
    """
    if any(post.role in COUNTY for post in posts):
        return Scope(year, as_of, section)
    sections = scope.organisations(posts, scope.SECTION_ROLES)
    if sections:
        return Scope(year, as_of, section if section in sections else sections[0])
    units = scope.organisations(posts, scope.UNIT_ROLES)
    return Scope(year, as_of, unit=units[0]) if units else None


def may_see(posts: Sequence[Any]) -> bool:
    """Whether the posts give figures of anything."""
    roles = COUNTY | scope.SECTION_ROLES | scope.UNIT_ROLES
    return any(post.role in roles for post in posts)


def cards(session: Session, of: Scope, found: Sequence[Spending]) -> list[Card]:
    """Return the cards; each leads to the rows that its figure counts."""
    ids = (
        "goal.coverage",
        "goal.projects",
        "goal.amount",
        "monitor.projects",
        "monitor.red",
        "monitor.yellow",
        "rect.issued",
        "rect.closed",
        "rect.rate",
    )
    known = {one.id: one for one in statistics.FIGURES}
    grown = standing.growth(session, of, [known[id] for id in ids])
    measured = standing.called_for_goals(session, of.year - 1)
    rate = spending.rate_of(found)
    year = local(of.as_of)
    passed = (
        Decimal(year.timetuple().tm_yday) / 365 if year.year == of.year else Decimal(int(year.year > of.year))
    )
    red, yellow = int(grown["monitor.red"].value or 0), int(grown["monitor.yellow"].value or 0)
    monitored = int(grown["monitor.projects"].value or 0)
    whole = sum(one.budget for one in found)
    rows = registers()["goal"]
    goals = url_for(rows.endpoint, year=of.year, **_narrowing(of))
    amount = int(grown["goal.amount"].value or 0)
    return [
        Card(
            gettext("绩效目标覆盖率"),
            _percent(grown["goal.coverage"].value),
            "%",
            _share(grown["goal.coverage"].value),
            "",
            gettext("%(part)s / %(whole)s 个项目", part=grown["goal.projects"].value, whole=len(found)),
            _points(grown["goal.coverage"].change) if measured else "",
            url_for(rows.endpoint, year=of.year, state="APPROVED", **_narrowing(of)),
        ),
        Card(
            gettext("纳入绩效管理资金"),
            wan(amount),
            gettext("万元"),
            _share(Decimal(amount) / whole if whole else None),
            "",
            gettext("占项目预算 %(share)s%%", share=_percent(Decimal(amount) / whole if whole else None)),
            _percentage(grown["goal.amount"].rate) if measured else "",
            url_for(rows.endpoint, year=of.year, state="APPROVED", sort="-amount", **_narrowing(of)),
        ),
        Card(
            gettext("预算执行率"),
            _percent(rate),
            "%",
            _share(rate),
            "amber" if rate is not None and rate < passed * Decimal("0.8") else "",
            gettext("时序进度 %(share)s%%", share=_percent(passed)),
            "",
            goals,
        ),
        Card(
            gettext("监控预警项目"),
            str(red + yellow),
            gettext("个项目"),
            _share(Decimal(red + yellow) / monitored if monitored else None),
            "red" if red else "amber",
            gettext("红 %(red)s · 黄 %(yellow)s · 共监控 %(count)s", red=red, yellow=yellow, count=monitored),
            "",
            url_for("registers.show", register="monitoring", year=of.year, **_narrowing(of)),
        ),
        Card(
            gettext("整改销号率"),
            _percent(grown["rect.rate"].value),
            "%",
            _share(grown["rect.rate"].value),
            "",
            gettext(
                "销号 %(closed)s / 下达 %(issued)s",
                closed=grown["rect.closed"].value,
                issued=grown["rect.issued"].value,
            ),
            _points(grown["rect.rate"].change),
            url_for("registers.show", register="rectification", year=of.year, **_narrowing(of)),
        ),
    ]


def _narrowing(of: Scope) -> dict[str, str]:
    return {name: value for name, value in (("section", of.section), ("unit", of.unit)) if value}


def _percent(value: Any) -> str:
    return "—" if value is None else f"{shown(Decimal(value), '%'):.1f}"


def _share(value: Any) -> int:
    return 0 if value is None else int(min(Decimal(1), Decimal(value)) * 100)


def _points(change: Any) -> str:
    """Return a change of a share in percentage points, with its arrow."""
    return "" if change is None else _arrow(Decimal(change) * 100, "")


def _percentage(rate: Decimal | None) -> str:
    return "" if rate is None else _arrow(rate * 100, "%")


def _arrow(value: Decimal, unit: str) -> str:
    rounded = round_half_up(value, 1)
    if not rounded:
        return ""
    return f"{'↑' if rounded > 0 else '↓'} {number(abs(rounded))}{unit}"


def checkpoints(session: Session, of: Scope) -> list[str]:
    """Return the year's checkpoints of which there are reports, in the order of the year."""
    query = select(Case.period).where(Case.kind == CaseKind.MONITORING, Case.fiscal_year == of.year)
    return list(session.scalars(query.where(Case.period != "").distinct().order_by(Case.period)))


def points(session: Session, of: Scope, period: str) -> Sequence[Point]:
    """Return both monitored rates of the projects at a checkpoint, or at each one's newest."""
    only = [Project.section == of.section] if of.section else []
    only += [Project.unit == of.unit] if of.unit else []
    return queries.scatter(session, of.year, period, and_(true(), *only))


def scatter(found: Sequence[Point]) -> Mapping[str, Any]:
    """Return the two monitored rates of each project as of its report: the picture's points, and the rows beside it."""
    lights = words_of(Light)
    return {
        "points": [
            {
                "name": one.name,
                "unit": one.unit,
                "money": float(round_half_up(one.spent, 1)),
                "goal": float(round_half_up(one.achieved, 1)),
                "amount": float(one.amount) / 1_000_000,
                "light": one.light or "",
                "said": word(lights, one.light, context.language()),
                "href": url_for("projects.show", project_id=one.project_id),
            }
            for one in found
        ],
        "axes": [f"{gettext('预算执行率')} (%)", f"{gettext('目标完成率')} (%)"],
        "lights": [[code, word(lights, code, context.language())] for code in lights],
        "amount": gettext("万元"),
        "other": gettext("未出灯"),
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the status matrix: how many projects stand where, each number with the rows that it counts."""

    title: str
    cells: Sequence[tuple[int, str]]
    late: int
    late_href: str


#: The columns of the status matrix between 未开展 and 办结.
STATES = (CaseState.OPEN, CaseState.SUBMITTED, CaseState.RETURNED)


def matrix(session: Session, of: Scope, projects: int) -> list[Line]:
    """Return the status matrix of the year's projects."""
    lines = []
    for row in standing.matrix(session, of, projects):
        register = registers()[row.kind.value.lower()]
        closed = sum(count for state, count in row.states.items() if state not in STATES)
        counts = [row.none, *(row.states.get(state, 0) for state in STATES), closed]
        states = _states(row.kind)
        lines.append(
            Line(
                register.title(),
                [(count, _rows(register, of, state)) for count, state in zip(counts, states, strict=True)],
                row.late,
                _rows(register, of, OVERDUE),
            )
        )
    return lines


def _states(kind: CaseKind) -> Sequence[str]:
    """Return the filter of each column; the register of goals has states of its own."""
    if kind == CaseKind.GOAL:
        return (NO_STATE, "DRAFTING", "SUBMITTED", "RETURNED", ENDED)
    return ("", *(str(state) for state in STATES), ENDED)


def _rows(register: Any, of: Scope, state: str) -> str:
    """Return where the rows of a number are."""
    if not state:
        register = registers()["goal"]
    arguments = {**_narrowing(of), "year": of.year, **({"state": state} if state else {})}
    if register.endpoint == "registers.show":
        arguments["register"] = register.name
    return url_for(register.endpoint, **arguments)


def sections(found: Sequence[Spending], of: Scope) -> Mapping[str, Any]:
    """Return budget, spending and rate of each section, for the picture and the table beside it."""
    grouped: dict[str, list[Spending]] = {}
    for one in found:
        grouped.setdefault(one.section, []).append(one)
    rows = []
    for code, several in sorted(grouped.items()):
        rate = spending.rate_of(several)
        rows.append(
            {
                "name": several[0].section_name,
                "projects": len(several),
                "budget": float(sum(one.budget for one in several)) / 1_000_000,
                "spent": float(sum(one.spent or 0 for one in several)) / 1_000_000,
                "rate": None if rate is None else float(round_half_up(rate * 100, 1)),
                "href": url_for("goals.register_page", year=of.year, section=code),
            }
        )
    return {
        "rows": rows,
        "words": [gettext("预算数"), gettext("支出数"), gettext("执行率")],
        "unit": gettext("万元"),
    }


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A unit in the ranking: how many reports are late, by how many days the oldest, and how long its bar is."""

    name: str
    count: int
    days: int
    share: int
    href: str


def late(session: Session, of: Scope) -> list[LateUnit]:
    """Return the units with the most late reports."""
    found = standing.late(session, of)
    most = max((one.count for one in found), default=1)
    today = local(of.as_of).date()
    return [
        LateUnit(
            one.name,
            one.count,
            max(1, (today - local(one.since).date()).days),
            one.count * 100 // most,
            url_for("registers.index", year=of.year, unit=one.unit, state=OVERDUE),
        )
        for one in found
    ]
