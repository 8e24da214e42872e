"""A project's monitoring from the unit's form to its light and what follows from it, through the real engine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import holds
from budget.cases import CaseKind, CaseState
from budget.monitoring.codes import RecordState
from budget.tables import Case, MonitoringIndicator
from engine import dmn, tables
from engine.engine import NewPin, Reply
from engine.errors import Forbidden, InvalidAnswers
from engine.identity import SYSTEM
from tests.workflows import monitored
from tests.workflows.monitored import DUE, Monitored, open_monitored, start_monitoring

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.conftest import Settle


on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def settle() -> Settle:
    """The people and the processes of monitoring."""
    return monitored.settle


@pytest.fixture
def county(engine: Engine, clock: SteppedClock) -> Monitored:
    return open_monitored(engine, clock)


def sent(county: Monitored) -> dict[str, dict[str, Any]]:
    """Return what the instance published: the messages' variables by name."""
    with county.engine.database.read() as unit:
        rows = unit.execute(select(tables.messages.c.name, tables.messages.c.variables)).all()
    return {
        row.name: msgspec.json.decode(row.variables)
        if isinstance(row.variables, bytes | str)
        else row.variables
        for row in rows
    }


class TestD03:
    """The boundary cases of domain §7.3."""

    D03 = dmn.parse(files("workflows").joinpath("decisions/D03.dmn").read_bytes())

    def verdict(self, deviation: str, **more: Any) -> tuple[str, str]:
        given = {
            "deviation": Decimal(deviation),
            "likelihood": "CERTAIN",
            "misused": False,
            "excused": False,
            "notice": Decimal("0.10"),
            "limit": Decimal("0.20"),
            "major": Decimal("0.50"),
        }
        found = self.D03.evaluate("D03", given | more).value
        return found["light"], found["action"]

    @pytest.mark.parametrize(
        ("deviation", "light", "action"),
        [
            ("0", "绿", "无"),
            ("0.10", "绿", "无"),
            ("0.1001", "黄", "提示关注"),
            ("0.19990401", "黄", "提示关注"),
            ("0.20", "黄", "提示关注"),
            ("0.2001", "红", "说明并整改"),
            ("0.20014399", "红", "说明并整改"),
            ("0.50", "红", "说明并整改"),
            ("0.5001", "红", "缓拨研究"),
        ],
    )
    def test_the_light_follows_from_the_deviation(self, deviation: str, light: str, action: str) -> None:
        assert self.verdict(deviation) == (light, action)

    def test_a_goal_that_can_not_be_reached_holds_the_money_whatever_the_deviation(self) -> None:
        assert self.verdict("0.05", likelihood="IMPOSSIBLE") == ("红", "缓拨研究")

    def test_misuse_holds_the_money_even_where_a_policy_is_named(self) -> None:
        assert self.verdict("0", misused=True, excused=True) == ("红", "缓拨研究")

    @pytest.mark.parametrize(
        ("deviation", "likelihood", "light"),
        [
            ("0.21", "CERTAIN", "蓝"),
            ("0.6", "POSSIBLE", "蓝"),
            ("0.05", "IMPOSSIBLE", "蓝"),
            ("0.20", "CERTAIN", "黄"),
        ],
    )
    def test_a_policy_or_force_majeure_leads_to_an_adjustment(
        self, deviation: str, likelihood: str, light: str
    ) -> None:
        assert self.verdict(deviation, likelihood=likelihood, excused=True)[0] == light

    def test_the_thresholds_are_the_countys(self) -> None:
        assert self.verdict("0.2001", limit=Decimal("0.30")) == ("黄", "提示关注")


@on_sqlite
class TestTheForm:
    """What the clerk finds, and what can't be changed."""

    def test_it_begins_with_the_approved_goal_and_the_treasurys_figure(
        self, engine: Engine, clock: SteppedClock
    ) -> None:
        county = open_monitored(engine, clock, figure=300_000_000)
        seen = county.task("li").variables
        assert seen["baseline"]["executed"] == Decimal("300.00")
        assert seen["baseline"]["plan_rate"] == Decimal("41.37")  # 151 of 365 days
        assert [row["target_value"] for row in seen["indicators"]] == ["12", "70", "90"]
        assert [row["plan_rate"] for row in seen["indicators"]] == [
            Decimal("41.37"),
            Decimal("100.00"),
            Decimal("41.37"),
        ]

    def test_an_approved_indicator_can_not_be_changed_nor_left_out(self, county: Monitored) -> None:
        form = county.report(rows={0: {"target_value": "6"}})
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        assert "DQ40" in {finding.code for finding in caught.value.findings}
        form = county.report()
        with pytest.raises(InvalidAnswers):
            county.do("li", "提交", form | {"indicators": form["indicators"][:2]})

    def test_the_page_computes_the_rates_that_the_record_keeps(self, county: Monitored) -> None:
        county.do("li", "提交", county.report())
        (shown,) = [one for one in county.task("zhao").shows if one.name == "monitoring"]
        first = shown.body["indicators"][0]
        assert (first["completion_rate"], first["deviation"]) == (Decimal("41.67"), 0)
        with county.engine.database.read() as unit:
            rows = unit.execute(
                select(MonitoringIndicator.completion, MonitoringIndicator.deviation).order_by(
                    MonitoringIndicator.position
                )
            ).all()
        assert [tuple(row) for row in rows] == [(Decimal("0.4167"), 0), (1, 0), (None, None)]


class TestLights:
    """Green and yellow end; red is put right; a major deviation holds the money."""

    @on_sqlite
    def test_green_ends_as_normal(self, county: Monitored) -> None:
        county.up_to_gather(county.report())
        county.gather()
        assert (county.state(), county.case().result) == ("ended", "NORMAL")
        record = county.record()
        assert (record.state, record.light, record.action) == (RecordState.ACCEPTED, "GREEN", "NONE")
        assert county.engine.copies(county.who("wang")).rows == []
        assert sent(county) == {}

    @on_sqlite
    def test_yellow_ends_as_normal_with_a_note(self, county: Monitored) -> None:
        county.up_to_gather(county.report(rows={0: {"actual_to_date": "4.2"}}))
        county.gather()
        assert county.record().light == "YELLOW"
        assert (county.case().result, county.case().note) == ("NORMAL", "黄灯提示，请关注")

    @on_sqlite
    def test_red_without_an_explanation_is_not_taken(self, county: Monitored) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", county.report(rows={0: {"actual_to_date": "3"}}))
        fields = {finding.field for finding in caught.value.findings if finding.code == "DQ22"}
        assert fields == {"indicators.0.cause", "deviation_statement", "corrective_measures"}

    @on_sqlite
    def test_red_goes_to_rectification_with_its_issues(self, county: Monitored) -> None:
        form = county.explained()
        form["indicators"][0]["actual_to_date"] = "3"
        county.up_to_gather(form)
        county.do("wu", "纳入汇总", {"requirement": "八月底前赶上进度。"}, opinion="转整改。")
        assert (county.state(), county.case().result) == ("ended", "RECTIFYING")
        message = sent(county)["DeviationFound"]
        assert message["source"] == "MONITOR"
        assert message["requirement"] == "八月底前赶上进度。"
        assert message["linked_action"] == "NONE"
        assert message["origin"] == {"kind": "MONITORING", "instance": county.instance, "period": "05"}
        assert (message["projectId"], message["cp"], message["light"]) == (county.project["id"], "05", "红")
        assert [one["name"] for one in message["devs"]] == ["改造农村公路里程"]
        (issue,) = message["issues"]
        assert (issue["category"], issue["severity"]) == ("GOAL", "SERIOUS")
        assert "截至完成3" in issue["desc"]
        assert "经费保障" in issue["desc"]

    @on_sqlite
    @pytest.mark.parametrize(
        ("outcome", "result", "linked", "messages"),
        [
            ("继续缓拨", "HELD", "HOLD", {"DisburseHold"}),
            ("停止拨付", "STOPPED", "STOP", {"DisburseHold", "DisburseStop"}),
            ("恢复拨付", "RECTIFYING", "NONE", {"DisburseHold", "DisburseRelease"}),
        ],
    )
    def test_a_major_deviation_holds_the_money_and_the_deputy_leader_decides(
        self, county: Monitored, outcome: str, result: str, linked: str, messages: set[str]
    ) -> None:
        county.up_to_gather(county.explained())
        county.gather()
        assert county.element() == "leader_decision"
        assert sent(county).keys() == {"DisburseHold"}
        hold = sent(county)["DisburseHold"]
        assert "重大偏差" in hold["reason"]
        assert hold["origin"]["instance"] == county.instance
        county.do("fang", outcome, {"next_steps": "约谈单位负责人，一周内报整改方案。"})
        assert county.state() == "ended"
        assert sent(county).keys() == messages | {"DeviationFound"}
        assert county.case().result == result
        assert sent(county)["DeviationFound"]["linked_action"] == linked

    @on_sqlite
    def test_misuse_holds_the_money_though_all_is_on_plan(self, county: Monitored) -> None:
        form = county.report(
            fund_issue=["MISUSE"],
            deviation_statement="发现专项资金用于日常开支。",
            corrective_measures="立即归还原渠道，追究责任。",
        )
        county.do("li", "提交", form)
        (copy,) = county.engine.copies(county.who("wang")).rows
        assert copy.instance_id == county.instance
        county.do("zhao", "同意", {"truthful": True})
        county.do("wang", "同意", opinion="情况属实。")
        county.gather()
        assert county.element() == "leader_decision"
        assert "挪用" in sent(county)["DisburseHold"]["reason"]

    @on_sqlite
    def test_only_the_deputy_leader_decides_on_the_money(self, county: Monitored) -> None:
        county.up_to_gather(county.explained())
        county.gather()
        (holder,) = county.engine.instance(county.instance, SYSTEM).holders
        with pytest.raises(Forbidden):
            county.engine.complete(
                holder.item_id,
                actor=county.who("wu"),
                version=1,
                outcome="停止拨付",
                answers={"next_steps": "停止拨付。"},
            )

    @on_sqlite
    @pytest.mark.parametrize(
        ("outcome", "opinion", "messages"),
        [("申请调整", None, {"MonitorDeviation"}), ("维持原目标", "资金已有保障，可以完成。", set())],
    )
    def test_a_policy_leads_to_an_adjustment_and_nobody_is_blamed(
        self, county: Monitored, outcome: str, opinion: str | None, messages: set[str]
    ) -> None:
        form = county.explained(excused=True, excuse_basis="省补助标准年中下调，见财农〔2026〕3号")
        county.up_to_gather(form)
        assert county.record().light == "BLUE"
        county.gather()
        assert county.element() == "consider"
        county.do("li", outcome, opinion=opinion or "")
        assert (county.state(), county.case().result) == ("ended", "NORMAL")
        assert sent(county).keys() == messages


def test_what_monitoring_finds_is_put_right_and_the_money_is_held(
    engine: Engine, clock: SteppedClock
) -> None:
    county = open_monitored(engine, clock, processes=("rectification", "treasury_notice"))
    county.up_to_gather(county.explained())
    county.gather()
    engine.run_due()
    county.do("fang", "继续缓拨", {"next_steps": "约谈单位负责人，一周内报整改方案。"})
    engine.run_due()
    with engine.database.read() as unit, Session(unit.connection) as session:
        kinds = {case.kind: case.instance_id for case in session.scalars(select(Case))}
        (hold,) = holds.in_force(session, county.project["id"], clock.now())
        assert (hold.kind, hold.origin_instance) == ("HOLD", county.instance)
    assert CaseKind.RECTIFICATION in kinds
    assert engine.instance(kinds[CaseKind.RECTIFICATION], SYSTEM).incidents == []


@on_sqlite
class TestReturns:
    """Going back keeps what was reported, and takes back what was decided."""

    def test_the_section_returns_with_pins_and_a_new_version_is_written(self, county: Monitored) -> None:
        county.do("li", "提交", county.report())
        county.do("zhao", "同意", {"truthful": True})
        pin = NewPin("monitoring", "indicators.actual_to_date", "r1", "请附验收单")
        with pytest.raises(InvalidAnswers):
            county.do("wang", "退回补正", opinion="请补正")
        county.do("wang", "退回补正", opinion="请补正", pins=[pin])
        assert county.element() == "fill_report"
        assert (county.record().state, county.case().state) == (RecordState.RETURNED, CaseState.RETURNED)
        task = county.task("li")
        replies = {task.pins[0].id: Reply("changed", "已改")}
        county.do("li", "提交", county.report(rows={0: {"actual_to_date": "5.1"}}), replies=replies)
        assert (county.record().version, county.record().state) == (2, RecordState.SUBMITTED)

    def test_a_withdrawn_report_counts_no_more(self, county: Monitored) -> None:
        county.do("li", "提交", county.report())
        done = county.engine.done(county.who("li")).rows[0]
        county.engine.withdraw(done.item_id, actor=county.who("li"))
        assert county.element() == "fill_report"
        assert county.case().state == CaseState.OPEN

    def test_who_fills_in_does_not_sign(self, county: Monitored) -> None:
        county.engine.people.add_post("li", "unit_head", "U1")
        county.do("li", "提交", county.report())
        with pytest.raises(Forbidden):
            county.do("li", "同意", {"truthful": True})


@on_sqlite
class TestCheckpoints:
    """The second checkpoint sees the first."""

    def test_the_values_of_may_stand_beside_those_of_july_and_may_not_shrink(
        self, county: Monitored, clock: SteppedClock
    ) -> None:
        county.up_to_gather(county.report())
        county.gather()
        clock.set(datetime.fromisoformat("2026-08-03T09:00:00+08:00"))
        due = datetime.fromisoformat("2026-08-14T18:00:00+08:00")
        county.instance = start_monitoring(county, "08", date(2026, 7, 31), due)
        seen = county.task("li").variables
        assert seen["baseline"]["previous_executed"] == Decimal("354.17")
        assert [row["previous_actual"] for row in seen["indicators"]] == ["5", "68", ""]
        form = county.report(rows={0: {"actual_to_date": "4.9"}}, executed=Decimal(500))
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "提交", form)
        assert ("DQ23", "indicators.0.actual_to_date") in {
            (finding.code, finding.field) for finding in caught.value.findings
        }


@on_sqlite
class TestTime:
    """Reminders, the deadline, the end of the campaign."""

    def test_who_does_not_report_is_late_and_at_last_not_reported(
        self, county: Monitored, engine: Engine, clock: SteppedClock
    ) -> None:
        def reminders() -> int:
            timeline = engine.instance(county.instance, SYSTEM).timeline
            return sum(event.kind == "monitoring.reminded" for event in timeline)

        clock.set(datetime.fromisoformat("2026-06-09T18:01:00+08:00"))
        engine.run_due()
        assert reminders() == 1
        clock.set(DUE - timedelta(hours=8))
        engine.run_due()
        assert (reminders(), county.case().overdue_at) == (2, None)
        clock.set(DUE + timedelta(minutes=1))
        engine.run_due()
        assert county.case().overdue_at is not None
        assert county.element() == "fill_report"
        clock.set(DUE + timedelta(days=15))
        engine.run_due()
        assert (county.state(), county.case().result) == ("ended", "NOT_REPORTED")


@on_sqlite
class TestSecrecy:
    """Of a secret project only that it was handled is kept."""

    def test_a_secret_project_is_handled_offline(self, engine: Engine, clock: SteppedClock) -> None:
        county = open_monitored(engine, clock, secret=True)
        with pytest.raises(InvalidAnswers):
            county.do("li", "提交", {"executed": Decimal(1)})
        county.do("li", "涉密线下办理")
        assert (county.state(), county.case().state) == ("ended", CaseState.OFFLINE)

    def test_what_the_section_writes_is_for_the_bureau(self, county: Monitored) -> None:
        county.up_to_gather(county.explained())
        county.gather()
        seen = {one.name for one in county.engine.document_versions(county.instance, county.who("zhao"))}
        assert "gather" not in seen
        assert {"monitoring", "sign"} <= seen
