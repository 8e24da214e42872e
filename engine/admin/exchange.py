"""Imports of organisations, people and posts: tried row by row and undone, then applied exactly as they were tried.

Trying is doing: each row runs through the same commands as the pages, in a savepoint of its own, and the whole
transaction is rolled back. The digest over the rows and what became of each says whether applying does the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from engine import tables
from engine.admin import organisations, people, phones, rights
from engine.admin.organisations import Also
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.errors import BihuanError, Conflict, NotFound
from engine.identity import Organisation
from engine.values import canonical_json, digest, dump_json, load_plain

ORG, PERSON, POST = "org", "person", "post"
NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"
#: What a person's row may say of how to reach them; the private addresses stay out of the record.
CONTACT = ("phone", "email", "mobile")
PRIVATE = frozenset({"email", "mobile"})
#: So many rows one import may have.
MOST = 5000
#: A file that was tried is forgotten after this time.
WAITS = timedelta(days=1)

#: Makes of an organisation and what else its row says what another room keeps of it.
Follow = Callable[[Organisation, Mapping[str, str | None]], Also]
_table = tables.imports.c


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its kind, where it stands, its values as text (dates as ISO text), and what can't be read.

    ``problem`` is the code of a sentence, ``column`` the value that it is about, ``params`` what the sentence needs.
    """

    kind: str
    sheet: str
    number: int
    values: Mapping[str, str | None]
    problem: str | None = None
    column: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a row: new, changed (name → [old, new]), unchanged or an error, with the error's code."""

    row: Row
    result: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does, row by row, and the digest by which it is applied; ``counts`` are the rows by result."""

    id: int
    name: str
    lines: Sequence[Line]
    digest: str

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each result."""
        found = dict.fromkeys((NEW, CHANGED, UNCHANGED, ERROR), 0)
        for line in self.lines:
            found[line.result] += 1
        return found

    @property
    def new_people(self) -> list[str]:
        """The ids of the people whom it makes."""
        return [
            str(line.row.values["id"]) for line in self.lines if (line.row.kind, line.result) == (PERSON, NEW)
        ]


@dataclass(frozen=True, slots=True)
class Gathering(Command):
    """A command whose records are gathered for one event instead of being written one by one."""

    records: list[dict[str, Any]] = field(default_factory=list)

    def record(self, event: str, /, **body: Any) -> None:
        """Keep what happened, without the values that the event needn't repeat."""
        self.records.append({**body, "event": event})


def keep(command: Command, name: str, rows: Sequence[Row]) -> int:
    """Keep the rows of a file until they are applied; return their number. Older ones are forgotten."""
    rights.require(command.unit, command.actor, Right.ACCOUNTS, Right.GRANTS)
    if not rows:
        raise BihuanError("import.empty")
    if len(rows) > MOST:
        raise BihuanError("import.too_many", most=MOST)
    command.unit.execute(delete(tables.imports).where(_table.at < command.now - WAITS))
    text = dump_json(
        [[one.kind, one.sheet, one.number, one.values, one.problem, one.column, one.params] for one in rows]
    )
    row = {"person": command.actor.person, "at": command.now, "name": name[:200], "rows": text}
    id: int = command.unit.execute(insert(tables.imports).returning(_table.id), row).scalar_one()
    return id


def attempt(
    command: Command, import_id: int, follow: Follow, hashed: Mapping[str, str] | None = None
) -> Plan:
    """Do all rows of a kept file, each in a savepoint; whoever only tries rolls the transaction back.

    ``hashed`` are the hashes of first passwords by person. Raises :class:`NotFound` for a file that isn't the actor's.
    """
    rights.require(command.unit, command.actor, Right.ACCOUNTS, Right.GRANTS)
    mine = (_table.id == import_id) & (_table.person == command.actor.person)
    found = command.unit.execute(select(tables.imports).where(mine)).first()
    if found is None:
        raise NotFound("import.unknown")
    rows = [Row(*one) for one in load_plain(found.rows)]
    doing = _Doing(command, found.name, follow, hashed or {})
    lines = {id(row): doing.line(row) for row in _ordered(rows)}
    outcome = [lines[id(row)] for row in rows]
    told = [[line.row.kind, line.row.values, line.result, line.changes, line.code] for line in outcome]
    return Plan(import_id, found.name, outcome, digest(canonical_json(told)))


def conclude(command: Command, plan: Plan) -> None:
    """Forget the rows of a file that was applied, and record it as one event."""
    command.unit.execute(delete(tables.imports).where(_table.id == plan.id))
    told = [
        {
            "sheet": line.row.sheet,
            "row": line.row.number,
            "result": line.result,
            **{name: value for name, value in line.row.values.items() if name not in PRIVATE},
            **_old(line),
        }
        for line in plan.lines
        if line.result in (NEW, CHANGED)
    ]
    command.record("import.applied", name=plan.name, digest=plan.digest, rows=len(plan.lines), done=told)


def refuse_other(plan: Plan, wanted: str) -> None:
    """Raise :class:`Conflict` where applying would do something else than what was tried, or would leave errors."""
    if plan.digest != wanted:
        raise Conflict("import.changed")
    if plan.counts[ERROR]:
        raise BihuanError("import.errors", count=plan.counts[ERROR])


def _old(line: Line) -> dict[str, Any]:
    return {"changes": dict(line.changes)} if line.changes else {}


def _ordered(rows: Sequence[Row]) -> list[Row]:
    """Return organisations with parents before their children, then people, then posts."""
    orgs = [row for row in rows if row.kind == ORG]
    below: dict[str | None, list[Row]] = {}
    for row in orgs:
        below.setdefault(row.values.get("parent"), []).append(row)
    codes = {row.values.get("code") for row in orgs}
    placed: dict[int, Row] = {}
    ready = deque(row for row in orgs if row.values.get("parent") not in codes)
    while ready:
        row = ready.popleft()
        if id(row) not in placed:
            placed[id(row)] = row
            ready.extend(below.pop(row.values.get("code"), ()))
    circling = (row for row in orgs if id(row) not in placed)  # the command says so
    last = [*(row for row in rows if row.kind == PERSON), *(row for row in rows if row.kind == POST)]
    return [*placed.values(), *circling, *last]


class _Doing:
    """One pass over the rows."""

    def __init__(self, command: Command, name: str, follow: Follow, hashed: Mapping[str, str]) -> None:
        self.command = command
        self.reason = name
        self.follow = follow
        self.hashed = hashed
        self.seen: dict[tuple[str, ...], int] = {}

    def line(self, row: Row) -> Line:
        """Do a row and return what became of it; an error undoes this row only."""
        if row.problem is not None:
            return Line(row, ERROR, code=row.problem, params=row.params)
        if (first := self._twice(row)) is not None:
            return Line(row, ERROR, code="import.twice", params={"row": first})
        doing = Gathering(self.command.unit, self.command.actor, self.command.now)
        try:
            with self.command.unit.savepoint():
                result = {ORG: self._org, PERSON: self._person, POST: self._post}[row.kind](doing, row)
        except BihuanError as refused:
            return Line(row, ERROR, code=refused.code, params=_plain(refused.params))
        changes: dict[str, Any] = {}
        if result == CHANGED:
            for one in doing.records:
                changes.update(one.get("changes") or {"state": one["event"]})
        return Line(row, result, changes)

    def _twice(self, row: Row) -> int | None:
        names = {ORG: ("code",), PERSON: ("id",), POST: ("person", "role", "org", "first")}[row.kind]
        key = (row.kind, *(str(row.values.get(name) or "") for name in names))
        first = self.seen.setdefault(key, row.number)
        return None if first == row.number else first

    def _org(self, doing: Command, row: Row) -> str:
        values = row.values
        org = Organisation(
            values.get("code") or "",
            values.get("name") or "",
            values.get("kind") or "",
            values.get("parent"),
            _day(values.get("first")),
            _day(values.get("last")),
        )
        known = select(tables.organisations.c.code).where(tables.organisations.c.code == org.code)
        new = doing.unit.execute(known).first() is None
        if new:
            organisations.create(doing, org, self.follow(org, values))
        changed = not new and organisations.change(doing, org, self.follow(org, values))
        if phone := values.get("phone"):  # an empty cell leaves the number as it is
            changed |= phones.set_office(doing, org.code, phone, ())
        return NEW if new else CHANGED if changed else UNCHANGED

    def _person(self, doing: Command, row: Row) -> str:
        id, name, active = row.values.get("id") or "", row.values.get("name") or "", row.values.get("active")
        known = select(tables.people).where(tables.people.c.id == id)
        before = doing.unit.execute(known).first()
        if before is None:
            people.create(doing, id, name, self.hashed.get(id))
            self._contact(doing, row)
            if active == "no":
                people.close(doing, id, self.reason)
            return NEW
        changed = before.name != people.named(name) and people.rename(doing, id, name)
        if active in ("yes", "no") and before.active != (active == "yes"):
            (people.reopen if active == "yes" else people.close)(doing, id, self.reason)
            changed = True
        changed |= self._contact(doing, row)
        return CHANGED if changed else UNCHANGED

    def _contact(self, doing: Command, row: Row) -> bool:
        """Set what a row says of phone and addresses; an empty cell leaves what is known."""
        id = row.values.get("id") or ""
        before = doing.unit.execute(select(tables.people).where(tables.people.c.id == id)).one()
        given = {name: row.values.get(name) or getattr(before, name) or "" for name in CONTACT}
        return people.contact(doing, id, given)

    def _post(self, doing: Command, row: Row) -> str:
        person, role, org = (row.values.get(name) or "" for name in ("person", "role", "org"))
        first, last = _day(row.values.get("first")), _day(row.values.get("last"))
        posts = tables.posts.c
        mine = (posts.person == person) & (posts.role == role) & (posts.org == org)
        known = doing.unit.execute(select(tables.posts).where(mine).order_by(posts.id)).all()
        if any((one.valid_from, one.valid_to) == (first, last) for one in known):
            return UNCHANGED
        same = [one for one in known if one.valid_from == first]
        if same:
            people.change_post(doing, same[0].id, first, last)
            return CHANGED
        people.grant(doing, person, role, org, first, last)
        return NEW


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int) else str(value) for name, value in params.items()}
