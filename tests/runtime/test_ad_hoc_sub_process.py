"""Ad-hoc sub-processes (BPMN 2.0.2, 13.3.5): what is done, and in which order, is nobody's act that a record could keep.
They are refused by name, with what to draw instead.
"""

from tests.runtime.refused import refusal

STEPS = (
    "startEvent s\nadHocSubProcess field name=现场核查\n  task look\n  task ask\nendEvent e\ns -> field -> e"
)


def test_it_is_refused_by_name_with_what_to_draw_instead():
    found = refusal(STEPS, "field")
    assert found.code == "adhoc.unsupported"
    assert "现场核查" in found.message["zh"]
    assert "包容网关" in found.remedy["zh"]
