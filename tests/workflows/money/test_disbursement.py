"""A payment from the unit's request to the treasury's receipt, and what holds, returns or stops it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import disbursements
from budget.tables import Case, Disbursement, DisbursementRequest, DisbursementReview
from engine.errors import Forbidden, InvalidAnswers, NotFound
from tests.workflows.money.county import ISSUES, MoneyCounty, open_money_county

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

ORIGIN = {"kind": "MONITORING", "instance": 4711, "period": "05"}


@pytest.fixture
def county(county: MoneyCounty) -> MoneyCounty:
    """The county, its project with an approved goal."""
    county.approve_goal()
    return county


def begin(county: MoneyCounty) -> int:
    variables = {"project": county.project, "profile": county.profile("days")}
    return county.start("disbursement", variables, by="li")


def request(amount: str = "60", **changes: Any) -> dict[str, Any]:
    return {
        "amount": Decimal(amount),
        "purpose": "支付农村公路工程进度款",
        "contract_amount": Decimal(800),
        "physical_progress": Decimal(30),
        "pay_term": "按月支付进度款",
    } | changes


def ask(county: MoneyCounty, amount: str = "60", **changes: Any) -> None:
    county.do("li", "fill_request", "提交", request(amount, **changes))
    county.do("zhao", "sign_request", "同意", {"truthful": True})


QUESTIONS = {"q3_progress": Decimal(30), "q4_achievement": "路基完成三成，尚未通车。"}


def opinions(county: MoneyCounty) -> None:
    county.do("wang", "section_opinion", "同意", {})
    county.do("wu", "perf_opinion", "同意", QUESTIONS)


def receipt(amount: str = "60") -> dict[str, Any]:
    return {"paid_amount": Decimal(amount), "paid_on": "2026-03-02", "voucher_no": "0001"}


def reviews(county: MoneyCounty) -> list[tuple[str, str, str]]:
    found = county.read(select(DisbursementReview).order_by(DisbursementReview.id))
    return [(row.stage, row.decision, row.reason) for row in found]


def case(county: MoneyCounty) -> Case:
    (found,) = county.read(select(Case).where(Case.kind == "DISBURSEMENT"))
    return found  # type: ignore[no-any-return]


def figures(county: MoneyCounty) -> disbursements.Figures:
    with county.engine.database.read() as unit, Session(unit.connection) as session:
        return disbursements.figures(session, 2026)


def order(county: MoneyCounty, name: str, **more: Any) -> None:
    """A monitoring orders a hold, a stop or a release."""
    variables = {"project": county.project, "reason": "偏离度超过50%", "origin": ORIGIN}
    county.engine.publish(name, f"{name}-4711", variables | {"profile": county.profile("days")} | more)
    county.work()


class TestTheWholeWay:
    """S5-01 to S5-04: form, D06, opinions, signatures by amount, payment."""

    def test_a_sound_request_is_paid_and_counts(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county)
        assert set(county.open()) == {"section_opinion", "perf_opinion"}
        opinions(county)
        assert county.task("chen", "approve").variables["level"] == "预算股"
        county.do("chen", "approve", "同意", {})
        with pytest.raises(InvalidAnswers) as caught:
            county.do("ku", "pay", "已拨付", receipt("60.01") | {"paid_on": "2026-03-03"})
        assert {finding.code for finding in caught.value.findings} == {"F9.amount", "F9.date"}
        county.do("ku", "pay", "已拨付", receipt())
        assert county.open() == {}
        (paid,) = county.read(select(Disbursement))
        assert (paid.amount, paid.paid_on.isoformat()) == (60_000_000, "2026-03-02")
        assert [stage for stage, _, _ in reviews(county)] == ["OPINIONS", "APPROVAL", "PAYMENT"]
        assert {decision for _, decision, _ in reviews(county)} == {"APPROVE"}
        assert (case(county).state, case(county).result) == ("CLOSED", "PAID")
        found = figures(county)
        assert (found.requests, found.reviews, found.projects, found.paid) == (1, 1, 1, 1)
        assert (found.requested, found.paid_amount) == (60_000_000, 60_000_000)
        begin(county)
        assert county.task("li", "fill_request").variables["facts"]["paid_cum"] == 60


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestWhoIsAsked:
    """The investment centre for large works, supervision for doubts and samples, the leaders by amount (D07)."""

    def test_large_works_are_seen_by_the_investment_centre(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county, "100")
        assert set(county.open()) == {"section_opinion", "perf_opinion", "invest_opinion"}

    def test_a_small_amount_is_the_sections_own(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county, "49.99")
        opinions(county)
        assert list(county.open()) == ["pay"]

    def test_a_large_amount_is_signed_by_three_in_order(self, county: MoneyCounty) -> None:
        county.project["annual_amount"] = 850
        begin(county)
        ask(county, "850", contract_amount=Decimal(3000))
        opinions(county)
        county.do("ping", "invest_opinion", "同意", {})
        assert county.task("chen", "approve").variables["level"] == "分管局领导"
        county.do("chen", "approve", "同意", {})
        county.do("guo", "approve", "同意", {})
        assert list(county.open()) == ["pay"]

    def test_a_rush_needs_a_reason_and_is_seen_by_supervision(self, county: MoneyCounty) -> None:
        county.clock.set(datetime(2026, 12, 7, 2, tzinfo=UTC))
        begin(county)
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "fill_request", "提交", request())
        assert [finding.code for finding in caught.value.findings] == ["DQ24"]
        ask(county, rush_reason="工程年底集中结算，合同约定12月付款")
        assert "supervise_opinion" in county.open()

    def test_the_tenth_of_a_year_is_a_sample(self, county: MoneyCounty) -> None:
        for _ in range(9):
            begin(county)
            county.do("li", "fill_request", "不再申请", opinion="试填")
        begin(county)
        ask(county)
        assert "supervise_opinion" in county.open()

    def test_who_fills_it_in_does_not_sign_it(self, county: MoneyCounty) -> None:
        county.engine.people.add_post("li", "unit_head", "U1")
        begin(county)
        county.do("li", "fill_request", "提交", request())
        with pytest.raises(Forbidden):
            county.do("li", "sign_request", "同意", {"truthful": True})


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestWhatIsRefused:
    """Returns, holds and stops."""

    def test_no_money_is_asked_for_without_an_approved_goal(
        self, engine: Engine, clock: SteppedClock
    ) -> None:
        county = open_money_county(engine, clock)
        begin(county)
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "fill_request", "提交", request())
        assert [finding.code for finding in caught.value.findings] == ["DQ37"]

    def test_more_than_the_budget_is_returned_and_counted_as_two_reviews(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county, "850.01", contract_amount=Decimal(3000))
        assert list(county.open()) == ["fill_request"]
        assert reviews(county)[-1][1:] == ("RETURN", "累计拨付超过年度预算")
        ask(county, "60")
        assert case(county).returns == 1
        found = figures(county)
        assert (found.requests, found.reviews, found.projects, found.returned) == (1, 2, 1, 1)

    def test_a_payment_ahead_of_the_work_is_held_until_it_is_amended(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county, "320.01")
        assert list(county.open()) == ["held"]
        assert reviews(county)[-1][1:] == ("HOLD", "付款比例超前形象进度")
        county.do("li", "held", "修改后重新送审", {"note": "按进度减少"})
        ask(county, "320")
        assert "section_opinion" in county.open()

    def test_a_held_project_waits_for_the_release(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold")
        begin(county)
        ask(county)
        assert reviews(county)[-1][1:] == ("HOLD", "暂缓拨付在效")
        order(county, "DisburseRelease")
        assert {"section_opinion", "perf_opinion"} < set(county.open())

    def test_a_hold_that_ends_by_itself_wakes_the_request_on_its_day(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold", until="2026-03-20T18:00:00+08:00")
        begin(county)
        ask(county)
        county.later(days=18)
        assert "held" in county.open(), "it is 20 March, nine in the morning"
        county.later(hours=10)
        assert {"section_opinion", "perf_opinion"} < set(county.open())
        assert reviews(county)[-1][1] == "APPROVE"

    def test_a_stopped_project_is_paid_nothing(self, county: MoneyCounty) -> None:
        order(county, "DisburseStop")
        begin(county)
        ask(county)
        assert (case(county).result, reviews(county)[-1][1]) == ("STOPPED", "STOP")

    def test_an_overdue_rectification_holds_the_money_until_it_is_closed(self, county: MoneyCounty) -> None:
        variables = {
            "source": "MONITOR",
            "issues": ISSUES,
            "requirement": "限期整改",
            "linked_action": "HOLD",
            "origin": None,
            "project": county.project,
            "profile": county.profile("days"),
        }
        county.start("rectification", variables)
        notice = {key: variables[key] for key in ("source", "issues", "requirement", "linked_action")}
        county.do("feng", "draft_notice", "送签", notice | {"due_at": "2026-04-30"})
        county.do("guo", "issue", "签发", {})
        begin(county)
        ask(county)
        assert "held" in county.open()
        (found,) = county.read(select(DisbursementRequest))
        assert found.state == "HELD"
        county.do("zhao", "sign_receipt", "签收", {"read": True, "responsible": "赵局长"})
        rows = [
            {"issue_no": no, "action": "整改", "owner": "李经办", "finish_date": "2026-04-01"}
            for no in (1, 2)
        ]
        county.do("li", "make_plan", "提交", {"actions": rows})
        done = [row | {"result": "DONE", "evidence": "回单"} for row in rows]
        county.do("li", "report_actions", "提交", {"actions": done})
        findings = [{"no": no, "verdict": "DONE"} for no in (1, 2)]
        county.do("wang", "verify", "核验通过", {"findings": findings, "note": "属实"})
        county.do("wu", "decide", "销号", {})
        assert {"section_opinion", "perf_opinion"} < set(county.open())

    def test_what_is_held_while_it_is_signed_is_not_paid(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county)
        opinions(county)
        county.do("chen", "approve", "同意", {})
        order(county, "DisburseHold")
        with pytest.raises(InvalidAnswers) as caught:
            county.do("ku", "pay", "已拨付", receipt())
        assert [finding.code for finding in caught.value.findings] == ["F9.held"]

    def test_an_office_that_holds_is_asked_again_after_the_amendment(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county)
        county.do("wang", "section_opinion", "同意", {})
        county.do("wu", "perf_opinion", "暂缓", QUESTIONS, opinion="实施进度与监控表不符")
        assert reviews(county)[-1][1:] == ("HOLD", "审核意见：暂缓")
        county.do("li", "held", "修改后重新送审", {})
        ask(county)
        assert set(county.open()) == {"section_opinion", "perf_opinion"}

    def test_what_is_held_too_long_goes_to_the_bureaus_leader(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold")
        begin(county)
        ask(county)
        county.later(days=60)
        county.do("ju", "decide_held", "继续暂缓", {})
        assert "held" in county.open()
        county.later(days=60)
        county.do("ju", "decide_held", "退回申请", {}, opinion="项目已停工")
        assert case(county).result == "HELD"

    def test_use_outside_the_scope_goes_back_and_brings_supervision_in(self, county: MoneyCounty) -> None:
        begin(county)
        ask(county)
        with pytest.raises(InvalidAnswers):
            county.do("wang", "section_opinion", "同意", {"out_of_scope": True})
        county.do("wang", "section_opinion", "退回补正", {"out_of_scope": True}, opinion="列支了接待费")
        county.do("wu", "perf_opinion", "同意", QUESTIONS)
        assert reviews(county)[-1][1:] == ("RETURN", "不在支出范围或改变用途")
        ask(county)
        assert "supervise_opinion" in county.open()

    def test_a_signature_is_withdrawn_with_what_followed_from_it(self, county: MoneyCounty) -> None:
        begin(county)
        county.do("li", "fill_request", "提交", request())
        (item,) = county.open()["sign_request"]
        county.do("zhao", "sign_request", "同意", {"truthful": True})
        county.withdraw("zhao", item)
        assert list(county.open()) == ["sign_request"]
        assert (reviews(county), case(county).state) == ([], "OPEN")
        assert figures(county).reviews == 0

    def test_no_other_unit_sees_a_request(self, county: MoneyCounty) -> None:
        instance = begin(county)
        ask(county)
        for person in ("li", "wang", "wu", "chen", "ku"):
            assert county.engine.instance(instance, county.engine.actor(person)).documents
        with pytest.raises((Forbidden, NotFound)):
            county.engine.instance(instance, county.engine.actor("sun"))
