"""A small county for playing goal declarations: one unit, its section, the budget section, and projects to declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any

from budget.projects import Register
from budget.tables import Project, Section, Unit
from engine.engine import StartRequest
from engine.identity import SYSTEM, Organisation
from workflows import deploy_all, files_of, profiles
from workflows.demo import declarations
from workflows.goal_declaration.campaign import GROUPS

if TYPE_CHECKING:
    from engine.engine import Engine, NewPin, TaskView

PEOPLE = {
    "li": ("李经办", "unit_clerk", "U1"),
    "zhao": ("赵局长", "unit_head", "U1"),
    "sun": ("孙经办", "unit_clerk", "U2"),
    "wang": ("王股长", "section_chief", "S04"),
    "qian": ("钱干事", "section_staff", "S04"),
    "zhou": ("周股长", "section_chief", "S02"),
    "chen": ("陈股长", "budget_chief", "BUDGET"),
    "wu": ("吴股长", "perf_chief", "PERF"),
    "feng": ("冯副局长", "deputy_leader", "BUREAU"),
    "he": ("何局长", "bureau_leader", "BUREAU"),
    "zhang": ("张专家", "expert", "EXPERTS"),
    "liu": ("刘专家", "expert", "EXPERTS"),
    "gao": ("高专家", "expert", "EXPERTS"),
    "root": ("管理员", "admin", "SYSTEM"),
}
DEADLINE = "2026-03-31T18:00:00+08:00"


@dataclass
class County:
    """The engine with its people; ``instance`` is the goal declaration that a test plays."""

    engine: Engine
    instance: int = 0
    project: dict[str, Any] = field(default_factory=dict)

    def who(self, person: str) -> Any:
        return self.engine.actor(person)

    def task(self, person: str, instance: int = 0) -> TaskView:
        """Return the task that is open, as ``person`` sees it."""
        (holder,) = self.engine.instance(instance or self.instance, self.who(person)).holders
        return self.engine.task(holder.item_id, self.who(person))

    def element(self) -> str | None:
        """Return the step at which the goal stands, None at its end."""
        holders = self.engine.instance(self.instance, SYSTEM).holders
        return holders[0].element if holders else None

    def do(self, person: str, outcome: str, answers: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Complete the open task."""
        task = self.task(person)
        self.engine.complete(
            task.item_id,
            actor=self.who(person),
            version=task.version,
            outcome=outcome,
            answers=answers,
            document_version=task.document_version,
            **more,
        )

    def form(self, person: str = "li") -> dict[str, Any]:
        """Return a sound goal form on top of what the task offers."""
        return declarations.sound(self.task(person).answers, Random(5), head="赵局长", weights=None)

    def submit(self) -> None:
        self.do("li", "提交", self.form())

    def sign(self) -> None:
        self.do("zhao", "同意", {"truthful": True, "signer": "赵局长"})

    def review(self, points: int = 95) -> None:
        """The section agrees with a total of ``points``."""
        self.do("wang", "同意", scores(points), opinion="同意。")

    def up_to_decision(self, points: int = 95) -> None:
        self.submit()
        self.sign()
        self.review(points)

    def decide(self, outcome: str, pins: Sequence[NewPin] = (), **answers: Any) -> None:
        self.do("chen", outcome, answers, opinion="终审意见。", pins=pins)


def scores(total: int) -> dict[str, Any]:
    """Return a filled review form whose eight scores add up to ``total``."""
    maxima = {
        "completeness_norm": 10,
        "completeness_clear": 10,
        "relevance_goal": 10,
        "relevance_indicator": 10,
        "appropriate_perf": 15,
        "appropriate_fund": 15,
        "feasible_possible": 15,
        "feasible_condition": 15,
    }
    points: dict[str, Any] = {}
    left = 100 - total
    for name, most in maxima.items():
        off = min(most, left)
        points[name], left = most - off, left - off
    return points | {"opinion": "总体意见"}


def add_project(
    engine: Engine, number: int = 1, *, secret: bool = False, attr: str = "NEW"
) -> dict[str, Any]:
    """Add a project of unit U1 and return the variable and the prefilled form that its declaration starts with."""
    with engine.database.write() as unit, unit.savepoint() as session:
        if session.get(Section, "S04") is None:
            session.add(Section(code="S04", name="经建股"))
            session.flush()
            session.add(Unit(code="U1", name="县交通运输局", section="S04", function="负责农村公路建设养护"))
            session.flush()
        project = Project(
            fiscal_year=2026,
            code=f"2026-U1-{number:02d}",
            name="农村公路提质改造项目",
            category="SPECIFIC",
            type="ENGINEERING",
            attr=attr,
            level="L1",
            unit="U1",
            section="S04",
            leader="李经办",
            phone="0999-3612345",
            start_date=date(2026, 1, 1),
            end_date=date(2026, 12, 31),
            total_amount=850_000_000,
            annual_amount=850_000_000,
            fund_book="GENERAL",
            secret_flag=secret,
        )
        session.add(project)
        session.flush()
        register = Register(session)
        return {"variables": register.variables(project), "form": register.prefilled(project)}


def populate(
    engine: Engine, people: Mapping[str, tuple[str, str, str]], processes: Sequence[str] | None = None
) -> None:
    """Give an empty county ``people`` (account: name, role, organisation) and ``processes``, None being all."""
    codes = {org for _, _, org in people.values()}
    engine.people.add_orgs([Organisation(code, code, "", None) for code in sorted(codes)])
    for person, (name, role, org) in people.items():
        engine.people.create_person(person, name)
        engine.people.add_post(person, role, org)
    if processes is None:
        deploy_all(engine)
    for process in processes or ():
        engine.deploy(files_of(process), actor="system")


def settle(engine: Engine) -> None:
    """Give an empty county its people and all processes."""
    populate(engine, PEOPLE)


def open_county(engine: Engine, *, begin: bool = True) -> County:
    """Return a settled county and start one goal declaration in it, unless a test begins something else."""
    county = County(engine)
    if begin:
        county.instance = start(county)
    return county


def submit_goal(county: County, place: int) -> None:
    """Fill in and submit one of the goals that wait for the clerk, signed by nobody yet."""
    row = county.engine.inbox(county.who("li")).rows[place]
    county.instance = row.instance_id
    county.submit()


#: 万元 that no project of these tests has: it goes the usual way, without a joint review.
NEVER = "100000"


def rules(joint_above: str = NEVER) -> dict[str, Any]:
    """Return the variable ``profile``; projects above ``joint_above`` 万元 are reviewed jointly."""
    found = profiles.load("qapqal").variables(*GROUPS)
    found["review"] |= {"joint_above": joint_above, "top_above": max(joint_above, "1000", key=int)}
    return found


def start(county: County, number: int = 1, *, joint_above: str = NEVER, **project: Any) -> int:
    """Start the declaration of another project and return its instance."""
    made = add_project(county.engine, number, **project)
    variables = {
        "project": made["variables"],
        "campaign": None,
        "deadline": DEADLINE,
        "profile": rules(joint_above),
    }
    documents = {} if made["variables"]["secret"] else {"goal": made["form"]}
    request = StartRequest(variables, f"goal-{number}", documents)
    (started,) = county.engine.start_many("goal_declaration", [request], actor="system")
    county.project = made["variables"]
    return started.instance_id
