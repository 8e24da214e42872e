"""Complex gateways (BPMN 2.0.2, 13.4.5): what their condition counts is left to each engine. They are refused by name."""

from tests.runtime.refused import refusal

STEPS = """
startEvent s
parallelGateway split
task a
task b
complexGateway some name=两家到齐
endEvent e
s -> split -> a -> some -> e
split -> b -> some
"""


def test_it_is_refused_by_name_with_what_to_draw_instead():
    found = refusal(STEPS, "some")
    assert found.code == "complex.unsupported"
    assert "两家到齐" in found.message["zh"]
    assert "多实例" in found.remedy["zh"]
