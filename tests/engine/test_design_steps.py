"""常用修改: every process as a list, written back without a change, and each change where it belongs and nowhere else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

import workflows
from engine import NotFound, Refused
from engine.bpmn.checks import check_files
from engine.design.blanks import blank
from engine.design.steps import Change, Steps, changed, steps
from engine.plugins import load_plugins

GOAL = workflows.files_of("goal_declaration")["goal_declaration.bpmn"]


def lines(source: bytes) -> set[str]:
    """Return a file's elements with their attributes and texts, wherever they stand."""
    found = set()
    for node in etree.fromstring(source).iter():
        if isinstance(node.tag, str):
            at = [one.get("id") for one in (node, *node.iterancestors()) if one.get("id")]
            found.add(f"{at[:1]} {node.tag} {sorted(node.attrib.items())} {(node.text or '').strip()}")
    return found


def value(found: Steps, element: str, name: str) -> Any:
    (step,) = [one for one in found.steps if one.element == element]
    return step.properties[name].value


@pytest.mark.parametrize("process", workflows.processes())
def test_every_process_is_a_list_whose_values_written_back_change_nothing(process: str) -> None:
    source = workflows.files_of(process)[f"{process}.bpmn"]
    found = steps(source)
    assert found.steps
    same = [
        Change(step.element, name, shown.value)
        for step in found.steps
        for name, shown in step.properties.items()
        if shown.hidden is None
    ]
    same += [
        Change(one.flow, "condition", one.test.value)
        for one in found.conditions
        if one.test.hidden is None and one.test.value is not None
    ]
    again = changed(source, same)
    assert lines(again) == lines(source)
    assert steps(again) == found


def test_a_change_is_written_where_it_belongs_and_nowhere_else() -> None:
    found = steps(GOAL)
    assert value(found, "unit_sign", "approver") == [{"role": "unit_head", "at": "=project.unit"}]
    assert value(found, "unit_sign", "deadline") == {"setting": "profile.days.sign"}
    chosen = next(one for one in found.conditions if one.test.value and one.test.value["field"] == "route")
    wishes: dict[tuple[str, str], Any] = {
        ("unit_sign", "name"): "主要负责人签批",
        ("unit_sign", "approver"): [
            {"role": "unit_head", "at": "=project.department"},
            {"role": "perf_chief", "at": "PERF"},
        ],
        ("unit_sign", "deadline"): {"days": 4},
        ("unit_sign", "signing"): "ratio 2/3",
        ("unit_sign", "return"): ["fill_goal"],
        ("unit_sign", "form"): "goal_review",
        (chosen.flow, "condition"): {"field": "project.amount", "operator": ">=", "value": Decimal(-5)},
    }
    for (element, name), wanted in wishes.items():
        written = changed(GOAL, [Change(element, name, wanted)])
        gone, come = lines(GOAL) - lines(written), lines(written) - lines(GOAL)
        assert len(come) in (1, 2), (name, come)
        assert len(gone) <= 1, (name, gone)
        assert written.startswith(GOAL[:30])
        if name == "condition":
            assert {"flow": chosen.flow, "value": wanted} in [
                {"flow": one.flow, "value": one.test.value} for one in steps(written).conditions
            ]
        else:
            assert value(steps(written), element, name) == wanted
    everything = [Change(element, name, wanted) for (element, name), wanted in wishes.items()]
    back = [
        Change("unit_sign", name, value(found, "unit_sign", name))
        for name in ("name", "approver", "deadline", "signing", "return", "form")
    ]
    back.append(Change(chosen.flow, "condition", chosen.test.value))
    assert lines(changed(changed(GOAL, everything), back)) == lines(GOAL)


def test_a_new_process_gets_its_approver_deadline_and_form_and_stays_sound() -> None:
    name, source = blank("bpmn", "leave", "请假")
    form = blank("form", "leave_form", "请假单")
    written = changed(
        source,
        [
            Change("fill", "approver", [{"person": "li"}, {"person": "wang"}]),
            Change("fill", "deadline", {"days": 3}),
            Change("fill", "form", "leave_form"),
            Change("fill", "signing", "all"),
        ],
    )
    assert value(steps(written), "fill", "approver") == [{"person": "li"}, {"person": "wang"}]
    reports = check_files({name: written, form[0]: form[1]}, load_plugins(entry_points=False))
    assert [one.message["zh"] for report in reports for one in report.findings if one.blocks] == []
    assert b'\n        <zeebe:taskSchedule dueDate="=working days(now(), 3)"/>\n' in written


def test_what_the_list_cannot_show_is_told_with_the_reason_and_not_changed() -> None:
    signs = next(one for one in steps(GOAL).steps if one.element == "leader_sign").properties["approver"]
    assert signs.hidden == "steps.expression"
    assert signs.text.startswith("=if ")
    with pytest.raises(Refused, match="=if "):
        changed(GOAL, [Change("leader_sign", "approver", [{"role": "bureau_leader", "at": "BUREAU"}])])
    for element, name, wanted in (
        ("unit_sign", "deadline", {"days": 0}),
        ("unit_sign", "deadline", {"at": "now(); drop"}),
        ("unit_sign", "approver", []),
        ("unit_sign", "approver", [{"person": "li"}, {"initiator": "yes"}]),
        ("unit_sign", "approver", [{"role": 'x", y'}]),
        ("unit_sign", "signing", "most"),
        ("unit_sign", "name", ""),
    ):
        with pytest.raises(Refused):
            changed(GOAL, [Change(element, name, wanted)])
    with pytest.raises(NotFound):
        changed(GOAL, [Change("nowhere", "name", "x")])
    with pytest.raises(Refused):
        steps(b"<no/>")
