"""A unit's monitoring of its overall spending, from the form to the light, through the real engine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from budget.cases import CampaignState, CaseKind, CaseState
from budget.monitoring import unit_records
from budget.projects import Register
from budget.tables import Campaign, Case, Unit, UnitMonitoring
from engine.engine import NewPin, StartRequest
from engine.errors import InvalidAnswers
from engine.identity import SYSTEM
from tests.workflows.monitored import YEAR, Monitored, open_monitored
from workflows import profiles
from workflows.campaigns import kinds, start_variables

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
JUNE = datetime.fromisoformat("2026-07-01T09:00:00+08:00")
DUE = datetime.fromisoformat("2026-07-14T18:00:00+08:00")


def open_units(engine: Engine, clock: SteppedClock, *, secret: bool = False) -> Monitored:
    """Call the first-level units to report on the first half of the year."""
    county = open_monitored(engine, clock, figure=300_000_000)
    clock.set(JUNE)
    kind, profile = kinds()[CaseKind.UNIT_MONITORING], profiles.load("qapqal")
    with engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Unit, "U1").secret_flag = secret
        session.add(Unit(code="U11", name="县公路管理站", level=2, parent="U1", section="S04"))
        campaign = Campaign(
            kind=CaseKind.UNIT_MONITORING,
            fiscal_year=YEAR,
            period="06",
            title="2026年6月整体支出监控",
            state=CampaignState.OPEN,
            as_of=date(2026, 6, 30),
            opens_at=JUNE,
            due_at=DUE,
        )
        session.add(campaign)
        session.flush()
        (called,) = kind.cohort(session, campaign, profile)
        variables = start_variables(kind, Register(session), called, campaign, profile)
    (started,) = engine.start_many(
        "unit_monitoring", [StartRequest(variables, called.business_key, {})], actor="system"
    )
    county.instance = started.instance_id
    return county


def form(county: Monitored, executed: str = "500", **changes: Any) -> dict[str, Any]:
    return dict(county.task("li").answers) | {
        "budget": Decimal(1000),
        "executed": Decimal(executed),
        "forecast_exec": Decimal(1000),
        "progress": "公路建设、养护各项任务按计划推进。",
        "likelihood": "CERTAIN",
        **changes,
    }


def record(county: Monitored) -> UnitMonitoring:
    found: UnitMonitoring = county._one(lambda session: unit_records.newest(session, county.instance))
    return found


def through(county: Monitored, answers: dict[str, Any]) -> None:
    county.do("li", "提交", answers)
    county.do("zhao", "同意", {"truthful": True})
    county.do("wang", "同意", opinion="情况属实。")
    county.do("wu", "纳入汇总")


def test_a_unit_on_plan_ends_as_normal(engine: Engine, clock: SteppedClock) -> None:
    county = open_units(engine, clock)
    seen = county.task("li").variables["baseline"]
    assert (seen["projects"], seen["project_budget"]) == (1, Decimal("850.00"))
    assert (seen["project_executed"], seen["plan_rate"]) == (Decimal("300.00"), Decimal("50.00"))
    through(county, form(county))
    assert (county.state(), county.case().result) == ("ended", "NORMAL")
    assert (record(county).light, record(county).deviation) == ("GREEN", 0)


@on_sqlite
class TestDeviations:
    """Beyond the limit a unit explains itself, and puts it right."""

    def test_forty_of_fifty_per_cent_is_yellow_and_a_little_less_is_red(
        self, engine: Engine, clock: SteppedClock
    ) -> None:
        county = open_units(engine, clock)
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form(county, "399.9"))
        assert {finding.field for finding in caught.value.findings} == {
            "deviation_statement",
            "corrective_measures",
        }
        county.do("li", "提交", form(county, "400"))
        assert record(county).light == "YELLOW"

    def test_red_is_noted_for_the_next_checkpoint(self, engine: Engine, clock: SteppedClock) -> None:
        county = open_units(engine, clock)
        through(
            county,
            form(
                county,
                "300",
                deviation_statement="上半年项目招标推迟。",
                corrective_measures="三季度加快拨付，逐月调度。",
            ),
        )
        assert (record(county).light, county.case().result) == ("RED", "RECTIFYING")
        assert county.case().note == "由单位按纠偏措施整改，下一节点复核"

    def test_more_than_the_budget_can_not_be_spent(self, engine: Engine, clock: SteppedClock) -> None:
        county = open_units(engine, clock)
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form(county, "1000.02", forecast_exec=Decimal(1001)))
        assert [finding.code for finding in caught.value.findings] == ["DQ17"]

    def test_what_the_section_returns_comes_back_as_a_new_version(
        self, engine: Engine, clock: SteppedClock
    ) -> None:
        county = open_units(engine, clock)
        county.do("li", "提交", form(county))
        county.do("zhao", "同意", {"truthful": True})
        county.do(
            "wang", "退回补正", opinion="请核对", pins=[NewPin("unit_monitoring", "executed", None, "请核对")]
        )
        assert (record(county).state, county.case().state) == ("RETURNED", CaseState.RETURNED)


@on_sqlite
def test_who_does_not_report_ends_as_not_reported(engine: Engine, clock: SteppedClock) -> None:
    county = open_units(engine, clock)
    clock.set(DUE + timedelta(minutes=1))
    engine.run_due()
    assert county.case().overdue_at is not None
    clock.set(DUE + timedelta(days=15))
    engine.run_due()
    assert (county.state(), county.case().result) == ("ended", "NOT_REPORTED")


@on_sqlite
def test_a_secret_unit_is_handled_offline(engine: Engine, clock: SteppedClock) -> None:
    county = open_units(engine, clock, secret=True)
    county.do("li", "涉密线下办理")
    with engine.database.read() as unit, Session(unit.connection) as session:
        case = session.get_one(Case, county.instance)
        assert (case.state, case.result) == (CaseState.OFFLINE, "OFFLINE")
    assert engine.instance(county.instance, SYSTEM).state == "ended"
