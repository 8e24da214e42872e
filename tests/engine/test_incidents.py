"""A failure after a person's act is an incident beside the act; faults of the database leave the old state or the new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from engine import Engine, Forbidden, HandlerContext, handler, hookimpl
from engine.plugins import Handler, load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, service, task

if TYPE_CHECKING:
    from engine import Database, SteppedClock

GATE = process(
    task("fill"),
    task("review", CHIEFS),
    "exclusiveGateway gate",
    "s -> fill -> gate",
    "gate -> review: amont > 5",
    "gate -> e: default",
    "review -> e",
    subject="=title",
)


class Desk:
    """A plug-in whose handler writes a row, and then fails as long as it is told to."""

    failing = True

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        @handler("desk.stamp", irreversible=True)
        def stamp(context: HandlerContext) -> Mapping[str, Any]:
            context.session.execute(
                text("INSERT INTO settings (key, value) VALUES (:key, '1')"),
                {"key": f"stamp-{context.instance.id}"},
            )
            if self.failing:
                raise ValueError("no ink")
            context.audit("desk.stamped", {"by": context.actor})
            return {"stamp": context.variables["n"] + 1, "again": context.document("fill") is not None}

        return [stamp]


STAMP = process(
    task("fill"), service("stamp", "desk.stamp"), task("review", CHIEFS), "s -> fill -> stamp -> review -> e"
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def engine(database: Database, clock: SteppedClock, desk: Desk) -> Engine:
    return Engine(database, plugins=load_plugins(desk), clock=clock)


def test_a_misspelt_name_at_a_gateway_is_an_incident_and_the_act_stands(office: Office) -> None:
    instance = office.run(GATE, {"title": "x", "amount": 9})
    assert office.do("li", opinion="我的意见").state == "incident"
    view = office.view(instance)
    (incident,) = view.incidents
    assert (incident.element, incident.code) == ("gate", "feel.unknown_name")
    assert "amont" in incident.message("zh")
    assert any(entry.opinion == "我的意见" for entry in view.timeline)
    assert office.rows("li") == []


def test_a_failing_handler_is_undone_alone_and_retry_goes_on_from_it(office: Office, desk: Desk) -> None:
    instance = office.run(STAMP, {"n": 1})
    assert office.do("li", answers={"note": "已核"}).state == "incident"
    assert office.engine.setting(f"stamp-{instance}") is None
    (incident,) = office.view(instance).incidents
    assert "no ink" in incident.message("en")
    office.sound()
    office.engine.retry(incident.id, office.who("root"))
    (again,) = office.view(instance).incidents
    assert again.id != incident.id
    desk.failing = False
    office.engine.retry(again.id, office.who("root"))
    assert office.view(instance).incidents == []
    assert office.engine.setting(f"stamp-{instance}") == 1
    row = office.row("wang")
    variables = office.engine.task(row.item_id, office.who("wang")).variables
    assert (variables["stamp"], variables["again"]) == (2, True)
    assert "desk.stamped" in [entry.kind for entry in office.view(instance).timeline]


def test_only_administrators_and_the_system_may_retry(office: Office) -> None:
    instance = office.run(GATE, {"title": "x"})
    office.do("li")
    (incident,) = office.view(instance).incidents
    with pytest.raises(Forbidden):
        office.engine.retry(incident.id, office.who("li"))


def test_a_step_that_nobody_can_do_is_an_incident(office: Office) -> None:
    nobody = '<zeebe:assignmentDefinition candidateGroups="=[]"/>'
    instance = office.run(process(task("fill", nobody), "s -> fill -> e"), {})
    assert [one.code for one in office.view(instance).incidents] == ["task.nobody"]


@contextmanager
def fault_at(engine: Engine, number: int) -> Iterator[None]:
    """Let the database fail at the ``number``-th statement of the block."""
    left = number

    def fail(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OperationalError("statement", {}, Exception("disk I/O error"))

    event.listen(engine.database.engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", fail)


def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(office: Office, desk: Desk) -> None:
    desk.failing = False
    instance = office.run(STAMP, {"n": 1})
    row, li = office.row("li"), office.who("li")
    for number in range(1, 40):
        try:
            with fault_at(office.engine, number):
                office.engine.complete(
                    row.item_id, actor=li, version=row.version, answers={"a": "b"}, request_key="once"
                )
        except OperationalError:
            office.sound()
        else:
            break
        assert [holder.element for holder in office.view(instance).holders] == ["fill"]
        assert office.engine.setting(f"stamp-{instance}") is None
    else:
        pytest.fail("the completion never came through")
    assert number > 5
    assert [holder.element for holder in office.view(instance).holders] == ["review"]


def test_a_fault_at_any_statement_of_a_start_leaves_nothing_or_all(office: Office) -> None:
    office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
    li = office.who("li")
    for number in range(1, 40):
        try:
            with fault_at(office.engine, number):
                office.engine.start("p", actor=li, variables={"title": "x"}, request_key="once")
        except OperationalError:
            assert office.engine.started_by(li).rows == []
        else:
            break
    assert number > 4
    assert len(office.engine.started_by(li).rows) == 1
    assert len(office.rows("li")) == 1
