"""A key evaluation from the notice to the final report, through the real engine."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget import ledger
from budget.key_codes import ServiceKind
from budget.key_evaluations import record_service
from budget.key_framework import framework
from budget.tables import Case, Evaluation, KeyEvaluation, Rectification
from engine import dmn
from engine.engine import NewPin
from engine.errors import InvalidAnswers
from tests.workflows.county import add_project
from tests.workflows.key_county import (
    PLAIN,
    Office,
    accept_self_evaluation,
    start_evaluation,
)
from tests.workflows.key_walk import (
    DAY,
    evaluation,
    finish,
    up_to_collecting,
    up_to_opinions,
    up_to_plan,
)
from tests.workflows.monitored import approve
from workflows import files_of, profiles
from workflows.demo.key_evaluations import assignment, draft, meeting, notice, papers, plan

if TYPE_CHECKING:
    from engine.calendar import SteppedClock


on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


class TestAWholeEvaluation:
    def test_a_third_party_evaluates_and_the_result_is_written_and_told(self, office: Office) -> None:
        office.engine.deploy(files_of("rectification"), actor="system")
        accept_self_evaluation(office, "95")
        start_evaluation(office)
        up_to_opinions(office, issues=("部分路段未按期完工",))
        office.do("zhao", "无异议")
        finish(office, "84.5", ("部分路段未按期完工",))
        assert office.result() == "finalized"
        found = evaluation(office)
        assert (found.state, found.score, found.grade, found.reply) == (
            "FINALIZED",
            Decimal("84.5"),
            "良",
            "AGREED",
        )
        assert (found.evaluator, found.agency) == ("THIRD_PARTY", "A01")
        assert len(found.indicators) == 17
        assert sum(row.score or Decimal(0) for row in found.indicators) == Decimal("84.5")
        assert [row.content for row in found.issues] == ["部分路段未按期完工"]
        assert {row.type for row in found.papers} == {"DOCUMENTS", "INTERVIEW", "SURVEY", "SITE"}
        assert found.survey is not None
        assert found.survey.valid == 60
        with office.records() as session:
            key = session.scalars(select(Evaluation).where(Evaluation.score_type == "KEY")).one()
            assert (key.total, key.grade, key.state, key.project_id) == (
                Decimal("84.5"),
                "良",
                "ACCEPTED",
                office.project["id"],
            )
            case = session.get_one(Case, office.instance)
            assert (case.kind, case.result) == ("KEY_EVALUATION", "FINALIZED")
        office.engine.run_due()
        with office.records() as session:
            rectification = session.scalars(select(Rectification)).one()
            assert (rectification.source, rectification.origin_instance) == ("KEY_EVAL", office.instance)

    @pytest.mark.parametrize(("own", "loose"), [("92.50", False), ("92.51", True)])
    @on_sqlite
    def test_a_self_evaluation_more_than_eight_points_higher_is_too_generous(
        self, office: Office, own: str, loose: bool
    ) -> None:
        accept_self_evaluation(office, own)
        start_evaluation(office)
        up_to_opinions(office)
        office.do("zhao", "无异议")
        finish(office)
        assert evaluation(office).loose is loose


@on_sqlite
class TestWhereItStarts:
    def test_without_an_accepted_self_evaluation_the_unit_is_urged_and_the_message_goes_on(
        self, office: Office
    ) -> None:
        start_evaluation(office)
        assert office.elements() == ["ask_self"]
        office.do("zheng", "自评已审定")
        assert office.elements() == ["ask_self"]
        accept_self_evaluation(office)
        office.engine.publish("SelfEvalAccepted", office.project["code"], {"score": 95, "grade": "优"})
        assert office.elements() == ["assign_team"]
        assert evaluation(office).self_score == Decimal(95)

    def test_it_can_be_ended_with_a_reason_while_there_is_no_self_evaluation(self, office: Office) -> None:
        start_evaluation(office)
        office.do("zheng", "终止评价", opinion="项目已并入其他项目")
        assert office.result() == "aborted"
        assert evaluation(office).state == "ABORTED"

    def test_the_message_that_a_chosen_project_sends_starts_one_evaluation(self, office: Office) -> None:
        variables = {
            "project": office.project,
            "campaign": None,
            "profile": profiles.load("qapqal").variables("key_evaluation"),
            "choice": PLAIN,
        }
        code = office.project["code"]
        for _ in range(2):
            office.engine.publish("KeyEvaluationOrdered", code, variables, f"order-{code}")
        with office.records() as session:
            assert len(session.scalars(select(KeyEvaluation)).all()) == 1

    def test_a_secret_project_never_enters_and_only_the_warning_stays(self, office: Office) -> None:
        office.project = add_project(office.engine, 2, secret=True)["variables"]
        start_evaluation(office)
        assert office.result() == "refused"
        with office.records() as session:
            assert session.get(KeyEvaluation, office.instance) is None
            assert session.get_one(Case, office.instance).state == "OFFLINE"


#: What D08 is asked about an ordinary project of a county that leaves evaluating to third parties.
USUAL = {
    "secret": False,
    "research": False,
    "complex": False,
    "concerned": False,
    "mode": "THIRD_PARTY",
    "small": True,
    "ready": True,
}


@pytest.mark.parametrize(
    ("asked", "evaluator"),
    [
        ({}, "THIRD_PARTY"),
        ({"mode": "MIXED"}, "BUREAU"),
        ({"mode": "MIXED", "small": False}, "THIRD_PARTY"),
        ({"mode": "MIXED", "ready": False}, "THIRD_PARTY"),
        ({"mode": "MIXED", "complex": True}, "THIRD_PARTY"),
        ({"mode": "MIXED", "concerned": True}, "THIRD_PARTY"),
        ({"research": True}, "BUREAU"),
        ({"research": True, "secret": True}, "EXEMPT"),
    ],
)
def test_the_rules_propose_who_evaluates(asked: dict[str, Any], evaluator: str) -> None:
    decision = dmn.parse(files_of("key_evaluation")["evaluator.dmn"])
    assert decision.evaluate("D08", USUAL | asked).value == evaluator


@on_sqlite
class TestWhoEvaluates:
    """D08 proposes; the chief decides, with a reason where it is another."""

    def test_a_research_project_is_proposed_for_the_bureau(self, office: Office) -> None:
        accept_self_evaluation(office)
        start_evaluation(office, research=True)
        assert office.task("wu").variables["proposed"] == "BUREAU"

    def test_the_bureau_may_evaluate_itself_with_a_reason(self, office: Office) -> None:
        accept_self_evaluation(office)
        start_evaluation(office)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wu", "确定", assignment(None, leader="郑干事"))
        assert [one.field for one in caught.value.findings] == ["evaluator_reason"]
        office.do("wu", "确定", assignment(None, leader="郑干事", reason="额度小，股室有力量"))
        office.do("li", "签收", notice("李经办"))
        office.do("zheng", "已召开", meeting(DAY, DAY))
        office.do("zheng", "报送方案", plan())
        # Nobody was chosen as an expert: their step is left out.
        assert office.elements() == ["approve_plan"]
        assert evaluation(office).agency is None

    def test_an_agency_that_advised_on_the_project_may_not_evaluate_it(self, office: Office) -> None:
        accept_self_evaluation(office)
        with office.engine.database.write() as unit, unit.savepoint() as session:
            record_service(session, "A01", office.project["id"], ServiceKind.CONSULT, date(2023, 3, 2))
            record_service(session, "A02", office.project["id"], ServiceKind.CONSULT, date(2023, 3, 1))
        start_evaluation(office)
        labels = {one["value"]: one["label"] for one in office.task("wu").variables["agencies"]}
        assert labels == {"A01": "A01（须回避：2023-03-02为本项目咨询）", "A02": "A02"}
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wu", "确定", assignment("A01", leader="朱主评"))
        assert [one.field for one in caught.value.findings] == ["agency"]
        office.do("wu", "确定", assignment("A02", leader="许主评"))
        assert evaluation(office).agency == "A02"

    def test_an_expert_with_a_post_at_the_unit_is_not_offered(self, office: Office) -> None:
        office.engine.people.add_post("he", "unit_clerk", "U1")
        accept_self_evaluation(office)
        start_evaluation(office)
        assert [one["value"] for one in office.task("wu").variables["expert_options"]] == ["user:lv"]


@on_sqlite
class TestThePlan:
    @pytest.fixture
    def planning(self, office: Office) -> Office:
        accept_self_evaluation(office)
        start_evaluation(office)
        up_to_plan(office, ())
        return office

    def refused(self, office: Office, rows: list[dict[str, Any]]) -> set[str]:
        with pytest.raises(InvalidAnswers) as caught:
            office.do("zhu", "报送方案", plan(rows))
        return {one.code for one in caught.value.findings}

    def test_it_starts_from_the_national_framework(self, planning: Office) -> None:
        offered = planning.task("zhu").variables["indicators"]
        assert len(offered) == 17
        assert sum(row["points"] for row in offered) == 100

    def test_who_is_entrusted_reads_the_goal_the_monitoring_and_the_self_evaluation(
        self, office: Office
    ) -> None:
        """受托项目读 (domain §6.3): no other case is opened to an agency, so the evaluation itself tells it."""
        approve(office.engine, office.project["id"])
        accept_self_evaluation(office, "92.5")
        start_evaluation(office)
        up_to_plan(office, ())
        told = office.task("zhu").variables["basis"]
        assert "**批复的绩效目标**（2026-001，年度资金850.00万元）" in told
        assert "- 改造农村公路里程：≥12公里" in told
        assert "**单位自评**（92.50分，优）" in told
        assert office.may_read("xu") == set()

    def test_points_must_be_a_hundred_and_sixty_of_them_for_output_and_benefit(
        self, planning: Office
    ) -> None:
        rows = framework()
        rows[-1]["points"] -= 1
        assert self.refused(planning, rows) == {"DQ16", "key.output_benefit"}
        rows[0]["points"] += 1
        assert self.refused(planning, rows) == {"key.output_benefit"}

    def test_it_needs_as_many_levels_as_the_county_says(self, planning: Office) -> None:
        rows = framework()
        rows[-2:] = [rows[-2] | {"points": 30}]
        assert self.refused(planning, rows) == {"key.level3"}
        rows[-1]["level1"] = "OUTPUT"
        assert self.refused(planning, [*rows, rows[-1] | {"points": 0}]) == {"key.level1", "DQ34"}

    def test_a_county_may_ask_for_thirty_indicators(self, office: Office) -> None:
        accept_self_evaluation(office)
        start_evaluation(office, "qiaokou")
        up_to_plan(office, ())
        assert self.refused(office, framework()) == {"key.level3"}

    def test_a_county_uses_the_methods_of_its_rules(self, office: Office) -> None:
        accept_self_evaluation(office)
        start_evaluation(office, "qiaokou")
        up_to_plan(office, ())
        with pytest.raises(InvalidAnswers) as caught:
            office.do("zhu", "报送方案", plan(framework()) | {"methods": ["FACTORS", "WALK_THROUGH"]})
        assert {one.code for one in caught.value.findings} == {"key.level3", "key.method"}

    def test_it_comes_back_with_pinned_opinions(self, planning: Office) -> None:
        planning.do("zhu", "报送方案", plan())
        shown = next(one for one in planning.task("wu").shows if one.name == "plan")
        row = shown.body["indicators"][0]["_row"]
        pin = NewPin("plan", "indicators.points", row, "决策分值偏高")
        planning.do("wu", "退回修改", opinion="请调整", pins=(pin,))
        assert planning.elements() == ["draft_plan"]


@on_sqlite
class TestTheEvidence:
    @pytest.fixture
    def collecting(self, office: Office) -> Office:
        accept_self_evaluation(office)
        start_evaluation(office)
        up_to_collecting(office, ())
        return office

    def test_no_draft_before_every_kind_of_working_paper_is_there(self, collecting: Office) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("qin", "底稿齐全", papers(DAY, kinds=("DOCUMENTS", "INTERVIEW", "SURVEY")))
        assert ["实地调研" in one.message["zh"] for one in caught.value.findings] == [True]

    def test_the_satisfaction_needs_thirty_valid_answers_and_a_share_of_those_served(
        self, collecting: Office
    ) -> None:
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("qin", "底稿齐全", papers(DAY, valid=29))
        assert [(one.code, one.field) for one in caught.value.findings] == [("DQ20", "valid")]
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("qin", "底稿齐全", papers(DAY, valid=30) | {"served": 601})
        assert [(one.code, one.field) for one in caught.value.findings] == [("DQ20", "valid")]
        collecting.do("qin", "底稿齐全", papers(DAY, valid=30) | {"served": 600})

    def test_a_refusal_goes_to_the_ledger_and_what_is_missing_scores_nothing(
        self, collecting: Office
    ) -> None:
        collecting.do("qin", "登记单位不配合", opinion="单位拒绝提供合同和凭证")
        assert collecting.elements() == ["interview"]
        talk = {
            "happened_on": "2026-03-12",
            "facts": "拒绝提供合同和记账凭证",
            "talk": "已约谈，单位仍以保密为由拒绝",
        }
        collecting.do("feng", "仍不配合", talk)
        with collecting.records() as session:
            (entry,) = ledger.entries(session, 2026, "U1")
            assert (entry.event, entry.instance_id, entry.settled_at) == (
                "REFUSED",
                collecting.instance,
                None,
            )
            assert entry.what == "重点评价中单位不配合：拒绝提供合同和记账凭证"
        assert evaluation(collecting).refused is True
        few = papers(DAY, kinds=("INTERVIEW", "SURVEY"))
        with pytest.raises(InvalidAnswers):
            collecting.do("qin", "底稿齐全", few)
        collecting.do("qin", "底稿齐全", few | {"missing_note": "合同、记账凭证"})
        offered = collecting.task("zhu").variables["scores"]
        answers = draft(offered, Decimal(90), leader="朱主评")
        answers["scores"][6]["missing"] = True
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("zhu", "提交初稿", answers)
        assert [one.field for one in caught.value.findings] == ["scores.6.score"]
        answers["scores"][6]["score"] = 0
        collecting.do("zhu", "提交初稿", answers)

    def test_a_unit_that_comes_round_must_give_everything_after_all(self, collecting: Office) -> None:
        collecting.do("qin", "登记单位不配合", opinion="单位拒绝提供合同和凭证")
        talk = {"happened_on": "2026-03-12", "facts": "拒绝提供合同", "talk": "已约谈，单位同意配合"}
        collecting.do("feng", "恢复配合", talk)
        assert evaluation(collecting).refused is False
        with collecting.records() as session:
            assert [one.settled_at is not None for one in ledger.entries(session, 2026)] == [True]
        with pytest.raises(InvalidAnswers):
            collecting.do("qin", "底稿齐全", papers(DAY, kinds=("SURVEY",)))

    def test_scores_stay_within_the_points_of_the_approved_indicators(self, collecting: Office) -> None:
        collecting.do("qin", "底稿齐全", papers(DAY))
        offered = collecting.task("zhu").variables["scores"]
        answers = draft(offered, Decimal(90), leader="朱主评")
        answers["scores"][0]["score"] = 5
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("zhu", "提交初稿", answers)
        assert [one.field for one in caught.value.findings] == ["scores.0.score"]
        fewer = draft(offered[:-1], Decimal(80), leader="朱主评")
        with pytest.raises(InvalidAnswers) as caught:
            collecting.do("zhu", "提交初稿", fewer)
        assert [one.code for one in caught.value.findings] == ["DQ40"]

    def test_a_draft_that_is_late_is_noted_and_nothing_more(
        self, collecting: Office, clock: SteppedClock
    ) -> None:
        clock.advance(timedelta(days=46))
        collecting.engine.run_due()
        assert collecting.elements() == ["collect"]
        with collecting.records() as session:
            assert session.get_one(Case, collecting.instance).overdue_at is not None


@on_sqlite
def test_moving_back_past_the_result_takes_it_back(office: Office) -> None:
    """A return undoes what was written: the plan's indicators vanish when the plan is drafted anew."""
    accept_self_evaluation(office)
    start_evaluation(office)
    up_to_collecting(office, ())
    assert len(evaluation(office).indicators) == 17
    office.engine.jump(
        office.instance, actor=office.who("root"), source="collect", to="draft_plan", reason="方案需重做"
    )
    assert office.elements() == ["draft_plan"]
    assert evaluation(office).indicators == []
