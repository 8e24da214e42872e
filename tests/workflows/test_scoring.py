"""Points of a self-evaluation (D10) and the weight profiles (D11), with the boundary cases of the domain (§7.3)."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from engine import dmn
from workflows import profiles
from workflows.scoring import evaluation_rows, execution_points, grade, suggested_points, weight_basis

COUNTY = profiles.load("qapqal")
SCORING = COUNTY.group("scoring")
BASIS = weight_basis("SPECIFIC", 2026, SCORING)


def points(method: str, weight: Any, target: Any, actual: Any, **more: Any) -> Decimal | None:
    row = {
        "method": method,
        "weight": weight,
        "target": str(target),
        "target_value": target,
        "actual": actual,
    }
    return suggested_points(row | more, BASIS, SCORING)


@pytest.mark.parametrize(
    ("method", "weight", "target", "actual", "expected"),
    [
        ("POSITIVE", 10, 100, "80", "8"),
        ("NEGATIVE", 8, 90, "100", "7.2"),
        ("POSITIVE", 10, 50, "80", "10"),
        ("POSITIVE", 10, 100, "１００", "10"),
        ("POSITIVE", 10, 100, "-5", "0"),
        ("POSITIVE", 10, 0, "0", "10"),
        ("NEGATIVE", 8, 90, "90", "8"),
        ("NEGATIVE", 8, 0, "0", "8"),
        ("NEGATIVE", 8, 0, "1", "0"),
        ("EQ", 10, 100, "100", "10"),
        ("EQ", 10, 100, "90", "9"),
        ("EQ", 10, 100, "120", "8"),
        ("EQ", 10, 100, "250", "0"),
        ("EQ", 10, 0, "0", "10"),
        ("EQ", 10, 0, "1", "0"),
    ],
)
def test_the_points_follow_from_what_was_reached(
    method: str, weight: int, target: int, actual: str, expected: str
) -> None:
    assert points(method, weight, target, actual) == Decimal(expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [("90", "10"), ("110", "10"), ("100", "10"), ("81", "9"), ("121", "9"), ("0", "0")],
)
def test_what_lies_outside_a_range_loses_by_its_distance(actual: str, expected: str) -> None:
    assert points("RANGE", 10, 90, actual, target_upper=110) == Decimal(expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ("2026-11-30", "10"),
        ("2026年11月1日", "10"),
        ("2026-12-01", "9.5"),
        ("2026/12/10", "5"),
        ("2027-11-30", "0"),
    ],
)
def test_each_day_late_costs_the_countys_share(actual: str, expected: str) -> None:
    assert points("DATE", 10, "2026年11月30日前完成", actual) == Decimal(expected)


@pytest.mark.parametrize(("band", "expected"), [("ACHIEVED", "10"), ("PARTLY", "7"), ("MISSED", "3")])
def test_a_qualitative_indicator_has_three_bands(band: str, expected: str) -> None:
    assert points("QUAL", 10, "效果明显", "明显", band=band) == Decimal(expected)


@pytest.mark.parametrize(("band", "expected"), [("PARTLY", "6.5"), ("MISSED", "2.5")])
def test_the_bands_part_where_the_weight_profile_says(band: str, expected: str) -> None:
    row = {"method": "QUAL", "weight": 10, "band": band}
    hubei = profiles.load("qiaokou").group("scoring")
    assert suggested_points(row, weight_basis("SPECIFIC", 2026, hubei), hubei) == Decimal(expected)


def test_where_the_target_had_been_set_low_the_surplus_costs_points() -> None:
    assert points("POSITIVE", 10, 50, "80", over_cause="TARGET_LOW") == Decimal("8.5")
    assert points("POSITIVE", 10, 100, "130", over_cause="TARGET_LOW") == 10
    assert points("POSITIVE", 10, 50, "80", over_cause="EFFORT") == 10


def test_nothing_is_suggested_before_something_is_filled_in() -> None:
    assert points("POSITIVE", 10, 100, "") is None
    assert points("DATE", 10, "2026-11-30", "已完成") is None
    assert points("QUAL", 10, "明显", "明显") is None
    assert suggested_points(None, BASIS, SCORING) is None


@pytest.mark.parametrize(
    ("executed", "budget", "expected"), [(80, 100, "8"), (100, 100, "10"), (120, 100, "10"), (0, 0, "0")]
)
def test_execution_gives_its_weight_times_the_rate(executed: int, budget: int, expected: str) -> None:
    assert execution_points(executed, budget, BASIS, SCORING) == Decimal(expected)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("90", "优"),
        ("89.99", "良"),
        ("89.996", "良"),
        ("80", "良"),
        ("60", "中"),
        ("59.99", "差"),
        ("93.47", "优"),
    ],
)
def test_the_grade_is_that_of_the_unrounded_score(score: str, expected: str) -> None:
    assert grade(score) == expected


def test_a_county_parts_the_grades_itself_and_what_began_before_keeps_the_national_ones() -> None:
    own = {"bounds": {"excellent": "95", "good": "85", "fair": "70"}}
    assert [grade(score, own) for score in ("95", "94.999", "85", "70", "69.99")] == [
        "优",
        "良",
        "良",
        "中",
        "差",
    ]
    assert [grade(score, None) for score in ("94", "84", "69")] == ["优", "良", "中"]
    report = dmn.parse(files("workflows").joinpath("decisions", "D14.dmn").read_bytes())
    asked = {"score": Decimal("94"), "weakest": Decimal("0.9"), "floor": Decimal("0.4")}
    found = report.evaluate("D14", asked | {"profile": {"grades": own}}).value
    assert (found["grade"], found["why"]) == ("良", "合计85分以上")
    assert report.evaluate("D14", asked | {"profile": {}}).value["grade"] == "优"


@pytest.mark.parametrize("code", profiles.names())
def test_each_countys_weight_profile_is_the_one_that_its_goals_are_checked_with(code: str) -> None:
    profile = profiles.load(code)
    for category, name in (("SPECIFIC", "weights"), ("OPERATION", "weights_simple")):
        basis = weight_basis(category, 2026, profile.group("scoring"))
        given = {
            level: basis[level]
            for level in ("EXECUTION", "OUTPUT", "BENEFIT", "SATISFACTION", "COST")
            if basis[level]
        }
        expected = profile.value(f"quality.{name}")
        assert given == {level: Decimal(weight) for level, weight in expected.items()}


@pytest.mark.parametrize("use", ["CN-2020-10", "HB-2020", "HB-2021", "CN-2021-101", "SIMPLE"])
def test_every_weight_profile_makes_a_hundred(use: str) -> None:
    basis = weight_basis("SPECIFIC", 2026, SCORING | {"weights": [{"from": 2020, "use": use}]})
    assert basis["profile"] == use
    names = ("EXECUTION", "DECISION", "MANAGEMENT", "OUTPUT", "BENEFIT", "SATISFACTION", "COST")
    assert sum(basis[name] for name in names) == 100


def test_a_county_may_use_another_weight_profile_from_a_year_on() -> None:
    rules = SCORING | {"weights": [{"from": 2020, "use": "HB-2020"}, {"from": 2027, "use": "CN-2021-101"}]}
    used = [weight_basis("SPECIFIC", year, rules)["profile"] for year in (2026, 2027, 2030)]
    assert used == ["HB-2020", "CN-2021-101", "CN-2021-101"]
    assert weight_basis("PERSONNEL", 2030, rules)["profile"] == "SIMPLE"


def test_what_the_decision_is_given_is_what_the_form_shows() -> None:
    row = {"method": "DATE", "target": "2026-11-30", "actual": "2026-12-02", "weight": "5"}
    assert evaluation_rows([row, "no row"]) == [
        {
            "method": "DATE",
            "weight": Decimal(5),
            "target": None,
            "upper": None,
            "actual": None,
            "late": 2,
            "band": None,
            "low": False,
        }
    ]
