"""A county's year from the call for goals to the annual report, played by its people through the real engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseKind
from budget.projects import Register
from budget.statistics import FIGURES, Scope, compute, shown
from budget.tables import Campaign
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import Engine, StartRequest
from workflows import campaigns, deploy_all, profiles
from workflows.simulation import register
from workflows.simulation.acting import answers
from workflows.simulation.office import Count, Office
from workflows.simulation.shape import Shape

if TYPE_CHECKING:
    from workflows.profiles import Profile

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
            if self.shape.last_year is not None:
                before = register.add_projects(
                    session, self.shape, self.place, self.shape.last_year, self.shape.year - 1, self.random
                )
                register.take_over(
                    session,
                    before,
                    self.random,
                    lambda done: self._told("last_year", done, len(before)),
                )
        deploy_all(self.engine)

    def run(self) -> None:
        """Play the year."""
        year = self.shape.year
        self._work_until(date(year - 1, 9, 30))
        self.open(CaseKind.GOAL, due=self.profile.goal_deadline(year).date())
        self._work_until(date(year, 1, 31))
        self._note("goals")
        self._note("")

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

    def open(
        self,
        kind: CaseKind,
        *,
        due: date,
        year: int | None = None,
        period: str = "",
        as_of: date | None = None,
    ) -> int:
        """Call for a business today; return how many must report."""
        offered = campaigns.kinds()[kind]
        now = self.clock.now()
        with self.engine.database.write() as unit, unit.savepoint() as session:
            campaign = Campaign(
                kind=kind,
                fiscal_year=year or self.shape.year,
                period=period,
                title=f"{year or self.shape.year}年度{kind.zh}",
                state=CampaignState.OPEN,
                as_of=as_of,
                opens_at=now,
                opened_at=now,
                due_at=datetime.combine(due, time(18), ZONE),
            )
            session.add(campaign)
            session.flush()
            known = Register(session)
            requests = [
                StartRequest(
                    campaigns.start_variables(offered, known, one, campaign, self.profile),
                    one.business_key,
                    offered.documents(known, one, campaign),
                )
                for one in offered.cohort(session, campaign, self.profile)
            ]
        self.engine.start_many(
            offered.process,
            requests,
            actor="system",
            progress=lambda done: self._told("start", done, len(requests)),
        )
        self.count.instances += len(requests)
        return len(requests)

    def _work_until(self, last: date) -> None:
        total = (last - self.office.today) // timedelta(days=1)
        first = self.office.today
        self.office.work_until(
            last, lambda day: self._told("days", (day - first) // timedelta(days=1), total)
        )
