"""A county's profile says where each value is from, and a wrong one is refused with what is wrong."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from budget.cases import CaseKind
from budget.quality.thresholds import defaults
from engine.calendar import WorkingDays
from workflows import profiles, yearly
from workflows.campaigns import kinds
from workflows.profiles.calendar import entries
from workflows.wording import Words

QAPQAL = files("workflows.profiles").joinpath("qapqal.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", profiles.names())
def test_every_profile_that_comes_along_is_sound(code: str) -> None:
    assert profiles.load(code).code == code


@pytest.mark.parametrize("code", profiles.names())
def test_a_profile_speaks_in_its_own_countys_words(code: str) -> None:
    own = profiles.load(code)
    said = Words.of(own).said
    assert {name: one.note for name, one in own.settings.items() if said(one.note) != one.note} == {}


def test_every_threshold_of_the_checks_can_be_set_by_a_county() -> None:
    assert set(profiles.load("qapqal").group("quality")) == set(defaults())


def test_the_goals_of_a_year_are_due_in_the_year_before() -> None:
    due = profiles.load("qapqal").goal_deadline(2027)
    assert due.isoformat() == "2026-11-30T18:00:00+08:00"


@pytest.mark.parametrize("code", profiles.names())
def test_results_are_applied_after_the_evaluations_that_they_come_from(code: str) -> None:
    plan = {
        (one.kind, one.fiscal_year): one
        for one in entries(profiles.load(code).value("calendar.plan"), 2026, WorkingDays().add)
    }
    assert plan[CaseKind.RESULT, 2025].opens > plan[CaseKind.SELF_EVALUATION, 2025].due
    assert plan[CaseKind.RESULT, 2025].due.year == 2026, "next year's budget is made in this year"


#: What every county does in its year (§5); 事前评估, 整体监控, 整体自评, 报告评审 stand in the plans of those that do them.
YEARLY = {
    *(CaseKind.GOAL, CaseKind.UNIT_GOAL, CaseKind.APPROVAL, CaseKind.MONITORING, CaseKind.SELF_EVALUATION),
    *(CaseKind.KEY_SELECTION, CaseKind.RESULT, CaseKind.PUBLICATION),
    *(CaseKind.LIBRARY, CaseKind.ANNUAL_REPORT),
}


@pytest.mark.parametrize("code", profiles.names())
def test_each_countys_calendar_opens_every_business_of_the_year(code: str) -> None:
    plan = entries(profiles.load(code).value("calendar.plan"), 2026, WorkingDays().add)
    assert {one.kind for one in plan} >= YEARLY
    assert {one.kind for one in plan} <= {*kinds(), *yearly.STARTS}, "nothing that the calendar can't open"
    assert all(one.due > one.opens for one in plan)


def test_an_instance_starts_with_the_values_not_with_a_name() -> None:
    variables = profiles.load("qapqal").variables("days", "goal", "quality")
    assert variables["version"] == 1
    assert variables["days"]["review"] == 5
    assert variables["goal"]["number"].format(fiscal_year=2026, number=1) == "2026-001"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("version = 1", 'version = "1"', "version"),
        ("review = { value = 5", "review = { value = 0", "days.review"),
        ("review = { value = 5", 'review = { value = "five"', "days.review"),
        ("review = {", "rewiev = {", "days.rewiev：没有这一项"),
        ("review = {", "rewiev = {", "days.review：没有给出"),
        ('source = "V28"', 'source = "听说"', "来源“听说”"),
        ('value = "11-30"', 'value = "11-31"', "campaign.goal_deadline"),
        ("{fiscal_year}-{number:03d}", "{fiscal_year}", "goal.number"),
        ("{fiscal_year}-{number:03d}", "{number.__class__}", "goal.number"),
        ('value = "0.9"', 'value = "viel"', "quality.similar_from"),
        ('good = "80"', 'good = "90"', "grades.bounds"),
        ("code = ", "code ", "TOML"),
    ],
)
def test_a_wrong_value_is_named(old: str, new: str, problem: str) -> None:
    assert old in QAPQAL
    with pytest.raises(profiles.ProfileError) as caught:
        profiles.read(QAPQAL.replace(old, new).encode())
    assert any(problem in one for one in caught.value.problems)


def test_no_code_knows_a_county_by_its_name() -> None:
    """Counties differ by profile: their names stand in profiles, in shapes of the simulation, and in the demo's choice."""
    root = Path(__file__).parents[2]
    named = re.compile("|".join([*profiles.names(), "硚口", "东湖区", "历城", "察布查尔", "天门"]))
    allowed = {"workflows/profiles/__init__.py", "workflows/demo/county.toml"}
    found = set()
    for room in ("engine", "budget", "forms", "web", "workflows"):
        for path in root.joinpath(room).rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.suffix not in {".py", ".html", ".js", ".form", ".bpmn", ".dmn", ".toml"}:
                continue
            if (
                name.startswith(("workflows/profiles/", "workflows/simulation/shapes/"))
                and path.suffix == ".toml"
            ):
                continue
            if "node_modules" in path.parts or "static" in path.parts or name in allowed:
                continue
            if named.search(path.read_text(encoding="utf-8")):
                found.add(name)
    assert found == set()


def test_an_unknown_county_is_no_profile() -> None:
    with pytest.raises(KeyError):
        profiles.load("nowhere")


@pytest.mark.parametrize("code", profiles.names())
def test_a_version_of_a_countys_own_is_read_again_whatever_order_it_was_kept_in(code: str) -> None:
    shipped = profiles.load(code)
    kept = json.dumps(profiles.frozen(shipped), sort_keys=True)
    assert profiles.thawed(kept).settings == shipped.settings


def test_a_countys_own_version_that_is_older_than_the_package_has_its_new_settings_and_none_that_are_gone() -> (
    None
):
    shipped = profiles.load("qiaokou")
    kept = profiles.frozen(shipped)
    kept["days"]["review"]["value"] += 1
    kept["days"]["gone"] = {"value": 1, "source": "P"}
    kept["a_group_of_old"] = {"gone": {"value": 1, "source": "P"}}
    del kept["days"]["late_chief"], kept["goal_approval"]
    found = profiles.thawed(json.dumps(kept))
    assert found.value("days.review") == shipped.value("days.review") + 1
    assert found.settings.keys() == shipped.settings.keys()
    assert found.group("goal_approval") == shipped.group("goal_approval")
