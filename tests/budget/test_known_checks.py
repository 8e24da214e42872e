"""The checks that look beyond the form: what the goal's words say, last year, others' goals, samples; and the score."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from budget import similarity
from budget.quality import check_goal
from budget.quality.known_checks import Copied, Known, LastYear, NearestSample
from budget.quality.score import Quality, Rules, score
from budget.quality.text_checks import key_points
from budget.quality.thresholds import Thresholds
from budget.quality.words import normal
from tests.budget.examples import indicator, sound_goal

NAME = normal("改造农村公路里程")


def codes(known: Known, answers: dict[str, Any] | None = None, **settings: Any) -> dict[str, str]:
    """Return what is found beyond the form, as severities by code."""
    found = check_goal(answers or sound_goal(), Thresholds.read(settings), known)
    return {finding.code: finding.severity for finding in found}


def of_text(text: str, **more: Any) -> dict[str, str]:
    found = check_goal(sound_goal() | {"goal_annual": text} | more, Thresholds.read())
    return {finding.code: finding.severity for finding in found}


class TestWords:
    """DQ06, DQ07, DQ39."""

    def test_years_and_days_are_no_key_points(self) -> None:
        text = "2027年11月30日前改造12.5公里，惠及1.85万人，合格率100%"
        assert [value for value, _ in key_points(text)] == [Decimal("12.5"), Decimal(18500), Decimal(100)]

    def test_figures_that_no_indicator_has_are_told(self) -> None:
        text = "改造农村公路12.5公里，新建桥梁3座，安装护栏40公里，改善群众出行条件。"
        assert of_text(text)["DQ06"] == "warning"

    def test_three_tenths_may_be_loose(self) -> None:
        linked = (
            "改造12.5公里，合格率100%，惠及18500人，满意度90%，单位造价68万元，总投资850万元，合计850万元"
        )
        assert "DQ06" not in of_text(f"{linked}，桥3座，涵洞7道，护栏41公里。")
        assert of_text(f"{linked}，桥3座，涵洞7道，护栏41公里，标志52块。")["DQ06"] == "warning"

    def test_adjectives_without_a_figure_are_told(self) -> None:
        text = "进一步加强农村公路建设，不断提升通行能力，完成全年各项建设任务，让群众满意。"
        assert of_text(text)["DQ07"] == "warning"

    @pytest.mark.parametrize(("qualitative", "found"), [(2, False), (3, True)])
    def test_six_tenths_of_the_indicators_are_quantitative(self, qualitative: int, found: bool) -> None:
        answers = sound_goal()
        rows = answers["indicators"][:5]
        for row in rows[:qualitative]:
            row |= {"nature": "QUAL", "operator": "QUAL", "target_value": "按期完成", "unit": ""}
        answers["indicators"] = rows
        assert ("DQ07" in {one.code for one in check_goal(answers, Thresholds.read())}) is found

    def test_one_hollow_benefit_is_told(self) -> None:
        answers = sound_goal()
        row = indicator("BENEFIT", "SOCIAL", "出行条件", "QUAL", "明显改善", "", nature="QUAL")
        answers["indicators"][4] = row
        found = [one for one in check_goal(answers, Thresholds.read()) if one.code == "DQ39"]
        assert [one.field for one in found] == ["indicators.4.target_value"]


class TestLastYear:
    """DQ11."""

    @pytest.mark.parametrize(
        ("before", "found"),
        [
            (LastYear(None, Decimal("13.88")), False),  # 12.5 is nine tenths of 13.88…
            (LastYear(None, Decimal("13.89")), True),
            (LastYear(Decimal(10), Decimal("12.9")), False),
            (LastYear(Decimal("12.5"), Decimal("13.5")), False),
            (LastYear(Decimal("10.6"), Decimal("13.8")), False),  # surpassed, and raised
            (LastYear(Decimal(0), None), False),
        ],
    )
    def test_a_target_far_below_what_was_reached(self, before: LastYear, found: bool) -> None:
        assert ("DQ11" in codes(Known(last_year={NAME: before}))) is found

    def test_a_target_that_was_surpassed_by_far_is_raised(self) -> None:
        answers = sound_goal()
        answers["indicators"][0]["target_value"] = "12.5"
        before = LastYear(Decimal("12.5"), Decimal("16.25"))
        assert codes(Known(last_year={NAME: before}), answers, low_from="0.5")["DQ11"] == "warning"

    def test_what_the_clerk_typed_counts_too(self) -> None:
        answers = sound_goal()
        answers["indicators"][0]["last_year_actual"] = "20"
        assert codes(Known(), answers)["DQ11"] == "warning"


@pytest.mark.parametrize(("likeness", "found"), [(0.95, True), (0.9499, False)])
def test_a_copied_goal_is_told(likeness: float, found: bool) -> None:
    assert ("DQ14" in codes(Known(copied=Copied("县水利局", "某项目", 2026, likeness)))) is found


@pytest.mark.parametrize(
    ("usual", "cases", "found"), [("56.67", 3, False), ("56.66", 3, True), ("56.66", 2, False)]
)
def test_a_high_cost_is_told(usual: str, cases: int, found: bool) -> None:
    # 850 万元 for 12.5 km are 68 万元 a km: 1.2 times 56.67 is a little more than that.
    assert ("DQ15" in codes(Known(costs={(NAME, "公里"): (Decimal(usual), cases)}))) is found


@pytest.mark.parametrize(
    ("known", "severity"),
    [
        (Known(level="L1", has_parent=False), None),
        (Known(level="L2", has_parent=False), "error"),
        (Known(level="L2", parent=frozenset({NAME})), None),
        (Known(level="L2", parent=frozenset({"其他指标"})), "warning"),
        (Known(level="L2", parent=None), None),
    ],
)
def test_levels_are_joined(known: Known, severity: str | None) -> None:
    assert codes(known).get("DQ27") == severity


@pytest.mark.parametrize(("usual", "found"), [("8.5", False), ("8.49", True), (None, False)])
def test_a_hundred_times_the_usual_amount_is_told(usual: str | None, found: bool) -> None:
    amount = None if usual is None else Decimal(usual)
    assert ("DQ30" in codes(Known(usual_amount=amount))) is found


@pytest.mark.parametrize(
    ("attr", "passed", "scope", "from_", "found"),
    [
        ("NEW", False, "NONE", "0", False),
        ("NEW", False, "ALL", "0", True),
        ("NEW", True, "ALL", "0", False),
        ("CONTINUED", False, "ALL", "0", False),
        ("NEW", False, "LARGE", "850", True),
        ("NEW", False, "LARGE", "850.01", False),
    ],
)
def test_a_new_project_was_evaluated_before(
    attr: str, passed: bool, scope: str, from_: str, found: bool
) -> None:
    known = Known(attr=attr, exante_passed=passed)
    severity = codes(known, exante_scope=scope, exante_from=from_).get("DQ36")
    assert severity == ("info" if found else None)


@pytest.mark.parametrize(
    ("likeness", "theirs", "found"), [(0.29, 13, True), (0.3, 13, False), (0.29, 12, False)]
)
def test_a_sample_is_recommended(likeness: float, theirs: int, found: bool) -> None:
    known = Known(sample=NearestSample("某样本", likeness, theirs))
    assert codes(known).get("DQ38") == ("info" if found else None)


def test_the_score_is_the_mean_of_what_the_reports_keep() -> None:
    rules = Rules(Decimal(10), Decimal(5), Decimal(2))
    reports = [Quality(False, 0, 0), Quality(True, 1, 1), Quality(True, 30, 0)]
    assert score(reports, rules) == Decimal("61.00")  # 100, 83 and nothing
    assert score([], rules) is None


class TestSignatures:
    """The index of similarity without a database."""

    TEXT = "2027年实施农村公路提质改造项目，改造农村公路里程不少于12.5公里，工程竣工验收合格率达到100%，方便群众出行。"

    def bands(self, text: str) -> set[int]:
        return set(similarity.bands(similarity.signature(similarity.pieces(normal(text)))))

    def test_a_copy_with_two_changed_characters_shares_a_band(self) -> None:
        random = Random(7)
        for _ in range(50):
            letters = list(self.TEXT)
            for _ in range(2):
                letters[random.randrange(len(letters))] = random.choice("甲乙丙丁")
            assert self.bands(self.TEXT) & self.bands("".join(letters))

    def test_another_text_shares_none(self) -> None:
        other = "为全县65岁以上老年人开展健康体检和家庭医生签约服务，建立电子健康档案，规范管理慢性病患者。"
        assert not self.bands(self.TEXT) & self.bands(other)

    def test_keys_fit_into_a_column_and_know_their_band(self) -> None:
        keys = similarity.bands([7] * similarity.SIZE)
        assert len(set(keys)) == similarity.BANDS
        assert all(0 <= key < 2**63 for key in keys)

    def test_a_short_text_and_none_at_all(self) -> None:
        assert similarity.pieces("ab") == ["ab"]
        assert similarity.pieces("") == []
