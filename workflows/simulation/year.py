"""A county's year from the call for goals to the annual report, played by its people through the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import annual
from budget.cases import CaseKind
from budget.money import wan_from_fen
from budget.statistics import FIGURES, Scope, shown
from budget.statistics.standing import growth
from budget.tables import Project
from engine import tables
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import Engine
from workflows import campaigns, deploy_all, profiles
from workflows.demo.amounts import amounts
from workflows.profiles.calendar import Entry, entries
from workflows.simulation import acceptance, occasions, register
from workflows.simulation.acceptance import Assertion, Facts, PutIn
from workflows.simulation.acting import answers
from workflows.simulation.acting.annual_report import OTHERS
from workflows.simulation.acting.campaign import PLAN
from workflows.simulation.acting.ex_ante_evaluation import REREVIEWED
from workflows.simulation.acting.key_evaluation import BUREAU
from workflows.simulation.acting.key_evaluation import WANTED as KEY_SCORE
from workflows.simulation.acting.key_selection import SPECIAL
from workflows.simulation.acting.self_evaluation import REFUSED, WANTED
from workflows.simulation.acting.unit_goal import BASIC
from workflows.simulation.crew import Crew
from workflows.simulation.office import Count, Office
from workflows.simulation.shape import MORE, TYPED, Batch, Shape

if TYPE_CHECKING:
    from workflows.profiles import Profile

#: The period of the goals of projects that are added in the course of the year.
ADDED = "年中"
#: The mean of self-evaluations where a report doesn't tell it, and the lowest that spending alone can bring about.
MEAN_SCORE, LOWEST = "96.08", Decimal(90)
#: The mean of key evaluations where a report doesn't tell it (domain §9.4), and the mark of their projects' codes.
KEY_MEAN, KEY_MARK = "84", "K"
#: When a third party is engaged, key evaluations are chosen, adjustments asked for, and the report begun in the next year:
#: month and day (domain §5).
ENGAGED, ORDERED, ADJUSTED, REPORTED = (4, 20), (5, 25), (9, 21), (1, 4)
#: By when the goals of the year are all approved, before any is added, and what the acceptance asks of that stage.
GOALS, AT_GOALS = (4, 30), ("goal.projects", "goal.amount")
#: When units ask for money that is on hold: after the checkpoints.
HELD = ((5, 26), (6, 4), (8, 24), (9, 2), (9, 15))
MOST_HELD = 3
#: What a project has on the mean whose unit refuses to evaluate it, in 万元.
REFUSED_AMOUNT = Decimal(60)
#: When units are trained (S4-04), and when the people's congress inspects projects (S5-23): month and day.
TRAINED, OVERSEEN = (9, 15), (6, 8)
#: Told what is going on: the stage, how much of it is done, how much there is.
Told = Callable[[str, int, int], None]


class Year:
    """One county in one budget year; ``engine`` is of an empty county, its clock is replaced by a stepped one.

    ``workers`` processes share the work; one alone plays the same year the same way each time.
    """

    def __init__(
        self, engine: Engine, shape: Shape, told: Told = lambda *_: None, *, workers: int = 1
    ) -> None:
        self.shape = shape
        self._workers = workers
        self.random = Random(f"{shape.code}-{shape.year}")
        self.profile: Profile = profiles.load(shape.code)
        self.clock = SteppedClock(datetime(shape.year - 1, 9, 1, 9, tzinfo=ZONE))
        self.engine = Engine(engine.database, plugins=engine.plugins, clock=self.clock, store=engine.store)
        self.place = register.offices(shape)
        self.office = Office(self.engine, self.clock, self.random, answers(), self.profile)
        #: What was computed, by the figure's id and by the report's: counts, 万元, %, points.
        self.figures: dict[str, Decimal | None] = {}
        #: The figures by the stage of the year at whose end they were computed.
        self.stages: dict[str, dict[str, Decimal | None]] = {}
        #: What was put into the register and asked for, by batch.
        self.put_in: dict[str, PutIn] = {}
        self._secret = frozenset(self.place.units[len(self.place.units) - shape.secret :])
        #: The codes of the projects that are to be chosen for key evaluation.
        self._chosen: list[str] = []
        #: Projects whose units asked for money that was on hold.
        self._asked: set[int] = set()
        #: The instance of the annual report, once it is begun.
        self.report: int | None = None
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
            for project in register.add_projects(
                session, self.shape, self.place, self.shape.goals, self.shape.year, self.random
            ):
                self._tally("goals", project)
            self._basic()
            before = self._last_year(session)
            register.take_over(
                session, before, self.random, lambda done: self._told("last_year", done, len(before))
            )
        deploy_all(self.engine)
        pilots = int(self.shape.more.get("pilots", 0))
        if pilots:
            occasions.name_pilots(self.engine, self.place.units[:pilots])
            self.profile = self.office.profile = profiles.of(self.engine)

    def _tally(self, batch: str, project: Project) -> None:
        """Count what was put in; nothing of secret units, which no figure tells of (domain §6.4)."""
        put_in = self.put_in.setdefault(batch, PutIn())
        if project.unit not in self._secret:
            put_in.add(project)

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
            chosen = [
                *register.add_projects(
                    session,
                    self.shape,
                    self.place,
                    key,
                    year,
                    self.random,
                    mark=KEY_MARK,
                    books=self.profile.value("key_evaluation.books"),
                )
            ]
        rest = [*register.add_projects(session, self.shape, self.place, whole, year, self.random)]
        found = [*chosen, *rest]
        for batch, projects in (("last_year", found), ("key", chosen)):
            for project in projects:
                self._tally(batch, project)
        self._want(WANTED, "last_year", found, self._scores(len(found)))
        self._want(KEY_SCORE, "key", chosen, self._key_scores(len(chosen)))
        for project in chosen[: int(self.shape.more.get("key_bureau", 0))]:
            self.office.plans[BUREAU, project.code] = True
        for project in chosen[: int(self.shape.more.get("key_special", 0))]:
            self.office.plans[SPECIAL, project.code] = True
        self._chosen = [project.code for project in chosen]
        found += self._refusing(session)
        if self.shape.before is not None:
            earlier = [
                *register.add_projects(
                    session, self.shape, self.place, self.shape.before, year - 1, self.random
                )
            ]
            for project in earlier:
                self._tally("before", project)
            register.take_over_scores(session, earlier, self.random)
        register.take_over_inspections(session, found, self.shape.more.get("inspected", {}))
        return found

    def _refusing(self, session: Session) -> list[Project]:
        """Write the projects of the year before that their units will refuse to evaluate."""
        count = int(self.shape.more.get("refusing", 0))
        batch = Batch(count, REFUSED_AMOUNT * count, 0.5)
        if not count:
            return []
        found = [
            *register.add_projects(
                session, self.shape, self.place, batch, self.shape.year - 1, self.random, mark="R"
            )
        ]
        for project in found:
            self.office.plans[REFUSED, project.code] = True
        return found

    def _want(self, what: str, batch: str, projects: Sequence[Project], values: Sequence[Decimal]) -> None:
        for project, value in zip(projects, values, strict=True):
            self.office.plans[what, project.code] = value
            if project.unit not in self._secret:
                self.put_in[batch].scores.append(value)

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
        """Play the year: what the county's calendar opens, in its order, and what else happens in its course."""
        if self._workers > 1:
            self.office.crew = Crew(self.office, self._workers)
        try:
            for day, act in sorted(self._agenda(), key=lambda one: one[0]):
                self._work_until(day)
                act()
            self._work_until(date(self.shape.year + 1, 1, 31))
        finally:
            if self.office.crew is not None:
                self.office.crew.close()
        with self.engine.database.read() as unit:
            query = select(func.count()).select_from(tables.instances)
            self.count.instances = int(unit.execute(query).scalar_one())

    def _agenda(self) -> Iterator[tuple[date, Callable[[], object]]]:
        """Return what happens at the end of which days, in any order."""
        year, office = self.shape.year, self.office
        plan = self.profile.value("calendar.plan")
        lead = int(self.profile.value("calendar.lead_days"))
        evaluated = (
            CaseKind.EX_ANTE_EVALUATION
        )  # of the next year's projects; this year's passed before it began
        autumn = [
            one
            for one in entries(plan, year - 1, self._days.add)
            if one.fiscal_year == year and one.kind != evaluated
        ]
        spring = [one for one in entries(plan, year, self._days.add) if one.fiscal_year <= year]
        for entry in (*autumn, *spring):
            if entry.kind in campaigns.kinds():
                yield self._days.add(entry.opens, -lead), partial(self._begin, entry)
        if (exante := self.shape.exante) is not None:
            for entry in entries(plan, year, self._days.add):
                if entry.kind == evaluated:
                    yield self._days.add(entry.opens, -lead), partial(self._evaluate, entry, exante)
        if (added := self._added()) is not None:
            yield self._days.add(added.opens, -lead), partial(self._add, added)
        yield date(year, *GOALS), partial(self._note, "goals")
        if self._chosen:
            yield date(year, *ENGAGED), partial(occasions.engage, office, year - 1, self._chosen)
            yield date(year, *ORDERED), partial(occasions.select_key, office, year - 1, self._chosen)
        if (payments := self.shape.payments) is not None:
            planned: list[Sequence[int]] = []
            for month in range(3, 11):
                yield self._days.add(date(year, month, 5), 0), partial(self._ask, planned, payments, month)
            for looked in HELD:
                yield date(year, *looked), self._ask_held
        rate = self.shape.more.get("poverty_rate")
        if rate is not None:
            for day, month in occasions.report_months(year):
                yield day, partial(occasions.register_spending, office, year, month, Decimal(rate))
        yield date(year, *ADJUSTED), partial(occasions.adjust, office, year)
        overseen = self.shape.more.get("overseen")
        if overseen is not None:
            yield date(year, *OVERSEEN), partial(occasions.oversee, office, year, int(overseen))
        training = self.shape.more.get("training")
        if training is not None:
            yield date(year, *TRAINED), partial(occasions.train, office, year, training)
        yield date(year, 12, 31), partial(self._note, "")
        yield date(year + 1, *REPORTED), self._report

    def _ask(self, planned: list[Sequence[int]], payments: Batch, month: int) -> None:
        """Let units ask for the month's payments."""
        if not planned:
            planned += occasions.plan_payments(
                self.office, self.shape.year, payments.projects, payments.amount, self.random
            )
        self._asked_for(planned[month - 3])

    def _ask_held(self) -> None:
        """Let units ask for money that is on hold, once for each project."""
        held = occasions.projects_on_hold(self.office, self.shape.year)
        asked = [id for id in held if id not in self._asked][:MOST_HELD]
        self._asked.update(asked)
        self._asked_for(asked)

    def _asked_for(self, projects: Sequence[int]) -> None:
        """Let units ask for payments; the papers that come with them are counted."""
        wanted = occasions.ask_for_money(self.office, projects)
        put_in = self.put_in.setdefault("payments", PutIn())
        put_in.projects += len(wanted)
        put_in.amount += sum(wanted)
        occasions.receive_documents(self.office, self.shape.year, len(wanted))

    def _report(self) -> None:
        """Let the report be begun; what it tells from outside of the system is typed into it."""
        typed = [one for one in self.shape.expected if one.figure.startswith(TYPED)]
        self.office.plans[OTHERS, str(self.shape.year)] = [
            {
                "item": one.figure.removeprefix(TYPED),
                "value": f"{one.value:f}",
                "unit": one.unit,
                "source": "工作台账",
            }
            for one in typed
        ]
        self.report = occasions.report(self.office, self.shape.year)

    def _added(self) -> Entry | None:
        """Return the call for the goals of projects that are added in the course of the year."""
        if self.shape.added is None:
            return None
        opens = self._days.next(date(self.shape.year, 5, 20))
        due = self._days.add(opens, 10)
        return Entry(CaseKind.GOAL, ADDED, self.shape.year, opens, due, None, "P")

    def _add(self, entry: Entry) -> None:
        """Write the projects that are added, and call for their goals."""
        assert self.shape.added is not None
        with self.engine.database.write() as unit, unit.savepoint() as session:
            for project in register.add_projects(
                session,
                self.shape,
                self.place,
                self.shape.added,
                self.shape.year,
                self.random,
                mark="A",
            ):
                self._tally("added", project)
        self._begin(entry)

    def _evaluate(self, entry: Entry, batch: Batch) -> None:
        """Write the next year's new projects, and call for their evaluation; a few are to be reviewed again."""
        with self.engine.database.write() as unit, unit.savepoint() as session:
            found = register.add_projects(
                session,
                self.shape,
                self.place,
                batch,
                entry.fiscal_year,
                self.random,
                mark="E",
                evaluated=False,
            )
            codes = []
            for project in found:
                self._tally("exante", project)
                codes.append(project.code)
        for code in codes[: int(self.shape.more.get("exante_rereviewed", 0))]:
            self.office.plans[REREVIEWED, code] = True
        self._begin(entry)

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
        known = {figure.id: figure for figure in FIGURES}
        wanted = {one.id: one.figure for one in self.shape.expected if one.at == stage}
        wanted = {id: figure for id, figure in wanted.items() if not figure.startswith(TYPED)}
        ids = known if not stage else AT_GOALS
        asked = [
            known[id] for id in dict.fromkeys((*ids, *(one.removesuffix(MORE) for one in wanted.values())))
        ]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            found = growth(session, Scope(self.shape.year, self.clock.now()), asked)
        self.stages[stage] = {id: shown(found[id].value, known[id].unit) for id in ids}
        if not stage:
            self.figures |= self.stages[stage]
        for id, figure in wanted.items():
            of = figure.removesuffix(MORE)
            value = found[of].value if of == figure else found[of].change
            self.figures[id] = shown(value, known[of].unit)

    def acceptance(self) -> Sequence[Assertion]:
        """Return the assertions of the domain's acceptance with what was found, after :meth:`run`."""
        lines = self._typed_and_told()
        added = self._added()
        facts = Facts(
            shape=self.shape,
            profile=self.profile,
            put_in=self.put_in,
            figures=self.stages[""],
            stages=self.stages,
            lines=lines,
            added_on=None if added is None else added.opens,
        )
        return acceptance.judge(facts, self.figures)

    def _typed_and_told(self) -> Sequence[Mapping[str, Any]]:
        """Return the lines of the annual report, and note what was typed into it."""
        assert self.report is not None
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            report = annual.report_of(session, self.report)
            lines, typed = annual.figures_of(report)["lines"], annual.others(report)
        by_item = {row["item"]: Decimal(row["value"]) for row in typed}
        for one in self.shape.expected:
            if one.figure.startswith(TYPED):
                self.figures[one.id] = by_item.get(one.figure.removeprefix(TYPED))
        return [*lines]

    def _work_until(self, last: date) -> None:
        total = (last - self.office.today) // timedelta(days=1)
        first = self.office.today
        self.office.work_until(
            last, lambda day: self._told("days", (day - first) // timedelta(days=1), total)
        )
