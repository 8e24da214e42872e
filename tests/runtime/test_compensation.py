"""Compensation (BPMN 2.0.2, 13.5.5) would need what an activity once saw: it is refused by name, wherever it is drawn, and
the refusal says how undoing is drawn instead (handlers declare ``undo``).
"""

import pytest

from tests.runtime.refused import refusal

EVENT = "<bpmn:compensateEventDefinition/>"
AROUND = "startEvent s\n{}\nendEvent e\ns -> {} -> e"


@pytest.mark.parametrize(
    ("steps", "element"),
    [
        (AROUND.format(f"intermediateThrowEvent undo name=撤销拨款 | {EVENT}", "undo"), "undo"),
        (f"startEvent s\nendEvent undo name=撤销拨款 | {EVENT}\ns -> undo", "undo"),
        (
            AROUND.format(f"task pay\nboundaryEvent undo name=撤销拨款 attachedToRef=pay | {EVENT}", "pay"),
            "undo",
        ),
        ("startEvent s\ntask undo name=撤销拨款 isForCompensation=true\nendEvent e\ns -> e", "undo"),
    ],
    ids=["thrown", "at an end", "at a boundary", "an activity for it"],
)
def test_it_is_refused_by_name_with_what_to_draw_instead(steps: str, element: str):
    found = refusal(steps, element)
    assert found.code == "compensation.unsupported"
    assert "撤销拨款" in found.message["zh"]
    assert "undo" in found.remedy["zh"]
    assert "undo" in found.remedy["en"]
