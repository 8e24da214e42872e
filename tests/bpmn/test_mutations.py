"""Files that were damaged at random: always an answer, and what is still accepted still compiles."""

from copy import deepcopy
from random import Random

import pytest
from lxml import etree

from engine.bpmn.checks import check_files
from engine.bpmn.reader import read
from engine.plugins import load_plugins
from engine.runtime import Definition
from tests.runtime.drawing import draw
from tests.runtime.test_call_activity import CALLER
from tests.runtime.test_event_based_gateway import RACE
from tests.runtime.test_event_sub_processes import NESTED
from tests.runtime.test_inclusive_gateway import LOOP
from tests.runtime.test_transactions import PROCESS

PLUGINS = load_plugins(entry_points=False)
FILES = [draw(text) for text in (RACE, NESTED, LOOP, CALLER, PROCESS)]
TEXTS = ["", "=", "= 1 +", "=a", "${x}", "P1D", "R/PT0S", "中文 名", "true", "x" * 1000, "9" * 400]
TAGS = [
    "startEvent",
    "endEvent",
    "boundaryEvent",
    "subProcess",
    "inclusiveGateway",
    "callActivity",
    "sequenceFlow",
]


def damage(source: bytes, chance: Random) -> bytes:
    """Remove, copy, rename or empty some elements and attributes."""
    root = etree.fromstring(source)
    for _ in range(chance.randint(1, 5)):
        nodes = [node for node in root.iter() if node is not root]
        if not nodes:
            break
        node, other = chance.choice(nodes), chance.choice(nodes)
        match chance.randrange(6):
            case 0:
                node.getparent().remove(node)
            case 1:
                for name in node.attrib:
                    del node.attrib[name]
            case 2:
                for name in node.attrib:
                    node.attrib[name] = chance.choice([*TEXTS, other.get("id") or "ghost"])
            case 3:
                node.text = chance.choice(TEXTS)
            case 4:
                other.append(deepcopy(node))
            case 5:
                node.tag = f"{{http://www.omg.org/spec/BPMN/20100524/MODEL}}{chance.choice(TAGS)}"
    return etree.tostring(root)


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_file_gets_an_answer(seed):
    chance = Random(seed)
    source = damage(chance.choice(FILES), chance)
    (report,) = check_files({"p.bpmn": source}, PLUGINS)
    assert report.as_json("zh")
    assert report.as_json("en")
    if report.verdict == "accepted":
        models = {model.id: model for model in read(source)[0]}
        for model in models.values():
            if model.called() <= models.keys():
                assert Definition.compile(model, models).names
