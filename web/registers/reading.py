"""Reads a register: the filters of the address, a page after a key, the totals of all that match, what can be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    Date,
    Float,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from budget.marks import MARKS
from budget.money import MoneyError, fen_from_wan
from budget.tables import Exact, Moment, Project
from engine.identity import Actor
from web import given
from web.registers import scope
from web.registers.model import BY_KEY, NO_STATE, Column, Register

_LONGEST = 100
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
#: So many rows are read at once for a workbook, and at most go into one.
_AT_ONCE, MOST_ROWS = 500, 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a register and orders it; the empty string narrows nothing."""

    year: int
    text: str = ""
    unit: str = ""
    section: str = ""
    state: str = ""
    result: str = ""
    period: str = ""
    mark: str = ""
    amount_from: str = ""
    amount_to: str = ""
    sort: str = BY_KEY

    @classmethod
    def read(cls, arguments: Mapping[str, str], year: int) -> Filters:
        """Return the filters of an address; ``year`` where it names none that is one."""
        found = {one.name: str(arguments.get(one.name, "")).strip()[:_LONGEST] for one in fields(cls)}
        return cls(year=given.year(found.pop("year"), year), **found)

    def kept(self, usual_year: int) -> dict[str, str]:
        """Return the filters that are set, for links."""
        found = {one.name: str(getattr(self, one.name)) for one in fields(self) if getattr(self, one.name)}
        if self.year == usual_year:
            del found["year"]
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """A row: who it is about, and its columns' values; a secret one has neither name nor amount (domain §6.4)."""

    key: Any
    instance_id: int | None
    project_id: int | None
    name: str | None
    code: str | None
    unit: str | None
    unit_name: str | None
    secret: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all that match; ``secret`` of them are counted but not added."""

    count: int
    amount: int
    secret: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page; ``next_cursor`` is the last row's key where more follow."""

    rows: Sequence[Row]
    next_cursor: str | None
    totals: Totals
    units: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, str]]


def read(
    session: Session, register: Register, actor: Actor, filters: Filters, after: str = "", limit: int = 50
) -> Page:
    """Return the page after the row with key ``after``, with the totals of all that match."""
    rows = _rows(session, register, actor, filters, after, limit + 1)
    return Page(
        rows=rows[:limit],
        next_cursor=str(rows[limit - 1].key) if len(rows) > limit else None,
        totals=totals(session, register, actor, filters),
        units=choices(session, register, actor, filters.year, "unit"),
        sections=choices(session, register, actor, filters.year, "section"),
    )


def every(session: Session, register: Register, actor: Actor, filters: Filters) -> Iterator[Row]:
    """Yield all rows that match, up to :data:`MOST_ROWS`."""
    after, sent = "", 0
    while sent < MOST_ROWS:
        rows = _rows(session, register, actor, filters, after, min(_AT_ONCE, MOST_ROWS - sent))
        yield from rows
        sent += len(rows)
        if len(rows) < _AT_ONCE:
            return
        after = str(rows[-1].key)


def totals(session: Session, register: Register, actor: Actor, filters: Filters) -> Totals:
    """Return the totals of all that match, in one statement."""
    source = register.source
    amount = literal(0) if source.amount is None else func.coalesce(func.sum(source.amount), 0)
    query = select(source.state, source.secret, func.count(), amount)
    rows = session.execute(
        _narrowed(query, register, actor, filters).group_by(source.state, source.secret)
    ).all()
    states: dict[str, int] = {}
    for state, _, count, _ in rows:
        states[state or NO_STATE] = states.get(state or NO_STATE, 0) + count
    return Totals(
        count=sum(count for _, _, count, _ in rows),
        amount=sum(int(amount) for _, secret, _, amount in rows if not secret),
        secret=sum(count for _, secret, count, _ in rows if secret),
        states=states,
    )


def choices(
    session: Session, register: Register, actor: Actor, year: int, what: str
) -> list[tuple[str, str]]:
    """Return the units or sections of the year's rows that the person sees: code and name."""
    source = register.source
    code, name = getattr(source, what), getattr(source, f"{what}_name")
    query = _narrowed(select(code, name), register, actor, Filters(year)).where(
        code.is_not(None), name.is_not(None)
    )
    return [(row[0], row[1]) for row in session.execute(query.distinct().order_by(code))]


def _narrowed(statement: Select[Any], register: Register, actor: Actor, filters: Filters) -> Select[Any]:
    source = register.source
    statement = source.joined(statement)
    if source.year is not None:
        statement = statement.where(source.year == filters.year)
    if register.only is not None:
        statement = statement.where(register.only)
    sees = scope.visible(register, actor)
    if sees is not None:
        statement = statement.where(sees)
    for value, column in (
        (filters.unit, source.unit),
        (filters.section, source.section),
        (filters.period, source.period),
    ):
        if value and column is not None:
            statement = statement.where(column == value)
    if filters.result and source.result is not None:
        statement = statement.where(source.result == filters.result, ~source.secret)
    if filters.state:
        condition = register.conditions.get(filters.state)
        statement = statement.where(source.state == filters.state if condition is None else condition)
    if filters.mark in MARKS and source.project is not None:
        marked = select(Project.id).where(MARKS[filters.mark][1])
        statement = statement.where(source.project.in_(marked), ~source.secret)
    if filters.text:
        statement = statement.where(_says(source, filters.text))
    for text, at_least in ((filters.amount_from, True), (filters.amount_to, False)):
        amount = fen_of(text)
        if amount is not None and source.amount is not None:
            limit = source.amount >= amount if at_least else source.amount <= amount
            statement = statement.where(limit, ~source.secret)
    return statement


def _says(source: Any, text: str) -> Any:
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    named = and_(source.name.like(pattern, escape="\\"), ~source.secret)
    return or_(named, source.code.like(pattern, escape="\\"), source.unit_name.like(pattern, escape="\\"))


def fen_of(text: str) -> int | None:
    """Return an amount typed in 万元 in 分, None for what is none."""
    try:
        return fen_from_wan(Decimal(text.replace(",", ""))) if text else None
    except (InvalidOperation, MoneyError):
        return None


def sorted_by(register: Register, sort: str) -> tuple[Column | None, bool]:
    """Return the column by which a sort of the address orders, and whether downwards; None by the key."""
    name = sort.removeprefix("-")
    found = next((one for one in register.columns if one.id == name and one.sorts), None)
    return found, sort.startswith("-")


def _ordered(column: Column, secret: Any) -> Any:
    """Return a column as what rows are ordered by: never NULL, and nothing of what is secret."""
    kind = column.value.type
    value = column.value if column.open else type_coerce(case((~secret, column.value)), kind)
    if isinstance(kind, Exact):
        return func.coalesce(cast(type_coerce(value, String), Float), -1.0)
    if isinstance(kind, Moment):
        return func.coalesce(value, literal(_FIRST, Moment))
    if isinstance(kind, Date):
        return func.coalesce(value, literal(_FIRST.date(), Date))
    return func.coalesce(value, "" if isinstance(kind, String) else -1)


def _rows(
    session: Session, register: Register, actor: Actor, filters: Filters, after: str, limit: int
) -> list[Row]:
    source = register.source
    columns = [one.value.label(f"column_{one.id}") for one in register.columns]
    query = _narrowed(
        select(
            source.key.label("key"),
            source.instance.label("instance"),
            source.project.label("project"),
            source.name.label("name"),
            source.code.label("code"),
            source.unit.label("unit"),
            source.unit_name.label("unit_name"),
            source.secret.label("secret"),
            (literal(False) if source.draft is None else source.draft).label("draft"),
            *columns,
        ),
        register,
        actor,
        filters,
    )
    query = _after(session, query, register, actor, filters, after).limit(limit)
    found = session.execute(query).all()
    led = scope.known(session, actor, [row.instance for row in found if row.instance is not None])
    own = {org for post in actor.posts for org in (post.org, *post.absorbed)}
    return [_row(register, row, led, own) for row in found]


def _after(
    session: Session, query: Select[Any], register: Register, actor: Actor, filters: Filters, after: str
) -> Select[Any]:
    source = register.source
    column, down = sorted_by(register, filters.sort)
    key: Any = after
    if source.number_key and after:
        key = given.usable(given.number, after)
    if column is None:
        query = query.order_by(source.key)
        return query.where(source.key > key) if key else query
    by = _ordered(column, source.secret)
    query = query.order_by(by.desc() if down else by, source.key)
    if not key:
        return query
    place = _narrowed(select(by), register, actor, Filters(filters.year)).where(source.key == key)
    row = session.execute(place).first()
    if row is None:
        return query.where(false())
    further = by < row[0] if down else by > row[0]
    return query.where(or_(further, and_(by == row[0], source.key > key)))


def _row(register: Register, row: Any, led: set[int], own: set[str]) -> Row:
    secret = bool(row.secret)
    leads = row.instance in led and (row.unit in own or not (row.draft or secret))
    return Row(
        key=row.key,
        instance_id=row.instance if leads else None,
        project_id=None if secret else row.project,
        name=None if secret else row.name,
        code=row.code,
        unit=row.unit,
        unit_name=row.unit_name,
        secret=secret,
        values={
            one.id: None if secret and not one.open else getattr(row, f"column_{one.id}")
            for one in register.columns
        },
    )
