"""Each data-quality check of the goal form: its boundary, and the bad samples of the counties' reports."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from budget.answers import GoalAnswers
from budget.quality import check_goal, demand_reasons
from budget.quality.thresholds import Thresholds, defaults
from budget.quality.words import normal, similarity
from engine.plugins import Finding
from tests.budget.examples import indicator, sound_goal

THRESHOLDS = Thresholds.read()


def codes(answers: dict[str, Any], thresholds: Thresholds = THRESHOLDS) -> dict[str, str]:
    """Return what was found as severities by code."""
    return {finding.code: finding.severity for finding in check_goal(answers, thresholds)}


def only(answers: dict[str, Any], code: str) -> list[Finding]:
    """Return the findings with ``code``."""
    return [finding for finding in check_goal(answers, THRESHOLDS) if finding.code == code]


def with_row(index: int, **changes: Any) -> dict[str, Any]:
    """Return a sound goal with a changed indicator."""
    answers = sound_goal()
    answers["indicators"][index] |= changes
    return answers


def test_a_sound_goal_passes_every_check() -> None:
    assert check_goal(sound_goal(), THRESHOLDS) == []


def test_every_finding_speaks_both_languages_and_says_what_to_do() -> None:
    answers = sound_goal() | {
        "goal_annual": "进一步加强公共服务水平",
        "indicators": [],
        "total_amount": Decimal(1),
    }
    for finding in check_goal(answers, THRESHOLDS):
        assert finding.message["zh"]
        assert finding.message["en"]
        assert finding.remedy["zh"]
        assert finding.remedy["en"]
        assert finding.field


def test_a_row_in_which_nothing_was_filled_in_is_no_indicator_and_moves_no_other() -> None:
    answers = sound_goal()
    begun = {"nature": "QUANT", "operator": "GE", "direction": "POSITIVE"}
    answers["indicators"] = [begun, *answers["indicators"]]
    assert check_goal(answers, THRESHOLDS) == []
    answers["indicators"][1]["target_value"] = ""
    (finding,) = only(answers, "DQ03")
    assert finding.field == "indicators.1.target_value"
    assert finding.message["zh"].startswith("第2行")
    assert codes({**answers, "indicators": [begun]})["DQ02"] == "error"


class TestGoal:
    """DQ01 and DQ02."""

    def test_an_empty_goal_stops(self) -> None:
        assert codes(sound_goal() | {"goal_annual": "  "})["DQ01"] == "error"

    @pytest.mark.parametrize(("length", "stopped"), [(29, True), (30, False)])
    def test_thirty_characters_are_enough(self, length: int, stopped: bool) -> None:
        goal = ("完成农村公路改造" + "路" * 30)[:length]
        assert ("DQ01" in codes(sound_goal() | {"goal_annual": goal})) is stopped

    def test_a_county_may_ask_for_more_characters(self) -> None:
        strict = Thresholds.read({"goal_min_length": 200})
        assert codes(sound_goal(), strict) == {"DQ01": "error"}

    def test_a_long_slogan_without_number_or_outcome_stops(self) -> None:
        slogan = "进一步加强公共服务水平，不断优化营商环境，持续推动各项工作迈上新台阶，让群众更加放心舒心。"
        assert len(slogan) >= 30
        assert "DQ01" in codes(sound_goal() | {"goal_annual": slogan})
        assert "DQ01" not in codes(sound_goal() | {"goal_annual": slogan + "全年培训3次"})

    def test_the_sample_slogan_without_indicators_breaks_both_rules(self) -> None:
        answers = sound_goal() | {"goal_annual": "进一步加强公共服务水平", "indicators": []}
        assert {"DQ01", "DQ02"} <= set(codes(answers))

    @pytest.mark.parametrize(("level", "zh"), [("OUTPUT", "产出指标"), ("BENEFIT", "效益指标")])
    def test_a_goal_without_a_level_is_not_broken_down(self, level: str, zh: str) -> None:
        answers = sound_goal()
        answers["indicators"] = [row for row in answers["indicators"] if row["level1"] != level]
        assert any(zh in finding.message["zh"] for finding in only(answers, "DQ02"))

    def test_without_a_goal_its_breakdown_is_not_asked_for(self) -> None:
        assert "DQ02" not in codes(sound_goal() | {"goal_annual": "", "indicators": []})


class TestTargets:
    """DQ03, DQ08, DQ09, DQ10."""

    @pytest.mark.parametrize("typed", ["", "/", " — ", "无", "待定", None])
    def test_a_target_that_says_nothing_stops_at_its_cell(self, typed: str | None) -> None:
        (finding,) = only(with_row(0, target_value=typed), "DQ03")
        assert finding.field == "indicators.0.target_value"
        assert "第1行“改造农村公路里程”" in finding.message["zh"]

    def test_a_qualitative_indicator_needs_words(self) -> None:
        assert "DQ03" in codes(with_row(1, nature="QUAL", operator="QUAL", target_value="", unit=""))
        assert "DQ03" not in codes(
            with_row(1, nature="QUAL", operator="QUAL", target_value="通过三级测评", unit="")
        )

    @pytest.mark.parametrize("zero", ["0", Decimal(0)])
    def test_zero_is_a_target(self, zero: Any) -> None:
        assert codes(with_row(3, target_value=zero)) == {}

    def test_satisfaction_with_a_stroke_is_no_target_and_no_satisfaction(self) -> None:
        assert {"DQ03", "DQ05"} <= set(codes(with_row(5, target_value="/")))

    def test_a_number_needs_a_unit(self) -> None:
        assert only(with_row(0, unit=""), "DQ08")[0].field == "indicators.0.unit"

    @pytest.mark.parametrize(
        ("name", "unit", "stopped"),
        [
            ("改造农村公路里程", "%", True),
            ("培训人次", "％", True),
            ("补助对象人数（农村低保）", "%", True),
            ("计划改造任务完成率", "%", False),
            ("培训人次", "人次", False),
        ],
    )
    def test_what_counts_things_is_no_percentage(self, name: str, unit: str, stopped: bool) -> None:
        answers = with_row(0, level3_name=name, unit=unit, target_value="80")
        assert ("DQ08" in codes(answers)) is stopped

    @pytest.mark.parametrize(
        ("operator", "target", "severity"),
        [
            ("GE", "100.01", "error"),
            ("GE", "100", "info"),
            ("EQ", "100", None),
            ("GE", "99.99", None),
            ("GT", "100", "error"),
            ("GE", "0", "error"),
            ("LE", "0", None),
            ("GE", "-1", "error"),
            ("GE", "１２０", "error"),
        ],
    )
    def test_a_rate_lies_between_nothing_and_a_hundred(
        self, operator: str, target: str, severity: str | None
    ) -> None:
        assert codes(with_row(1, operator=operator, target_value=target)).get("DQ09") == severity

    def test_a_rate_of_growth_may_exceed_a_hundred(self) -> None:
        assert codes(with_row(4, level3_name="旅游收入增长率", unit="%", target_value="150")).keys() <= {
            "DQ06"
        }

    @pytest.mark.parametrize("day", ["11月30日前", "2027年6月底", "2027-11-30", "12 月", "年底前"])
    def test_a_day_needs_no_unit(self, day: str) -> None:
        assert codes(with_row(2, target_value=day, unit="")) == {}

    @pytest.mark.parametrize("words", ["尽快", "3个月", "30日"])
    def test_what_is_no_day_needs_one_or_a_number(self, words: str) -> None:
        assert {"DQ08", "DQ09"} <= set(codes(with_row(2, target_value=words, unit="")))

    def test_words_are_no_quantity_but_a_day_is(self) -> None:
        assert only(with_row(0, target_value="约12公里"), "DQ09")[0].severity == "error"
        assert codes(with_row(2, target_value="11月30日")) == {}

    @pytest.mark.parametrize(("upper", "stopped"), [("13", False), ("12.5", True), ("", True)])
    def test_a_range_ends_above_where_it_starts(self, upper: str, stopped: bool) -> None:
        answers = with_row(0, operator="RANGE", target_value_max=upper)
        assert ("DQ09" in codes(answers)) is stopped

    @pytest.mark.parametrize(
        "row",
        [
            {"level3_name": "", "target_value": "88/100"},
            {"level3_name": "数量指标", "target_value": "88／100"},
            {"level3_name": "数量指标", "target_value": "88", "longterm_target": "100"},
            {"level3_name": "数量", "target_value": "88", "evidence_required": "100"},
        ],
    )
    def test_a_score_typed_as_target_stops(self, row: dict[str, str]) -> None:
        assert codes(with_row(0, **row))["DQ10"] == "error"

    def test_a_named_indicator_may_have_whole_numbers(self) -> None:
        assert codes(with_row(0, target_value="88", longterm_target="100")).keys() <= {"DQ06"}


class TestSameness:
    """DQ04 and DQ34."""

    def test_four_kinds_with_one_content_stop(self) -> None:
        answers = sound_goal()
        for row in answers["indicators"][:4]:
            row |= {"level3_name": "完成全年任务", "target_value": "100", "unit": "%", "operator": "EQ"}
        assert codes(answers)["DQ04"] == "error"

    def test_three_kinds_with_one_name_are_left_to_the_rule_of_names(self) -> None:
        answers = sound_goal()
        for row in answers["indicators"][:3]:
            row |= {"level3_name": "完成全年任务", "target_value": "100", "unit": "%", "operator": "EQ"}
        found = codes(answers)
        assert "DQ04" not in found
        assert found["DQ34"] == "error"

    def test_two_kinds_alike_by_nine_tenths_need_a_reason(self) -> None:
        # Ten characters each, nine in common: exactly 0.9.
        answers = sound_goal()
        answers["indicators"][0]["level3_name"] = "甲乙丙丁戊己庚辛壬癸"
        answers["indicators"][1]["level3_name"] = "甲乙丙丁戊己庚辛壬子"
        assert codes(answers)["DQ04"] == "warning"

    def test_two_kinds_less_alike_pass(self) -> None:
        answers = sound_goal()
        answers["indicators"][0]["level3_name"] = "甲乙丙丁戊己庚辛壬癸"
        answers["indicators"][1]["level3_name"] = "甲乙丙丁戊己庚辛丑子"
        assert "DQ04" not in codes(answers)

    def test_rows_of_one_kind_may_be_alike(self) -> None:
        answers = sound_goal()
        answers["indicators"] += [
            indicator("OUTPUT", "QUANTITY", "改造农村公路里程（二期）", "GE", "3", "公里"),
        ]
        assert codes(answers) == {}

    @pytest.mark.parametrize("name", ["改造农村公路里程", "改造 农村公路，里程", "改造农村公路里程数量"])
    def test_a_name_twice_stops_however_it_is_spaced(self, name: str) -> None:
        answers = sound_goal()
        answers["indicators"].append(indicator("OUTPUT", "QUANTITY", name, "GE", "3", "公里"))
        (finding,) = only(answers, "DQ34")
        assert finding.field == "indicators.6.level3_name"
        assert "第1行" in finding.message["zh"]

    def test_similarity_is_exact_and_symmetric(self) -> None:
        assert similarity("abcd", "abxd") == similarity("abxd", "abcd") == Fraction(6, 8)
        assert similarity("", "") == 1
        assert similarity(normal("工程 完成率"), normal("工程完成比例")) == 1

    def test_a_table_of_130_rows_is_compared_at_once(self) -> None:
        answers = sound_goal()
        kinds = ["QUANTITY", "QUALITY", "TIMELINESS", "COST"]
        answers["indicators"] = [
            indicator(
                "OUTPUT",
                kinds[i % 4],
                f"第{i}项建设内容的完成情况及相关配套工作落实程度{i * 7919}",
                "LE",
                "90",
                "%",
            )
            for i in range(130)
        ]
        assert "DQ04" in codes(answers)


class TestKinds:
    """DQ05 and the levels of F0."""

    @pytest.mark.parametrize(("index", "zh"), [(1, "质量指标"), (3, "成本指标"), (5, "满意度指标")])
    def test_a_specific_project_needs_each_kind(self, index: int, zh: str) -> None:
        answers = sound_goal()
        del answers["indicators"][index]
        (finding,) = only(answers, "DQ05")
        assert zh in finding.message["zh"]

    @pytest.mark.parametrize("category", ["PERSONNEL", "OPERATION"])
    def test_staff_and_running_costs_are_exempt(self, category: str) -> None:
        answers = sound_goal() | {"project_category": category}
        answers["indicators"] = [answers["indicators"][0], answers["indicators"][4]]
        assert codes(answers).keys() <= {"DQ06"}

    def test_satisfaction_may_not_apply_if_it_is_said_why(self) -> None:
        answers = sound_goal() | {"satisfaction_na": True}
        del answers["indicators"][5]
        assert only(answers, "DQ05")[0].field == "satisfaction_na_reason"
        assert codes(answers | {"satisfaction_na_reason": "内部设备更新，没有服务对象"}) == {}

    def test_cost_as_a_first_level_counts(self) -> None:
        answers = with_row(3, level1="COST", level2="ECONOMIC")
        assert "DQ05" not in codes(answers)

    def test_a_second_level_of_another_first_level_stops(self) -> None:
        assert codes(with_row(0, level2="SOCIAL"))["F0"] == "error"


class TestDirection:
    """DQ33, and reasons for warnings."""

    @pytest.mark.parametrize(
        ("index", "changes", "warned"),
        [
            (3, {"operator": "GE"}, True),
            (3, {"operator": "EQ"}, False),
            (4, {"level3_name": "群众投诉起数", "operator": "GE", "unit": "起"}, True),
            (3, {"level3_name": "采购预算节约率", "operator": "GE", "target_value": "3", "unit": "%"}, False),
            (5, {"operator": "LE"}, True),
            (5, {"level3_name": "群众不满意率", "operator": "LE"}, False),
        ],
    )
    def test_cost_is_at_most_and_satisfaction_at_least(
        self, index: int, changes: dict[str, str], warned: bool
    ) -> None:
        assert (codes(with_row(index, **changes)).get("DQ33") == "warning") is warned

    def test_a_warning_without_a_reason_stops_and_with_one_goes_to_the_reviewer(self) -> None:
        answers = with_row(3, operator="GE", target_value="90", unit="万元")

        def severity(reasons: list[dict[str, str]]) -> str:
            given = answers | {"dq_reasons": reasons}
            findings = demand_reasons(check_goal(given, THRESHOLDS), GoalAnswers.read(given), THRESHOLDS)
            return next(finding.severity for finding in findings if finding.code == "DQ33")

        assert severity([]) == "error"
        assert severity([{"check": "DQ33", "reason": "短"}]) == "error"
        assert severity([{"check": "DQ04", "reason": "按合同约定的最低投入"}]) == "error"
        assert severity([{"check": "DQ33", "reason": "按合同约定的最低投入"}]) == "warning"
        named = {"check": "DQ33", "reason": "按合同约定的最低投入"}
        assert severity([named | {"indicator": "单位工程造价"}]) == "warning"
        assert severity([named | {"indicator": "受益人口"}]) == "error"


class TestWeights:
    """DQ16."""

    POINTS = (15, 15, 10, 10, 30, 10)

    def weighted(self, *points: Any) -> dict[str, Any]:
        answers = sound_goal()
        for row, weight in zip(answers["indicators"], points, strict=True):
            row["weight_score"] = weight
        return answers

    def test_without_any_points_nothing_is_asked(self) -> None:
        assert "DQ16" not in codes(sound_goal())

    def test_points_that_add_up_by_level_pass(self) -> None:
        assert codes(self.weighted(*self.POINTS)) == {}
        assert codes(self.weighted("15.5", "14.50", 10, 10, 30, 10)) == {}

    def test_a_row_left_out_is_named(self) -> None:
        fields = {finding.field for finding in only(self.weighted(*self.POINTS[:-1], None), "DQ16")}
        assert "indicators.5.weight_score" in fields

    def test_points_moved_between_levels_stop_though_the_sum_is_right(self) -> None:
        assert codes(self.weighted(15, 15, 10, 11, 29, 10))["DQ16"] == "error"

    def test_points_of_nothing_stop(self) -> None:
        assert codes(self.weighted(30, 0, 10, 10, 30, 10))["DQ16"] == "error"

    def test_a_county_with_twenty_for_execution_has_other_sums(self) -> None:
        hubei = Thresholds.read(
            {"weights": {"EXECUTION": "20", "OUTPUT": "40", "BENEFIT": "30", "SATISFACTION": "10"}}
        )
        assert codes(self.weighted(10, 10, 10, 10, 30, 10), hubei) == {}
        assert "DQ16" in codes(self.weighted(*self.POINTS), hubei)

    def test_where_satisfaction_does_not_apply_only_the_whole_counts(self) -> None:
        answers = self.weighted(20, 20, 10, 10, 30, None)
        del answers["indicators"][5]
        answers |= {"satisfaction_na": True, "satisfaction_na_reason": "没有直接服务对象"}
        assert codes(answers) == {}


class TestMoneyAndDates:
    """DQ31 and DQ32."""

    @pytest.mark.parametrize(("total", "stopped"), [("850.01", False), ("849.99", False), ("850.02", True)])
    def test_the_sources_make_the_total_to_a_hundredth(self, total: str, stopped: bool) -> None:
        answers = sound_goal() | {"total_amount": Decimal(total), "annual_amount": Decimal("849.99")}
        found = [finding.field for finding in only(answers, "DQ31")]
        assert ("total_amount" in found) is stopped

    def test_transfers_are_no_addend_but_no_more_than_the_whole(self) -> None:
        assert codes(sound_goal() | {"fund_upper": Decimal("850.00")}) == {}
        assert only(sound_goal() | {"fund_upper": Decimal("850.01")}, "DQ31")[0].field == "fund_upper"

    def test_the_year_can_not_have_more_than_the_whole(self) -> None:
        fields = {finding.field for finding in only(sound_goal() | {"annual_amount": Decimal("900")}, "DQ31")}
        assert fields == {"annual_amount", "expense_items"}

    def test_an_amount_that_was_not_understood_is_not_added(self) -> None:
        assert only(sound_goal() | {"fund_other": "五十"}, "DQ31")[0].field == "total_amount"

    @pytest.mark.parametrize(("end", "stopped"), [("2027-01-01", False), ("2026-12-31", True)])
    def test_a_project_ends_on_or_after_the_day_it_starts(self, end: str, stopped: bool) -> None:
        answers = sound_goal() | {"end_date": end, "milestones": []}
        assert ("DQ32" in codes(answers)) is stopped

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ({"content": "招标", "start": "2026-12-31", "end": "2027-01-31"}, "milestones.0.start"),
            ({"content": "验收", "start": "2027-12-01", "end": "2028-01-01"}, "milestones.0.end"),
            ({"content": "施工", "start": "2027-06-02", "end": "2027-06-01"}, "milestones.0.end"),
        ],
    )
    def test_a_line_of_the_plan_lies_within_the_project(self, line: dict[str, str], field: str) -> None:
        assert [finding.field for finding in only(sound_goal() | {"milestones": [line]}, "DQ32")] == [field]


def test_what_can_not_be_read_never_breaks_a_check() -> None:
    hostile: list[Any] = [
        None,
        "",
        7,
        [],
        {},
        [None],
        ["x"],
        [{"level1": 3}],
        {"a": 1},
        "1e400",
        True,
        "9" * 10_000,
    ]
    for value in hostile:
        for key in sound_goal():
            check_goal(sound_goal() | {key: value}, THRESHOLDS)
        for column in sound_goal()["indicators"][0]:
            check_goal(with_row(0, **{column: value}), THRESHOLDS)


def test_every_default_says_where_it_is_from() -> None:
    for entry in defaults().values():
        assert entry["source"]
        assert entry["zh"]


@pytest.mark.parametrize(
    ("name", "target", "unit", "severity"),
    [
        ("项目总成本", "850.01", "万元", None),  # within the tolerance of the sums
        ("项目总成本", "850.02", "万元", "error"),
        ("项目总成本", "8500200", "元", "error"),
        ("项目总成本", "807.5", "万元", None),  # exactly 5 % less
        ("项目总成本", "807.49", "万元", "warning"),
        ("单位造价", "900", "万元/公里", None),  # a unit's cost says nothing about the whole
        ("设备采购成本", "100", "万元", None),  # nor does a part's
    ],
)
def test_a_whole_cost_is_held_against_the_years_money(
    name: str, target: str, unit: str, severity: str | None
) -> None:
    found = only(with_row(3, level3_name=name, target_value=target, unit=unit), "DQ13")
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])
    assert all(finding.field == "indicators.3.target_value" for finding in found)


def test_the_share_by_which_a_cost_may_stay_below_the_money_is_the_countys() -> None:
    answers = with_row(3, level3_name="项目总成本", target_value="700", unit="万元")
    assert "DQ13" in codes(answers)
    assert "DQ13" not in codes(answers, Thresholds.read({"cost_gap": "0.2"}))
