"""A county with somebody for each column of the visibility matrix (domain §6.3), and records for its rows.

Project A goes the whole way: goal, monitoring, self-evaluation, payment, key evaluation, rectification. B's goal is reviewed
and not decided yet, C's is a draft; of D the key evaluation asks for the unit's opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import ledger
from budget.cases import CaseKind, case_of
from budget.ledger import LedgerEvent
from budget.projects import Register
from budget.tables import Case, Project, Unit
from engine.calendar import SteppedClock
from engine.engine import StartRequest
from tests.workflows import key_county
from tests.workflows.county import DEADLINE, add_project, populate, rules
from tests.workflows.monitored import Monitored, start_monitoring
from workflows import offers, profiles
from workflows.demo import key_evaluations as forms
from workflows.self_evaluation import campaign as self_evaluation
from workflows.simulation.acting import answers
from workflows.simulation.acting.monitoring import BEHIND
from workflows.simulation.office import Answer, Answering, Item, Office

if TYPE_CHECKING:
    from engine.engine import Engine

PEOPLE = {
    "li": ("李经办", "unit_clerk", "U1"),
    "zhao": ("赵局长", "unit_head", "U1"),
    "du": ("杜局长", "unit_head", "D1"),
    "wang": ("王股长", "section_chief", "S04"),
    "chen": ("陈股长", "budget_chief", "BUDGET"),
    "wu": ("吴股长", "perf_chief", "PERF"),
    "zheng": ("郑干事", "perf_staff", "PERF"),
    "feng": ("冯副局长", "deputy_leader", "BUREAU"),
    "he": ("何局长", "bureau_leader", "BUREAU"),
    "ku": ("库股长", "treasury_chief", "TREASURY"),
    "ping": ("平主任", "invest_chief", "INVEST"),
    "jian": ("简主任", "supervision_chief", "SUPERVISION"),
    "zhu": ("朱主评", "agency_lead", "A01"),
    "qin": ("秦评估", "agency_member", "A01"),
    "xu": ("许主评", "agency_lead", "A02"),
    "zhang": ("张专家", "expert", "EXPERTS"),
    "lv": ("吕专家", "expert", "EXPERTS"),
    "gong": ("龚委员", "congress", "CONGRESS"),
    "sun": ("孙经办", "unit_clerk", "U2"),
    "shao": ("邵股长", "section_chief", "S09"),
}
PROCESSES = (
    *("goal_declaration", "monitoring", "self_evaluation", "key_evaluation", "rectification"),
    *("disbursement", "treasury_notice"),
)
#: Where the cases of some projects are left lying, by process, step and project.
WAITS = {
    ("goal_declaration", "budget_decision", "B"),
    ("goal_declaration", "fill_goal", "C"),
    ("key_evaluation", "ask_opinions", "D"),
}
#: So many days are enough for everything.
MOST_DAYS = 150


def settle(engine: Engine) -> None:
    """Let an empty county come to where the tests look at it."""
    populate(engine, PEOPLE, PROCESSES)
    County(engine).play()


def instance(session: Session, kind: CaseKind, name: str) -> int:
    """Return the case of a project by its name."""
    query = select(Case.instance_id).join(Project, Project.id == Case.project_id)
    return session.scalars(query.where(Case.kind == kind, Project.name.startswith(name))).one()


class County:
    """The county's people at work."""

    def __init__(self, engine: Engine) -> None:
        assert isinstance(engine.clock, SteppedClock)
        self.engine, self.profile = engine, profiles.load("qapqal")
        patient = {step: self._patiently(step, answer) for step, answer in answers().items()}
        patient["key_evaluation", "assign_team"] = assign
        self.office = Office(engine, engine.clock, Random(3), patient, self.profile)
        self.projects = self._register()

    def play(self) -> None:
        """Let each project come as far as it is to come."""
        for name in ("A", "B", "C"):
            self._declare(name)
        self._until(lambda: self._ended(CaseKind.GOAL, "A") and self._at("budget_decision"))
        self._report()
        self._until(
            lambda: all(
                self._ended(kind, "A")
                for kind in (CaseKind.MONITORING, CaseKind.SELF_EVALUATION, CaseKind.DISBURSEMENT)
            )
        )
        self._evaluate("A")
        self._until(lambda: self._ended(CaseKind.KEY_EVALUATION, "A"))
        self._until(lambda: self._ended(CaseKind.RECTIFICATION, "A"))
        key_county.accept_self_evaluation(key_county.Office(self.engine, project=self.projects["D"]))
        self._evaluate("D")
        self._until(lambda: self._at("ask_opinions"))
        with self.engine.database.write() as unit, unit.savepoint() as session:
            case = case_of(session, instance(session, CaseKind.MONITORING, "A"))
            now = self.engine.clock.now()
            ledger.enter(session, case, LedgerEvent.NOT_REPORTED, "监控表逾期未报。", since=now, now=now)
        self.engine.index()

    def _register(self) -> dict[str, dict[str, Any]]:
        """Write four projects of a unit of the second level."""
        found = {}
        for number, name in enumerate("ABCD", 1):
            made = add_project(self.engine, number)["variables"]
            with self.engine.database.write() as unit, unit.savepoint() as session:
                if session.get(Unit, "D1") is None:
                    session.add(Unit(code="D1", name="县主管局", section="S04"))
                    session.flush()
                    own = session.get_one(Unit, "U1")
                    own.parent, own.level = "D1", 2
                project = session.get_one(Project, made["id"])
                project.name = f"{name}段农村公路项目"
                session.flush()
                found[name] = Register(session).variables(project)
        return found

    def _declare(self, name: str) -> None:
        project = self.projects[name]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            register = Register(session)
            form = register.prefilled(register.project(project["id"]))
        variables = {"project": project, "campaign": None, "deadline": DEADLINE, "profile": rules()}
        self._start("goal_declaration", variables, f"goal-{name}", {"goal": form})

    def _report(self) -> None:
        """Call project A to monitor, and to evaluate itself, and let its unit ask for money."""
        project, now = self.projects["A"], self.engine.clock.now()
        self.office.plans[BEHIND, f"{project['code']}-05"] = 0
        due = now + timedelta(days=30)
        start_monitoring(Monitored(self.engine, project=project), "05", date(2026, 5, 31), due)
        variables = {
            "project": project,
            "campaign": None,
            "deadline": due.isoformat(),
            "profile": self.profile.variables(*self_evaluation.GROUPS),
        }
        self._start("self_evaluation", variables, "self-A")
        offer = offers.offers()["disbursement"]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            asked = offers.request(
                session, offer, session.get_one(Project, project["id"]), None, self.profile
            )
        self.engine.start_many("disbursement", [asked], actor=self.engine.actor("li"))

    def _evaluate(self, name: str) -> None:
        variables = {
            "project": self.projects[name],
            "campaign": None,
            "profile": self.profile.variables("key_evaluation"),
            "choice": key_county.PLAIN,
        }
        self._start("key_evaluation", variables, f"key-{name}")

    def _start(
        self, process: str, variables: Mapping[str, Any], key: str, documents: Mapping[str, Any] | None = None
    ) -> None:
        self.engine.start_many(process, [StartRequest(variables, key, documents or {})], actor="system")

    def _until(self, reached: Callable[[], bool]) -> None:
        for _ in range(MOST_DAYS):
            if reached():
                return
            self.office.work_until(self.office.today + timedelta(days=1))
        raise AssertionError("the county did not come so far")

    def _ended(self, kind: CaseKind, name: str) -> bool:
        query = select(Case.closed_at).join(Project, Project.id == Case.project_id)
        query = query.where(Case.kind == kind, Project.id == self.projects[name]["id"])
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            return session.scalars(query).first() is not None

    def _at(self, element: str) -> bool:
        from engine import tables

        items = tables.work_items.c
        with self.engine.database.read() as unit:
            query = select(items.id).where(items.state == "open", items.element == element)
            return unit.execute(query).first() is not None

    def _patiently(self, step: tuple[str, str], answer: Answering) -> Answering:
        names = {name for process, element, name in WAITS if (process, element) == step}

        def answered(office: Office, item: Item) -> Answer | None:
            if names and office.view(item).variables["project"]["name"][:1] in names:
                return None
            return answer(office, item)

        return answered


def assign(_office: Office, _item: Item) -> Answer:
    """The chief entrusts one agency and one expert."""
    return Answer("确定", forms.assignment("A01", leader="朱主评", experts=["user:zhang"]))
