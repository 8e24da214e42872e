"""The administrator's commands and questions, each a transaction of its own that checks who gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from engine.admin import (
    approvals,
    auditing,
    exchange,
    listing,
    logs,
    merging,
    organisations,
    people,
    phones,
    rights,
    settings,
)
from engine.admin.approvals import Approval
from engine.admin.auditing import Scope
from engine.admin.exchange import Follow, Plan, Row
from engine.admin.listing import OrgRow, PeoplePage, PeopleQuery, PersonRow
from engine.admin.logs import LogPage, LogQuery
from engine.admin.merging import Merger
from engine.admin.organisations import Also
from engine.admin.phones import Office
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.arranging import led_by
from engine.calendar import ZONE, Clock
from engine.database import Database, Unit
from engine.identity import SYSTEM, Actor, Organisation
from engine.passwords import first_password, hash_password

Answer = TypeVar("Answer")


class Administration:
    """A county's administration; every change is recorded in its own chains of history."""

    def __init__(self, database: Database, clock: Clock, plugins: Any) -> None:
        self.plugins = plugins
        self.database = database
        self.clock = clock
        self._swept: date | None = None

    # -- who may what ------------------------------------------------------------------------------------------------

    def rights(self, actor: Actor) -> frozenset[Right]:
        """Return the administrative rights that a person has today."""
        with self.database.read() as unit:
            return rights.rights_of(unit, actor)

    def separated(self) -> bool:
        """Whether the administrator's rights are given to three people."""
        with self.database.read() as unit:
            return rights.separated(unit)

    def part_holders(self) -> dict[str, set[str]]:
        """Return who holds each administrative role today."""
        with self.database.read() as unit:
            return rights.holders(unit, self.clock.now().astimezone(ZONE).date())

    # -- people and posts --------------------------------------------------------------------------------------------

    def people(self, actor: Actor, query: PeopleQuery | None = None) -> PeoplePage:
        """Return a page of the county's people."""
        return self._read(
            actor, lambda do: listing.people(do.unit, query or PeopleQuery(), do.now, do.today), *_LOOKS
        )

    def person(self, id: str, actor: Actor) -> PersonRow:
        """Return a person; raises :class:`NotFound`."""
        return self._read(actor, lambda do: listing.person(do.unit, id, do.now, do.today), *_LOOKS)

    def create_person(self, id: str, name: str, *, actor: Actor, password: bool = True) -> str | None:
        """Make an account; return its first password, which is told only now (None without ``password``)."""
        first = first_password() if password else None
        hashed = None if first is None else hash_password(first)
        self._do(actor, lambda do: people.create(do, id, name, hashed))
        return first

    def rename_person(self, id: str, name: str, *, actor: Actor) -> bool:
        """Change a person's name; return whether it is another one."""
        return self._do(actor, lambda do: people.rename(do, id, name))

    def set_contact(self, id: str, typed: Mapping[str, str], *, actor: Actor) -> bool:
        """Set a person's ``phone``, ``email`` and ``mobile`` (empty: none); return whether any is another."""
        return self._do(actor, lambda do: people.contact(do, id, typed))

    def offices(self, actor: Actor) -> Sequence[Office]:
        """Return the offices that the actor leads, with their people and phones."""
        led = led_by(self.plugins, actor)
        with self.database.read() as unit:
            return phones.offices(unit, led, self.clock.now().astimezone(ZONE).date())

    def set_office_phone(self, org: str, phone: str, *, actor: Actor) -> bool:
        """Set an office's number (empty: none); return whether it is another one. Its head may, too."""
        return self._do(actor, lambda do: phones.set_office(do, org, phone, led_by(self.plugins, actor)))

    def set_phone(self, person: str, phone: str, *, actor: Actor) -> bool:
        """Set a person's office number (empty: none); return whether it is another one. Their head may, too."""
        return self._do(actor, lambda do: phones.set_person(do, person, phone, led_by(self.plugins, actor)))

    def close_person(self, id: str, reason: str, *, actor: Actor) -> None:
        """Close an account at once; what the person did stays theirs."""
        self._do(actor, lambda do: people.close(do, id, reason))

    def reopen_person(self, id: str, reason: str, *, actor: Actor) -> None:
        """Open a closed account again."""
        self._do(actor, lambda do: people.reopen(do, id, reason))

    def grant(
        self,
        id: str,
        role: str,
        org: str,
        *,
        actor: Actor,
        first: date | None = None,
        last: date | None = None,
    ) -> int:
        """Give a person a post; return its id."""
        return self._do(actor, lambda do: people.grant(do, id, role, org, first, last))

    def change_post(self, post: int, *, actor: Actor, first: date | None, last: date | None) -> bool:
        """Change the days of a post; return whether they are others."""
        return self._do(actor, lambda do: people.change_post(do, post, first, last))

    def roles(self, actor: Actor) -> dict[str, int]:
        """Return the roles that posts have, with how many people hold each today."""
        return self._read(actor, lambda do: listing.roles(do.unit, do.today), *_LOOKS)

    # -- organisations -----------------------------------------------------------------------------------------------

    def organisations(self, actor: Actor) -> list[OrgRow]:
        """Return the organisations as a tree."""
        return self._read(actor, lambda do: listing.organisations(do.unit, do.today), *_LOOKS)

    def create_org(self, org: Organisation, *, actor: Actor, also: Also | None = None) -> None:
        """Make an organisation; ``also`` writes in the same transaction what another room keeps of it."""
        self._do(actor, lambda do: organisations.create(do, org, also))

    def change_org(self, org: Organisation, *, actor: Actor, also: Also | None = None) -> bool:
        """Change an organisation; return whether anything is different."""
        return self._do(actor, lambda do: organisations.change(do, org, also))

    def merger(self, code: str, into: str, *, actor: Actor) -> Merger:
        """Return what merging an organisation into another one would do; nothing is changed."""
        return self._read(actor, lambda do: merging.preview(do, code, into), Right.ACCOUNTS)

    def merge_org(self, code: str, into: str, reason: str, *, actor: Actor) -> Merger:
        """Merge an organisation into another one at once."""
        return self._do(actor, lambda do: merging.merge(do, code, into, reason))

    # -- a second person ---------------------------------------------------------------------------------------------

    def ask(
        self, kind: str, subject: str, reason: str, *, actor: Actor, params: Mapping[str, Any] | None = None
    ) -> int:
        """Ask for what takes two people (:data:`engine.admin.approvals.KINDS`); return the request's id."""
        return self._do(actor, lambda do: approvals.ask(do, kind, subject, reason, params))

    def confirm(self, approval: int, *, actor: Actor) -> str | None:
        """Do what another person asked for; return the first password where one is made, which is told only now."""
        return self._do(actor, lambda do: approvals.confirm(do, approval))

    def decline(self, approval: int, reason: str, *, actor: Actor) -> None:
        """Turn a request down, or take one's own back."""
        self._do(actor, lambda do: approvals.decline(do, approval, reason))

    def approvals(self, actor: Actor) -> Sequence[tuple[Approval, str | None]]:
        """Return the requests that concern the actor, each with the reason why they may not confirm it, or None."""
        return self._read(
            actor,
            lambda do: [(one, approvals.may_confirm(do, one)) for one in approvals.listed(do)],
            *Right,
        )

    # -- auditors ----------------------------------------------------------------------------------------------------

    def audit_scopes(self, actor: Actor) -> list[Scope]:
        """Return what auditors may read, or might, the newest first."""
        return self._read(actor, lambda do: auditing.scopes(do.unit), Right.GRANTS, Right.LOGS)

    def create_audit(
        self,
        id: str,
        org: str,
        reason: str,
        *,
        actor: Actor,
        first: date | None,
        last: date | None,
        units: Sequence[str] | None = None,
        years: Sequence[int] | None = None,
        processes: Sequence[str] | None = None,
    ) -> int:
        """Let a person without posts read cases for an audit, from the first to the last day; return the scope's id."""
        return self._do(
            actor,
            lambda do: auditing.create(
                do,
                id,
                org,
                reason,
                first=first,
                last=last,
                units=units,
                years=years,
                processes=processes,
            ),
        )

    def end_audit(self, scope: int, reason: str, *, actor: Actor) -> None:
        """End an auditor's scope at once."""
        self._do(actor, lambda do: auditing.end(do, scope, reason))

    # -- imports -----------------------------------------------------------------------------------------------------

    def keep_import(self, name: str, rows: Sequence[Row], *, actor: Actor) -> int:
        """Keep the rows of a file, so that they can be tried and applied; return the import's number."""
        return self._do(actor, lambda do: exchange.keep(do, name, rows))

    def try_import(self, number: int, follow: Follow, *, actor: Actor) -> Plan:
        """Return what an import would do, row by row; nothing is changed."""

        def attempt(unit: Unit) -> None:
            raise _Tried(exchange.attempt(Command(unit, actor, self.clock.now()), number, follow))

        try:
            self.database.retry(attempt)
        except _Tried as tried:
            return tried.plan
        raise AssertionError("an attempt ends with its plan")

    def apply_import(
        self, number: int, wanted: str, follow: Follow, *, actor: Actor, passwords: bool
    ) -> tuple[Plan, dict[str, str]]:
        """Do exactly what was tried, whose digest is ``wanted``; return it, and the first passwords of new people.

        Raises :class:`Conflict` where it would do something else now, and :class:`BihuanError` while rows have errors.
        """
        plan = self.try_import(number, follow, actor=actor)
        exchange.refuse_other(plan, wanted)
        told = {id: first_password() for id in plan.new_people} if passwords else {}
        hashed = {
            id: hash_password(password) for id, password in told.items()
        }  # before the lock: it takes its time

        def command(unit: Unit) -> Plan:
            do = Command(unit, actor, self.clock.now())
            done = exchange.attempt(do, number, follow, hashed)
            exchange.refuse_other(done, wanted)
            exchange.conclude(do, done)
            return done

        return self.database.retry(command), told

    # -- settings and logs -------------------------------------------------------------------------------------------

    def setting(self, key: str) -> Any:
        """Return one of :data:`engine.admin.settings.SETTINGS`."""
        with self.database.read() as unit:
            return settings.get(unit, key)

    def change_setting(self, key: str, typed: Mapping[str, Any], *, actor: Actor) -> bool:
        """Change one of them; return whether it is another value."""
        return self._do(actor, lambda do: settings.change(do, key, typed))

    def administered(self, actor: Actor, query: LogQuery | None = None) -> LogPage:
        """Return what administrators did, the newest first."""
        return self._read(actor, lambda do: logs.administered(do.unit, query or LogQuery()), Right.LOGS)

    def sign_ins(self, actor: Actor, query: LogQuery | None = None) -> LogPage:
        """Return who signed in and who was turned away, the newest first."""
        return self._read(actor, lambda do: logs.sign_ins(do.unit, query or LogQuery()), Right.LOGS)

    def reads(self, actor: Actor, query: LogQuery | None = None) -> LogPage:
        """Return who read sensitive records, the newest first."""
        return self._read(actor, lambda do: logs.reads(do.unit, query or LogQuery()), Right.LOGS)

    def sweep(self, now: datetime | None = None) -> int:
        """Delete what the logs hold beyond their time, once a day however often it is called; return how much."""
        moment = now or self.clock.now()
        today = moment.astimezone(ZONE).date()
        if self._swept == today:
            return 0
        deleted = self.database.retry(lambda unit: logs.prune(Command(unit, SYSTEM, moment)))
        self._swept = today
        return deleted

    def _do(self, actor: Actor, command: Callable[[Command], Answer]) -> Answer:
        return self.database.retry(lambda unit: command(Command(unit, actor, self.clock.now())))

    def _read(self, actor: Actor, question: Callable[[Command], Answer], *wanted: Right) -> Answer:
        with self.database.read() as unit:
            rights.require(unit, actor, *wanted)
            return question(Command(unit, actor, self.clock.now()))


class _Tried(Exception):
    """Carries what an attempt found out of the transaction that it rolls back."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


#: Who makes accounts and who gives posts look at the same lists.
_LOOKS = (Right.ACCOUNTS, Right.GRANTS)
