"""A new project's goal waits for its ex-ante evaluation, goes on when that passed and ends when it is rejected (DQ36)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases
from budget.cases import CaseKind
from budget.codes import GoalState
from budget.tables import Case, ExAnte, Goal
from engine import tables
from engine.engine import StartRequest
from engine.identity import SYSTEM
from tests.workflows.county import DEADLINE, County, add_project, populate, rules
from workflows import profiles

if TYPE_CHECKING:
    from engine.engine import Engine
    from tests.conftest import Settle

PEOPLE = {
    "li": ("李经办", "unit_clerk", "U1"),
    "zhao": ("赵局长", "unit_head", "U1"),
}
#: The instance of an evaluation that nobody plays here.
EVALUATION = 77


def people_and_process(engine: Engine) -> None:
    """Give an empty county the unit's people and the process."""
    populate(engine, PEOPLE, ("joint_review", "goal_declaration"))


@pytest.fixture
def settle() -> Settle:
    """The people and the process."""
    return people_and_process


@pytest.fixture
def county(engine: Engine) -> County:
    """A county that asks for the evaluation of all new projects; the unit has handed a new project's goal in."""
    made, county = add_project(engine), County(engine)
    profile = rules()
    profile["quality"] |= profiles.load("licheng").variables("quality")["quality"]
    variables = {"project": made["variables"], "campaign": None, "deadline": DEADLINE, "profile": profile}
    request = StartRequest(variables, "goal-1", {"goal": made["form"]})
    (started,) = engine.start_many("goal_declaration", [request], actor="system")
    county.instance, county.project = started.instance_id, made["variables"]
    return county


def evaluated(county: County, number: str, *, passed: bool, over: bool = True) -> None:
    """Write what an evaluation came to, and tell it as the process does."""
    engine, project = county.engine, county.project
    with engine.database.write() as unit, unit.savepoint() as session:
        now = engine.clock.now()
        cases.open_case(
            session, EVALUATION, CaseKind.EX_ANTE_EVALUATION, fiscal_year=2026, now=now, unit="U1",
            project_id=int(project["id"]),
        )  # fmt: skip
        session.add(
            ExAnte(project_id=int(project["id"]), number=number, passed=passed, concluded_on=date(2026, 3, 2))
        )
        if over:
            cases.closed(session, EVALUATION, now, result="PASSED" if passed else "REJECTED")
    told: dict[str, Any] = {"project_id": project["id"], "project_code": project["code"], "number": number}
    engine.publish("ExAntePassed" if passed else "ExAnteRejected", project["code"], told)
    while engine.run_due():
        pass


def goal_state(county: County) -> str:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        return session.scalars(select(Goal.state)).one()


def test_it_is_handed_in_waits_and_goes_on_by_itself(county: County) -> None:
    county.submit()
    assert county.element() == "await_exante"
    assert county.task("li").variables["exante"] == {
        "state": "WAITING",
        "zh": "还没有申请评估，请在“发起事项”里申请。",
        "en": "Nobody has asked for it yet: begin it under “Begin”.",
    }
    assert goal_state(county) == GoalState.SUBMITTED
    evaluated(county, "事评2026-001", passed=True)
    assert county.element() == "unit_sign"
    assert county.engine.doctor() == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_passed_before_waits_for_nothing_and_what_is_taken_back_is_asked_again(county: County) -> None:
    county.submit()
    county.do("li", "取回修改")
    assert (county.element(), goal_state(county)) == ("fill_goal", GoalState.RETURNED)
    evaluated(county, "事评2026-001", passed=True)
    county.do("li", "提交", county.form())
    assert county.element() == "unit_sign"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_rejection_ends_it_unless_the_unit_has_applied_again(county: County) -> None:
    county.submit()
    evaluated(county, "事评2026-001", passed=False, over=False)
    assert county.element() == "await_exante"
    assert county.task("li").variables["exante"]["zh"] == "评估正在办理。"
    with county.engine.database.write() as unit, unit.savepoint() as session:
        session.delete(session.get_one(Case, EVALUATION))
    evaluated(county, "事评2026-002", passed=False)
    view = county.engine.instance(county.instance, SYSTEM)
    assert (view.state, view.finished[-1]) == ("ended", "refused")
    assert goal_state(county) == GoalState.REJECTED
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(Case, county.instance).result == "REJECTED"
        assert "GoalRejected" in session.execute(select(tables.messages.c.name)).scalars().all()
