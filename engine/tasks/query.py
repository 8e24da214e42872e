"""What a person asks of one of their lists: what narrows it, its order, its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.errors import BihuanError
from engine.tasks import marks

#: Each order's key, and whether it goes down; an index reads either way.
ORDERS = {
    "due": ("due", False),
    "latest": ("due", True),
    "newest": ("created", True),
    "oldest": ("created", False),
    "amount": ("amount", True),
    "smallest": ("amount", False),
}
SORTS = tuple(ORDERS)
DUE = ("overdue", "today", "week")
#: From this priority on (0 to 100) an item is urgent.
URGENT = 80


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """What a person asks of a list; what is None or empty doesn't narrow it.

    ``text`` are words that are sought in subject, unit, reference and in the newest documents that the person may read.
    ``process`` is a process's id, ``element`` a step's, ``unit`` a name as the list shows it, ``section`` an organisation's
    code, ``reference`` a part of the reference, ``mark`` the name of one of :mod:`engine.tasks.marks`. ``amount_from``
    and ``amount_to`` are 分, both inclusive. ``due`` is ``overdue``, ``today`` or ``week``; ``due_from`` and ``due_to``
    are days in the county's zone, both inclusive; ``urgent`` leaves what is urgent. A list of cases is narrowed by
    ``element``, the dates and ``urgent`` to those that have such an open step.

    ``sort`` is ``due`` (soonest first) or ``latest``, ``newest`` or ``oldest``, ``amount`` (largest first) or
    ``smallest``; ``cursor`` is a page's ``next_cursor`` or ``previous_cursor``. ``behalf`` is ``own``, ``others`` (what
    the person does as a substitute) or the id of one of those for whom they act.
    """

    text: str | None = None
    process: str | None = None
    unit: str | None = None
    due: str | None = None
    cursor: str | None = None
    limit: int = 20
    sort: str = "due"
    behalf: str | None = None
    element: str | None = None
    section: str | None = None
    amount_from: int | None = None
    amount_to: int | None = None
    due_from: date | None = None
    due_to: date | None = None
    urgent: bool = False
    reference: str | None = None
    mark: str | None = None

    def check(self) -> None:
        """Raise :class:`BihuanError` for an order, a deadline or a mark that there is not."""
        if self.sort not in SORTS:
            raise BihuanError("inbox.bad_sort", sort=self.sort)
        if self.mark and self.mark not in marks.known():
            raise BihuanError("inbox.bad_mark", mark=self.mark)
        if self.due and self.due not in DUE:
            raise BihuanError("inbox.bad_due", due=self.due)
