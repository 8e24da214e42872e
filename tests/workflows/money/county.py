"""A small county for rectifications and payments: the performance and treasury sections, the leaders, and their work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import engine.tables as engine_tables
from budget import goals
from budget.quality.thresholds import Thresholds
from budget.tables import Project
from engine.engine import StartRequest
from engine.errors import Forbidden, NotFound
from engine.plugins import Document
from tests.budget.examples import sound_goal
from tests.workflows.county import PEOPLE, add_project, populate
from workflows import profiles

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine, TaskView

#: What its people work on.
PROCESSES = ("rectification", "treasury_notice", "disbursement")
STAFF = PEOPLE | {
    "feng": ("冯干事", "perf_staff", "PERF"),
    "guo": ("郭局长", "deputy_leader", "BUREAU"),
    "ju": ("局长", "bureau_leader", "BUREAU"),
    "ku": ("库股长", "treasury_chief", "TREASURY"),
    "kuku": ("库干事", "treasury_staff", "TREASURY"),
    "ping": ("平主任", "invest_chief", "INVEST"),
    "jian": ("简主任", "supervision_chief", "SUPERVISION"),
}
ISSUES = [
    {"desc": "工程进度落后于计划两个月", "category": "PROGRESS", "severity": "SERIOUS"},
    {"desc": "专户资金未按用途支付", "category": "FUND", "severity": "MAJOR"},
]


@dataclass
class MoneyCounty:
    """The engine with its people and one project, ``project`` as processes carry it."""

    engine: Engine
    clock: SteppedClock
    project: dict[str, Any]

    def open(self) -> dict[str, list[int]]:
        """Return the open work items by their step."""
        items = engine_tables.work_items.c
        query = select(items.element, items.id).where(items.state == "open").order_by(items.id)
        with self.engine.database.read() as unit:
            found: dict[str, list[int]] = {}
            for element, item in unit.execute(query):
                found.setdefault(element, []).append(item)
            return found

    def task(self, person: str, element: str) -> TaskView:
        """Return the one open task of a step that ``person`` may see, as they see it."""
        found, refused = [], None
        for item in self.open()[element]:
            try:
                found.append(self.engine.task(item, self.engine.actor(person)))
            except (NotFound, Forbidden) as error:
                refused = error
        if not found and refused is not None:
            raise refused
        (task,) = found
        return task

    def do(
        self,
        person: str,
        element: str,
        outcome: str,
        answers: Mapping[str, Any] | None = None,
        opinion: str = "",
        **more: Any,
    ) -> None:
        """Complete the one open task of a step, and let what was sent arrive."""
        task = self.task(person, element)
        self.engine.complete(
            task.item_id,
            actor=self.engine.actor(person),
            version=task.version,
            outcome=outcome,
            answers=answers,
            opinion=opinion,
            document_version=task.document_version,
            **more,
        )
        self.work()

    def withdraw(self, person: str, item: int) -> None:
        """Take back a step that ``person`` completed."""
        self.engine.withdraw(item, actor=self.engine.actor(person), reason="填错了")
        self.work()

    def work(self) -> None:
        """Let everything happen that is due."""
        while self.engine.run_due():
            pass

    def later(self, **by: int) -> None:
        """Move the clock and let everything happen that became due."""
        self.clock.advance(timedelta(**by))
        self.work()

    def read(self, query: Any) -> Sequence[Any]:
        """Return rows of the budget's, usable after the session."""
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            found = session.scalars(query).all()
            session.expunge_all()
            return found

    def approve_goal(self) -> None:
        """Let the project have an approved goal that covers its budget."""
        body = sound_goal()
        document = Document("goal", 1, body, "user:li", self.clock.now(), "0" * 64)
        with self.engine.database.write() as unit, unit.savepoint() as session:
            project = session.get_one(Project, int(self.project["id"]))
            goals.open_goal(session, project.id, None, self.clock.now())
            version = goals.submit(session, project.id, document, [], Thresholds.read(), self.clock.now())
            version.annual_amount = project.annual_amount
            goals.freeze(
                session,
                project.id,
                document=document,
                grade="优",
                pattern=goals.NUMBER_PATTERN,
                by="user:chen",
                now=self.clock.now(),
            )

    def profile(self, *groups: str) -> dict[str, Any]:
        return profiles.load("qapqal").variables(*groups)

    def start(self, process: str, variables: Mapping[str, Any], by: str = "feng", **documents: Any) -> int:
        """Start a process by hand and return its instance."""
        request = StartRequest(variables, None, documents)
        (started,) = self.engine.start_many(process, [request], actor=self.engine.actor(by))
        return started.instance_id


def settle(engine: Engine) -> None:
    """Give an empty county its people and its processes."""
    populate(engine, STAFF, PROCESSES)


def open_money_county(engine: Engine, clock: SteppedClock, **project: Any) -> MoneyCounty:
    """Return a settled county with one project of unit U1."""
    return MoneyCounty(engine, clock, add_project(engine, **project)["variables"])
