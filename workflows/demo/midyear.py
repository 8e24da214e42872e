"""The demo county's year so far: what was called for and begun, before and while next year's goals are declared.

The year that is being carried out is the one before that of the goals. What the county's calendar opened in spring is long
done; the second checkpoint, the application of results and the overall goals are under way on the day the demo is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.cases import CaseKind
from budget.monitoring import figures
from budget.monitoring.codes import FigureSource
from budget.monitoring.figures import Figure
from budget.monitoring.progress import curve_share
from budget.projects import Register
from budget.tables import Project
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import StartRequest
from workflows import offers, yearly
from workflows.demo import answering, declarations, paperwork
from workflows.demo.paperwork import Paperwork
from workflows.demo.staff import Staff, Wait
from workflows.key_selection import starting
from workflows.midyear import start_adjustment
from workflows.profiles.calendar import Entry, entries
from workflows.report_review import campaign as report_review
from workflows.self_evaluation import campaign as evaluation
from workflows.simulation.acting.campaign import PLAN
from workflows.simulation.acting.key_evaluation import WANTED as KEY_SCORE
from workflows.simulation.acting.monitoring import BEHIND
from workflows.simulation.acting.self_evaluation import WANTED
from workflows.unit_monitoring import campaign as unit_monitoring

if TYPE_CHECKING:
    from engine.engine import Engine
    from workflows.profiles import Profile

#: When the demo year begins, what is evaluated is chosen, and some departments are monitored as a whole: month and day.
BEGINS, CHOOSES, MONITORED = (2, 9), (4, 20), (6, 3)
#: What is under way today was opened so many working days ago and is due in so many.
_UNDER_WAY: Mapping[tuple[CaseKind, str], tuple[int, int]] = {
    (CaseKind.MONITORING, "08"): (9, 3),
    (CaseKind.UNIT_GOAL, ""): (15, 6),
    (CaseKind.RESULT, ""): (8, 12),
}
#: What of the calendar the year doesn't begin: its goals are last year's, units are monitored as the tale says.
_NOT_CALLED = frozenset({CaseKind.GOAL, CaseKind.UNIT_MONITORING, *yearly.STARTS})
#: What of a wait is given in working days back from today.
_DAYS = frozenset({"since", "until"})
#: A key this short names a checkpoint, no project.
_SHORTEST = 3
#: The months at whose ends the treasury's figures are registered.
_MONTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9)


@cache
def fates() -> Mapping[str, Any]:
    """Return what ``midyear.toml`` says."""
    return tomllib.loads(files(__package__).joinpath("midyear.toml").read_text("utf-8"))


def _named() -> Sequence[str]:
    """Return the names of what has a fate, which people see to on the next working day; campaigns are among them."""
    said = fates()
    found = {name for wait in said["waits"] for name in (wait["key"], *wait.get("of", ()))}
    found |= {one["project"] for part in ("payments", "adjustments", "rectifications") for one in said[part]}
    found |= {name for behind in said["behind"].values() for name in behind} | set(said["finished"])
    return ("campaign-", *paperwork.titles(), *sorted(name for name in found if len(name) > _SHORTEST))


class MidYear:
    """The year of a county whose register is filled; ``year`` is the one that is being carried out."""

    def __init__(self, engine: Engine, clock: SteppedClock, profile: Profile, year: int, today: date) -> None:
        self.engine, self.profile, self.year, self.today = engine, profile, year, today
        self._days = WorkingDays()
        self._random = Random(year)
        self.staff = Staff(
            engine,
            clock,
            self._random,
            profile,
            answers=answering.answers(),
            waits=list(self._waits()),
            hurry=_named(),
            at_once=(paperwork.AT_ONCE,),
        )
        self.paperwork = Paperwork(engine, self.staff, profile, year)
        self._day = self.staff.today
        self._plan = sorted(self._moments(), key=lambda one: one[0])

    def until(self, last: date) -> Iterator[date]:
        """Play the year up to the end of a day; yield each day."""
        self._register_figures()
        while self._day < last:
            self.morning(self._day + timedelta(days=1))
            yield self._day

    def morning(self, last: date) -> None:
        """Begin what is begun on the days up to ``last``, and let people work on what waits since."""
        while self._day < last:
            self._day += timedelta(days=1)
            while self._plan and self._plan[0][0] <= self._day:
                self._plan.pop(0)[1]()
            if self._days.is_working(self._day):
                self.staff.begin_day(self._day)

    # what happens when

    def _ago(self, working_days: int) -> date:
        return self._days.add(self.today, -working_days)

    def _moments(self) -> Iterator[tuple[date, Callable[[], object]]]:
        said = fates()
        lead = int(self.profile.value("calendar.lead_days"))
        calendar = entries(self.profile.value("calendar.plan"), self.year, self._days.add)
        for entry in calendar:
            if (entry.kind, entry.period) in _UNDER_WAY:
                opened, due = _UNDER_WAY[entry.kind, entry.period]
                entry = replace(entry, opens=self._ago(opened), due=self._days.add(self.today, due))
            elif entry.opens >= self._ago(20) or entry.kind in _NOT_CALLED:
                continue
            yield self._days.add(entry.opens, -lead), partial(self._call, entry)
        yield date(self.year, *CHOOSES), self._choose
        departments = said["unit_monitoring"]
        yield date(self.year, *MONITORED), partial(self._monitor_units, departments["june"])
        yield self._ago(4), partial(self._monitor_units, departments["now"])
        yield self._ago(5), self._finish
        for one in said["ex_ante"]:
            yield self._ago(one["ago"]), partial(self._evaluate, one)
        for one in said["engagements"]:
            yield self._ago(one["ago"]), partial(self._begin, "engagement", one)
        for one in said["reports"]:
            yield self._ago(one["ago"]), partial(self._review, one)
        for one in said["payments"]:
            yield self._ago(one["ago"]), partial(self._pay, one)
        for one in said["adjustments"]:
            yield self._ago(one["ago"]), partial(self._adjust, one)
        for one in said["rectifications"]:
            yield self._ago(one["ago"]), partial(self._rectify, one)
        yield from self.paperwork.moments(self._ago)

    def _waits(self) -> Iterator[Wait]:
        for one in fates()["waits"]:
            yield Wait(**{key: self._ago(value) if key in _DAYS else value for key, value in one.items()})

    def _call(self, entry: Entry) -> None:
        """Begin a campaign of the calendar; the performance section plans it as the calendar says."""
        instance = yearly.begin(self.engine, entry, actor="system")
        self.staff.plans[PLAN, str(instance)] = yearly.variables(self.profile, entry)["proposal"]

    def _choose(self) -> None:
        """Begin the choice of what of last year is evaluated for the bureau."""
        wanted = fates()["key_evaluation"]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            found = starting.offered(session, self.year - 1, self.profile)
            picked = [one for one in found if one.name in wanted]
            request = starting.start(self.year - 1, picked, self.profile)
        self.engine.start_many(starting.PROCESS, [request], actor=self._person("perf_staff", "PERF"))

    def _monitor_units(self, codes: Sequence[str]) -> None:
        """Some departments are monitored as a whole."""
        due = datetime.combine(self._days.add(self.staff.today, 10), time(18), ZONE)
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            requests = [
                StartRequest(
                    {
                        "unit": Register(session).unit_variables(code),
                        "campaign": None,
                        "deadline": due.isoformat(),
                        "profile": self.profile.variables(*unit_monitoring.GROUPS),
                    },
                    f"unit-monitoring-{code}",
                )
                for code in codes
            ]
        self.engine.start_many("unit_monitoring", requests, actor="system")

    def _finish(self) -> None:
        """What was carried out early evaluates itself."""
        due = datetime.combine(self._days.add(self.today, 4), time(18), ZONE)
        requests = []
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            for name in fates()["finished"]:
                project = self._project(session, name)
                variables = {
                    "project": Register(session).variables(project),
                    "campaign": None,
                    "deadline": due.isoformat(),
                    "profile": self.profile.variables(*evaluation.GROUPS),
                }
                requests.append(StartRequest(variables, f"finished-{name}"))
        self.engine.start_many("self_evaluation", requests, actor="system")

    def _evaluate(self, said: Mapping[str, Any]) -> None:
        """A unit has one of next year's new projects evaluated, for which the county doesn't call."""
        offer = offers.offers()["ex_ante_evaluation"]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            project = self._project(session, said["project"], self.year + 1)
            request = offers.request(session, offer, project, None, self.profile)
            owner = project.unit
        self.engine.start_many(offer.process, [request], actor=self._person("unit_clerk", owner))

    def _review(self, said: Mapping[str, Any]) -> None:
        """A report on one of last year's projects is reviewed."""
        due = datetime.combine(self._days.add(self.staff.today, 10), time(18), ZONE)
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            known = Register(session)
            project = self._project(session, said["project"], self.year - 1)
            variables = {
                "unit": known.unit_variables(project.unit),
                "project": known.variables(project),
                "campaign": None,
                "deadline": due.isoformat(),
                "profile": self.profile.variables(*report_review.GROUPS),
            }
        request = StartRequest(variables, f"report-{project.code}")
        self.engine.start_many("report_review", [request], actor="system")

    def _pay(self, said: Mapping[str, Any]) -> None:
        self._begin("disbursement", said, answering.PAYMENT)

    def _rectify(self, said: Mapping[str, Any]) -> None:
        due = (self.today - timedelta(days=int(said["due"]))).isoformat()
        self._begin("rectification", said | {"due_at": due}, answering.RECTIFICATION, said["source"])

    def _begin(
        self, process: str, said: Mapping[str, Any], plan: str | None = None, chosen: str | None = None
    ) -> None:
        """Begin something by hand, as the page of what one may begin does."""
        offer = offers.offers()[process]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            project = self._project(session, said["project"])
            request = offers.request(session, offer, project, chosen, self.profile)
            code, owner = project.code, project.unit
        if plan is not None:
            self.staff.plans[plan, code] = said
        actor = self._person("unit_clerk", owner) if offer.own else self._person("perf_staff", "PERF")
        self.engine.start_many(process, [request], actor=actor)

    def _adjust(self, said: Mapping[str, Any]) -> None:
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            project = self._project(session, said["project"])
            id, code, owner = project.id, project.code, project.unit
        self.staff.plans[answering.ADJUSTMENT, code] = said
        start_adjustment(self.engine, id, self._person("unit_clerk", owner))

    # records and intentions

    def _person(self, role: str, org: str) -> Any:
        return self.staff.holders(f"role:{role}@{org}")[0]

    def _project(self, session: Session, name: str, year: int | None = None) -> Project:
        return session.scalars(
            select(Project).where(Project.fiscal_year == (year or self.year), Project.name == name)
        ).one()

    def _register_figures(self) -> None:
        """Draw how far each project is behind at each checkpoint, and register what it spent accordingly."""
        said = fates()
        self._intend(said["self_evaluation"], WANTED, self.year - 1)
        self._intend(said["finished"], WANTED, self.year)
        self._intend(said["key_evaluation"], KEY_SCORE, self.year - 1)
        with self.engine.database.write() as unit, unit.savepoint() as session:
            query = select(Project).where(Project.fiscal_year == self.year).order_by(Project.id)
            for project in session.scalars(query).all():
                if project.secret_flag:
                    continue
                behind = {period: self._behind(project, period) for period in said["behind"]}
                steps = [
                    (date.fromisoformat(one["start"]), date.fromisoformat(one["end"]))
                    for one in declarations.plan(project.type, self.year)
                ]
                self._spend(session, project, steps, behind)

    def _behind(self, project: Project, period: str) -> Decimal:
        drawn = Decimal(str(round(self._random.uniform(0, 0.095), 3)))
        found = Decimal(fates()["behind"][period].get(project.name, drawn))
        self.staff.plans[BEHIND, f"{project.code}-{period}"] = found
        return found

    def _spend(
        self,
        session: Session,
        project: Project,
        steps: Sequence[tuple[date, date]],
        behind: Mapping[str, Decimal],
    ) -> None:
        spent = 0
        for month in _MONTHS:
            end = figures.month_end(self.year, month)
            if end >= self.today:
                break
            planned = curve_share(steps, end) or Decimal(0)
            late = behind["05"] if month <= 5 else behind["08"]
            spent = max(spent, int(project.annual_amount * planned * (1 - late)) // 10_000 * 10_000)
            figures.register(
                session,
                [Figure(project.id, month, spent)],
                source=FigureSource.FILE,
                by="user:guoku.guyuan",
                now=datetime.combine(end + timedelta(days=5), time(10), ZONE),
            )

    def _intend(self, scores: Mapping[str, str], what: str, year: int) -> None:
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            query = select(Project.name, Project.code).where(Project.fiscal_year == year)
            for name, code in session.execute(query):
                if name in scores:
                    self.staff.plans[what, code] = Decimal(scores[name])
