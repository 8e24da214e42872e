"""The county's people at work, day after day: each open work item is done by somebody who may, some days after it came.

Every act is a command of the engine with a stepped clock, in the order of time. What somebody answers at a step is said by
the modules of :mod:`workflows.simulation.acting`, one a process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

import forms
import workflows
from engine import feel, tables
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.errors import Conflict, Forbidden, InvalidAnswers
from engine.values import load_plain
from workflows.demo.declarations import explained

if TYPE_CHECKING:
    from engine.engine import Engine, NewPin, Reply, TaskView
    from engine.identity import Actor
    from workflows.simulation.crew import Crew

#: How long people take: the mean and the spread of the logarithm, in working days (domain §9.4).
MEAN_DAYS, SIGMA_DAYS = 2.1, 0.6
#: How often a unit reports a few days after the day on which it was due (domain §9.4), and the steps where it reports.
LATE = 0.07
_REPORTS = frozenset({"fill_goal", "fill_unit_goal", "fill_report", "fill_evaluation"})
#: What goes out on one day for the whole county: nobody lets it lie beyond its due day.
_PUNCTUAL = frozenset({"confirm_content", "review_content"})
#: Rows that one statement reads at most.
_AT_ONCE = 500
#: From how many items of a day on they are worth dividing.
_TOGETHER = 20


@dataclass(frozen=True, slots=True)
class Item:
    """An open work item with whoever will do it."""

    id: int
    instance_id: int
    process: str
    element: str
    version: int
    round: int
    actor: Actor
    #: Others who may do it, where the first is kept from it because of an earlier step.
    others: tuple[Actor, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers at a step; ``form`` is what they type, None where the step has no form."""

    outcome: str | None = None
    form: Mapping[str, Any] | None = None
    opinion: str = ""
    pins: Sequence[NewPin] = ()
    replies: Mapping[int, Reply] = field(default_factory=dict)


#: Answers a step: given the office and the item. None leaves it lying for another two days.
Answering = Callable[["Office", Item], Answer | None]


@dataclass
class Count:
    """How much was done."""

    instances: int = 0
    completions: int = 0
    days: int = 0


class UnknownStep(LookupError):
    """Nobody knows what to answer at a step; the text names process and element."""


class Office:
    """The people of a county with what waits for them."""

    def __init__(
        self,
        engine: Engine,
        clock: SteppedClock,
        random: Random,
        answers: Mapping[tuple[str, str], Answering],
        profile: Any,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.random = random
        self.profile = profile
        self.count = Count()
        #: What people have in mind for single projects, by what it is about and the project's code.
        self.plans: dict[tuple[str, str], Any] = {}
        self._forms: dict[str, forms.Form] = {}
        self._answers = answers
        self._days = WorkingDays()
        self._seen = 0
        self._waiting: dict[date, list[int]] = {}
        self._planned: set[int] = set()
        self._actors: dict[str, list[Actor]] = {}
        #: Those who help with a day's work, where there are any.
        self.crew: Crew | None = None
        #: The page of the item that is being done, where somebody looked at it.
        self._viewed: TaskView | None = None

    # -- what a step may ask for -------------------------------------------------------------------------------------

    def view(self, item: Item) -> TaskView:
        """Return the item as its page shows it."""
        self._viewed = self.engine.task(item.id, item.actor)
        return self._viewed

    def page(self, item: Item, form: str, answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return a form as the item's page shows it after ``answers`` were typed: what it computes is computed.

        Without ``answers`` it is the form before anything is typed.
        """
        task = self._viewed or self.view(item)
        if form not in self._forms:
            self._forms[form] = forms.read(workflows.files_of(item.process)[f"{form}.form"])
        env = feel.Environment(now=self.clock.now, functions=self.engine.ports.functions)
        return dict(
            forms.compute(
                self._forms[form], task.answers if answers is None else answers, task.variables, env
            )
        )

    @property
    def today(self) -> date:
        """The day that it is in the county."""
        return self.clock.now().astimezone(ZONE).date()

    # -- days --------------------------------------------------------------------------------------------------------

    def work_until(self, last: date, told: Callable[[date], None] = lambda _: None) -> None:
        """Let days pass up to the end of ``last``; on working days people work."""
        while self.today < last:
            self._go_to(self.today + timedelta(days=1))
            told(self.today)

    def _go_to(self, day: date) -> None:
        self.count.days += 1
        self.clock.set(datetime.combine(day, time(8), ZONE))
        self.settle()
        if self._days.is_working(day):
            if day.weekday() == 0:
                self._look_again()
            self._note_new(day)
            before = self.count.completions
            self._work(day)
            if self.count.completions > before:
                self.clock.set(datetime.combine(day, time(20), ZONE))
                self.settle()
        self.clock.set(datetime.combine(day, time(20), ZONE))

    def settle(self) -> None:
        """Let timers go off, messages arrive and background work be done, until nothing moves at this moment."""
        engine = self.engine
        while engine.run_due() + engine.run_jobs() + engine.run_bulks():
            pass

    def _note_new(self, day: date) -> None:
        """Give each item that came since a day on which it will be done."""
        items = tables.work_items.c
        query = select(items.id, items.element, items.round, items.due_at)
        query = query.where(items.id > self._seen, items.state == "open").order_by(items.id)
        with self.engine.database.read() as unit:
            found = unit.execute(query).all()
        for row in found:
            if row.id in self._planned:
                continue
            reports = row.due_at is not None and row.round == 1 and row.element in _REPORTS
            if reports and self.random.random() < LATE:
                due = row.due_at.astimezone(ZONE).date()
                self._plan(row.id, self._days.add(max(due, day), self.random.randint(1, 5)))
            else:
                wanted = self._some_days_after(day)
                if row.due_at is not None and row.element in _PUNCTUAL:
                    wanted = max(day, min(wanted, row.due_at.astimezone(ZONE).date()))
                self._plan(row.id, wanted)
        if found:
            self._seen = found[-1].id

    def _look_again(self) -> None:
        """Look through all open items anew: a signer's turn may have come, a step may have come back."""
        self._seen = 0
        self._planned = {id for ids in self._waiting.values() for id in ids}

    def _plan(self, id: int, day: date) -> None:
        self._waiting.setdefault(day, []).append(id)
        self._planned.add(id)

    def _some_days_after(self, day: date) -> date:
        mu = math.log(MEAN_DAYS) - SIGMA_DAYS**2 / 2
        return self._days.add(day, min(20, int(self.random.lognormvariate(mu, SIGMA_DAYS))))

    def _work(self, day: date) -> None:
        """Do what is planned for the day; what comes meanwhile may be for today too."""
        begun = datetime.combine(day, time(9), ZONE)
        self.clock.set(begun)
        while planned := self._waiting.pop(day, None):
            self.random.shuffle(planned)
            items = self._open(planned)
            together = self.crew is not None and len(items) >= _TOGETHER
            work = self.crew.work if self.crew is not None and together else self.work_on
            for id in work(items, day, begun):
                self._plan(id, self._days.add(day, 2))
            begun = min(begun + timedelta(seconds=len(items)), datetime.combine(day, time(17), ZONE))
            self._note_new(day)

    def work_on(self, items: Sequence[Item], day: date, begun: datetime) -> list[int]:
        """Do some items, one a second from ``begun`` on; return the ids of those that are left lying."""
        evening = datetime.combine(day, time(17), ZONE)
        left = []
        for done, item in enumerate(items):
            self.clock.set(min(begun + timedelta(seconds=done), evening))
            if self._do(item):
                self.count.completions += 1
            else:
                left.append(item.id)
        return left

    def _open(self, ids: Sequence[int]) -> list[Item]:
        """Return those of the items that are open still, in the order given."""
        found: dict[int, Item] = {}
        with self.engine.database.read() as unit:
            for first in range(0, len(ids), _AT_ONCE):
                for row in unit.execute(_ITEMS, {"ids": ids[first : first + _AT_ONCE]}):
                    actors = self._who(load_plain(row.candidates), row.assignee)
                    if actors:
                        found[row.id] = Item(
                            row.id,
                            row.instance_id,
                            row.process_id,
                            row.element,
                            row.version,
                            row.round,
                            actors[0],
                            tuple(actors[1:]),
                        )
        return [found[id] for id in ids if id in found]

    def _who(self, candidates: Sequence[str], assignee: str | None) -> list[Actor]:
        """Return those who may do an item: whoever has it, or those who hold a post that it waits for, staff first."""
        if assignee is not None:
            return self.holders(assignee if assignee.startswith("user:") else f"user:{assignee}")
        found: list[Actor] = []
        for principal in sorted(candidates, key=lambda one: "_staff@" not in one):
            holders = self.holders(principal)
            found += self.random.sample(holders, len(holders))
        return found

    def holders(self, principal: str) -> list[Actor]:
        """Return those who hold a post, given as ``role:unit_clerk@U0001``, or the one person of ``user:li``."""
        if principal not in self._actors:
            kind, _, rest = principal.partition(":")
            if kind == "user":
                people = [rest]
            else:
                role, _, org = rest.partition("@")
                posts = tables.posts.c
                with self.engine.database.read() as unit:
                    query = select(posts.person).where(posts.role == role, posts.org == org)
                    people = list(unit.execute(query.order_by(posts.person)).scalars())
            self._actors[principal] = [self.engine.actor(person) for person in people]
        return self._actors[principal]

    def _do(self, item: Item) -> bool:
        """Let an item be done; tell whether it was, or is left lying."""
        answering = self._answers.get((item.process, item.element))
        if answering is None:
            raise UnknownStep(f"{item.process}: {item.element}")
        try:
            return self._answered(item, answering) is not None
        except Forbidden:
            if not item.others:
                raise
            return self._do(replace(item, actor=item.others[0], others=item.others[1:]))
        except Conflict:
            if self.crew is None:
                raise
            return False  # a colleague's task of the same case was first: it is looked at again

    def _answered(self, item: Item, answering: Answering) -> Answer | None:
        """Let an item be done by its actor; return what was answered, None where it is left lying."""
        self._viewed = None
        answer = answering(self, item)
        if answer is None:
            return None
        try:
            self._complete(item, answer)
        except InvalidAnswers as error:
            reasoned = explained(answer.form or {}, error.findings)
            if reasoned is None:
                raise
            self._complete(item, replace(answer, form=reasoned))
        return answer

    def _complete(self, item: Item, answer: Answer) -> None:
        viewed = self._viewed
        if viewed is None and answer.form is not None and item.round > 1:
            viewed = self.view(item)  # the form was filled in before: the new one stands on it
        self.engine.complete(
            item.id,
            actor=item.actor,
            version=item.version,
            outcome=answer.outcome,
            answers=answer.form,
            opinion=answer.opinion,
            pins=answer.pins,
            replies=answer.replies,
            document_version=viewed.document_version if viewed is not None else None,
        )


_ITEMS = (
    select(
        tables.work_items.c.id,
        tables.work_items.c.instance_id,
        tables.work_items.c.element,
        tables.work_items.c.version,
        tables.work_items.c.round,
        tables.work_items.c.candidates,
        tables.work_items.c.assignee,
        tables.definitions.c.process_id,
    )
    .join(tables.definitions, tables.definitions.c.id == tables.work_items.c.definition_id)
    .where(tables.work_items.c.state == "open", tables.work_items.c.id.in_(bindparam("ids", expanding=True)))
)
