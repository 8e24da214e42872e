"""Who stands in for whom (代理): from one day to another, for all processes or some; nobody stands in for a stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from engine import history, tables
from engine.arranging import may_arrange, staff_of
from engine.calendar import ZONE, Clock
from engine.commands import requests
from engine.database import Database, Unit
from engine.errors import Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, load_actor
from engine.values import dump_json, load_plain

#: As long may a reason be, in characters.
MAX_REASON = 500
#: As many are listed, the newest first.
LISTED = 200

_table = tables.substitutions.c
_absent, _acting, _maker = (tables.people.alias(name) for name in ("absent", "acting", "maker"))
_listed = (
    select(
        tables.substitutions,
        _absent.c.name.label("person_name"),
        _acting.c.name.label("substitute_name"),
        _maker.c.name.label("maker_name"),
    )
    .join(_absent, _absent.c.id == _table.person)
    .join(_acting, _acting.c.id == _table.substitute)
    .join(_maker, "user:" + _maker.c.id == _table.created_by, isouter=True)
)
_overlapping = (
    select(tables.substitutions)
    .where(
        _table.ended_at.is_(None),
        _table.valid_from <= bindparam("until"),
        _table.valid_to >= bindparam("since"),
    )
    .order_by(_table.id)
)
_end = (
    update(tables.substitutions)
    .where(_table.id == bindparam("key"), _table.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Substitution:
    """That ``substitute`` acts for ``person``, from and to dates inclusive; ``processes`` None means all.

    ``state`` is ``planned``, ``running`` or ``over`` (past its last day, or ended before). ``arranged_by`` is the name of
    who arranged it where that was somebody else, for ``reason``.
    """

    id: int
    person: str
    person_name: str
    substitute: str
    substitute_name: str
    valid_from: date
    valid_to: date
    processes: Sequence[str] | None
    created_at: datetime
    arranged_by: str | None
    reason: str
    ended_at: datetime | None
    state: str

    @property
    def ended(self) -> bool:
        """Whether it was ended by somebody."""
        return self.ended_at is not None


@dataclass(frozen=True, slots=True)
class Remark:
    """What whoever arranges a substitution should know, as a sentence's code and its parameters."""

    code: str
    params: dict[str, Any]


class Substitutions:
    """The substitutions of a county; every change is recorded in the chain ``identity``."""

    def __init__(self, database: Database, clock: Clock, plugins: Any) -> None:
        self.database = database
        self.clock = clock
        self.plugins = plugins

    def create(
        self,
        person: str,
        substitute: str,
        valid_from: date,
        valid_to: date,
        *,
        actor: Actor,
        processes: Sequence[str] | None = None,
        reason: str = "",
        request_key: str | None = None,
    ) -> int:
        """Let ``substitute`` act for ``person``; return the substitution's id.

        A person says it for themself; for somebody who has fallen ill their head or an administrator does, with a reason.
        Raises :class:`Forbidden`, and :class:`Refused` for dates that don't follow one another or have passed, for
        oneself, for administrators, and for what is arranged already.
        """
        if substitute == person:
            raise Refused("substitution.oneself")
        reason, today = reason.strip(), self._today()
        if valid_to < valid_from or valid_to < today:
            raise Refused("substitution.dates", since=str(valid_from), until=str(valid_to))
        if processes is not None and not processes:
            raise Refused("substitution.no_process")
        if len(reason) > MAX_REASON:
            raise Refused("notes.too_long", length=len(reason), limit=MAX_REASON)
        row = {
            "person": person,
            "substitute": substitute,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "processes": None if processes is None else dump_json(sorted(set(processes))),
            "created_at": self.clock.now(),
            "created_by": actor.principal,
            "reason": reason or None,
        }

        def command(unit: Unit) -> int:
            asked = requests.fingerprint(
                "substitute",
                actor.principal,
                *(str(row[name]) for name in ("person", "substitute", "valid_from", "valid_to", "processes")),
            )
            known = requests.answer(unit, request_key, asked)
            if known is not None:
                return int(known["id"])
            absent = load_actor(unit, person, today)
            if not may_arrange(self.plugins, actor, absent):
                raise Forbidden("substitution.own_only")
            if actor.person != person and not reason:
                raise Refused("substitution.reason", person=absent.name)
            other = load_actor(unit, substitute, today)
            if other.no_business:
                raise Refused("item.to_admin", person=other.name)
            self._not_twice(unit, row, other.name)
            created: int = unit.execute(insert(tables.substitutions).returning(_table.id), row).scalar_one()
            body = {
                "id": created,
                "person": person,
                "substitute": substitute,
                "from": str(valid_from),
                "to": str(valid_to),
                "processes": None if processes is None else list(processes),
                "reason": reason,
            }
            now = self.clock.now()
            history.record(unit, "identity", Entry("substitution.created", actor.principal, now, body=body))
            requests.remember(unit, request_key, asked, {"id": created}, now)
            return created

        return self.database.retry(command)

    def _not_twice(self, unit: Unit, row: dict[str, Any], name: str) -> None:
        days = {"since": row["valid_from"], "until": row["valid_to"]}
        for one in unit.execute(_overlapping, days):
            same = (one.person, one.substitute) == (row["person"], row["substitute"])
            if same and _meet(one.processes, row["processes"]):
                raise Refused(
                    "substitution.again", person=name, since=str(one.valid_from), until=str(one.valid_to)
                )

    def end(self, substitution: int, *, actor: Actor) -> None:
        """End a substitution at once; raises :class:`NotFound` and :class:`Forbidden`.

        Both people may, and whoever may arrange it.
        """
        now = self.clock.now()

        def command(unit: Unit) -> None:
            row = unit.execute(select(tables.substitutions).where(_table.id == substitution)).first()
            if row is None or row.ended_at is not None:
                raise NotFound("substitution.unknown")
            if actor.person not in (row.person, row.substitute) and not actor.keeps_people:
                absent = load_actor(unit, row.person, self._today())
                if not may_arrange(self.plugins, actor, absent):
                    raise NotFound("substitution.unknown")
            if unit.execute(_end, {"key": substitution, "now": now}).rowcount != 1:
                raise NotFound("substitution.unknown")
            body = {"id": substitution, "person": row.person, "substitute": row.substitute}
            history.record(unit, "identity", Entry("substitution.ended", actor.principal, now, body=body))

        self.database.retry(command)

    def of(self, person: str) -> list[Substitution]:
        """Return the substitutions of which ``person`` is the absent, past ones too, the newest first."""
        return self._list(_table.person == person)

    def by(self, substitute: str) -> list[Substitution]:
        """Return those in which ``substitute`` acts for somebody, past ones too, the newest first."""
        return self._list(_table.substitute == substitute)

    def arranged(self, actor: Actor) -> list[Substitution]:
        """Return those of the people for whom the actor may arrange one, without the actor's own."""
        with self.database.read() as unit:
            staff = staff_of(unit, self.plugins, actor, self._today())
        if staff is not None and not staff:
            return []
        others = _table.person != actor.person
        return self._list(others if staff is None else others & _table.person.in_(sorted(staff)))

    def remarks(self, substitution: int) -> list[Remark]:
        """Return what to know of a substitution: nobody acts for a substitute who is away themself, and what the absent
        person does for others stays with those.
        """
        with self.database.read() as unit:
            row = unit.execute(_listed.where(_table.id == substitution)).first()
            if row is None:
                raise NotFound("substitution.unknown")
            days = {"since": row.valid_from, "until": row.valid_to}
            beside = unit.execute(_overlapping, days).all()
        found = []
        if any(one.person == row.substitute for one in beside):
            found.append(Remark("substitution.away", {"person": row.substitute_name}))
        if any(one.substitute == row.person for one in beside):
            found.append(Remark("substitution.no_chain", {"person": row.person_name}))
        return found

    def _list(self, wanted: ColumnElement[bool]) -> list[Substitution]:
        today = self._today()
        with self.database.read() as unit:
            query = _listed.where(wanted).order_by(_table.valid_from.desc(), _table.id.desc()).limit(LISTED)
            return [_substitution(row, today) for row in unit.execute(query)]

    def _today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()


def _substitution(row: Any, today: date) -> Substitution:
    state = "planned" if today < row.valid_from else "running"
    if row.ended_at is not None or row.valid_to < today:
        state = "over"
    return Substitution(
        row.id,
        row.person,
        row.person_name,
        row.substitute,
        row.substitute_name,
        row.valid_from,
        row.valid_to,
        None if row.processes is None else tuple(load_plain(row.processes)),
        row.created_at,
        None if row.created_by == f"user:{row.person}" else row.maker_name or row.created_by,
        row.reason or "",
        row.ended_at,
        state,
    )


def _meet(one: str | None, other: str | None) -> bool:
    """Whether two lists of processes, as their columns hold them, have one in common."""
    if one is None or other is None:
        return True
    return not set(load_plain(one)).isdisjoint(load_plain(other))
