"""年度结转: what of a budget year goes on into the next, what it leaves unfinished, and that it is read-only afterwards.

The functions work on a session inside the command's transaction; none commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from budget.cases import CaseKind, CaseState
from budget.codes import ProjectAttr
from budget.tables import BudgetYear, Case, Correction, Project, Unit
from engine import messages
from engine.errors import Conflict, NotFound, Refused

#: What is about a year while it lasts; what looks back on it (自评、重点评价、整改、结果应用) goes on after it is closed.
OF_THE_YEAR = frozenset(
    {
        CaseKind.GOAL,
        CaseKind.UNIT_GOAL,
        CaseKind.JOINT_REVIEW,
        CaseKind.MONITORING,
        CaseKind.UNIT_MONITORING,
        CaseKind.ADJUSTMENT,
        CaseKind.DISBURSEMENT,
    }
)
#: So many projects are named in a preview.
NAMED = 200

messages.register(
    {
        "year.closed": {
            "zh": "{year}年度已经结转，只能查阅；确需更正的，请财政局绩效管理部门对贵单位开放更正",
            "en": "The year {year} is closed and can only be read; the performance section may open it for corrections",
        },
        "year.closed_already": {"zh": "{year}年度已经结转", "en": "The year {year} is closed already"},
        "year.early": {
            "zh": "{year}年度还没有过完，12月起才能结转",
            "en": "The year {year} isn't over; it can be carried over from December on",
        },
        "year.not_closed": {"zh": "{year}年度没有结转，不用开放更正", "en": "The year {year} isn't closed"},
        "year.no_reason": {"zh": "请写明更正的理由和截止日", "en": "Say why, and until when"},
        "year.changed": {
            "zh": "您看过预览之后又有变化，请按新的预览再确认一次",
            "en": "It has changed since the preview; please look again",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What carrying a year over would do: the projects that go on and end, and the cases that it leaves unfinished."""

    year: int
    continuing: Sequence[Project]
    ending: int
    #: Projects that are in the next year already.
    there: int
    unfinished: Sequence[tuple[CaseKind, int]]
    closed: BudgetYear | None

    @property
    def seal(self) -> str:
        """What the preview showed, so that nothing else is done."""
        return f"{self.year}:{len(self.continuing)}:{self.ending}:{self.there}"


def preview(session: Session, year: int) -> Preview:
    """Return what carrying a year over would do; nothing is changed."""
    later = aliased(Project)
    query = (
        select(Project, later.id)
        .outerjoin(later, (later.previous_id == Project.id) & (later.fiscal_year == year + 1))
        .where(Project.fiscal_year == year)
        .order_by(Project.unit, Project.code)
    )
    rows: Sequence[Any] = session.execute(query).all()
    last_day = date(year, 12, 31)
    open_cases = (
        select(Case.kind, func.count())
        .where(
            Case.fiscal_year == year,
            Case.state.in_((CaseState.OPEN, CaseState.SUBMITTED, CaseState.RETURNED)),
        )
        .group_by(Case.kind)
        .order_by(Case.kind)
    )
    return Preview(
        year,
        [project for project, there in rows if there is None and project.end_date > last_day],
        sum(project.end_date <= last_day for project, there in rows if there is None),
        sum(there is not None for _, there in rows),
        [(CaseKind[kind], count) for kind, count in session.execute(open_cases)],
        session.get(BudgetYear, year),
    )


def ripe(year: int, today: date) -> bool:
    """Whether a budget year is so far that it may be carried over: from December on."""
    return today >= date(year, 12, 1)


def carry(
    session: Session, year: int, *, seal: str, by: str, now: datetime, today: date, note: str = ""
) -> int:
    """Carry a year over: continuing projects are in the next one, and the old one is read-only; return how many went on.

    A project keeps its year's amount until the next budget is imported. Raises :class:`Conflict` where it is closed or
    isn't as the preview showed it, :class:`Refused` before December.
    """
    found = preview(session, year)
    if found.closed is not None:
        raise Conflict("year.closed_already", year=year)
    if not ripe(year, today):
        raise Refused("year.early", year=year)
    if found.seal != seal:
        raise Conflict("year.changed")
    for project in found.continuing:
        session.add(_next(project, year + 1))
    session.add(
        BudgetYear(
            fiscal_year=year, closed_at=now, closed_by=by, continued=len(found.continuing), note=note[:500]
        )
    )
    session.flush()
    return len(found.continuing)


def _next(project: Project, year: int) -> Project:
    """Return a project as it goes on in the next year."""
    kept = {
        column.key: getattr(project, column.key)
        for column in Project.__table__.columns
        if column.key not in ("id", "fiscal_year", "code", "previous_id", "attr", "parent_id", "prior_grade")
    }
    old = str(project.fiscal_year)
    code = f"{year}{project.code.removeprefix(old)}" if project.code.startswith(old) else project.code
    return Project(
        **kept, fiscal_year=year, code=code, previous_id=project.id, attr=str(ProjectAttr.CONTINUED)
    )


def closed(session: Session) -> list[BudgetYear]:
    """Return the years that were carried over, the newest first."""
    return list(session.scalars(select(BudgetYear).order_by(BudgetYear.fiscal_year.desc())))


def read_only(session: Session, year: int, unit: str | None, now: datetime) -> bool:
    """Whether nothing may be reported about a year any more by a unit: it is closed, and not open for its corrections."""
    return bool(session.scalar(_read_only, {"year": year, "unit": unit, "now": now}))


def require_open(session: Session, year: int, unit: str | None, now: datetime) -> None:
    """Raise :class:`Refused` where nothing may be begun about a year any more by a unit."""
    if read_only(session, year, unit, now):
        raise Refused("year.closed", year=year)


_read_only = select(
    exists().where(BudgetYear.fiscal_year == bindparam("year"))
    & ~exists().where(
        Correction.fiscal_year == bindparam("year"),
        Correction.unit == bindparam("unit"),
        Correction.until >= bindparam("now"),
    )
)


def correct(
    session: Session, year: int, unit: str, *, reason: str, until: datetime | None, by: str, now: datetime
) -> Correction:
    """Open a closed year for a unit's corrections until a moment.

    Raises :class:`Refused` for a year that isn't closed and without a reason, :class:`NotFound` for an unknown unit.
    """
    if session.get(BudgetYear, year) is None:
        raise Refused("year.not_closed", year=year)
    if session.get(Unit, unit) is None:
        raise NotFound("org.unknown", org=unit)
    if not reason.strip() or until is None or until <= now:
        raise Refused("year.no_reason")
    found = Correction(fiscal_year=year, unit=unit, reason=reason.strip()[:500], by=by, at=now, until=until)
    session.add(found)
    session.flush()
    return found


def corrections(session: Session, year: int) -> list[tuple[Correction, str]]:
    """Return for whom a closed year is or was open, the newest first, with the unit's name."""
    query = (
        select(Correction, Unit.name)
        .join(Unit, Unit.code == Correction.unit)
        .where(Correction.fiscal_year == year)
        .order_by(Correction.id.desc())
    )
    return [(one, name) for one, name in session.execute(query)]
