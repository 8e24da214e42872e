"""The demo county's people at work on everything but the goals; what waits for whoever opens the demo is left lying."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.calendar import ZONE
from workflows.simulation.office import Answer, Answering, Item, Office

#: The goals of next year go their own way, see :mod:`workflows.demo.story`.
_GOALS = frozenset({"goal_declaration", "joint_review"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A step at which cases are left lying from a day on until another one: those with ``key`` in what they are called by,
    and of them only those ``of`` some names, or all ``but`` some; ``by`` is the role whose turn it is.
    """

    process: str
    element: str
    key: str
    of: Sequence[str] = ()
    but: Sequence[str] = ()
    by: str = ""
    since: date = date.min
    until: date = date.max

    def holds(self, item: Item, called: str, today: date) -> bool:
        """Whether an item of a case ``called`` so is left lying today."""
        if (item.process, item.element) != (self.process, self.element) or self.key not in called:
            return False
        if self.of and not any(name in called for name in self.of):
            return False
        if any(name in called for name in self.but):
            return False
        if self.by and not any(one.startswith(f"role:{self.by}@") for one in item.actor.principals):
            return False
        return self.since <= today < self.until


class Staff(Office):
    """The people of the demo county, who leave lying what ``waits`` says, and ``hurry`` with cases of some names; those
    ``at_once`` are done on the day on which they come.
    """

    def __init__(
        self,
        *given: Any,
        answers: Mapping[tuple[str, str], Answering],
        waits: Sequence[Wait],
        hurry: Sequence[str],
        at_once: Sequence[str],
    ) -> None:
        engine, clock, random, profile = given
        patient = {step: self._patiently(answer) for step, answer in answers.items()}
        super().__init__(engine, clock, random, patient, profile)
        self._waits, self._hurry, self._at_once = waits, hurry, at_once
        #: By which key, subject and unit an item's case is called.
        self._called: dict[int, str] = {}

    def settle(self) -> None:
        """Let timers go off, messages arrive and campaigns be sent out; nobody does anything in bulk here."""
        while self.engine.run_due() + self.engine.run_jobs():
            pass

    def begin_day(self, day: date) -> None:
        """Do a day's work in its first half hour, before the people of :mod:`workflows.demo.story`; what it sends arrives
        with their work, or the next morning.
        """
        self.clock.set(datetime.combine(day, time(8), ZONE))
        self.settle()
        if day.weekday() == 0:
            self._look_again()
        self._note_new(day)
        self._work(day)

    def _open(self, ids: Sequence[int]) -> list[Item]:
        return [item for item in super()._open(ids) if item.process not in _GOALS]

    def _plan(self, id: int, day: date) -> None:
        if any(name in self._name(id) for name in self._at_once):
            day = self.today
        elif any(name in self._name(id) for name in self._hurry):
            day = min(day, self._days.next(self.today))
        super()._plan(id, day)

    def _patiently(self, answer: Answering) -> Callable[[Office, Item], Answer | None]:
        def answered(office: Office, item: Item) -> Answer | None:
            called, today = self._name(item.id), self.today
            if any(wait.holds(item, called, today) for wait in self._waits):
                return None
            return answer(office, item)

        return answered

    def _name(self, id: int) -> str:
        """Return what the case of an item is called by."""
        if id not in self._called:
            one, items = tables.instances.c, tables.work_items
            query = select(one.business_key, one.subject, one.unit).join(items, items.c.instance_id == one.id)
            with self.engine.database.read() as unit:
                row = unit.execute(query.where(items.c.id == id)).one()
            self._called[id] = " ".join(part for part in row if part)
        return self._called[id]
