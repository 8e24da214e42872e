"""Multi-instance activities in the engine: variables, documents and work items of each item, jobs, incidents, the play."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import Engine, HandlerContext, handler, hookimpl
from engine.calendar import SteppedClock
from engine.database import Database
from engine.play import play
from engine.plugins import Handler, load_plugins
from engine.store import FolderStore
from tests.engine.office import CLERKS, Office, process, service, task
from tests.engine.test_variables import mapping
from tests.runtime.drawing import draw, many

pytestmark = pytest.mark.quick_on_sqlite

PAY = '<zeebe:taskDefinition type="pay"/>'


def units(body: str, **options: Any) -> bytes:
    """A process with a multi-instance sub-process over ``units``; ``body`` are the lines inside."""
    inside = "\n".join("    " + line for line in ("startEvent s1", "endEvent e1", *body.splitlines()))
    marker = many("units", "unit", **options)
    return process(f"subProcess each | {marker}\n{inside}", task("after"), "s -> each -> after -> e")


def seen(office: Office, item: int = 0) -> dict[str, Any]:
    """The variables at the open work item of an item."""
    (row,) = [row for row in office.rows("li") if row.item == item]
    return dict(office.engine.task(row.item_id, office.who("li")).variables)


def do(office: Office, item: int, **more: Any) -> None:
    (row,) = [row for row in office.rows("li") if row.item == item]
    office.engine.complete(row.item_id, actor=office.who("li"), version=row.version, **more)


def after(office: Office) -> dict[str, Any]:
    assert office.row("li").element == "after"
    return dict(office.engine.task(office.row("li").item_id, office.who("li")).variables)


TASK = task("fill") + "\ns1 -> fill -> e1"


def test_each_work_item_knows_its_item_its_element_and_the_counts(office: Office) -> None:
    office.run(units(TASK), {"units": ["甲", "乙"]})
    assert [row.item for row in office.rows("li")] == [0, 1]
    variables = seen(office, 1)
    assert (variables["unit"], variables["loopCounter"], variables["numberOfInstances"]) == ("乙", 2, 2)
    do(office, 1)
    assert seen(office, 0)["numberOfCompletedInstances"] == 1
    do(office, 0)
    assert "unit" not in after(office)
    assert "loopCounter" not in after(office)


def test_what_items_give_is_collected_in_the_order_of_the_input(office: Office) -> None:
    source = units(TASK, output=("results", "{unit: unit, n: amount * 2}"))
    office.run(source, {"units": ["甲", "乙", "丙"]})
    for item in (2, 0, 1):
        do(office, item, answers={"amount": Decimal(item)})
    assert after(office)["results"] == [
        {"unit": name, "n": Decimal(2 * n)} for n, name in enumerate("甲乙丙")
    ]


def test_an_output_element_that_is_a_variable_is_each_items_own(office: Office) -> None:
    """As in Camunda 8: else parallel items would overwrite each other's result."""
    office.run(units(TASK, output=("results", "amount")), {"units": ["甲", "乙"]})
    do(office, 0, answers={"amount": 1})
    assert seen(office, 1)["amount"] is None
    do(office, 1, answers={"amount": 2})
    assert after(office)["results"] == [1, 2]
    assert "amount" not in after(office)


def test_a_write_to_a_variable_outside_is_seen_by_all_items(office: Office) -> None:
    body = task("fill", extra=mapping("out total total + 1")) + "\ns1 -> fill -> e1"
    office.run(units(body), {"units": [1, 2], "total": 0})
    do(office, 0)
    assert seen(office, 1)["total"] == 1
    do(office, 1)
    assert after(office)["total"] == 2


def test_each_item_has_documents_of_its_own(office: Office) -> None:
    body = task("fill", document="goal") + "\n" + task("check", shows="goal") + "\ns1 -> fill -> check -> e1"
    instance = office.run(units(body, output=("amounts", "goal.n")), {"units": ["甲", "乙"]})
    do(office, 0, answers={"n": 1})
    do(office, 1, answers={"n": 2})
    shown = []
    for row in office.rows("li"):
        view = office.engine.task(row.item_id, office.who("li"))
        shown += [(document.version, document.body["n"]) for document in view.shows]
    assert shown == [(1, 1), (1, 2)]
    do(office, 0)
    do(office, 1)
    assert after(office)["amounts"] == [1, 2]
    assert [document.name for document in office.view(instance).documents] == ["goal", "goal"]


def test_rounds_are_counted_in_each_item(office: Office) -> None:
    body = "\n".join(
        [
            task("fill", outcomes="好,再来"),
            "exclusiveGateway gate",
            "s1 -> fill -> gate",
            'gate -> fill: outcome = "再来"',
            "gate -> e1: default",
        ]
    )
    office.run(units(body), {"units": [1, 2]})
    do(office, 1, outcome="再来")
    assert {row.item: row.round for row in office.rows("li")} == {0: 1, 1: 2}
    do(office, 1, outcome="好")
    do(office, 0, outcome="好")


def test_jobs_of_external_workers_see_their_item(office: Office) -> None:
    marker = many("units", "unit", zeebe=PAY, output=("paid", "receipt"), sequential=True)
    office.run(
        process(f"serviceTask pay | {marker}", task("after"), "s -> pay -> after -> e"), {"units": [5, 7]}
    )
    for number, amount in enumerate((5, 7)):
        (job,) = office.engine.activate_jobs("pay", "worker", limit=10)
        assert (job.variables["unit"], job.variables["loopCounter"]) == (amount, number + 1)
        office.engine.complete_job(job.id, "worker", {"receipt": f"R{amount}"})
    assert after(office)["paid"] == ["R5", "R7"]
    assert "receipt" not in after(office)


def test_a_called_process_gets_its_item_and_its_result_comes_back(office: Office) -> None:
    called = draw(f"startEvent a\nuserTask fill | {CLERKS}\nendEvent z\na -> fill -> z", process="called")
    zeebe = '<zeebe:calledElement processId="called" propagateAllChildVariables="true"/>'
    marker = many("units", "unit", zeebe=zeebe, output=("results", "amount"))
    source = process(f"callActivity each | {marker}", task("after"), "s -> each -> after -> e")
    office.run(source, {"units": ["甲", "乙"]}, called_bpmn=called)
    assert seen(office, 1)["unit"] == "乙"
    do(office, 1, answers={"amount": 2})
    do(office, 0, answers={"amount": 1})
    assert after(office)["results"] == [1, 2]


def test_too_many_items_are_an_incident_that_is_repaired_by_other_items(office: Office) -> None:
    instance = office.run(units(TASK), {"units": list(range(501))})
    (incident,) = office.view(instance).incidents
    assert incident.code == "loop.too_many"
    operator = office.who("wu")
    office.engine.set_variables(instance, {"units": [1]}, actor=operator, reason="少一些")
    office.engine.retry(incident.id, operator)
    do(office, 0)


def test_the_rest_is_cancelled_when_the_completion_condition_holds(office: Office) -> None:
    office.run(units(TASK, until="numberOfCompletedInstances = 1"), {"units": [1, 2, 3]})
    do(office, 1)
    assert [row.element for row in office.rows("li")] == ["after"]


def test_five_hundred_items_are_the_limit_and_leave_nothing_behind(office: Office) -> None:
    source = units(TASK, output=("results", "unit"), until="unit = 7")
    office.run(source, {"units": list(range(500))})
    with office.engine.database.read() as unit:
        items = unit.connection.exec_driver_sql(
            "SELECT item, id, version FROM work_items WHERE state = 'open' ORDER BY item"
        ).all()
    assert [row.item for row in items] == list(range(500))
    office.engine.complete(items[7].id, actor=office.who("li"), version=items[7].version)
    assert [n for n in after(office)["results"] if n is not None] == [7]
    office.do("li")


PLAYED = {
    "variables": {"units": ["甲", "乙"]},
    "answers": [
        {"element": "fill", "item": 1, "form": {"amount": 2}},
        {"element": "fill", "item": 0, "form": {"amount": 1}},
    ],
    "auto": True,
}


@pytest.mark.parametrize("sequential", [False, True])
def test_a_play_takes_answers_by_item_and_its_path_has_each_items_way(sequential: bool) -> None:
    asked = dict(
        PLAYED,
        answers=sorted(PLAYED["answers"], key=lambda one: one["item"]) if sequential else PLAYED["answers"],
    )
    source = units(TASK, output=("results", "amount"), sequential=sequential)
    result = play({"p.bpmn": source}, "p.bpmn", asked, load_plugins(entry_points=False))
    assert "error" not in result
    assert result["state"] == "ended"
    assert result["variables"]["results"] == [1, 2]
    counted = {name: result["path"].count(name) for name in ("s1", "fill", "e1", "each", "after")}
    assert counted == {"s1": 2, "fill": 2, "e1": 2, "each": 1, "after": 1}


class Ledger:
    """A plug-in whose handler books, and can take a booking back."""

    def __init__(self) -> None:
        self.undone: list[Any] = []

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        def cancel(context: HandlerContext) -> None:
            self.undone.append(context.variables["unit"])

        @handler("ledger.book", undo=cancel)
        def book(_: HandlerContext) -> dict[str, Any]:
            return {}

        return [book]


def test_a_step_is_returned_inside_its_item_and_undoes_only_what_was_done_there(
    database: Database, clock: SteppedClock, tmp_path: Path
) -> None:
    ledger = Ledger()
    plugins = load_plugins(ledger, entry_points=False)
    office = Office.open(Engine(database, plugins=plugins, clock=clock, store=FolderStore(tmp_path)))
    steps = [task("fill"), service("book", "ledger.book"), task("review", **{"return": "previous"})]
    office.run(units("\n".join([*steps, "s1 -> fill -> book -> review -> e1"])), {"units": ["甲", "乙"]})
    do(office, 0)
    do(office, 1)
    (row,) = [row for row in office.rows("li") if row.item == 0]
    office.engine.return_task(row.item_id, actor=office.who("li"), version=row.version, reason="重填")
    assert ledger.undone == ["甲"]
    assert {row.item: row.element for row in office.rows("li")} == {0: "fill", 1: "review"}
    office.sound()


def test_what_is_done_in_another_item_does_not_hinder_withdrawing(office: Office) -> None:
    steps = [task("fill"), task("check"), "s1 -> fill -> check -> e1"]
    office.run(units("\n".join(steps)), {"units": ["甲", "乙"]})
    first = next(row for row in office.rows("li") if row.item == 0)
    do(office, 0)
    do(office, 1)
    do(office, 1)
    office.engine.withdraw(first.item_id, actor=office.who("li"))
    assert {row.item: row.element for row in office.rows("li")} == {0: "fill"}
