"""The state of a list as its address holds it, and its rows as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from engine import InboxQuery
from engine.tasks import marks
from engine.tasks.query import SORTS
from web import filters
from web.given import usable

DUE = ("overdue", "today", "week")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class ListState:
    """Filters, order and page of a list; the empty string means no filter, and the list's own order."""

    text: str = ""
    process: str = ""
    unit: str = ""
    due: str = ""
    unread: str = ""
    step: str = ""
    section: str = ""
    reference: str = ""
    mark: str = ""
    amount_from: str = ""
    amount_to: str = ""
    due_from: str = ""
    due_to: str = ""
    urgent: str = ""
    sort: str = ""
    cursor: str = ""
    behalf: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> ListState:
        """Read the state from an address's arguments; a deadline and an order that are not known are dropped.

        What was typed stays as it was typed: :func:`web.filters.problems` says what can't be used of it.
        """
        found = {name: str(values.get(name, "")).strip()[:_LONGEST] for name in cls.__slots__}
        found["due"] = found["due"] if found["due"] in DUE else ""
        found["unread"] = "1" if found["unread"] else ""
        found["sort"] = found["sort"] if found["sort"] in SORTS else ""
        found["urgent"] = "1" if found["urgent"] else ""
        found["mark"] = found["mark"] if found["mark"] in marks.known() else ""
        for name in ("due_from", "due_to"):
            day = usable(filters.day, found[name])
            found[name] = day.isoformat() if day else found[name]
        return cls(**found)

    @classmethod
    def parse(cls, query: str) -> ListState:
        """Read the state from a query string such as ``due=today&text=路``."""
        return cls.read(dict(parse_qsl(query)))

    def args(self, **changes: str) -> dict[str, str]:
        """Return the address's arguments with ``changes``; any change but the page goes back to the first page."""
        cursor = changes.pop("cursor", "")
        changed = replace(self, **changes, cursor=cursor)
        values = {name: getattr(changed, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value}

    def query(self) -> str:
        """Return the state as a query string, its page included."""
        return urlencode(self.args(cursor=self.cursor))

    def query_of_all(self) -> str:
        """Return the filters alone as a query string: the same on every page of a list, in whatever order."""
        return urlencode(self.args(sort=""))

    def filters(self) -> str:
        """Return the state as a query string without its page."""
        return urlencode(self.args())

    def at(self, cursor: str) -> ListState:
        """Return the state at another page."""
        return replace(self, cursor=cursor)

    @property
    def filtered(self) -> bool:
        """Whether anything but the order narrows the list."""
        return any(getattr(self, name) for name in self.__slots__ if name not in ("sort", "cursor"))

    def inbox_query(self, limit: int, sort: str = "due") -> InboxQuery:
        """Return the engine's query; ``sort`` is the list's own order."""
        return InboxQuery(
            text=self.text or None,
            process=self.process or None,
            unit=self.unit or None,
            due=self.due or None,
            behalf=self.behalf or None,
            cursor=self.cursor or None,
            limit=limit,
            sort=self.sort or sort,
            element=self.step or None,
            section=self.section or None,
            reference=self.reference or None,
            mark=self.mark or None,
            amount_from=usable(filters.amount, self.amount_from),
            amount_to=usable(filters.amount, self.amount_to),
            due_from=usable(filters.day, self.due_from),
            due_to=usable(filters.day, self.due_to),
            urgent=bool(self.urgent),
        )


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done to a line in the list itself: where it is posted to, and the question before it, if any."""

    href: str
    label: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; ``values`` are what its columns may show, by the column's id.

    ``check`` is what a tick in front of the line stands for; None where it has none.
    """

    href: str
    subject: str
    under: str
    values: Mapping[str, Any]
    item_id: int | None = None
    round: int = 1
    urgent: bool = False
    unread: bool = False
    check: int | None = None
    actions: Sequence[Action] = ()
    #: The name of whom the person acts for, or acted for, as a substitute.
    behalf: str = ""
    #: What ticking it means: a task with its version, ``case:`` with a case's number, or nothing.
    pick: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: which icon, what is so, what to do."""

    icon: str
    title: str
    advice: str = ""


def joined(*parts: Any) -> str:
    """Join what is there with a dot."""
    return " · ".join(str(part) for part in parts if part)
