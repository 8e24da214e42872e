"""Checks of the other forms: results copied from the goal (F4), figures without an indicator (F2), 元 for 万元 (F8)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget.evaluation_answers import EvaluationAnswers
from budget.quality.adjustment_checks import dq30_delta_is_in_ten_thousands
from budget.quality.evaluation_checks import (
    Rules,
    dq12_surplus_is_explained,
    dq14_result_is_not_last_years,
    dq14_result_is_not_the_goal,
    dq19_results_differ_from_targets,
    dq21_output_has_evidence,
)
from budget.quality.thresholds import Thresholds
from engine.plugins import AnswersRequest
from workflows.unit_goal.checks import check_unit_goal

THRESHOLDS = Thresholds.read()
GOAL = "改造农村公路12.5公里，工程一次验收合格率达到100%，改善沿线18500名群众的出行条件。"


@pytest.mark.parametrize(
    ("told", "copied"),
    [
        (GOAL, True),
        (GOAL.replace("，", "、 "), True),  # signs and blanks say nothing
        ("实际改造12.1公里，一次验收全部合格，沿线18200人出行时间缩短10分钟。", False),
        ("", False),  # that it is empty is the form's to say
    ],
)
def test_what_was_achieved_is_not_the_goals_text_once_more(told: str, copied: bool) -> None:
    form = EvaluationAnswers.read({"goal_actual": told})
    found = list(dq14_result_is_not_the_goal(form, GOAL, THRESHOLDS))
    assert [(one.code, one.severity) for one in found] == ([("DQ14", "warning")] if copied else [])


@pytest.mark.parametrize(("before", "copied"), [(GOAL, True), ("", False), ("养护道路30公里。", False)])
def test_what_was_achieved_is_not_told_in_last_years_words(before: str, copied: bool) -> None:
    form = EvaluationAnswers.read({"goal_actual": GOAL})
    found = list(dq14_result_is_not_last_years(form, before, THRESHOLDS))
    assert [(one.code, one.severity) for one in found] == ([("DQ14", "warning")] if copied else [])


RULES = Rules(
    over_limit=Decimal("1.3"),
    formal_from=Decimal(98),
    formal_rate=Decimal("0.8"),
    alike_from=5,
    survey_sample=30,
    survey_share=Decimal("0.05"),
    basis={},
)
ROW = {
    "level1": "OUTPUT",
    "level2": "QUANTITY",
    "name": "改造里程",
    "method": "POSITIVE",
    "target_value": "100",
}


def evaluated(*rows: dict[str, str]) -> EvaluationAnswers:
    return EvaluationAnswers.read({"indicators": [ROW | row for row in rows]})


@pytest.mark.parametrize(("actual", "asked"), [("130", False), ("130.01", True), ("", False)])
def test_what_was_reached_by_more_than_three_tenths_above_is_asked_about(actual: str, asked: bool) -> None:
    found = list(dq12_surplus_is_explained(evaluated({"actual": actual}), RULES, THRESHOLDS))
    assert [(one.code, one.field) for one in found] == ([("DQ12", "indicators.0.cause")] if asked else [])


@pytest.mark.parametrize(("rows", "last", "asked"), [(5, "100", True), (4, "100", False), (5, "99", False)])
def test_five_results_that_are_their_targets_are_asked_about(rows: int, last: str, asked: bool) -> None:
    form = evaluated(*[{"actual": "100"}] * (rows - 1), {"actual": last})
    assert [one.code for one in dq19_results_differ_from_targets(form, RULES)] == (["DQ19"] if asked else [])


def test_an_output_without_papers_is_asked_about() -> None:
    form = evaluated({"evidence": "验收单"}, {}, {"level1": "BENEFIT"})
    assert [(one.code, one.field) for one in dq21_output_has_evidence(form)] == [
        ("DQ21", "indicators.1.evidence")
    ]


@pytest.mark.parametrize(("delta", "slipped"), [("10000", False), ("10000.01", True), ("-20000", False)])
def test_an_adjustment_a_hundred_times_the_budget_is_asked_about(delta: str, slipped: bool) -> None:
    before = {"amount_before": Decimal(100)}
    found = list(dq30_delta_is_in_ten_thousands({"amount_delta": Decimal(delta)}, before, THRESHOLDS))
    assert bool(found) is slipped


def unit_goal(text: str) -> list[str]:
    answers: dict[str, Any] = {
        "total_amount": Decimal(850),
        "fund_general": Decimal(850),
        "basic_personnel": Decimal(850),
        "goals": [{"text": text}],
        "tasks": [{"name": "养护", "total": Decimal(850)}],
        "indicators": [
            {"level1": "OUTPUT", "level3_name": "养护公路里程", "target_value": "120"},
            {"level1": "BENEFIT", "level3_name": "受益群众", "target_value": "1.85", "unit": "万人"},
        ],
    }
    request = AnswersRequest(
        "unit_goal", b"", answers, {}, "", "", "unit_goal", datetime(2026, 3, 1, tzinfo=UTC)
    )
    return [one.code for one in check_unit_goal(request) if one.code == "DQ06"]


def test_figures_of_a_units_goal_have_indicators_or_tasks() -> None:
    assert unit_goal("养护公路120公里，投入850万元，受益群众1.85万人") == []
    assert unit_goal("养护公路120公里，新建桥梁5座，改造危房30户") == ["DQ06"]
