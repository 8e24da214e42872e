"""A county in which projects are evaluated: the unit, the performance section, an agency, experts, leaders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget.tables import Evaluation
from engine.engine import StartRequest
from engine.identity import SYSTEM
from tests.workflows.county import add_project, populate
from workflows import profiles

if TYPE_CHECKING:
    from engine.engine import Engine, NewPin, TaskView

PEOPLE = {
    "li": ("李经办", "unit_clerk", "U1"),
    "zhao": ("赵局长", "unit_head", "U1"),
    "wang": ("王股长", "section_chief", "S04"),
    "chen": ("陈股长", "budget_chief", "BUDGET"),
    "wu": ("吴股长", "perf_chief", "PERF"),
    "zheng": ("郑干事", "perf_staff", "PERF"),
    "feng": ("冯局长", "deputy_leader", "BUREAU"),
    "chu": ("褚局长", "bureau_leader", "BUREAU"),
    "cai": ("蔡股长", "supervision_chief", "SUPERVISION"),
    "zhu": ("朱主评", "agency_lead", "A01"),
    "qin": ("秦评估", "agency_member", "A01"),
    "xu": ("许主评", "agency_lead", "A02"),
    "he": ("何专家", "expert", "EXPERTS"),
    "lv": ("吕专家", "expert", "EXPERTS"),
    "root": ("运维员", "operator", "SYSTEM"),
}
#: What is said of a project when it is chosen.
PLAIN = {"complex": False, "concerned": False, "research": False, "ready": False}


@dataclass
class Office:
    """The engine with its people; ``instance`` is the case that a test plays."""

    engine: Engine
    instance: int = 0
    project: dict[str, Any] = field(default_factory=dict)

    def who(self, person: str) -> Any:
        return self.engine.actor(person)

    def elements(self) -> list[str]:
        """Return the steps at which the case stands."""
        return sorted({one.element for one in self.engine.instance(self.instance, SYSTEM).holders})

    def task(self, person: str) -> TaskView:
        """Return the task of the case that is ``person``'s."""
        actor = self.who(person)
        for holder in self.engine.instance(self.instance, SYSTEM).holders:
            try:
                found = self.engine.task(holder.item_id, actor)
            except Exception:
                continue
            if found.can["complete"] is None:
                return found
        raise AssertionError(f"{person} has nothing to do at {self.elements()}")

    def do(
        self,
        person: str,
        outcome: str | None = None,
        answers: Mapping[str, Any] | None = None,
        opinion: str = "",
        pins: tuple[NewPin, ...] = (),
        **more: Any,
    ) -> None:
        """Complete the task of the case that is ``person``'s, on top of what its form shows."""
        task = self.task(person)
        self.engine.complete(
            task.item_id,
            actor=self.who(person),
            version=task.version,
            outcome=outcome or task.outcomes[0].name,
            answers=answers,
            document_version=task.document_version,
            opinion=opinion,
            pins=pins,
            **more,
        )

    def result(self) -> str:
        """Return the id of the event at which the case ended."""
        view = self.engine.instance(self.instance, SYSTEM)
        assert view.state == "ended", (view.state, self.elements())
        return str(view.finished[-1])

    @contextmanager
    def records(self) -> Iterator[Session]:
        """Give a session for reading."""
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            yield session

    def may_read(self, person: str) -> set[str]:
        """Return the names of the case's documents that a person may read; nothing where the case is not theirs."""
        from engine.errors import BihuanError

        try:
            view = self.engine.instance(self.instance, self.who(person))
        except BihuanError:
            return set()
        return {document.name for document in view.documents}


#: The processes that these tests play.
PROCESSES = ("key_evaluation", "key_selection", "letter", "publication", "result_application")


def settle(engine: Engine) -> None:
    """Give an empty county its people and the processes that are played."""
    populate(engine, PEOPLE, PROCESSES)


def open_office(engine: Engine) -> Office:
    """Return a settled county with one project of unit U1."""
    return Office(engine, project=add_project(engine)["variables"])


def accept_self_evaluation(office: Office, score: str = "95", grade: str = "优") -> None:
    """Give the project an accepted self-evaluation."""
    with office.engine.database.write() as unit, unit.savepoint() as session:
        session.add(
            Evaluation(
                instance_id=999,
                score_type="SELF",
                version=1,
                state="ACCEPTED",
                project_id=office.project["id"],
                unit="U1",
                fiscal_year=2026,
                activity_year=2027,
                total=Decimal(score),
                grade=grade,
                submitted_at=datetime(2026, 2, 1, tzinfo=UTC),
                submitted_by="user:li",
                accepted_at=datetime(2026, 2, 10, tzinfo=UTC),
            )
        )
        session.flush()


def start_evaluation(office: Office, profile: str = "qapqal", **choice: bool) -> None:
    """Start the key evaluation of the office's project."""
    variables = {
        "project": office.project,
        "campaign": None,
        "profile": profiles.load(profile).variables("key_evaluation"),
        "choice": {**PLAIN, **choice},
    }
    request = StartRequest(variables, f"key-{office.project['code']}", {})
    (started,) = office.engine.start_many("key_evaluation", [request], actor="system")
    office.instance = started.instance_id
