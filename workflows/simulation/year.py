"""A county's year from the call for goals to the annual report, played by its people through the real engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.money import wan_from_fen
from budget.projects import Register
from budget.statistics import FIGURES, Scope, compute, shown
from budget.tables import Project
from engine import tables
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import Engine
from workflows import campaigns, deploy_all, profiles
from workflows.demo.amounts import amounts
from workflows.profiles.calendar import Entry, entries
from workflows.simulation import register
from workflows.simulation.acting import answers
from workflows.simulation.acting.campaign import PLAN
from workflows.simulation.acting.key_evaluation import BUREAU
from workflows.simulation.acting.key_evaluation import WANTED as KEY_SCORE
from workflows.simulation.acting.self_evaluation import WANTED
from workflows.simulation.acting.unit_goal import BASIC
from workflows.simulation.office import Count, Office
from workflows.simulation.shape import Shape

if TYPE_CHECKING:
    from workflows.profiles import Profile

#: The period of the goals of projects that are added in the course of the year.
ADDED = "年中"
#: The mean of self-evaluations where a report doesn't tell it, and the lowest that spending alone can bring about.
MEAN_SCORE, LOWEST = "96.08", Decimal(90)
#: The mean of key evaluations where a report doesn't tell it (domain §9.4), and the mark of their projects' codes.
KEY_MEAN, KEY_MARK = "84", "K"
#: When key evaluations are ordered, month and day (domain §5).
ORDERED = (5, 25)
#: Told what is going on: the stage, how much of it is done, how much there is.
Told = Callable[[str, int, int], None]


class Year:
    """One county in one budget year; ``engine`` is of an empty county, its clock is replaced by a stepped one."""

    def __init__(self, engine: Engine, shape: Shape, told: Told = lambda *_: None) -> None:
        self.shape = shape
        self.random = Random(f"{shape.code}-{shape.year}")
        self.profile: Profile = profiles.load(shape.code)
        self.clock = SteppedClock(datetime(shape.year - 1, 9, 1, 9, tzinfo=ZONE))
        self.engine = Engine(engine.database, plugins=engine.plugins, clock=self.clock, store=engine.store)
        self.place = register.offices(shape)
        self.office = Office(self.engine, self.clock, self.random, answers(), self.profile)
        #: What was computed, by the figure's id and by the report's: counts, 万元, %, points.
        self.figures: dict[str, Decimal | None] = {}
        #: Projects of which a key evaluation is still to be ordered.
        self._chosen: list[int] = []
        self._told = told
        self._days = WorkingDays()

    @property
    def count(self) -> Count:
        """How much was done so far."""
        return self.office.count

    def prepare(self) -> None:
        """Fill the register, and deploy the processes in the county's own words."""
        self.engine.set_setting("profile", self.profile.code, actor="system")
        self.engine.set_setting("year", self.shape.year, actor="system")
        register.fill_people(self.engine, self.place)
        with self.engine.database.write() as unit, unit.savepoint() as session:
            register.fill_units(session, self.shape, self.place)
            register.add_projects(
                session, self.shape, self.place, self.shape.goals, self.shape.year, self.random
            )
            self._basic()
            before = self._last_year(session)
            register.take_over(
                session, before, self.random, lambda done: self._told("last_year", done, len(before))
            )
        deploy_all(self.engine)

    def _basic(self) -> None:
        """Draw what each unit needs besides its projects, so that the whole is what the report says."""
        whole = self.shape.more.get("unit_goal_amount")
        if whole is None:
            return
        called = self.place.units
        money = amounts(len(called), Decimal(whole) - self.shape.goals.amount, self.random, 0.8)
        for unit, basic in zip(called, money, strict=True):
            self.office.plans[BASIC, unit] = wan_from_fen(basic)

    def _last_year(self, session: Session) -> list[Project]:
        """Write the projects of the year before, and draw the scores that they will get."""
        whole, key = self.shape.last_year, self.shape.key
        if whole is None:
            return []
        year = self.shape.year - 1
        chosen: list[Project] = []
        if key is not None:
            whole = replace(whole, projects=whole.projects - key.projects, amount=whole.amount - key.amount)
            chosen = register.add_projects(
                session, self.shape, self.place, key, year, self.random, mark=KEY_MARK
            )
        rest = register.add_projects(session, self.shape, self.place, whole, year, self.random)
        found = [*chosen, *rest]
        self._want(WANTED, found, self._scores(len(found)))
        self._want(KEY_SCORE, chosen, self._key_scores(len(chosen)))
        for project in chosen[: int(self.shape.more.get("key_bureau", 0))]:
            self.office.plans[BUREAU, project.code] = True
        self._chosen = [project.id for project in chosen]
        return found

    def _want(self, what: str, projects: Sequence[Project], values: Sequence[Decimal]) -> None:
        for project, value in zip(projects, values, strict=True):
            self.office.plans[what, project.code] = value

    def _key_scores(self, count: int) -> list[Decimal]:
        """Draw the scores of key evaluations: lower and wider apart than those that units give themselves."""
        mean = Decimal(str(self.shape.more.get("key_avg", KEY_MEAN)))
        drawn = [Decimal(str(round(self.random.uniform(-3, 3), 1))) for _ in range(count)]
        scores = [mean + one for one in drawn]
        for place in range(count):  # what they are off together is taken off evenly
            off = (sum(scores, Decimal(0)) - mean * count) / (count - place)
            scores[place] -= off.quantize(Decimal("0.01"))
        return scores

    def _scores(self, count: int) -> list[Decimal]:
        """Draw the scores that units will give themselves: a few low, most high, the mean as the report says."""
        mean = Decimal(str(self.shape.more.get("selfeval_avg", MEAN_SCORE)))
        drawn = [
            max(LOWEST, min(Decimal(100), Decimal(str(round(self.random.betavariate(24, 1.0) * 100, 2)))))
            for _ in range(count)
        ]
        left = mean * count - sum(drawn)
        for position in self.random.sample(range(count), count):
            moved = max(LOWEST, min(Decimal(100), drawn[position] + left))
            left -= moved - drawn[position]
            drawn[position] = moved
        return drawn

    def run(self) -> None:
        """Play the year: what the county's calendar opens, in its order, and what is added in its course."""
        year = self.shape.year
        plan = self.profile.value("calendar.plan")
        autumn = [one for one in entries(plan, year - 1, self._days.add) if one.fiscal_year == year]
        spring = [one for one in entries(plan, year, self._days.add) if one.fiscal_year <= year]
        noted = False
        for entry in sorted([*autumn, *spring, *self._added()], key=lambda one: one.opens):
            if entry.kind not in campaigns.kinds():
                continue
            begins = self._days.add(entry.opens, -int(self.profile.value("calendar.lead_days")))
            if begins >= date(year, *ORDERED):
                self._order()
            if begins.year == year and not noted:
                self._work_until(date(year, 1, 31))
                self._note("goals")
                noted = True
            self._work_until(begins)
            if entry.period == ADDED:
                self._add()
            self._begin(entry)
        self._order()
        self._work_until(date(year, 12, 31))
        self._note("")
        with self.engine.database.read() as unit:
            query = select(func.count()).select_from(tables.instances)
            self.count.instances = int(unit.execute(query).scalar_one())

    def _order(self) -> None:
        """Order the key evaluations of the chosen projects, once."""
        day = date(self.shape.year, *ORDERED)
        if self._chosen and self.office.today < day:
            self._work_until(day)
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            known = Register(session)
            orders = [known.variables(known.project(id)) for id in self._chosen]
        self._chosen = []
        for project in orders:
            self.engine.publish(
                "KeyEvaluationOrdered",
                project["code"],
                {
                    "project": project,
                    "campaign": None,
                    "profile": self.profile.variables("key_evaluation"),
                    "choice": {"complex": False, "concerned": False, "research": False, "ready": False},
                },
                f"order-{project['code']}",
            )

    def _added(self) -> list[Entry]:
        """Return the call for the goals of projects that are added in the course of the year."""
        if self.shape.added is None:
            return []
        opens = self._days.next(date(self.shape.year, 5, 20))
        due = self._days.add(opens, 10)
        return [Entry(CaseKind.GOAL, ADDED, self.shape.year, opens, due, None, "P")]

    def _add(self) -> None:
        assert self.shape.added is not None
        with self.engine.database.write() as unit, unit.savepoint() as session:
            register.add_projects(
                session,
                self.shape,
                self.place,
                self.shape.added,
                self.shape.year,
                self.random,
                mark="A",
            )

    def _begin(self, entry: Entry) -> None:
        """Begin a campaign as the calendar does; the performance section finds it in its inbox."""
        started = self.engine.start(
            "campaign",
            actor="system",
            variables={"proposal": None, "profile": self.profile.variables("calendar", "escalation")},
            business_key=entry.key,
        )
        self.office.plans[PLAN, str(started.instance_id)] = {
            "title": f"{entry.fiscal_year}年度{entry.kind.zh}",
            "kind": str(entry.kind),
            "fiscal_year": entry.fiscal_year,
            "period": entry.period,
            "opens_on": entry.opens.isoformat(),
            "due_on": entry.due.isoformat(),
            "as_of": entry.as_of.isoformat() if entry.as_of else None,
        }

    def _note(self, stage: str) -> None:
        """Compute what the report says of this stage of the year, as the pages would."""
        wanted = {one.id: one.figure for one in self.shape.expected if one.at == stage}
        if not stage:
            wanted |= {figure.id: figure.id for figure in FIGURES}
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            found = compute(session, Scope(self.shape.year, self.clock.now()), set(wanted.values()))
        units = {figure.id: figure.unit for figure in FIGURES}
        self.figures |= {id: shown(found[figure], units[figure]) for id, figure in wanted.items()}

    def assertions(self) -> dict[str, bool]:
        """Return which of the acceptance's assertions hold, after :meth:`run`."""
        held = {one.id: one.holds(self.figures.get(one.id)) for one in self.shape.expected}
        return {name: all(held[id] for id in ids) for name, ids in self.shape.assertions.items()}

    def _work_until(self, last: date) -> None:
        total = (last - self.office.today) // timedelta(days=1)
        first = self.office.today
        self.office.work_until(
            last, lambda day: self._told("days", (day - first) // timedelta(days=1), total)
        )
