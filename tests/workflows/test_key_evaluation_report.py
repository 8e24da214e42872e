"""The report of a key evaluation: what the unit says of its draft, and who may read what."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from engine.engine import NewPin
from engine.errors import InvalidAnswers
from tests.workflows.key_county import PEOPLE, Office, accept_self_evaluation, start_evaluation
from tests.workflows.key_walk import evaluation, expert, finish, up_to_opinions
from workflows.demo.key_evaluations import draft

if TYPE_CHECKING:
    from engine.calendar import SteppedClock

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@on_sqlite
class TestTheUnitsOpinion:
    @pytest.fixture
    def asked(self, office: Office) -> Office:
        accept_self_evaluation(office)
        start_evaluation(office)
        up_to_opinions(office)
        return office

    def test_each_opinion_is_answered_before_the_experts_review(self, asked: Office) -> None:
        with pytest.raises(InvalidAnswers):
            asked.do("zhao", "提出意见", {"opinions": []})
        asked.do(
            "zhao", "提出意见", {"opinions": [{"topic": "完成及时性", "opinion": "雨季停工，已报批延期"}]}
        )
        assert asked.elements() == ["answer_opinions"]
        (row,) = asked.task("zhu").variables["answers"]
        assert (row["topic"], row["opinion"]) == ("完成及时性", "雨季停工，已报批延期")
        answer = {"answers": [dict(row) | {"adopted": "ADOPTED", "explanation": "已核实批件，恢复得分"}]}
        asked.do("zhu", "答复完毕", answer)
        finish(asked, "88")
        assert asked.result() == "finalized"
        assert (evaluation(asked).reply, evaluation(asked).score) == ("OPINIONS", Decimal(88))

    def test_no_answer_within_five_working_days_counts_as_no_objection(
        self, asked: Office, clock: SteppedClock
    ) -> None:
        clock.advance(timedelta(days=6))
        asked.engine.run_due()
        assert asked.elements() == ["ask_opinions"]
        clock.advance(timedelta(days=2))
        asked.engine.run_due()
        assert asked.elements() == ["review_report"]
        assert evaluation(asked).reply == "EXPIRED"

    def test_the_report_that_comes_back_is_signed_again(self, asked: Office) -> None:
        asked.do("zhao", "无异议")
        for person in ("he", "lv"):
            asked.do(person, "提交意见", expert(person))
        offered = asked.task("zhu").variables["scores"]
        asked.do("zhu", "签字定稿", draft(offered, Decimal(80), leader="朱主评"))
        pin = NewPin("report", "analysis", None, "资金分析不够具体")
        asked.do("wu", "退回修改", opinion="请补充", pins=(pin,))
        assert asked.elements() == ["finish_report"]
        assert evaluation(asked).state == "DRAFTED"


@on_sqlite
class TestWhoMayRead:
    """The matrix of domain §6.3, row by row, for what a key evaluation writes."""

    def readers(self, office: Office, document: str) -> set[str]:
        return {person for person in PEOPLE if document in office.may_read(person)}

    @pytest.fixture
    def drafted(self, office: Office) -> Office:
        accept_self_evaluation(office)
        start_evaluation(office)
        up_to_opinions(office)
        return office

    def test_working_papers_are_read_by_the_agency_the_performance_budget_and_supervision_sections(
        self, drafted: Office
    ) -> None:
        assert self.readers(drafted, "papers") == {"zhu", "qin", "wu", "zheng", "cai", "chen"}

    def test_the_unit_reads_the_draft_only_while_it_is_asked(self, drafted: Office) -> None:
        assert "li" not in self.readers(drafted, "draft")
        assert "zhao" not in self.readers(drafted, "draft")
        assert "经评价，项目得84.5分" in drafted.task("zhao").variables["draft_text"]
        drafted.do("zhao", "无异议")
        with pytest.raises(AssertionError):
            drafted.task("zhao")
        assert not self.readers(drafted, "draft") & {"li", "zhao"}

    def test_the_final_report_is_read_by_all_but_strangers(self, drafted: Office) -> None:
        drafted.do("zhao", "无异议")
        finish(drafted)
        readers = self.readers(drafted, "report")
        assert {"li", "zhao", "wang", "chen", "wu", "feng", "cai", "zhu", "qin"} <= readers
        assert "xu" not in readers

    def test_an_expert_reads_the_own_opinion_and_no_other(self, drafted: Office) -> None:
        drafted.do("zhao", "无异议")
        for person in ("he", "lv"):
            drafted.do(person, "提交意见", expert(person))
        for person in ("he", "lv"):
            view = drafted.engine.instance(drafted.instance, drafted.who(person))
            texts = {
                one.body["expert_opinion_text"] for one in view.documents if one.name == "expert_opinion"
            }
            assert texts == {f"{person}的意见"}
        seen = drafted.engine.instance(drafted.instance, drafted.who("wu")).documents
        assert {one.body["expert_opinion_text"] for one in seen if one.name == "expert_opinion"} == {
            "he的意见",
            "lv的意见",
        }
