"""A project's budget and goal are adjusted together, through the real engine."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
import workflows
from budget import adjustments, amounts
from budget.cases import CaseState
from budget.codes import VersionState
from budget.projects import Register
from budget.tables import Adjustment, BudgetAmount, Case, Goal, GoalVersion, Project
from engine import dmn, feel
from engine.engine import NewPin, Reply
from engine.errors import Forbidden, InvalidAnswers
from engine.identity import SYSTEM
from tests.conftest import BACKENDS
from tests.workflows.county import County, open_county, scores
from workflows import profiles

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

GROUPS = ("days", "quality", "adjustment")


@pytest.fixture
def backend() -> str:
    """One database is enough for most of this process; the whole way is gone on both."""
    return "sqlite"


@pytest.fixture
def county(engine: Engine) -> County:
    """A county whose one goal (850 万元) is approved, and where an adjustment was begun."""
    county = open_county(engine)
    county.up_to_decision(95)
    county.decide("优：批复")
    begin(county)
    return county


def begin(county: County) -> None:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        register = Register(session)
        project = register.variables(register.project(int(county.project["id"])))
    variables = {
        "project": project,
        "profile": profiles.load("qapqal").variables(*GROUPS),
        "origin": None,
        "reason": None,
    }
    county.instance = county.engine.start(
        "budget_adjustment", actor=county.who("li"), variables=variables
    ).instance_id


def answers(county: County, delta: str = "-100", kind: str = "DECREASE", **changes: Any) -> dict[str, Any]:
    """Return a sound request: less money, and a lower first target."""
    task = county.task("li")
    form = forms.read(workflows.files_of("budget_adjustment")["budget_adjustment.form"])
    env = feel.Environment(now=county.engine.clock.now, functions=county.engine.ports.functions)
    body = forms.compute(form, task.answers, task.variables, env)
    body.pop("amount_after", None)
    rows = [dict(row) for row in body["indicators"]]
    first = next(row for row in rows if row["nature"] == "QUANT" and row["unit"] != "%")
    first["target_value"] = "77"
    return (
        body
        | {
            "adj_type": kind,
            "amount_delta": Decimal(delta),
            "reason": "POLICY",
            "basis": "县政府常务会议纪要〔2026〕8号",
            "reason_note": "上级规划调整，部分路段改列明年实施",
            "impact": "里程相应减少，质量要求不变",
            "indicators": rows,
        }
        | changes
    )


def submit(county: County, *arguments: Any, **changes: Any) -> None:
    county.do("li", "提交", answers(county, *arguments, **changes))


def up_to_budget(county: County, *arguments: Any, **changes: Any) -> None:
    submit(county, *arguments, **changes)
    county.do("zhao", "同意")
    county.do("wang", "同意", scores(92), opinion="同意")


def look(county: County, what: Any) -> list[Any]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = list(session.scalars(select(what).order_by(what.id)))
        session.expunge_all()
        return found


def state(county: County) -> str:
    return county.engine.instance(county.instance, SYSTEM).state


class TestMoneyAndGoalTogether:
    """S4-05: what is adjusted is adjusted together, and every version stays."""

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_an_approval_gives_the_goal_a_version_and_the_project_an_amount(
        self, county: County, clock: SteppedClock
    ) -> None:
        morning = clock.now()
        clock.set(morning + timedelta(days=3))
        up_to_budget(county)
        county.do("chen", "同意", opinion="同意")
        assert state(county) == "ended"
        (goal,) = look(county, Goal)
        versions = look(county, GoalVersion)
        assert [(one.version, one.state, one.number) for one in versions] == [
            (1, VersionState.FROZEN, goal.number),
            (2, VersionState.FROZEN, goal.number),
        ]
        assert [one.annual_amount for one in versions] == [850_000_000, 750_000_000]
        assert [(one.version, one.amount) for one in look(county, BudgetAmount)] == [
            (0, 850_000_000),
            (1, 750_000_000),
        ]
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            project = session.scalars(select(Project)).one()
            assert project.annual_amount == 750_000_000
            assert amounts.initial_amount(session, project) == 850_000_000
            assert amounts.amount_on(session, project, morning) == 850_000_000
            assert amounts.amount_on(session, project, clock.now()) == 750_000_000
        (case,) = [one for one in cases(county) if one.kind == "ADJUSTMENT"]
        assert (case.state, case.result) == (CaseState.CLOSED, "APPROVED")
        assert county.engine.doctor() == []

    def test_the_new_version_holds_the_adjusted_target_and_all_else_of_the_goal(self, county: County) -> None:
        up_to_budget(county)
        county.do("chen", "同意", opinion="同意")
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            old, new = session.scalars(select(GoalVersion).order_by(GoalVersion.version)).all()
            assert len(old.indicators) == len(new.indicators)
            changed = [
                (a.target_text, b.target_text)
                for a, b in zip(old.indicators, new.indicators, strict=True)
                if a.target_text != b.target_text
            ]
            assert [after for _, after in changed] == ["77"]
            assert len(new.milestones) == len(old.milestones)
            assert sum(fund.amount for fund in new.funds) == new.total_amount

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"goal_annual": "", "indicators": []}, "DQ35", "goal_annual"),
            ({"indicators": None}, "DQ35", "goal_kept"),
            ({"amount_delta": Decimal(10)}, "F8", "amount_delta"),
            ({"adj_type": "INCREASE"}, "F8", "amount_delta"),
            ({"amount_delta": Decimal(-900)}, "F8", "amount_delta"),
        ],
    )
    def test_money_without_its_goal_or_against_its_type_is_not_taken(
        self, county: County, changes: dict[str, Any], code: str, field: str
    ) -> None:
        form = answers(county)
        if "indicators" in changes and changes["indicators"] is None:
            changes = {"indicators": county.task("li").variables["indicators"]}
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form | changes)
        assert (code, field) in {(one.code, one.field) for one in caught.value.findings}

    def test_a_goal_that_stays_needs_a_reason(self, county: County) -> None:
        same = {"indicators": county.task("li").variables["indicators"]}
        submit(county, "-5", **same, goal_kept="招标节约，任务和质量都不变")
        assert county.element() == "unit_sign"

    def test_an_unsound_target_is_refused_as_in_a_goal(self, county: County) -> None:
        form = answers(county)
        next(row for row in form["indicators"] if row["nature"] == "QUANT")["target_value"] = ""
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        assert "DQ03" in {one.code for one in caught.value.findings}

    def test_an_approval_is_taken_back_as_a_whole(self, county: County) -> None:
        up_to_budget(county, "-100", "RECLAIM", destination="收回财政统筹，用于水毁抢修")
        county.do("chen", "同意", opinion="同意")
        assert county.element() == "deputy_decision"
        with county.engine.database.read() as unit, Session(unit.connection) as session:
            before = session.scalars(select(Project)).one().annual_amount
        county.do("feng", "同意")
        with county.engine.database.write() as unit, unit.savepoint() as session:
            adjustments.revoke(session, county.instance, county.engine.clock.now())
            assert session.scalars(select(Project)).one().annual_amount == before
        assert [one.state for one in look(county, GoalVersion)] == [VersionState.FROZEN, VersionState.REVOKED]
        assert look(county, Adjustment)[0].state == adjustments.AdjustmentState.SUBMITTED


def cases(county: County) -> list[Case]:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = list(session.scalars(select(Case)))
        session.expunge_all()
        return found


class TestWhoDecides:
    """D07: by amount and type."""

    @pytest.mark.parametrize(
        ("kind", "amount", "level"),
        [
            ("DECREASE", "499.99", "预算股"),
            ("DECREASE", "500", "分管局领导"),
            ("INCREASE", "999.99", "分管局领导"),
            ("INCREASE", "1000", "局长"),
            ("RECLAIM", "49.99", "预算股"),
            ("RECLAIM", "50", "分管局领导"),
            ("TRANSFER", "1000", "局长"),
            ("GOAL_ONLY", "0", "预算股"),
        ],
    )
    def test_the_table(self, kind: str, amount: str, level: str) -> None:
        model = dmn.parse(workflows.files_of("budget_adjustment")["authority.dmn"])
        asked = {
            "type": kind,
            "amount": Decimal(amount),
            "adjustment": profiles.load("qapqal").group("adjustment"),
        }
        assert model.evaluate("D07_adjustment", asked).value == level

    def test_a_large_amount_goes_to_the_bureaus_leader(self, county: County) -> None:
        up_to_budget(county, "1200", "INCREASE")
        county.do("chen", "同意", opinion="同意")
        county.do("feng", "同意")
        assert county.element() == "leader_decision"
        county.do("he", "不予调整", opinion="财力不足")
        assert state(county) == "ended"
        assert look(county, Adjustment)[0].state == adjustments.AdjustmentState.REJECTED
        assert look(county, Project)[0].annual_amount == 850_000_000

    def test_nobody_decides_on_what_he_reviewed(self, county: County) -> None:
        county.engine.people.add_post("wang", "budget_chief", "BUDGET")
        up_to_budget(county)
        with pytest.raises(Forbidden):
            county.do("wang", "同意", opinion="同意")

    def test_the_section_returns_with_pins(self, county: County) -> None:
        submit(county)
        county.do("zhao", "同意")
        pin = NewPin("adjustment", "amount_delta", None, "金额请与合同核对")
        county.do("wang", "退回补正", opinion="请补正", pins=[pin])
        assert county.element() == "fill_adjustment"
        task = county.task("li")
        form = answers(county, "-90")
        county.do("li", "提交", form, replies={task.pins[0].id: Reply("changed", "已核对")})
        assert look(county, Adjustment)[0].delta == -90_000_000


class TestBeginning:
    """Who may begin, and what is refused."""

    def test_a_unit_may_take_its_request_back(self, county: County) -> None:
        county.do("li", "撤销申请", opinion="不再调整")
        assert state(county) == "ended"
        assert {one.state for one in cases(county) if one.kind == "ADJUSTMENT"} == {CaseState.WITHDRAWN}

    def test_one_adjustment_of_a_project_at_a_time(self, county: County) -> None:
        with (
            county.engine.database.read() as unit,
            Session(unit.connection) as session,
            pytest.raises(adjustments.AdjustmentError, match="under way"),
        ):
            adjustments.adjustable(session, int(county.project["id"]))

    def test_monitoring_begins_one_with_its_own_groups_of_the_profile(self, county: County) -> None:
        county.do("li", "撤销申请", opinion="不再调整")
        profile = profiles.load("qapqal").variables("days")
        county.engine.publish(
            "MonitorDeviation",
            f"{county.project['code']}-08",
            {
                "project": county.project,
                "profile": profile,
                "origin": {"instance": 7},
                "reason": "上级文件〔2026〕5号",
            },
        )
        while county.engine.run_due():
            pass
        again = {
            "project": county.project,
            "profile": profile,
            "origin": {"instance": 8},
            "reason": "再次转来",
        }
        county.engine.publish("MonitorDeviation", f"{county.project['code']}-12", again)
        while county.engine.run_due():
            pass
        assert county.engine.incidents("system") == []
        found = [one for one in cases(county) if one.kind == "ADJUSTMENT" and one.state == CaseState.OPEN]
        (county.instance,) = (one.instance_id for one in found)
        task = county.task("li")
        assert task.variables["profile"]["adjustment"]["leader_from"] == 1000
        assert task.variables["reason_given"] == "上级文件〔2026〕5号"
