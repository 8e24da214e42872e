"""The demo county: people, projects and goals at every step, made by the real engine in three weeks of its time.

:func:`load` fills an empty county. Everything in it is made up, and made of what counties have: see the data files
beside this module.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import Category
from budget.projects import Register
from budget.quality.table_checks import EXECUTION
from budget.quality.thresholds import Thresholds
from budget.tables import Project
from engine.calendar import ZONE, SteppedClock, WorkingDays
from engine.engine import Engine, StartRequest
from engine.identity import AUDITOR, SYSTEM
from workflows import deploy_all, profiles
from workflows.demo import exante, news, register
from workflows.demo.catalogue import county, projects
from workflows.demo.midyear import BEGINS, MidYear, fates
from workflows.demo.story import OPENED, Case, Story
from workflows.goal_declaration.campaign import GROUPS
from workflows.wording import Words

#: What the demo county is called.
NAME: str = county()["name"]
#: The password of every demo account.
PASSWORD: str = county()["password"]
#: The setting of a county into which the demo is being loaded; one that has it without ``demo`` was broken off.
LOADING = "demo_loading"

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], Any]

_STAGES = {
    "people": {"zh": "建立机构和人员", "en": "Organisations and people"},
    "projects": {"zh": "建立项目库", "en": "Register of projects"},
    "last_year": {"zh": "带入上年批复的绩效目标", "en": "Last year's approved goals"},
    "year": {"zh": "办理本年度的监控、整改、拨付和上年的评价", "en": "The year so far"},
    "start": {"zh": "发起目标申报", "en": "Goal declarations"},
    "work": {"zh": "办理三周来的事项", "en": "Three weeks of work"},
}


def _accounts() -> tuple[tuple[str, str, str, str], ...]:
    people = {person.id: person for person in register.staff(Random(county()["seed"]))}
    return tuple((id, people[id].name, people[id].title, what) for id, what in county()["accounts"].items())


#: Whom to sign in as: account, name, post, and what to try.
ACCOUNTS = _accounts()


def name(profile: str | None = None) -> str:
    """Return what the demo county is called by a profile: 青岚县, or 青岚区 where counties are districts."""
    return NAME[:-1] + Words.of(profiles.load(profile or county()["profile"])).county


def load(
    engine: Engine,
    progress: Progress | None = None,
    *,
    language: str = "zh",
    profile: str | None = None,
    whole: bool = False,
) -> None:
    """Fill an empty county with the demo; a county that has it already stays as it is.

    It takes some ten seconds: next year's goals are being declared. ``whole`` is the county in the middle of its year
    besides, with monitoring, payments, rectifications and evaluations, and takes twice as long. ``profile`` is one of
    :func:`workflows.profiles.names`. ``progress`` is told the stage (in ``language``), what is done and what there is to do.
    """
    if engine.setting("demo", False):
        return
    tell = progress or (lambda *_: None)
    _Loader(engine, tell, language, profile or county()["profile"], whole=whole).load()


class _Loader:
    """One loading: the stages in their order."""

    def __init__(
        self, engine: Engine, progress: Progress, language: str, profile: str, *, whole: bool
    ) -> None:
        self.engine = engine
        self.whole = whole
        self.now = engine.clock.now()
        self.today = self.now.astimezone(ZONE).date()
        self.year = (self.now + register.BEFORE_THE_YEAR).astimezone(ZONE).year
        self.random = Random(county()["seed"])
        self.profile = profiles.load(profile)
        self.words = Words.of(self.profile)
        self.people = register.staff(self.random, self.words)
        self._progress, self._language = progress, language

    def load(self) -> None:
        """Do all of it; the flag that the county is a demo is set last."""
        self.engine.set_setting(LOADING, True, actor="system")
        self.engine.set_setting("profile", self.profile.code, actor="system")
        for done, _ in enumerate(register.add_people(self.engine.people, self.people, self.words), 1):
            self._tell("people", done, len(self.people))
        self._admit_auditors()
        self._fill_register()
        opened = self._day(-OPENED, time(9))
        clock = SteppedClock(datetime(self.year - 1, *BEGINS, 9, tzinfo=ZONE) if self.whole else opened)
        stepped = Engine(
            self.engine.database, plugins=self.engine.plugins, clock=clock, store=self.engine.store
        )
        deploy_all(stepped)
        year = self._year_so_far(stepped, clock, opened.date()) if self.whole else None
        clock.set(opened)
        cases = self._start(stepped)
        thresholds = Thresholds.read(self.profile.group("quality"))
        points = {level: share for level, share in thresholds.weights.items() if level != EXECUTION}
        story = Story(stepped, clock, self.people, self.random, points)
        total = sum(len(story.steps(case.stage)) for case in cases)
        for done, _ in enumerate(story.play(cases, self.now, *([year.morning] if year else [])), 1):
            self._tell("work", done, total)
        news.spread(self.engine, self.people)
        if year is not None:
            with self.engine.database.write() as unit, unit.savepoint() as session:
                year.paperwork.keep_books(session, self.now)
            year.paperwork.prepare(self._day(2, time(9)).date())
        self.engine.index()
        self.engine.set_setting("year", self.year - 1 if self.whole else self.year, actor="system")
        self.engine.set_setting("second_person", ["terminate"], actor="system")
        self.engine.set_setting("paper_signing", True, actor="system")
        self.engine.set_setting("demo", True, actor="system")
        self.engine.set_setting(LOADING, False, actor="system")

    def _year_so_far(self, engine: Engine, clock: SteppedClock, until: date) -> MidYear:
        """Play the year that is being carried out up to the day before the goals are called for."""
        year = MidYear(engine, clock, self.profile, self.year - 1, self.today)
        total = (until - year.staff.today).days - 1
        for done, _ in enumerate(year.until(until - timedelta(days=1)), 1):
            self._tell("year", done, total)
        return year

    def _tell(self, stage: str, done: int, total: int) -> None:
        self._progress(_STAGES[stage][self._language], done, total)

    def _day(self, working_days: int, hour: time) -> datetime:
        return datetime.combine(WorkingDays().add(self.today, working_days), hour, ZONE)

    def _admit_auditors(self) -> None:
        """Let the auditors read this year's cases for three months."""
        for person in self.people:
            if person.role == AUDITOR:
                self.engine.admin.create_audit(
                    person.id,
                    person.org,
                    "审通〔2026〕3号",
                    actor=SYSTEM,
                    first=self.today,
                    last=self.today + timedelta(days=90),
                )

    def _fill_register(self) -> None:
        heads = {person.org: person.name for person in self.people if person.role == "unit_head"}
        with self.engine.database.write() as unit, unit.savepoint() as session:
            register.add_units(session, self.year, self.words)
            register.add_relations(session)
            count = len(register.add_projects(session, self.year, self.people, self.random))
            self._tell("projects", count, count)
            thresholds = Thresholds.read(self.profile.group("quality"))
            exante.add_results(session, self.year, thresholds, Random(self.year))
            going_on = sum(row.attr == "CONTINUED" for row in projects())
            for done, _ in enumerate(register.add_last_year(session, self.year, heads, self.random), 1):
                self._tell("last_year", done, going_on)
            if self.whole:
                register.add_year_before(session, self.year - 1, fates()["self_evaluation"])
                for _ in register.add_last_year(session, self.year - 1, heads, Random(self.year)):
                    pass
            self._tell("last_year", going_on, going_on)

    def _start(self, engine: Engine) -> list[Case]:
        deadlines = {
            "late": self._day(-2, time(18)),
            "today": datetime.combine(self.today, time(18), ZONE),
        }
        usual = self._day(6, time(18))
        with engine.database.read() as unit, Session(unit.connection) as session:
            known = Register(session)
            query = select(Project).where(Project.fiscal_year == self.year).order_by(Project.id)
            found = session.scalars(query).all()
            requests, cases = [], []
            for row, project in zip(projects(), found, strict=True):
                about = known.variables(project)
                variables = {
                    "project": about,
                    "campaign": None,
                    "deadline": deadlines.get(row.stage, usual).isoformat(),
                    "profile": self.profile.variables(*GROUPS),
                }
                documents = {} if about["secret"] else {"goal": known.prefilled(project)}
                requests.append(StartRequest(variables, f"goal-{project.code}", documents))
                cases.append(
                    (project.unit, project.section, project.category == Category.SPECIFIC, row.stage)
                )
        started = engine.start_many(
            "goal_declaration",
            requests,
            actor="system",
            progress=lambda done: self._tell("start", done, len(requests)),
        )
        return [Case(one.instance_id, *case) for one, case in zip(started, cases, strict=True)]
