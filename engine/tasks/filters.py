"""What narrows a list, as conditions over its columns; the same for the inbox and for lists of cases.

The conditions of one :class:`Filters` have the same text, so that a query is built once; their values are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, or_, select

from engine import tables
from engine.calendar import ZONE
from engine.database import Unit
from engine.identity import Actor
from engine.search.match import Shape, Sought, sought
from engine.tables import Moment
from engine.tasks import marks
from engine.tasks.query import URGENT, InboxQuery


@dataclass(frozen=True, slots=True)
class ItemColumns:
    """Where a list finds what it is filtered by of a work item."""

    element: ColumnElement[Any]
    due_at: ColumnElement[Any]
    priority: ColumnElement[Any]
    urgent_at: ColumnElement[Any]

    @classmethod
    def of(cls, columns: Any) -> ItemColumns:
        """Return the columns of a table that has them under these names."""
        return cls(columns.element, columns.due_at, columns.priority, columns.urgent_at)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a list finds what it is filtered by; a list of cases has no ``item``, but cases with open items."""

    instance_id: ColumnElement[Any]
    process_id: ColumnElement[Any]
    unit: ColumnElement[Any]
    section: ColumnElement[Any]
    reference: ColumnElement[Any]
    amount: ColumnElement[Any]
    item: ItemColumns | None = None


_instances, _definitions, _items = tables.instances.c, tables.definitions.c, tables.work_items.c
#: A list that joins the instances and their definitions; with :data:`ITEMS` the work items too.
CASES = Columns(
    _instances.id,
    _definitions.process_id,
    _instances.unit,
    _instances.section,
    _instances.reference,
    _instances.amount,
)
ITEMS = ItemColumns.of(_items)


class Filters(NamedTuple):
    """Which filters a query has."""

    process: bool
    unit: bool
    section: bool
    reference: bool
    amount_from: bool
    amount_to: bool
    element: bool
    due: str
    due_from: bool
    due_to: bool
    urgent: bool
    mark: str
    text: Shape

    @classmethod
    def of(cls, query: InboxQuery, sought: Sought | None) -> Filters:
        """Return which filters a query has, ``sought`` being its text as it was looked up."""
        return cls(
            bool(query.process),
            bool(query.unit),
            bool(query.section),
            bool(query.reference),
            query.amount_from is not None,
            query.amount_to is not None,
            bool(query.element),
            query.due or "",
            query.due_from is not None,
            query.due_to is not None,
            query.urgent,
            query.mark or "",
            sought.shape if sought else Shape(),
        )

    def conditions(self, columns: Columns) -> list[ColumnElement[bool]]:
        """Return the conditions on a list that has these columns."""
        found = self._of_case(columns)
        if columns.item is not None:
            return found + self._of_item(columns.item)
        of_item = self._of_item(ITEMS)
        if of_item:
            mine = (_items.instance_id == columns.instance_id, _items.state == "open")
            found.append(select(_items.id).where(*mine, *of_item).exists())
        return found

    def _of_case(self, columns: Columns) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for name in ("process", "unit", "section"):
            if getattr(self, name):
                column = columns.process_id if name == "process" else getattr(columns, name)
                found.append(column == bindparam(name))
        if self.reference:
            found.append(func.lower(columns.reference).like(bindparam("reference"), escape="/"))
        if self.amount_from:
            found.append(columns.amount >= bindparam("amount_from", type_=BigInteger))
        if self.amount_to:
            found.append(columns.amount <= bindparam("amount_to", type_=BigInteger))
        if self.mark:
            found.append(columns.instance_id.in_(marks.cases_of(self.mark)))
        if self.text.how:
            found.append(self.text.condition(columns.instance_id))
        return found

    def _of_item(self, item: ItemColumns) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [item.element == bindparam("element")] if self.element else []
        now, today, week = (moment(name) for name in ("now", "today", "week"))
        match self.due:
            case "overdue":
                found.append(item.due_at < now)
            case "today":
                found.append(and_(item.due_at >= now, item.due_at < today))
            case "week":
                found.append(and_(item.due_at >= now, item.due_at < week))
        if self.due_from:
            found.append(item.due_at >= moment("due_from"))
        if self.due_to:
            found.append(item.due_at < moment("due_to"))
        if self.urgent:
            found.append(or_(item.priority >= URGENT, item.urgent_at <= now))
        return found


def moment(name: str) -> ColumnElement[datetime]:
    """Return the parameter ``name``, which is a time."""
    return bindparam(name, type_=Moment)


def values(query: InboxQuery, sought: Sought | None, now: datetime) -> dict[str, Any]:
    """Return the values of the filters' parameters; those that a query doesn't have are left out by the database layer."""
    start = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, Any] = {
        "now": now,
        "today": start + timedelta(days=1),
        "week": start + timedelta(days=7 - start.weekday()),
    }
    for name in ("process", "unit", "section", "element", "amount_from", "amount_to"):
        if getattr(query, name) not in (None, ""):
            found[name] = getattr(query, name)
    if query.reference:
        found["reference"] = f"%{escaped(query.reference.strip().lower())}%"
    if query.due_from is not None:
        found["due_from"] = _midnight(query.due_from)
    if query.due_to is not None:
        found["due_to"] = _midnight(query.due_to + timedelta(days=1))
    return found | (sought.values if sought else {})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def escaped(text: str) -> str:
    """Return a text as a pattern of ``LIKE`` that means just it; ``/`` is the escape character."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's query of a list with these ``columns``, its words looked up; ``values`` are those of its conditions."""

    query: InboxQuery
    values: Mapping[str, Any]
    columns: Columns
    _filters: Filters

    @classmethod
    def of(
        cls, unit: Unit, actor: Actor, query: InboxQuery, now: datetime, columns: Columns = CASES
    ) -> Asked:
        """Look up the words of a query; raises :class:`BihuanError` for an order or a deadline that there is not."""
        query.check()
        words = sought(unit, actor, query.text)
        return cls(query, values(query, words, now), columns, Filters.of(query, words))

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the list."""
        return self._filters.conditions(self.columns)
