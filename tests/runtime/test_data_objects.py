"""Data objects, data stores and data associations (BPMN 2.0.2, 10.4) document what a step reads and writes; what runs are
variables and documents, so they neither need nor change anything.
"""

from tests.runtime.game import play

READS = "<bpmn:dataInputAssociation id='in'><bpmn:sourceRef>form</bpmn:sourceRef></bpmn:dataInputAssociation>"
WRITES = (
    "<bpmn:dataOutputAssociation id='out'><bpmn:targetRef>books</bpmn:targetRef></bpmn:dataOutputAssociation>"
)
STEPS = f"""
startEvent start
dataObject paper
dataObjectReference form name=申报表 dataObjectRef=paper
dataStoreReference books name=项目库
task fill | {READS}{WRITES}
endEvent end
start -> fill -> end
"""


def test_they_change_nothing():
    stage = play(STEPS, amount=3)
    assert stage.path == ["start", "fill", "end"]
    assert stage.ended
    assert stage.variables == {"amount": 3}
