"""A rectification from the notice to its closing, and what happens where the unit is late, through the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget.rectification import RectificationState
from budget.tables import (
    Case,
    Hold,
    Rectification,
    RectificationAction,
    RectificationEscalation,
    RectificationVerification,
    TreasuryNotice,
)
from engine.errors import Forbidden, InvalidAnswers, NotFound
from tests.workflows.money.county import ISSUES, MoneyCounty, open_money_county

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine

ORIGIN = {"kind": "MONITORING", "instance": 4711, "period": "05"}


def variables(county: MoneyCounty, **changes: Any) -> dict[str, Any]:
    return {
        "project": county.project,
        "source": "MONITOR",
        "issues": ISSUES,
        "requirement": "限期整改，按月报告进展。",
        "linked_action": "NONE",
        "origin": ORIGIN,
        "profile": county.profile("days"),
    } | changes


def begin(county: MoneyCounty, **changes: Any) -> None:
    """A monitoring finds a deviation."""
    county.engine.publish("DeviationFound", str(county.project["id"]), variables(county, **changes))
    county.work()


def notice(county: MoneyCounty, **changes: Any) -> dict[str, Any]:
    issues = [dict(row, evidence="监控表") for row in ISSUES]
    day = (county.clock.now().date()).isoformat()[:8]
    return {
        "source": "MONITOR",
        "linked_action": "NONE",
        "due_at": None,
        "issues": issues,
        "requirement": f"限期整改（{day}）",
    } | changes


def issue(county: MoneyCounty, due: str = "2026-03-31", **changes: Any) -> None:
    county.do("feng", "draft_notice", "送签", notice(county, due_at=due, **changes))
    county.do("guo", "issue", "签发", {})


def sign(county: MoneyCounty) -> None:
    county.do("zhao", "sign_receipt", "签收", {"read": True, "responsible": "赵局长"})


def plan() -> dict[str, Any]:
    return {
        "actions": [
            {"issue_no": 1, "action": "增加施工班组", "owner": "李经办", "finish_date": "2026-03-20"},
            {"issue_no": 2, "action": "资金归还专户", "owner": "李经办", "finish_date": "2026-03-10"},
        ]
    }


def report(first: str = "DONE", second: str = "DONE") -> dict[str, Any]:
    results = (first, second)
    return {
        "actions": [
            {**row, "result": result, "evidence": "验收单、回单" if result == "DONE" else ""}
            for row, result in zip(plan()["actions"], results, strict=True)
        ],
        "pending_plan": "" if results == ("DONE", "DONE") else "雨季影响，下月底前完成。",
    }


def verification(*verdicts: str, false_report: bool = False) -> dict[str, Any]:
    return {
        "findings": [
            {"no": no, "desc": row["desc"], "verdict": verdict}
            for no, (row, verdict) in enumerate(zip(ISSUES, verdicts, strict=True), 1)
        ],
        "false_report": false_report,
        "note": "现场核验。",
    }


def up_to_report(county: MoneyCounty, **changes: Any) -> None:
    begin(county)
    issue(county, **changes)
    sign(county)
    county.do("li", "make_plan", "提交", plan())


def rect(county: MoneyCounty) -> Rectification:
    (found,) = county.read(select(Rectification))
    return found  # type: ignore[no-any-return]


def case(county: MoneyCounty) -> Case:
    (found,) = county.read(select(Case).where(Case.kind == "RECTIFICATION"))
    return found  # type: ignore[no-any-return]


def steps(county: MoneyCounty) -> list[tuple[str, bool]]:
    found = county.read(select(RectificationEscalation).order_by(RectificationEscalation.id))
    return [(row.step, row.taken) for row in found]


def holds(county: MoneyCounty) -> list[tuple[str, bool]]:
    return [(row.kind, row.released_at is None) for row in county.read(select(Hold).order_by(Hold.id))]


class TestTheWholeWay:
    """P07, F7: from the deviation to 销号."""

    def test_what_is_done_with_evidence_is_closed(self, county: MoneyCounty) -> None:
        begin(county)
        assert [row["desc"] for row in county.task("feng", "draft_notice").variables["issues"]] == [
            row["desc"] for row in ISSUES
        ]
        issue(county)
        sign(county)
        assert (rect(county).number, rect(county).state) == ("2026-001", RectificationState.RECTIFYING)
        assert case(county).due_at == rect(county).due_at
        county.do("li", "make_plan", "提交", plan())
        county.do("li", "report_actions", "提交", report())
        assert case(county).state == "SUBMITTED"
        county.do("wang", "verify", "核验通过", verification("DONE", "DONE"))
        assert county.task("wu", "decide").variables["proposed_decision"] == "销号"
        county.do("wu", "decide", "销号", {})
        assert (rect(county).state, case(county).result) == (RectificationState.CLOSED, "CLOSED")
        assert county.open() == {}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestTheNotice:
    """How it begins, and who may issue it."""

    def test_a_second_message_about_the_same_deviation_begins_nothing(self, county: MoneyCounty) -> None:
        for _ in range(2):
            county.engine.publish(
                "DeviationFound",
                str(county.project["id"]),
                variables(county),
                message_id="MONITORING-4711-05",
            )
        county.work()
        assert len(county.read(select(Rectification))) == 1

    def test_an_evaluation_without_issues_needs_none(self, county: MoneyCounty) -> None:
        county.engine.publish("EvalResult", "1", variables(county, issues=[], source="KEY_EVAL"))
        county.work()
        assert county.open() == {}
        assert county.read(select(Rectification)) == []

    def test_a_secret_project_is_handled_offline(self, engine: Engine, clock: SteppedClock) -> None:
        county = open_money_county(engine, clock, secret=True)
        begin(county, issues=[], requirement="")
        assert county.open() == {}
        assert (rect(county).state, case(county).state) == (RectificationState.OFFLINE, "OFFLINE")

    def test_who_drafted_the_notice_does_not_issue_it_nor_close_it(self, county: MoneyCounty) -> None:
        county.engine.people.add_post("feng", "deputy_leader", "BUREAU")
        begin(county)
        county.do("feng", "draft_notice", "送签", notice(county, due_at="2026-03-31"))
        with pytest.raises(Forbidden):
            county.do("feng", "issue", "签发", {})

    def test_where_the_only_chief_drafted_the_notice_the_leader_closes_it(self, county: MoneyCounty) -> None:
        begin(county)
        county.do("wu", "draft_notice", "送签", notice(county, due_at="2026-03-31"))
        county.do("guo", "issue", "签发", {})
        sign(county)
        county.do("li", "make_plan", "提交", plan())
        county.do("li", "report_actions", "提交", report())
        county.do("wang", "verify", "核验通过", verification("DONE", "DONE"))
        with pytest.raises((Forbidden, NotFound)):
            county.do("wu", "decide", "销号", {})
        county.do("guo", "decide", "销号", {})
        assert rect(county).state == RectificationState.CLOSED

    def test_returned_notices_are_drafted_again_and_may_be_dropped(self, county: MoneyCounty) -> None:
        begin(county)
        county.do("feng", "draft_notice", "送签", notice(county, due_at="2026-03-31"))
        county.do("guo", "issue", "退回补正", opinion="问题写得不清楚")
        county.do("feng", "draft_notice", "不予下达", opinion="已当场改正")
        assert (rect(county).state, case(county).result) == (RectificationState.CANCELLED, "CANCELLED")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestWhatIsChecked:
    """The table covers every issue; what is done has evidence (F7)."""

    def test_every_issue_needs_an_action(self, county: MoneyCounty) -> None:
        begin(county)
        issue(county)
        sign(county)
        one = {"actions": plan()["actions"][:1]}
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "make_plan", "提交", one)
        assert [finding.code for finding in caught.value.findings] == ["F7.uncovered"]
        late = {"actions": [dict(row, finish_date="2026-04-15") for row in plan()["actions"]]}
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "make_plan", "提交", late)
        assert {finding.code for finding in caught.value.findings} == {"F7.date"}

    def test_what_is_done_needs_evidence_and_what_is_not_a_reason(self, county: MoneyCounty) -> None:
        up_to_report(county)
        bare = report()
        bare["actions"][0]["evidence"] = ""
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "report_actions", "提交", bare)
        assert [finding.field for finding in caught.value.findings] == ["actions.0.evidence"]
        with pytest.raises(InvalidAnswers) as caught:
            county.do("li", "report_actions", "提交", report("DONE", "PARTIAL") | {"pending_plan": ""})
        assert [finding.field for finding in caught.value.findings] == ["pending_plan"]

    def test_another_decision_than_proposed_has_a_reason(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.do("li", "report_actions", "提交", report("DONE", "PARTIAL"))
        county.do("wang", "verify", "核验通过", verification("DONE", "PARTIAL"))
        with pytest.raises(InvalidAnswers) as caught:
            county.do("wu", "decide", "销号", {})
        assert [finding.code for finding in caught.value.findings] == ["F7.reason"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestClosing:
    """D12 through the process."""

    def partly(self, county: MoneyCounty) -> None:
        county.do("li", "report_actions", "提交", report("DONE", "PARTIAL"))
        county.do("wang", "verify", "核验通过", verification("DONE", "PARTIAL"))

    def test_what_is_partly_done_is_extended_once(self, county: MoneyCounty) -> None:
        up_to_report(county)
        self.partly(county)
        with pytest.raises(InvalidAnswers):
            county.do("wu", "decide", "延期整改", {"extension_days": 16})
        before = rect(county).due_at
        county.do("wu", "decide", "延期整改", {"extension_days": 15})
        assert before is not None
        assert (rect(county).due_at - before).days == 15  # type: ignore[operator]
        assert case(county).due_at == rect(county).due_at
        self.partly(county)
        assert county.task("wu", "decide").variables["proposed_decision"] == "整改失败"
        with pytest.raises(InvalidAnswers):
            county.do("wu", "decide", "延期整改", {"extension_days": 10, "reason": "确有客观原因"})
        county.do("wu", "decide", "整改失败", {}, opinion="两次均未完成。")
        assert (rect(county).state, case(county).result) == (RectificationState.FAILED, "FAILED")

    def test_an_untrue_report_fails(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.do("li", "report_actions", "提交", report())
        county.do(
            "wang", "verify", "核验不通过", verification("DONE", "DONE", false_report=True), "佐证系伪造"
        )
        assert county.task("wu", "decide").variables["proposed_decision"] == "整改失败"

    def test_a_returned_report_is_reported_again_not_planned_again(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.do("li", "report_actions", "提交", report())
        county.do("wang", "verify", "退回补正", opinion="缺验收单原件")
        assert list(county.open()) == ["report_actions"]
        assert case(county).returns == 1

    def test_supervision_takes_over(self, county: MoneyCounty) -> None:
        up_to_report(county)
        self.partly(county)
        county.do("wu", "decide", "移交财监", {}, opinion="涉嫌挪用，移送检查。")
        county.do("jian", "take_over", "接收", {})
        assert (rect(county).state, case(county).result) == (RectificationState.TRANSFERRED, "TRANSFERRED")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestLateness:
    """§5.1, D13: what happens where nobody signs, and where nobody reports."""

    def test_who_does_not_sign_is_pressed_by_the_leader(self, county: MoneyCounty) -> None:
        begin(county)
        issue(county)
        county.later(days=7)
        assert list(county.open()) == ["sign_urged"]
        assert steps(county) == [("RECEIPT", True)]
        county.do("guo", "sign_urged", "视同送达", opinion="拒不签收，两人在场送达。")
        assert rect(county).received_by == "user:guo"

    def test_money_is_held_then_stopped_then_cut(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.clock.set(rect(county).due_at)  # type: ignore[arg-type]
        county.work()
        assert steps(county) == [("URGE", True)]
        assert case(county).overdue_at is not None
        assert holds(county) == []
        county.later(days=1)
        assert holds(county) == [("HOLD", True)]
        county.later(days=14)
        assert holds(county) == [("HOLD", True)]  # the leader decides on the stop first
        county.do("guo", "approve_stop", "同意停拨", {})
        assert holds(county) == [("HOLD", True), ("STOP", True)]
        county.later(days=15)
        assert [step for step, _ in steps(county)] == ["URGE", "HOLD", "STOP", "CUT"]
        assert "report_actions" in county.open()  # nothing is submitted for the unit

    def test_a_stop_that_the_leader_refuses_is_noted_and_stops_nothing(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.clock.set(rect(county).due_at)  # type: ignore[arg-type]
        county.later(days=15)
        county.do("guo", "approve_stop", "暂不停拨", {}, opinion="已在抢工。")
        assert ("STOP", False) in steps(county)
        assert ("STOP", True) not in holds(county)

    def test_closing_releases_what_it_and_its_origin_held(self, county: MoneyCounty) -> None:
        begin(county)
        issue(county, linked_action="HOLD")
        assert holds(county) == [("HOLD", True)]
        sign(county)
        county.do("li", "make_plan", "提交", plan())
        county.do("li", "report_actions", "提交", report())
        county.do("wang", "verify", "核验通过", verification("DONE", "DONE"))
        county.do("wu", "decide", "销号", {})
        assert holds(county) == [("HOLD", False)]
        notices = county.read(select(TreasuryNotice).order_by(TreasuryNotice.instance_id))
        assert [row.action for row in notices] == ["HOLD", "RELEASE"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestTakingBack:
    """What a step wrote goes when the step is taken back or returned to (undo)."""

    def test_a_plan_is_withdrawn_with_its_actions(self, county: MoneyCounty) -> None:
        begin(county)
        issue(county)
        sign(county)
        (item,) = county.open()["make_plan"]
        county.do("li", "make_plan", "提交", plan())
        assert len(county.read(select(RectificationAction))) == 2
        county.withdraw("li", item)
        assert rect(county).planned_at is None
        assert county.read(select(RectificationAction)) == []
        county.do("li", "make_plan", "提交", plan())
        assert list(county.open()) == ["report_actions"]

    def test_an_issued_notice_is_withdrawn_with_its_number(self, county: MoneyCounty) -> None:
        begin(county)
        county.do("feng", "draft_notice", "送签", notice(county, due_at="2026-03-31"))
        (item,) = county.open()["issue"]
        county.do("guo", "issue", "签发", {})
        county.withdraw("guo", item)
        assert (rect(county).number, rect(county).state) == (None, RectificationState.DRAFTING)
        county.do("guo", "issue", "签发", {})
        assert rect(county).number == "2026-002"

    def test_the_performance_section_sends_a_verification_back(self, county: MoneyCounty) -> None:
        up_to_report(county)
        county.do("li", "report_actions", "提交", report())
        county.do("wang", "verify", "核验通过", verification("DONE", "DONE"))
        task = county.task("wu", "decide")
        county.engine.return_task(
            task.item_id,
            actor=county.engine.actor("wu"),
            version=task.version,
            reason="没有到现场",
            to="verify",
            mode="walk",
        )
        assert list(county.open()) == ["verify"]
        found = county.read(select(RectificationVerification))
        assert found == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_case_is_seen_by_those_of_the_matrix_and_by_no_other_unit(county: MoneyCounty) -> None:
    up_to_report(county)
    instance = rect(county).instance_id
    for person in ("li", "zhao", "wang", "wu", "guo"):
        view = county.engine.instance(instance, county.engine.actor(person))
        assert any(document.name == "notice" for document in view.documents), person
    for person in ("sun", "zhou"):
        with pytest.raises((Forbidden, NotFound)):
            county.engine.instance(instance, county.engine.actor(person))
