"""Auditors: accounts that may read the cases of some units, years and processes until a day, and do nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, insert, or_, select, update

from engine import tables
from engine.admin import rights
from engine.admin.people import person, reasoned
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.calendar import ZONE
from engine.database import Unit
from engine.errors import BihuanError, Forbidden, NotFound, Refused
from engine.identity import AUDITOR, Actor
from engine.values import dump_json, load_plain

#: An auditor's account lasts as long at most.
LONGEST = timedelta(days=366)
_scopes, _cases, _posts = tables.audit_scopes.c, tables.instances.c, tables.posts.c


@dataclass(frozen=True, slots=True)
class Scope:
    """What an auditor may read (None: all): units by code, the years in which cases began, processes; and until when."""

    id: int
    person: str
    units: Sequence[str] | None
    years: Sequence[int] | None
    processes: Sequence[str] | None
    valid_from: date
    valid_to: date
    reason: str
    created_by: str
    created_at: datetime
    ended_by: str | None
    ended_at: datetime | None

    def holds(self, today: date) -> bool:
        """Whether it is in force on a day."""
        return self.ended_at is None and self.valid_from <= today <= self.valid_to


@dataclass(frozen=True, slots=True)
class AuditCase:
    """A case in an auditor's list."""

    id: int
    process_id: str
    subject: str | None
    unit: str | None
    reference: str | None
    amount: int | None
    state: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of cases, the newest first; ``next`` is the id before which the following page begins."""

    rows: Sequence[AuditCase]
    next: int | None


def create(
    command: Command,
    id: str,
    org: str,
    reason: str,
    *,
    first: date | None,
    last: date | None,
    units: Sequence[str] | None,
    years: Sequence[int] | None,
    processes: Sequence[str] | None,
) -> int:
    """Make an account an auditor's: a post at the auditor's own organisation, and what it may read; return the scope's id.

    Raises :class:`Refused` for a person with other posts and for days that don't fit, :class:`NotFound` for what it names.
    """
    rights.require(command.unit, command.actor, Right.GRANTS)
    row = person(command, id)
    if id == command.actor.person:
        raise Forbidden("admin.own_posts")
    begins = first or command.today
    if last is None or last < begins or last < command.today or last - begins > LONGEST:
        raise Refused("audit.dates", days=LONGEST.days)
    others = (_posts.person == id) & (_posts.role != AUDITOR)
    others &= or_(_posts.valid_to.is_(None), _posts.valid_to >= begins)
    if command.unit.execute(select(_posts.id).where(others)).first():
        raise Refused("audit.other_posts", person=row.name)
    _known(command, [*(units or ()), org])
    if any(not 1990 <= year <= 2200 for year in years or ()):
        raise BihuanError("setting.range", least=1990, most=2200)
    values = {"valid_from": begins, "valid_to": last}
    post = {"person": id, "role": AUDITOR, "org": org, **values}
    command.unit.execute(insert(tables.posts), post)
    scope = {
        "person": id,
        **{
            name: None if not chosen else dump_json(list(chosen))
            for name, chosen in (("units", units), ("years", years), ("processes", processes))
        },
        **values,
        "reason": reasoned(reason),
        "created_by": command.by,
        "created_at": command.now,
    }
    made: int = command.unit.execute(insert(tables.audit_scopes).returning(_scopes.id), scope).scalar_one()
    told = {"units": list(units or ()), "years": list(years or ()), "processes": list(processes or ())}
    command.record(
        "audit.scope_created", scope=made, person=id, org=org, **values, **told, reason=scope["reason"]
    )
    return made


def end(command: Command, scope_id: int, reason: str) -> None:
    """End an auditor's scope at once, and with the last one the post."""
    rights.require(command.unit, command.actor, Right.GRANTS)
    row = command.unit.execute(select(tables.audit_scopes).where(_scopes.id == scope_id)).first()
    if row is None or row.ended_at is not None:
        raise NotFound("audit.unknown")
    values = {"ended_at": command.now, "ended_by": command.by}
    command.unit.execute(update(tables.audit_scopes).where(_scopes.id == scope_id).values(values))
    left = [one for one in _of(command.unit, row.person) if one.holds(command.today)]
    if not left:
        yesterday = command.today - timedelta(days=1)
        mine = (_posts.person == row.person) & (_posts.role == AUDITOR) & (_posts.valid_to > yesterday)
        command.unit.execute(update(tables.posts).where(mine).values(valid_to=yesterday))
    command.record("audit.scope_ended", scope=scope_id, person=row.person, reason=reasoned(reason))


def scopes(unit: Unit) -> list[Scope]:
    """Return all scopes, the newest first."""
    return [
        _scope(row)
        for row in unit.execute(select(tables.audit_scopes).order_by(_scopes.id.desc()).limit(500))
    ]


def admitted(unit: Unit, actor: Actor, instance_id: int, today: date) -> Actor:
    """Return an auditor as the reader of a case in their scope, anybody else as they are; raises :class:`NotFound`."""
    if not actor.is_auditor:
        return actor
    inside = _inside(unit, actor, today)
    query = _joined(select(_cases.id)).where(_cases.id == instance_id, inside)
    if unit.execute(query).first() is None:
        raise NotFound("instance.unknown", instance=instance_id)
    return replace(actor, reads_all=True)


def cases(
    unit: Unit, actor: Actor, today: date, *, text: str = "", before: int | None = None, limit: int = 50
) -> AuditPage:
    """Return a page of the cases that an auditor may read; raises :class:`Forbidden` for anybody else."""
    if not actor.is_auditor:
        raise Forbidden("audit.only")
    definitions = tables.definitions.c
    columns = (_cases.id, definitions.process_id, *(_cases[name] for name in AuditCase.__slots__[2:]))
    query = _joined(select(*columns)).where(_inside(unit, actor, today))
    if text:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found = (_cases.subject, _cases.unit, _cases.reference)
        query = query.where(or_(*(column.like(pattern, escape="\\") for column in found)))
    if before is not None:
        query = query.where(_cases.id < before)
    rows: Sequence[Any] = unit.execute(query.order_by(_cases.id.desc()).limit(limit + 1)).all()
    page = [AuditCase(*row) for row in rows[:limit]]
    return AuditPage(page, page[-1].id if len(rows) > limit else None)


def _joined(query: Any) -> Any:
    return query.join(tables.definitions, tables.definitions.c.id == _cases.definition_id)


def _inside(unit: Unit, actor: Actor, today: date) -> ColumnElement[bool]:
    """Return the condition on the cases that the auditor's scopes of today name."""
    return or_(false(), *(_condition(unit, one) for one in _of(unit, actor.person) if one.holds(today)))


def _condition(unit: Unit, scope: Scope) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [_cases.id.is_not(None)]
    if scope.units is not None:
        orgs = tables.organisations.c
        named = unit.execute(select(orgs.name).where(orgs.code.in_(scope.units))).scalars()
        parts.append(_cases.unit.in_([*named, *scope.units]))
    if scope.years is not None:
        parts.append(
            or_(
                false(),
                *(
                    and_(
                        _cases.started_at >= datetime.combine(date(year, 1, 1), time(), ZONE),
                        _cases.started_at < datetime.combine(date(year + 1, 1, 1), time(), ZONE),
                    )
                    for year in scope.years
                ),
            )
        )
    if scope.processes is not None:
        parts.append(tables.definitions.c.process_id.in_(scope.processes))
    return and_(*parts)


def _of(unit: Unit, person: str) -> list[Scope]:
    return [_scope(row) for row in unit.execute(select(tables.audit_scopes).where(_scopes.person == person))]


def _scope(row: Any) -> Scope:
    values = dict(row._asdict())
    for name in ("units", "years", "processes"):
        values[name] = load_plain(values[name]) if values[name] else None
    return Scope(**values)


def _known(command: Command, codes: Sequence[str]) -> None:
    orgs = tables.organisations.c
    there = set(command.unit.execute(select(orgs.code).where(orgs.code.in_(codes))).scalars())
    for code in codes:
        if code not in there:
            raise NotFound("org.unknown", org=code)
