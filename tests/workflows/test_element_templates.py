"""The templates for the desktop modeler name properties that the reader knows, and no other."""

from __future__ import annotations

import inspect
import json
from importlib.resources import files

from engine.bpmn import reader
from engine.bpmn.steps import PROCESS_PROPERTIES, SENDING_PROPERTIES, SERVICE_PROPERTIES, TASK_PROPERTIES

FOLDER = files("workflows").joinpath("element-templates")
TEMPLATES = json.loads(FOLDER.joinpath("bihuan.json").read_text(encoding="utf-8"))
OFFICE = json.loads(FOLDER.joinpath("office.json").read_text(encoding="utf-8"))
#: What the modelers let a template leave out; one that says so of anything else is not loaded at all.
MAY_BE_OPTIONAL = {"zeebe:property", "zeebe:input", "zeebe:output", "zeebe:taskHeader"}


def bound(id: str) -> set[str]:
    (template,) = [one for one in TEMPLATES if one["id"] == id]
    return {
        one["binding"]["name"] for one in template["properties"] if one["binding"]["type"] == "zeebe:property"
    }


def test_what_a_user_task_can_be_given_is_read() -> None:
    assert bound("bihuan.user-task") <= TASK_PROPERTIES
    assert {
        "outcomes",
        "document",
        "audience",
        "separate-from",
        "signing",
        "lead",
        "on-empty",
        "return",
    } <= bound("bihuan.user-task")


def test_a_process_can_be_given_its_columns_and_inputs() -> None:
    source = inspect.getsource(reader)
    for name in bound("bihuan.process") - {"unique-key", "retention"}:
        assert f'"{name}"' in source
    assert bound("bihuan.process") <= PROCESS_PROPERTIES


def test_what_is_sent_can_be_given_its_key_its_id_and_its_time() -> None:
    assert bound("bihuan.send-task") == SENDING_PROPERTIES


def test_a_service_task_can_be_given_its_handler_and_how_it_is_tried_again() -> None:
    assert bound("bihuan.service-task") == SERVICE_PROPERTIES
    (template,) = [one for one in TEMPLATES if one["id"] == "bihuan.service-task"]
    given = [one["binding"]["property"] for one in template["properties"] if "property" in one["binding"]]
    assert given == ["type", "retries"]


def test_messages_have_names_on_both_sides_and_a_key_where_they_are_awaited() -> None:
    found = {
        one["id"]: [(part["binding"]["type"], part["binding"].get("name")) for part in one["properties"]]
        for one in TEMPLATES
    }
    name = ("bpmn:Message#property", "name")
    assert name in found["bihuan.send-task"]
    assert found["bihuan.receive-task"] == [
        name,
        ("bpmn:Message#zeebe:subscription#property", "correlationKey"),
    ]


def test_the_offices_usual_steps_give_what_is_read_and_are_loaded_by_the_modelers() -> None:
    assert [one["name"] for one in OFFICE] == [
        "填报",
        "签批",
        "科室审核",
        "会签审查",
        "或签",
        "抄送",
        "第三方任务",
        "整改通知",
        "到期催办",
        "决策表",
    ]
    for template in OFFICE:
        named = {
            one["binding"]["name"]
            for one in template["properties"]
            if one["binding"]["type"] == "zeebe:property"
        }
        sends = template["elementType"]["value"] == "bpmn:SendTask"
        assert named <= (SENDING_PROPERTIES if sends else TASK_PROPERTIES)
    for template in (*TEMPLATES, *OFFICE):
        for one in template["properties"]:
            assert not one.get("optional") or one["binding"]["type"] in MAY_BE_OPTIONAL, template["id"]
