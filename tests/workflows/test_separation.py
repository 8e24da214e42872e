"""Separation of duties (domain §6.5): who fills in doesn't decide, reviews are by two, and there is a way out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from engine.bpmn.model import ProcessModel, UserTask
from engine.bpmn.reader import read
from engine.errors import Forbidden, NotFound
from tests.workflows.county import County, open_county
from workflows import files_of, processes

if TYPE_CHECKING:
    from engine.engine import Engine

#: Which steps each step must be kept apart from.
APART = {
    ("goal_declaration", "unit_sign"): {"fill_goal"},
    ("goal_declaration", "department_review"): {"fill_goal", "unit_sign"},
    ("goal_declaration", "section_review"): {"fill_goal", "unit_sign", "department_review"},
    ("goal_declaration", "budget_decision"): {"fill_goal", "unit_sign", "section_review"},
    ("goal_declaration", "leader_sign"): {"fill_goal", "section_review", "budget_decision"},
    ("joint_review", "sign_review"): {"fill_goal"},
    ("unit_goal", "section_review"): {"fill_unit_goal", "unit_sign"},
    ("unit_goal", "approve_unit_goal"): {"fill_unit_goal", "section_review"},
    ("monitoring", "section_review"): {"fill_report", "unit_sign"},
    ("monitoring", "gather"): {"fill_report", "section_review"},
    ("monitoring", "leader_decision"): {"fill_report", "section_review", "gather"},
    ("unit_monitoring", "section_review"): {"fill_report", "unit_sign"},
    ("unit_monitoring", "gather"): {"fill_report", "section_review"},
    ("self_evaluation", "section_check"): {"fill_evaluation", "unit_sign", "department_review"},
    ("self_evaluation", "perf_review"): {"fill_evaluation", "section_check"},
    ("key_selection", "check"): {"propose"},
    ("key_selection", "approve"): {"propose", "check"},
    ("key_evaluation", "approve_plan"): {"draft_plan"},
    ("key_evaluation", "approve_report"): {"write_draft", "finish_report", "review_report"},
    ("rectification", "issue"): {"draft_notice"},
    ("rectification", "verify"): {"draft_notice", "issue"},
    ("rectification", "decide"): {"draft_notice", "verify"},
    ("budget_adjustment", "section_review"): {"fill_adjustment", "unit_sign"},
    ("budget_adjustment", "budget_decision"): {"fill_adjustment", "section_review"},
    ("budget_adjustment", "deputy_decision"): {"section_review", "budget_decision"},
    ("budget_adjustment", "leader_decision"): {"section_review", "budget_decision", "deputy_decision"},
    ("disbursement", "sign_request"): {"fill_request"},
    ("disbursement", "approve"): {"fill_request", "section_opinion", "perf_opinion"},
    ("disbursement", "pay"): {"approve"},
    # D04: who proposes the cut doesn't decide it.
    ("result_application", "decide"): {"section_opinion", "compute"},
    ("result_application", "reconsider"): {"section_opinion", "compute"},
    ("annual_report", "sign"): {"write"},
    # Who drafted a measure neither answers the unit's appeal nor signs.
    ("accountability", "reconsider"): {"draft_notice"},
    ("accountability", "sign"): {"draft_notice", "reconsider"},
    ("npc_oversight", "review"): {"answer"},
    ("indicator_library", "argue"): {"collect"},
    ("indicator_library", "finalise"): {"collect"},
    ("unit_self_evaluation", "section_review"): {"fill_report", "unit_sign"},
    ("unit_self_evaluation", "gather"): {"fill_report", "unit_sign", "section_review"},
    ("goal_approval", "check"): {"draft"},
    ("goal_approval", "sign"): {"draft", "check"},
    ("letter", "sign_letter"): {"draft_letter"},
    ("letter", "seal_letter"): {"draft_letter"},
    # Four eyes on what is published (domain §8.2): the unit confirms, the performance section reviews.
    ("publication", "review_content"): {"confirm_content"},
    ("publication", "settle_objection"): {"hear"},
    ("engagement", "approve_demand"): {"draft_demand"},
    ("engagement", "settle"): {"assess"},
    ("ex_ante_evaluation", "unit_sign"): {"fill_report"},
    ("ex_ante_evaluation", "accept_report"): {"fill_report", "unit_sign"},
    ("ex_ante_evaluation", "invest_review"): {"fill_report", "unit_sign"},
    ("ex_ante_evaluation", "score_project"): {"fill_report", "unit_sign"},
    # The second review is by experts who gave no points before (S3-16).
    ("ex_ante_evaluation", "rereview"): {"fill_report", "unit_sign", "score_project"},
    ("ex_ante_evaluation", "approve_result"): {"check_result"},
    ("report_review", "score_report"): {"submit_report"},
}
#: Where a new signer is found in the process itself: an expert who can't sign is replaced.
REPLACED = {("joint_review", "sign_review"), ("report_review", "score_report")} | {
    ("ex_ante_evaluation", element) for element in ("score_project", "rereview")
}


@cache
def model_of(process: str) -> ProcessModel:
    (model,) = (one for one in read(files_of(process)[f"{process}.bpmn"])[0] if one.id == process)
    return model


def tasks(process: str) -> list[UserTask]:
    return [one for one in model_of(process).elements.values() if isinstance(one, UserTask)]


@pytest.mark.parametrize(("process", "step"), sorted(APART))
def test_a_step_is_kept_apart_from_those_that_it_judges(process: str, step: str) -> None:
    task = model_of(process).elements[step]
    assert isinstance(task, UserTask)
    assert set(task.separate_from) >= APART[process, step]


@pytest.mark.parametrize("process", processes())
def test_a_step_that_is_kept_apart_from_others_says_who_does_it_when_nobody_is_left(process: str) -> None:
    stuck = {
        one.id
        for one in tasks(process)
        if one.separate_from and one.on_separated is None and (process, one.id) not in REPLACED
    }
    assert stuck == set()


@pytest.fixture
def county(engine: Engine) -> County:
    """A county with one goal to declare."""
    return open_county(engine)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestOnePersonWithTwoPosts:
    """Small offices: one person has two posts, and still doesn't judge their own work."""

    def test_the_only_head_who_filled_the_goal_stops_it_until_another_is_appointed(
        self, county: County
    ) -> None:
        county.engine.people.add_post("zhao", "unit_clerk", "U1")
        county.do("zhao", "提交", county.form("zhao"))
        assert county.element() is None
        county.engine.people.create_person("qi", "齐副局长")
        county.engine.people.add_post("qi", "unit_head", "U1")
        (stopped,) = county.engine.incidents("system")
        assert stopped.code == "task.on_separated"
        county.engine.retry(stopped.id, actor="system")
        county.do("qi", "同意", {"truthful": True, "signer": "齐副局长"})
        assert county.element() == "section_review"

    def test_a_section_chief_who_is_the_budget_chief_too_reviews_and_the_leader_decides(
        self, county: County
    ) -> None:
        county.engine.admin.close_person("chen", "调离", actor=county.who("root"))
        county.engine.people.add_post("wang", "budget_chief", "BUDGET")
        county.up_to_decision()
        assert county.element() == "budget_decision"
        with pytest.raises((Forbidden, NotFound)):
            county.do("wang", "优：批复", {}, opinion="同意批复。")
        county.do("feng", "优：批复", {}, opinion="同意批复。")
        assert county.element() is None

    def test_an_administrator_may_do_nothing_of_it(self, county: County) -> None:
        with pytest.raises((Forbidden, NotFound)):
            county.do("root", "提交", county.form())

    def test_a_substitute_may_not_judge_what_they_or_the_other_filled_in(self, county: County) -> None:
        today = county.engine.clock.now().date()
        county.engine.substitutions.create("zhao", "li", today, today, actor=county.who("zhao"))
        county.submit()
        with pytest.raises((Forbidden, NotFound)):
            county.do("li", "同意", {"truthful": True, "signer": "李经办"})
        county.sign()
        assert county.element() == "section_review"
