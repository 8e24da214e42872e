"""Lanes (BPMN 2.0.2, clause 10.8): the standard leaves their meaning open; here they say who does what names nobody."""

from __future__ import annotations

import pytest

from engine.bpmn.checks import check_files
from engine.play import play
from engine.plugins import load_plugins
from tests.engine.office import process, properties

TASK = "userTask ask"
NAMED = (
    'userTask ask | <bpmn:extensionElements><zeebe:assignmentDefinition candidateUsers="wang"/>'
    "</bpmn:extensionElements>"
)


def says(candidates: str) -> str:
    """Return the property of a lane."""
    quoted = candidates.replace('"', "&quot;")
    return f"<bpmn:extensionElements>{properties(candidates=quoted)}</bpmn:extensionElements>"


def drawn(task: str, name: str, extensions: str = "") -> bytes:
    """Return a process whose one task stands in a lane."""
    lane = (
        f'<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="{name}">{extensions}'
        "<bpmn:flowNodeRef>ask</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    begin, rest = process(task, "s -> ask -> e").decode().split("<bpmn:startEvent", 1)
    return f"{begin}{lane}<bpmn:startEvent{rest}".encode()


def candidates(source: bytes) -> list[str]:
    found = play({"a.bpmn": source}, "a.bpmn", {"variables": {"section": "S03"}}, load_plugins())
    (item,) = found["open"]
    return list(item["candidates"])


@pytest.mark.parametrize(
    ("task", "name", "extensions", "expected"),
    [
        (TASK, "section_chief", "", ["role:section_chief"]),
        (TASK, "预算单位", "", ["role:预算单位"]),
        (TASK, "股室", says('=role("section_chief", section)'), ["role:section_chief@S03"]),
        (NAMED, "section_chief", "", ["user:wang"]),
        (TASK, "", "", ["user:initiator"]),
    ],
)
def test_a_lane_does_the_tasks_that_name_nobody(
    task: str, name: str, extensions: str, expected: list[str]
) -> None:
    assert candidates(drawn(task, name, extensions)) == expected


def test_the_check_says_who_does_it_and_what_is_wrong_with_it() -> None:
    (report,) = check_files({"a.bpmn": drawn(TASK, "股室")}, load_plugins())
    assert [(found.severity, found.code) for found in report.findings] == [("info", "task.by_lane")]
    wrong = drawn(TASK, "股室", says("=role("))
    (report,) = check_files({"a.bpmn": wrong}, load_plugins())
    assert "expression.syntax" in [found.code for found in report.findings]
