"""The people and organisations of a county as programs keep them; every change is recorded.

What administrators do in the pages, with its checks and its second person, is :mod:`engine.admin`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import insert, select, update

from engine import history, tables
from engine.calendar import ZONE, Clock
from engine.database import Database, Unit
from engine.errors import BihuanError, NotFound
from engine.identity import Actor, Organisation, load_actor, members, names, organisation_of, valid_id
from engine.passwords import Passwords, hash_password


class People(Passwords):
    """The people of a county and what they may be; every change is recorded in the chain ``identity``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def _today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def add_org(
        self, code: str, name: str, kind: str = "", parent: str | None = None, *, actor: str = "system"
    ) -> None:
        """Add an organisation, or rename the one that has this code."""
        self.add_orgs([Organisation(code, name, kind, parent)], actor=actor)

    def add_orgs(self, orgs: Sequence[Organisation], *, actor: str = "system") -> None:
        """Add organisations, parents before their children; those that exist are changed."""
        now = self.clock.now()

        def command(unit: Unit) -> None:
            there = set(unit.execute(select(tables.organisations.c.code)).scalars())
            rows = [
                {"code": org.code, "name": org.name, "kind": org.kind, "parent": org.parent} for org in orgs
            ]
            for row in rows:
                if row["code"] in there:
                    unit.execute(
                        update(tables.organisations).where(tables.organisations.c.code == row["code"]), row
                    )
            new = [row for row in rows if row["code"] not in there]
            if new:
                unit.execute(insert(tables.organisations), new)
            history.record(
                unit, "identity", *(history.Entry("org.saved", actor, now, body=row) for row in rows)
            )

        self.database.retry(command)

    def orgs(self) -> list[Organisation]:
        """Return all organisations by code."""
        with self.database.read() as unit:
            rows = unit.execute(select(tables.organisations).order_by(tables.organisations.c.code))
            return [organisation_of(row) for row in rows]

    def create_person(
        self,
        id: str,
        name: str,
        password: str | None = None,
        *,
        hashed: str | None = None,
        must_change: bool = True,
        actor: str = "system",
    ) -> None:
        """Create a person; without a password they can't sign in. Raises :class:`BihuanError` where the id is taken.

        ``hashed`` is a password's :func:`~engine.passwords.hash_password`, for accounts that share a password that is no
        secret.
        """
        if not valid_id(id):
            raise BihuanError("person.bad_id", person=id)
        if password is not None:
            hashed = hash_password(password)
        now = self.clock.now()

        def command(unit: Unit) -> None:
            if unit.execute(select(tables.people.c.id).where(tables.people.c.id == id)).first():
                raise BihuanError("person.exists", person=id)
            unit.execute(
                insert(tables.people),
                {
                    "id": id,
                    "name": name,
                    "password_hash": hashed,
                    "must_change": must_change,
                    "failures": 0,
                    "active": True,
                },
            )
            entry = history.Entry("person.created", actor, now, body={"person": id, "name": name})
            history.record(unit, "identity", entry)

        self.database.retry(command)

    def add_post(
        self,
        person: str,
        role: str,
        org: str,
        from_: date | None = None,
        to: date | None = None,
        *,
        actor: str = "system",
    ) -> None:
        """Give ``person`` the role at the organisation, from and to dates inclusive."""
        now = self.clock.now()

        def command(unit: Unit) -> None:
            if not unit.execute(select(tables.people.c.id).where(tables.people.c.id == person)).first():
                raise NotFound("person.unknown", person=person)
            if not unit.execute(
                select(tables.organisations.c.code).where(tables.organisations.c.code == org)
            ).first():
                raise NotFound("org.unknown", org=org)
            row = {"person": person, "role": role, "org": org, "valid_from": from_, "valid_to": to}
            unit.execute(insert(tables.posts), row)
            body = {**row, "valid_from": str(from_ or ""), "valid_to": str(to or "")}
            history.record(unit, "identity", history.Entry("post.added", actor, now, body=body))

        self.database.retry(command)

    def people(self) -> list[tuple[str, str]]:
        """Return all active people: id and name."""
        with self.database.read() as unit:
            query = select(tables.people.c.id, tables.people.c.name).where(tables.people.c.active)
            return [(row.id, row.name) for row in unit.execute(query.order_by(tables.people.c.id))]

    def names(self, principals: Iterable[str]) -> dict[str, str]:
        """Return the names of people and organisations by principal."""
        with self.database.read() as unit:
            return names(unit, principals)

    def members(self, role: str, org: str | None = None) -> list[str]:
        """Return the people who hold ``role`` today, as principals."""
        with self.database.read() as unit:
            return members(unit, role, org, self._today())

    def actor(self, person: str) -> Actor:
        """Return who ``person`` is today."""
        with self.database.read() as unit:
            return load_actor(unit, person, self._today())

    def authenticate(self, person: str, password: str) -> Actor:
        """Return who signed in; raises as :meth:`~engine.passwords.Passwords.verify` does."""
        self.verify(person, password)
        return self.actor(person)
