"""Operators repair what failed: retry many at once, mend variables, count an element as done; history keeps it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from engine import BihuanError, Conflict, Engine, Forbidden, NotFound, Refused, handler, hookimpl
from engine.commands.incidents import IncidentQuery
from engine.plugins import Handler, load_plugins
from engine.values import load_plain
from tests.engine.office import CHIEFS, Office, process, service, task
from tests.runtime.drawing import many

if TYPE_CHECKING:
    from engine import Database, SteppedClock

GATE = process(
    "exclusiveGateway gate",
    task("review", CHIEFS),
    "s -> gate",
    "gate -> review: amount > 5",
    "gate -> e: default",
    "review -> e",
)
NOBODY = '<zeebe:assignmentDefinition candidateGroups="=[]"/>'


class Press:
    """A plug-in whose handler prints as long as there is ink."""

    ink = False

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        @handler("press.print", irreversible=True)
        def press(_context: Any) -> Mapping[str, Any]:
            if not self.ink:
                raise ValueError("no ink")
            return {"printed": True}

        return [press]


PRINT = process(
    service(
        "print",
        "press.print",
        '<zeebe:ioMapping><zeebe:output source="=printed" target="done"/></zeebe:ioMapping>',
    ),
    task("review", CHIEFS),
    "s -> print -> review -> e",
)


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def engine(database: Database, clock: SteppedClock, press: Press) -> Engine:
    return Engine(database, plugins=load_plugins(press), clock=clock)


def incident(office: Office, instance: int) -> Any:
    (found,) = office.view(instance).incidents
    return found


def seen(office: Office, person: str = "wang") -> Mapping[str, Any]:
    row = office.row(person)
    return office.engine.task(row.item_id, office.who(person)).variables


def events(office: Office, instance: int, kind: str) -> list[dict[str, Any]]:
    from engine import history

    with office.engine.database.read() as unit:
        rows = history.events_of(unit, instance)
    return [{"actor": row.actor, **load_plain(row.body)} for row in rows if row.kind == kind]


def test_a_variable_is_mended_and_history_keeps_the_old_value_and_the_new(office: Office) -> None:
    instance = office.run(GATE, {"amont": 9})
    office.engine.set_variables(
        instance, {"amount": 9, "amont": None}, actor=office.who("wu"), reason="写错了变量名"
    )
    assert office.engine.retry(incident(office, instance).id, office.who("wu")).state == "waiting"
    assert office.row("wang").step == "review"
    (edit,) = events(office, instance, "variables.edited")
    assert (edit["actor"], edit["reason"]) == ("user:wu", "写错了变量名")
    assert edit["changes"] == [
        {"name": "amount", "known": False, "old": None, "new": 9},
        {"name": "amont", "known": True, "old": 9, "new": None},
    ]


def test_a_variable_keeps_its_type_unless_that_is_asked_for(office: Office) -> None:
    instance = office.run(GATE, {"amount": 9, "names": ["a"]})
    wu = office.who("wu")
    for values in ({"amount": "9"}, {"amount": True}, {"names": {"a": 1}}):
        with pytest.raises(BihuanError) as caught:
            office.engine.set_variables(instance, values, actor=wu, reason="x")
        assert caught.value.code == "variable.other_type"
    office.engine.set_variables(instance, {"amount": "9"}, actor=wu, reason="x", retype=True)
    (process_scope,) = office.engine.variables(instance, wu)
    assert process_scope.variables["amount"] == "9"


@pytest.mark.parametrize(
    ("values", "reason", "code"),
    [
        ({"initiator": "user:sun"}, "x", "variable.bad_name"),
        ({"": 1}, "x", "variable.bad_name"),
        ({"a": object()}, "x", "variable.unstorable"),
        ({"a": 1}, "  ", "operation.no_reason"),
    ],
)
def test_what_can_not_be_set_is_refused(
    office: Office, values: dict[str, Any], reason: str, code: str
) -> None:
    instance = office.run(GATE, {"amount": 9})
    with pytest.raises(BihuanError) as caught:
        office.engine.set_variables(instance, values, actor=office.who("wu"), reason=reason)
    assert caught.value.code == code
    assert events(office, instance, "variables.edited") == []


def test_only_operators_mend_and_skip(office: Office) -> None:
    instance = office.run(GATE, {})
    found = incident(office, instance)
    for person in ("li", "wang", "root"):
        who = office.who(person)
        with pytest.raises(Forbidden):
            office.engine.set_variables(instance, {"amount": 1}, actor=who, reason="x")
        with pytest.raises(Forbidden):
            office.engine.skip(found.id, who, reason="x")
        with pytest.raises(Forbidden):
            office.engine.variables(instance, who)
    for person in ("li", "wang"):
        with pytest.raises(Forbidden):
            office.engine.incidents(office.who(person))


def test_a_finished_case_is_mended_no_more(office: Office) -> None:
    instance = office.run(GATE, {"amount": 1})
    with pytest.raises(Conflict) as caught:
        office.engine.set_variables(instance, {"amount": 2}, actor=office.who("wu"), reason="x")
    assert caught.value.code == "instance.over"


def test_a_failing_handler_is_skipped_with_what_it_should_have_given(office: Office) -> None:
    instance = office.run(PRINT, {})
    found = incident(office, instance)
    for _ in range(2):
        done = office.engine.skip(
            found.id, office.who("wu"), reason="已手工印刷", variables={"done": True}, request_key="skip-1"
        )
        assert done.state == "waiting"
    assert seen(office)["done"] is True
    assert "print" in office.view(instance).finished
    (skipped,) = events(office, instance, "element.skipped")
    assert (skipped["reason"], skipped["code"], skipped["variables"]) == (
        "已手工印刷", "handler.failed", {"done": True},
    )  # fmt: skip
    with pytest.raises(NotFound):
        office.engine.skip(found.id, office.who("wu"), reason="noch einmal")


def test_a_failed_job_is_skipped_and_nobody_is_offered_it_again(office: Office) -> None:
    instance = office.run(
        process(service("pay", "pay"), task("review", CHIEFS), "s -> pay -> review -> e"), {}
    )
    (job,) = office.engine.activate_jobs("pay", "one")
    office.engine.fail_job(job.id, "one", "account closed", retries=0)
    office.engine.skip(incident(office, instance).id, office.who("wu"), reason="x", variables={"paid": True})
    assert seen(office)["paid"] is True
    assert office.engine.activate_jobs("pay", "one") == []


@pytest.mark.parametrize(
    "source",
    [
        process(task("fill", NOBODY), task("review", CHIEFS), "s -> fill -> review -> e"),
        process(
            "callActivity fill | <bpmn:extensionElements><zeebe:calledElement processId='q'/>"
            "<zeebe:ioMapping><zeebe:input source='=nothing' target='x'/></zeebe:ioMapping></bpmn:extensionElements>",
            task("review", CHIEFS),
            "s -> fill -> review -> e",
        ),
        process(
            'intermediateCatchEvent fill | <bpmn:timerEventDefinition><bpmn:timeDate>="ne" + "ver"</bpmn:timeDate>'
            "</bpmn:timerEventDefinition>",
            task("review", CHIEFS),
            "s -> fill -> review -> e",
        ),
    ],
    ids=["task that nobody can do", "call whose inputs fail", "timer that can't be read"],
)
def test_what_never_began_is_skipped_too(office: Office, source: bytes) -> None:
    called = process(task("inside"), "s -> inside -> e", id="q")
    instance = office.run(source, {}, q_bpmn=called)
    office.engine.skip(incident(office, instance).id, office.who("wu"), reason="x")
    assert office.row("wang").step == "review"


def test_a_gateway_is_not_skipped(office: Office) -> None:
    instance = office.run(GATE, {})
    with pytest.raises(Refused) as caught:
        office.engine.skip(incident(office, instance).id, office.who("wu"), reason="x")
    assert caught.value.code == "incident.not_skippable"
    assert incident(office, instance).element == "gate"


def test_all_incidents_of_one_cause_are_tried_again_after_the_repair(office: Office, press: Press) -> None:
    printing = [office.run(PRINT, {}) for _ in range(3)]
    other = office.run(GATE, {})
    wu, told = office.who("wu"), []
    rows = office.engine.incidents(wu, IncidentQuery(element="print"))
    assert [row.instance_id for row in rows] == printing
    assert "no ink" in rows[0].message("zh")
    assert [row.element for row in office.engine.incidents(wu, IncidentQuery(after=rows[-1].id))] == ["gate"]
    again = office.engine.retry_all(IncidentQuery(element="print", limit=1), wu)
    assert [one.state for one in again] == ["incident"]
    press.ink = True
    query = IncidentQuery(process_id="p", element="print", code="handler.failed")
    done = office.engine.retry_all(query, wu, told.append)
    assert {(one.instance_id, one.state) for one in done} == {(instance, "waiting") for instance in printing}
    assert told == [1, 2, 3]
    assert incident(office, other).element == "gate"


def test_an_item_of_many_is_skipped_with_what_it_should_have_given(office: Office) -> None:
    source = process(
        f"serviceTask pay | {many('units', 'unit', output=('receipts', 'number'))}"
        '<bpmn:extensionElements><zeebe:taskDefinition type="pay"/></bpmn:extensionElements>',
        task("review", CHIEFS),
        "s -> pay -> review -> e",
    )
    instance = office.run(source, {"units": ["甲", "乙"]})
    first, second = office.engine.activate_jobs("pay", "one")
    office.engine.complete_job(first.id, "one", {"number": 1})
    office.engine.fail_job(second.id, "one", "account closed", retries=0)
    found = incident(office, instance)
    office.engine.skip(found.id, office.who("wu"), reason="柜台已付", variables={"number": 2})
    assert seen(office)["receipts"] == [1, 2]


def test_a_step_for_many_that_can_not_begin_is_skipped_whole(office: Office) -> None:
    source = process(
        f"subProcess each | {many('units', 'unit', output=('results', 'x'))}\n"
        "  startEvent s1\n  endEvent e1\n  s1 -> e1",
        task("review", CHIEFS),
        "s -> each -> review -> e",
    )
    instance = office.run(source, {"units": "all"})
    office.engine.skip(
        incident(office, instance).id, office.who("wu"), reason="没有单位", variables={"results": []}
    )
    assert seen(office)["results"] == []


def test_an_item_whose_result_fails_is_not_skipped_but_mended(office: Office) -> None:
    source = process(
        f"serviceTask pay | {many('units', 'unit', output=('receipts', 'number + offset'))}"
        '<bpmn:extensionElements><zeebe:taskDefinition type="pay"/></bpmn:extensionElements>',
        task("review", CHIEFS),
        "s -> pay -> review -> e",
    )
    instance, wu = office.run(source, {"units": ["甲"]}), office.who("wu")
    (job,) = office.engine.activate_jobs("pay", "one")
    office.engine.complete_job(job.id, "one", {"number": 1})
    found = incident(office, instance)
    with pytest.raises(Refused):
        office.engine.skip(found.id, wu, reason="x")
    office.engine.set_variables(instance, {"offset": 10}, actor=wu, reason="补数据")
    office.engine.retry(found.id, wu)
    assert seen(office)["receipts"] == [11]
