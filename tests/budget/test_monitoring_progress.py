"""How far a project should be and is: the boundary cases of the deviation, limits, curves, checks of the form."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget.monitoring.answers import MonitoringAnswers
from budget.monitoring.functions import completion_percent, deviation_rate
from budget.monitoring.progress import (
    MONTHS,
    OF_YEAR,
    Rules,
    completion,
    curve_share,
    deviation,
    month_share,
    percent,
    planned,
)
from budget.quality.monitoring_checks import check_monitoring
from budget.quality.thresholds import Thresholds

D = Decimal


class TestDeviation:
    """Domain §7.3: dev = max(0, (plan − actual) ÷ plan), from the rates as they are shown."""

    @pytest.mark.parametrize(
        ("plan", "actual", "shown"),
        [("0.4167", "0.3334", "19.99"), ("0.4167", "0.3333", "20.01"), ("0.5833", "0.5833", "0.00")],
    )
    def test_the_boundary_cases_of_the_domain_come_out_as_written(
        self, plan: str, actual: str, shown: str
    ) -> None:
        assert percent(deviation(D(plan), D(actual), Rules())) == D(shown)

    def test_it_is_compared_unrounded(self) -> None:
        found = deviation(D("0.9999"), D("0.7999"), Rules())
        assert percent(found) == D("20.00")
        assert found > Rules().limit

    def test_being_ahead_is_none_unless_the_county_counts_it(self) -> None:
        assert deviation(D("0.5"), D("0.8"), Rules()) == 0
        assert deviation(D("0.5"), D("0.8"), Rules(count_excess=True)) == D("0.6")

    def test_it_may_be_relative_to_the_whole_year(self) -> None:
        assert deviation(D("0.5"), D("0.3"), Rules(deviation_basis=OF_YEAR)) == D("0.2")

    def test_where_nothing_was_planned_nothing_is_behind(self) -> None:
        assert deviation(D(0), D(0), Rules()) == 0


class TestPlan:
    """The milestones' curve, else the months that have passed."""

    @pytest.mark.parametrize(("month", "share"), [(5, "0.4167"), (7, "0.5833"), (8, "0.6667"), (12, "1")])
    def test_a_month_is_a_twelfth(self, month: int, share: str) -> None:
        assert month_share(date(2026, month, 28)) == D(share)

    def test_each_step_is_done_evenly_from_its_first_day_to_its_last(self) -> None:
        steps = [(date(2026, 1, 1), date(2026, 1, 10)), (date(2026, 1, 11), date(2026, 1, 20))]
        assert curve_share(steps, date(2025, 12, 31)) == 0
        assert curve_share(steps, date(2026, 1, 5)) == D("0.25")
        assert curve_share(steps, date(2026, 1, 10)) == D("0.5")
        assert curve_share(steps, date(2026, 3, 1)) == 1

    def test_of_a_plan_over_several_years_the_part_of_the_year_counts(self) -> None:
        steps = [(date(2025, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2027, 12, 31))]
        assert planned(steps, date(2026, 7, 2), Rules(), year=2026) == D("0.5014")

    def test_the_county_may_go_by_the_months_alone(self) -> None:
        steps = [(date(2026, 1, 1), date(2026, 3, 31))]
        assert planned(steps, date(2026, 5, 31), Rules(), year=2026) == 1
        assert planned(steps, date(2026, 5, 31), Rules(plan=MONTHS), year=2026) == D("0.4167")

    def test_a_plan_without_days_is_the_months(self) -> None:
        assert planned([(None, None)], date(2026, 8, 31), Rules(), year=2026) == D("0.6667")

    def test_after_the_year_all_is_planned(self) -> None:
        assert planned([], date(2027, 1, 31), Rules(), year=2026) == 1


class TestCompletion:
    """What was reached of the target; of a limit, whether it is kept."""

    @pytest.mark.parametrize(
        ("target", "actual", "direction", "rate"),
        [
            ("12.5", "5", "POSITIVE", "0.4"),
            ("3", "1", "POSITIVE", "0.3333"),
            ("100", "130", "POSITIVE", "1.3"),
            ("90", "80", "NEGATIVE", "1"),
            ("90", "100", "NEGATIVE", "0.9"),
            ("0", "0", "NEGATIVE", "1"),
            ("0", "1", "NEGATIVE", "0"),
            ("0", "1", "POSITIVE", "1"),
            ("10", "-5", "POSITIVE", "0"),
        ],
    )
    def test_it_knows_the_direction(self, target: str, actual: str, direction: str, rate: str) -> None:
        assert completion(D(target), D(actual), direction=direction) == D(rate)

    def test_a_range_is_left_at_both_ends(self) -> None:
        def of(actual: str) -> Decimal | None:
            return completion(D(80), D(actual), operator="RANGE", direction="NEUTRAL", target_max=D(100))

        assert (of("40"), of("90"), of("125")) == (D("0.5"), D("1.125"), D("0.8"))

    def test_a_sign_says_the_direction_where_none_was_chosen(self) -> None:
        assert completion(D(5), D(4), operator="LE", direction="NEUTRAL") == 1

    def test_words_have_no_rate(self) -> None:
        assert completion(None, D(1)) is None
        assert completion(D(1), None) is None

    def test_a_limit_holds_from_the_first_day(self) -> None:
        assert deviation_rate(D("41.67"), D("80"), "LE", "NEGATIVE", {}) == D("0.2")
        assert deviation_rate(D("41.67"), D("80"), "GE", "POSITIVE", {}) == 0

    def test_the_form_reckons_as_the_records_do(self) -> None:
        assert completion_percent("3", "1", "GE", "POSITIVE", None) == D("33.33")
        rate = deviation_rate(D("41.67"), D("33.33"), "GE", "POSITIVE", {"deviation_basis": "PLAN"})
        assert rate is not None
        assert rate > Rules().limit
        assert completion_percent("3", "", "GE", "POSITIVE", None) is None
        assert deviation_rate(D("41.67"), None, "GE", "POSITIVE", {}) is None


ROW: dict[str, Any] = {
    "_row": "r1",
    "level1": "OUTPUT",
    "level3_name": "改造农村公路里程",
    "nature": "QUANT",
    "operator": "GE",
    "target_value": "12.5",
    "target_value_max": None,
    "unit": "公里",
    "direction": "POSITIVE",
    "plan_rate": D("41.67"),
    "previous_actual": "4",
}
DONE = {"actual_to_date": "5.2", "forecast_value": "12.5", "likelihood": "CERTAIN", "cause": []}
FORM: dict[str, Any] = {
    "budget_initial": D(850),
    "budget_adjusted": D(850),
    "executed": D(354),
    "forecast_exec": D(850),
    "previous_executed": D(300),
    "plan_rate": D("41.67"),
    "goal_progress": "按计划完成路基工程",
    "work_progress_pct": D(42),
    "fund_issue": [],
    "indicators": [ROW | DONE],
}
VARIABLES: dict[str, Any] = {
    "indicators": [ROW],
    "baseline": {"usual_amount": D(850)},
    "deadline": "2026-06-12T18:00:00+08:00",
}
IN_TIME = datetime(2026, 6, 1, tzinfo=UTC)


def findings(form: dict[str, Any], now: datetime = IN_TIME) -> list[tuple[str, str, str | None]]:
    found = check_monitoring(form, VARIABLES, Thresholds.read(), now)
    return [(one.code, one.severity, one.field) for one in found]


def row(**changes: Any) -> dict[str, Any]:
    return FORM | {"indicators": [ROW | DONE | changes]}


class TestChecks:
    """What the monitoring form must be before it is taken."""

    def test_a_sound_form_is_sound(self) -> None:
        assert findings(FORM) == []

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"executed": D("850.02"), "forecast_exec": D(851)}, "DQ17", "executed"),
            ({"forecast_exec": D(300)}, "DQ17", "forecast_exec"),
            ({"exec_by_book": [{"book": "GENERAL", "amount": D(300)}]}, "DQ17", "exec_by_book"),
            ({"executed": D("299.99"), "previous_executed": D(300)}, "DQ23", "executed"),
        ],
    )
    def test_money_that_can_not_be_is_refused(self, changes: dict[str, Any], code: str, field: str) -> None:
        assert (code, "error", field) in findings(FORM | changes)

    def test_parts_that_add_up_are_taken(self) -> None:
        books = [{"book": "GENERAL", "amount": D(300)}, {"book": "GOV_FUND", "amount": D(54)}]
        assert findings(FORM | {"exec_by_book": books}) == []

    def test_going_back_needs_a_note_of_correction(self) -> None:
        back = row(actual_to_date="3.9")
        assert ("DQ23", "error", "indicators.0.actual_to_date") in findings(back)
        noted = back | {"correction_note": "上次误把签约里程计入，现更正"}
        assert "DQ23" not in {code for code, _, _ in findings(noted)}

    def test_a_deviation_beyond_the_limit_needs_causes_a_statement_and_measures(self) -> None:
        behind = row(actual_to_date="4")
        assert [one for one in findings(behind) if one[0] == "DQ22"] == [
            ("DQ22", "error", "indicators.0.cause"),
            ("DQ22", "error", "deviation_statement"),
            ("DQ22", "error", "corrective_measures"),
        ]
        explained = row(actual_to_date="4", cause=["FUNDS"], cause_note="资金未到位") | {
            "deviation_statement": "因汛期停工，路基工程滞后一个月。",
            "corrective_measures": "增加两个班组，七月底前赶上进度。",
        }
        assert findings(explained) == []

    def test_a_statement_may_be_a_file(self) -> None:
        explained = row(actual_to_date="4", cause=["FUNDS"], cause_note="资金未到位") | {
            "deviation_files": ["17"],
            "corrective_measures": "增加两个班组，七月底前赶上进度。",
        }
        assert findings(explained) == []

    def test_exactly_the_limit_is_not_beyond_it(self) -> None:
        assert findings(row(plan_rate=D("52.00"), actual_to_date="5.2")) == []

    def test_who_is_not_certain_names_a_cause_and_explains_it(self) -> None:
        assert findings(row(likelihood="POSSIBLE")) == [("DQ22", "error", "indicators.0.cause")]
        assert findings(row(likelihood="POSSIBLE", cause=["STAFF"])) == [
            ("DQ22", "error", "indicators.0.cause_note")
        ]

    def test_misused_money_needs_a_statement_whatever_the_deviation(self) -> None:
        assert ("DQ22", "error", "deviation_statement") in findings(FORM | {"fund_issue": ["MISUSE"]})

    def test_a_number_is_asked_for_unless_it_is_not_due_and_that_is_explained(self) -> None:
        assert findings(row(actual_to_date="大部分")) == [("F3", "error", "indicators.0.actual_to_date")]
        assert findings(row(actual_to_date="", not_due=True)) == [("F3", "error", "indicators.0.remark")]
        assert findings(row(actual_to_date="", not_due=True, remark="年底问卷调查后得出")) == []

    @pytest.mark.parametrize("column", ["target_value", "level3_name", "direction", "unit"])
    def test_an_approved_indicator_can_not_be_changed(self, column: str) -> None:
        assert "DQ40" in {code for code, _, _ in findings(row(**{column: "1"}))}

    def test_no_indicator_can_be_left_out_or_added(self) -> None:
        assert ("DQ40", "error", "indicators") in findings(FORM | {"indicators": []})
        doubled = FORM | {"indicators": [ROW | DONE, ROW | DONE | {"_row": "r2"}]}
        assert ("DQ40", "error", "indicators") in findings(doubled)

    def test_an_amount_in_yuan_is_noticed_and_may_be_explained(self) -> None:
        slip = FORM | {"forecast_exec": D(8_500_000)}
        assert findings(slip) == [("DQ30", "error", "forecast_exec")]
        assert findings(slip | {"correction_note": "含上级当年追加资金"}) == [
            ("DQ30", "warning", "forecast_exec")
        ]

    def test_a_late_report_is_told_so_and_taken(self) -> None:
        late = findings(FORM, datetime(2026, 6, 12, 10, 1, tzinfo=UTC))
        assert late == [("DQ26", "info", None)]


def test_the_deviation_of_a_project_is_the_larger_of_money_and_goals() -> None:
    rules = Rules()
    slow_money = MonitoringAnswers.read(FORM | {"executed": D(250)}, rules)
    assert slow_money.worst(rules) == slow_money.money_deviation(rules) > slow_money.goal_deviation
    slow_goal = MonitoringAnswers.read(row(actual_to_date="1"), rules)
    assert slow_goal.worst(rules) == slow_goal.goal_deviation > slow_goal.money_deviation(rules)


def test_rates_are_worked_out_anew_whatever_the_page_sent() -> None:
    forged = row(actual_to_date="1", deviation=D(0), completion_rate=D(100))
    assert MonitoringAnswers.read(forged, Rules()).goal_deviation > D("0.8")
