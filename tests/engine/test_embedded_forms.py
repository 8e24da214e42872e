"""A form inside the BPMN file is deployed, drawn and checked like one in a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine import InvalidAnswers
from engine.bpmn.checks import check_files
from engine.play import play
from engine.plugins import load_plugins
from tests.engine.office import Office, process, service

if TYPE_CHECKING:
    from engine import Engine

FORM = """{"type": "default", "schemaVersion": 16, "components":
 [{"type": "textfield", "key": "reason", "label": "理由", "id": "f1", "validate": {"required": true}}]}"""


def leave(form: str = FORM, key: str = "camunda-forms:bpmn:UserTaskForm_1") -> bytes:
    """Return a process whose one task has a form that the file carries."""
    source = process(
        f'userTask ask | <bpmn:extensionElements><zeebe:formDefinition formKey="{key}"/>'
        '<zeebe:assignmentDefinition assignee="user:wang"/></bpmn:extensionElements>',
        "s -> ask -> e",
    )
    inside = f'<bpmn:extensionElements><zeebe:userTaskForm id="UserTaskForm_1">{form}</zeebe:userTaskForm>'
    begin, rest = source.decode().split("<bpmn:startEvent", 1)
    return f"{begin}{inside}</bpmn:extensionElements><bpmn:startEvent{rest}".encode()


def codes(source: bytes) -> list[str]:
    (report,) = check_files({"leave.bpmn": source}, load_plugins())
    return [found.code for found in report.findings]


def test_a_form_inside_the_file_is_known_by_its_element() -> None:
    assert codes(leave()) == []


def test_a_form_inside_the_file_that_cannot_be_read_is_said() -> None:
    assert "file.unreadable" in codes(leave(form="{oops"))


def test_a_form_that_the_file_does_not_carry_is_missing() -> None:
    assert codes(leave(key="camunda-forms:bpmn:another")) == ["form.missing"]


def test_a_form_of_a_page_outside_is_refused() -> None:
    assert codes(leave(key="react:page")) == ["form.not_linked"]


def test_its_answers_are_checked_and_stored(engine: Engine) -> None:
    office = Office.open(engine)
    engine.deploy({"leave.bpmn": leave()}, actor="system")
    engine.start("p", actor="system", variables={})
    row = office.row("wang")
    view = engine.task(row.item_id, office.who("wang"))
    assert view.form_id == "UserTaskForm_1"
    with pytest.raises(InvalidAnswers):
        engine.complete(row.item_id, actor=office.who("wang"), version=row.version, answers={})
    row = office.row("wang")
    done = engine.complete(
        row.item_id, actor=office.who("wang"), version=row.version, answers={"reason": "出差"}
    )
    assert done.state == "ended"


def test_the_type_of_a_job_may_be_an_expression() -> None:
    source = process(service("pay", "=&quot;pay.&quot; + bank"), "s -> pay -> e")
    answers = {"variables": {"bank": "北"}, "answers": [{"job": "pay.北", "variables": {"paid": True}}]}
    found = play({"pay.bpmn": source}, "pay.bpmn", answers, load_plugins())
    assert found["state"] == "ended"
    assert found["variables"]["paid"] is True


def test_a_type_that_is_no_text_is_an_incident() -> None:
    source = process(service("pay", "=bank"), "s -> pay -> e")
    found = play({"pay.bpmn": source}, "pay.bpmn", {"variables": {"bank": 7}}, load_plugins())
    assert [one["code"] for one in found["incidents"]] == ["job.bad_type"]
