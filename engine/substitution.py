"""Who stands in for whom (代理): from one day to another, for all processes or some; nobody stands in for a stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, insert, select, update

from engine import history, tables
from engine.calendar import ZONE, Clock
from engine.database import Database, Unit
from engine.errors import Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, load_actor
from engine.values import dump_json, load_plain

_table = tables.substitutions.c
_people = tables.people
_listed = (
    select(tables.substitutions, _people.c.name)
    .join(_people, _people.c.id == _table.substitute)
    .where(_table.person == bindparam("person"))
    .order_by(_table.valid_from, _table.id)
)
_end = (
    update(tables.substitutions)
    .where(_table.id == bindparam("key"), _table.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Substitution:
    """That ``substitute`` acts for ``person``, from and to dates inclusive; ``processes`` None means all."""

    id: int
    person: str
    substitute: str
    substitute_name: str
    valid_from: date
    valid_to: date
    processes: Sequence[str] | None
    ended: bool


class Substitutions:
    """The substitutions of a county; every change is recorded in the chain ``identity``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def create(
        self,
        person: str,
        substitute: str,
        valid_from: date,
        valid_to: date,
        *,
        actor: Actor,
        processes: Sequence[str] | None = None,
    ) -> int:
        """Let ``substitute`` act for ``person``; return the substitution's id.

        A person says it for themself, an administrator for anybody. Raises :class:`Forbidden`, and :class:`Refused`
        for dates that don't follow one another or have passed, for oneself and for administrators.
        """
        if actor.person != person and not actor.is_admin:
            raise Forbidden("substitution.own_only")
        if substitute == person:
            raise Refused("substitution.oneself")
        now = self.clock.now()
        today = now.astimezone(ZONE).date()
        if valid_to < valid_from or valid_to < today:
            raise Refused("substitution.dates", since=str(valid_from), until=str(valid_to))

        def command(unit: Unit) -> int:
            load_actor(unit, person, today)
            other = load_actor(unit, substitute, today)
            if other.no_business:
                raise Refused("item.to_admin", person=other.name)
            row = {
                "person": person,
                "substitute": substitute,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "processes": None if processes is None else dump_json(list(processes)),
                "created_at": now,
                "created_by": actor.principal,
            }
            created: int = unit.execute(insert(tables.substitutions).returning(_table.id), row).scalar_one()
            body = {
                "id": created,
                "person": person,
                "substitute": substitute,
                "from": str(valid_from),
                "to": str(valid_to),
                "processes": None if processes is None else list(processes),
            }
            history.record(unit, "identity", Entry("substitution.created", actor.principal, now, body=body))
            return created

        return self.database.retry(command)

    def end(self, substitution: int, *, actor: Actor) -> None:
        """End a substitution at once; raises :class:`NotFound` and :class:`Forbidden`."""
        now = self.clock.now()

        def command(unit: Unit) -> None:
            row = unit.execute(select(tables.substitutions).where(_table.id == substitution)).first()
            if row is None or row.ended_at is not None:
                raise NotFound("substitution.unknown")
            if actor.person not in (row.person, row.substitute) and not actor.is_admin:
                raise Forbidden("substitution.own_only")
            if unit.execute(_end, {"key": substitution, "now": now}).rowcount != 1:
                raise NotFound("substitution.unknown")
            body = {"id": substitution, "person": row.person, "substitute": row.substitute}
            history.record(unit, "identity", Entry("substitution.ended", actor.principal, now, body=body))

        self.database.retry(command)

    def of(self, person: str) -> list[Substitution]:
        """Return the substitutions that a person has made, past ones too."""
        with self.database.read() as unit:
            rows = unit.execute(_listed, {"person": person}).all()
        return [
            Substitution(
                row.id,
                row.person,
                row.substitute,
                row.name,
                row.valid_from,
                row.valid_to,
                None if row.processes is None else tuple(load_plain(row.processes)),
                row.ended_at is not None,
            )
            for row in rows
        ]
