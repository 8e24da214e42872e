"""Deployments: immutable versions under one hash, refused with every reason, and many instances at once."""

from __future__ import annotations

import pytest

from engine import Deployment, NotFound, Refused, StartRequest
from tests.engine.office import FILL_AND_REVIEW, Office, process, task

SHORT = process(task("fill"), "s -> fill -> e", subject="=title")


def deploy(office: Office, source: bytes = FILL_AND_REVIEW, **files: bytes) -> Deployment:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return office.engine.deploy({"p.bpmn": source, **named}, actor="user:root")


def test_the_same_files_again_change_nothing(office: Office) -> None:
    first = deploy(office)
    again = deploy(office)
    assert (first.created, again.created) == (True, False)
    assert (first.id, first.sha256, dict(first.processes)) == (again.id, again.sha256, {"p": 1})


def test_another_file_is_another_version_and_running_instances_keep_theirs(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    assert dict(deploy(office, SHORT).processes) == {"p": 2}
    office.engine.start("p", actor="system", variables={"title": "新"})
    old, new = sorted(office.rows("li"), key=lambda row: row.instance_id)
    li = office.who("li")
    assert office.engine.complete(old.item_id, actor=li, version=1).state == "waiting"
    assert office.engine.complete(new.item_id, actor=li, version=1).state == "ended"
    assert office.view(instance).definition_version == 1


def test_an_earlier_version_may_be_deployed_and_started_again(office: Office) -> None:
    deploy(office)
    deploy(office, SHORT)
    assert dict(deploy(office).processes) == {"p": 3}
    started = office.engine.start("p", actor="system", variables={"title": "x"}, version=2)
    assert office.view(started.instance_id, "li").definition_version == 2


def test_files_that_are_not_sound_are_refused_with_every_finding(office: Office) -> None:
    broken = process(task("fill"), "exclusiveGateway gate", "s -> fill -> gate", "gate -> e: a +")
    with pytest.raises(Refused) as caught:
        deploy(office, broken)
    assert caught.value.findings
    assert all(one.message["zh"] and one.message["en"] for one in caught.value.findings)
    with pytest.raises(NotFound):
        office.engine.start("p", actor="system", variables={})


def test_a_form_that_is_named_must_come_along(office: Office) -> None:
    source = FILL_AND_REVIEW.replace(
        b"<zeebe:userTask/>", b'<zeebe:userTask/><zeebe:formDefinition formId="lost"/>'
    )
    with pytest.raises(Refused):
        deploy(office, source)


@pytest.mark.parametrize("bad", [b"", b"<x", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\x00" * 100])
def test_a_file_that_is_no_process_is_refused(office: Office, bad: bytes) -> None:
    with pytest.raises(Refused):
        deploy(office, bad)


def test_many_instances_start_in_batches_and_progress_is_told(office: Office) -> None:
    deploy(office, SHORT)
    told: list[int] = []
    requests = [
        StartRequest({"title": f"第{number}件"}, f"key-{number}", {"fill": {"n": number}})
        for number in range(1_203)
    ]
    started = office.engine.start_many("p", requests, actor="system", progress=told.append)
    assert told == [500, 1_000, 1_203]
    assert len({one.instance_id for one in started}) == 1_203
    view = office.view(started[700].instance_id, "li")
    assert (view.subject, view.business_key) == ("第700件", "key-700")
    assert [document.body for document in view.documents] == [{"n": 700}]


def test_a_process_that_ends_at_once_is_ended(office: Office) -> None:
    deploy(office, process("s -> e"))
    assert office.engine.start("p", actor="system", variables={}).state == "ended"


def test_without_the_process_that_it_calls_nothing_is_deployed_but_to_be_looked_at(office: Office) -> None:
    source = process("callActivity call calledElement=missing", "s -> call -> e")
    with pytest.raises(Refused) as refusal:
        office.engine.deploy({"p.bpmn": source}, actor="user:root")
    assert [one.code for one in refusal.value.findings if one.blocks] == ["call.missing"]
    office.engine.deploy({"p.bpmn": source}, actor="user:root", complete=False)
    instance = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
    assert [one.code for one in office.view(instance).incidents] == ["call.not_there"]
