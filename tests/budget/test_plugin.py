"""What the engine is told about a goal form before it takes or stores it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from budget import plugin
from engine.plugins import AnswersRequest, Finding, load_plugins
from tests.budget.examples import sound_goal

FORM = json.dumps(
    {
        "components": [
            {
                "type": "group",
                "components": [{"type": "textarea", "key": "goal_annual", "validate": {"required": True}}],
            },
            {
                "type": "dynamiclist",
                "path": "indicators",
                "components": [{"type": "textfield", "key": "unit", "validate": {"required": True}}],
            },
        ]
    }
).encode()


def request(answers: dict[str, Any], form_id: str = "goal_declaration", **variables: Any) -> AnswersRequest:
    return AnswersRequest(
        form_id=form_id,
        form=FORM,
        answers=answers,
        variables=variables,
        outcome="提交",
        element="fill_goal",
        process="goal_declaration",
        now=datetime(2026, 11, 2, tzinfo=UTC),
    )


def found(answers: dict[str, Any], **variables: Any) -> list[Finding]:
    return list(plugin.bihuan_check_answers(request(answers, **variables)))


def test_the_room_fills_the_hooks_that_the_engine_names() -> None:
    manager = load_plugins(plugin, entry_points=False)
    assert manager.hook.bihuan_check_answers(request=request(sound_goal())) == [[]]
    assert manager.hook.bihuan_may_store(request=request(sound_goal())) is None
    (branch,) = manager.hook.bihuan_migrations()
    assert branch.label == "budget"


def test_another_form_is_none_of_its_business() -> None:
    secret = request({"secret_flag": True}, form_id="goal_review")
    assert list(plugin.bihuan_check_answers(secret)) == []
    assert plugin.bihuan_may_store(secret) is None


def test_thresholds_are_those_of_the_profile_that_the_instance_started_with() -> None:
    assert found(sound_goal()) == []
    assert [f.code for f in found(sound_goal(), profile={"quality": {"goal_min_length": 500}})] == ["DQ01"]


def test_a_warning_without_a_reason_stops_the_submission() -> None:
    answers = sound_goal()
    answers["indicators"][3]["operator"] = "GE"
    assert [(f.code, f.severity) for f in found(answers)] == [("DQ33", "error")]
    answers["dq_reasons"] = [{"check": "DQ33", "reason": "合同约定的最低投入"}]
    assert [(f.code, f.severity) for f in found(answers)] == [("DQ33", "warning")]


def test_an_empty_cell_that_the_form_requires_is_reported_once_by_the_form() -> None:
    answers = sound_goal()
    answers["goal_annual"] = ""
    answers["indicators"][0]["unit"] = None
    assert found(answers) == []
    answers["goal_annual"] = "加强管理"
    assert {f.field for f in found(answers)} == {"goal_annual"}


@pytest.mark.parametrize("rows", [[None], ["x", 3, []], {"0": {}}, "text", [{"unit": []}, {"unit": {}}]])
def test_answers_of_a_wrong_shape_are_findings_and_no_failure(rows: Any) -> None:
    assert found(sound_goal() | {"indicators": rows})


def test_a_changed_project_name_is_refused_with_what_the_record_says() -> None:
    project = {"name": "农村公路提质改造项目"}
    (finding,) = found(sound_goal() | {"project_name": "别的"}, project=project)
    assert finding.field == "project_name"
    assert "农村公路提质改造项目" in finding.message["zh"]


@pytest.mark.parametrize(
    ("answers", "variables", "stopped"),
    [
        ({"secret_flag": True}, {}, True),
        ({}, {"project": {"secret": True}}, True),
        ({"secret_flag": False}, {"project": {"secret": False}}, False),
    ],
)
def test_secret_content_may_not_be_stored(
    answers: dict[str, Any], variables: dict[str, Any], stopped: bool
) -> None:
    finding = plugin.bihuan_may_store(request(answers, **variables))
    assert (finding is not None) is stopped
    if finding:
        assert finding.code == "secret.stop"
        assert "涉密线下办理" in finding.remedy["zh"]
