"""Third-party monitoring of large projects (P06, S2-10): commissioned, checked on site, gathered with the unit's report."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session

from budget.key_codes import ServiceKind
from budget.key_evaluations import record_service
from budget.monitoring.codes import MonitorMode
from budget.tables import MonitoringCheck
from engine.engine import NewPin, Reply
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.identity import Organisation
from tests.workflows import monitored
from tests.workflows.monitored import Monitored, open_monitored
from workflows import profiles

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
FOUND: dict[str, Any] = {
    "checked_on": "2026-05-20",
    "verified_progress": Decimal("38.5"),
    "consistent": "NO",
    "findings": "到现场查看三处路基，完成长度少于填报数。",
    "problems": "填报的完成值包括尚未验收的路段，建议核减。",
}


@pytest.fixture
def settle() -> Settle:
    """The people of monitoring."""
    return monitored.settle


@pytest.fixture
def county(engine: Engine, clock: SteppedClock) -> Monitored:
    """A county that lets third parties check large projects; one agency has advised on the project, the other hasn't."""
    engine.people.add_orgs([Organisation(code, code, "", None) for code in ("A01", "A02")])
    for person, role, org in (
        ("zhu", "agency_lead", "A01"),
        ("qin", "agency_member", "A01"),
        ("xu", "agency_lead", "A02"),
    ):
        engine.people.create_person(person, person)
        engine.people.add_post(person, role, org)
    county = open_monitored(engine, clock, third_party=True, third_party_from="500")
    with engine.database.write() as unit, unit.savepoint() as session:
        record_service(session, "A02", county.project["id"], ServiceKind.CONSULT, date(2026, 1, 8))
    return county


def up_to_commission(county: Monitored) -> None:
    county.up_to_gather(county.report())
    assert county.element() == "commission"


def check(county: Monitored) -> MonitoringCheck | None:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        found = session.get(MonitoringCheck, county.instance)
        session.expunge_all()
        return found


def test_a_third_party_checks_on_site_what_the_unit_reported(county: Monitored) -> None:
    up_to_commission(county)
    with pytest.raises(InvalidAnswers) as caught:
        county.do("wu", "委托", {"agency": "A02"})
    assert [one.code for one in caught.value.findings] == ["agency.conflict"]
    county.do("wu", "委托", {"agency": "A01", "focus": "完成里程"})
    assert county.element() == "check_onsite"
    seen = county.engine.instance(county.instance, county.who("zhu")).documents
    assert {one.name for one in seen} == {"monitoring"}, "what was entrusted, and nothing else of the case"
    for person in ("xu", "li"):
        with pytest.raises((Forbidden, NotFound)):
            county.do(person, "提交核查", FOUND)
    with pytest.raises(InvalidAnswers):
        county.do("zhu", "提交核查", FOUND | {"problems": ""})
    county.do("zhu", "提交核查", FOUND)
    found = check(county)
    assert found is not None
    assert (found.agency, found.progress, found.consistent) == ("A01", Decimal("38.5"), False)
    assert county.record().mode == MonitorMode.THIRD_PARTY
    shown = county.engine.instance(county.instance, county.who("wu")).documents
    assert "onsite" in {one.name for one in shown}
    assert "onsite" not in {
        one.name for one in county.engine.instance(county.instance, county.who("li")).documents
    }
    county.gather()
    assert county.state() == "ended"


def test_it_is_checked_once_though_the_report_comes_again(county: Monitored) -> None:
    up_to_commission(county)
    county.do("wu", "委托", {"agency": "A01"})
    county.do("zhu", "提交核查", FOUND | {"consistent": "YES", "problems": None})
    pin = NewPin("monitoring", "goal_progress", None, "完成值与核查不符")
    county.do("wu", "退回补正", opinion="请核实", pins=[pin])
    replies = {county.task("li").pins[0].id: Reply("explained", "尚未验收的已注明")}
    county.do("li", "提交", county.report(), replies=replies)
    county.do("zhao", "同意", {"truthful": True})
    county.do("wang", "同意", opinion="情况属实。")
    assert county.element() == "gather"


def test_without_a_free_agency_the_performance_section_goes_on_with_a_reason(county: Monitored) -> None:
    up_to_commission(county)
    with pytest.raises(InvalidAnswers):
        county.do("wu", "不委托")
    county.do("wu", "不委托", opinion="今年的机构都为本项目做过咨询")
    assert county.element() == "gather"
    assert check(county) is None


def test_nobody_waits_for_a_third_party_for_ever(county: Monitored, clock: SteppedClock) -> None:
    up_to_commission(county)
    county.do("wu", "委托", {"agency": "A01"})
    clock.advance(timedelta(days=45))
    county.engine.run_due()
    assert county.element() == "gather"
    found = check(county)
    assert found is not None
    assert (found.agency, found.findings, found.consistent) == ("A01", "", None)
    assert county.record().mode == MonitorMode.SELF


def test_small_projects_and_counties_that_leave_it_to_the_units_have_none(
    engine: Engine, clock: SteppedClock
) -> None:
    county = open_monitored(engine, clock, third_party=True, third_party_from="850.01")
    county.up_to_gather(county.report())
    assert county.element() == "gather"
    by_county = {code: profiles.load(code).value("monitoring.third_party") for code in profiles.names()}
    assert {code for code, on in by_county.items() if on} == {"donghu"}
