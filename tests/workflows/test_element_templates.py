"""The templates for the desktop modeler name properties that the reader knows, and no other."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files

from engine.bpmn import nodes, reader

TEMPLATES = json.loads(
    files("workflows").joinpath("element-templates", "bihuan.json").read_text(encoding="utf-8")
)


def bound(id: str) -> set[str]:
    (template,) = [one for one in TEMPLATES if one["id"] == id]
    return {
        one["binding"]["name"] for one in template["properties"] if one["binding"]["type"] == "zeebe:property"
    }


def test_what_a_user_task_can_be_given_is_read() -> None:
    source = inspect.getsource(nodes._user_task)
    read = set(re.findall(r'properties\.get\("([\w-]+)"', source)) | set(
        re.findall(r'expression\("([\w-]+)"\)', source)
    )
    assert bound("bihuan.user-task") <= read
    assert {"outcomes", "document", "audience", "separate-from"} <= bound("bihuan.user-task")


def test_a_process_can_be_given_its_columns_and_inputs() -> None:
    source = inspect.getsource(reader)
    for name in bound("bihuan.process"):
        assert f'"{name}"' in source
