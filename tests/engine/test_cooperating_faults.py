"""The database fails at every statement of what people do together on a task: the old state is there, or the new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_faults import content
from tests.engine.test_incidents import fault_at

pytestmark = pytest.mark.quick_on_sqlite

DUE = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'
SOURCE = process(
    "parallelGateway fork",
    "parallelGateway join",
    task(
        "sign",
        '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;sun&quot;]"/>',
        DUE,
        signing="in order",
        outcomes="同意,不同意",
        cc="=[&quot;qian&quot;]",
        document="vote",
    ),
    task("review", CHIEFS, DUE, outcomes="同意"),
    task("after"),
    "s -> fork -> sign -> join -> after -> e",
    "fork -> review -> join",
)


def on(person: str, operation: str, **more: Any) -> Callable[[Office], Any]:
    """Return an operation on the item that waits for a person."""

    def act(office: Office) -> Any:
        row = office.row(person)
        given = {"actor": office.who(person), "version": row.version, **more}
        return getattr(office.engine, operation)(row.item_id, **given)

    return act


def later(office: Office) -> Any:
    row = office.row("wang")
    due, li = row.due_at, office.who("wang")
    assert due is not None
    return office.engine.extend(
        row.item_id, actor=li, version=row.version, due=due + timedelta(days=1), reason="…"
    )


def removed(office: Office) -> Any:
    row, li = office.row("li"), office.who("li")
    others = [one for one in office.engine.task(row.item_id, li).signatures if one.state == "pending"]
    return office.engine.remove_signer(row.item_id, actor=li, version=row.version, signer=others[0].item_id)


def copied(office: Office) -> Any:
    row = office.row("li")
    return office.engine.copy(row.instance_id, actor=office.who("li"), to=["qian"])


def urged(office: Office) -> Any:
    return office.engine.urge(office.row("wang").item_id, actor=office.who("li"))


def handed_over(office: Office) -> Any:
    (result,) = office.engine.hand_over("sun", ["qian"], actor=office.who("sun"))
    if result.error is not None:
        raise result.error
    return result


COMMANDS: dict[str, Callable[[Office], Any]] = {
    "a signature that goes on": on("li", "complete", outcome="同意", answers={"n": 1}),
    "a signature that decides": on("li", "complete", outcome="不同意", opinion="…", answers={"n": 1}),
    "a signer is added before": on("li", "add_signer", to="qian", position="before"),
    "a signer is added to one person's step": on("wang", "add_signer", to="qian", position="after"),
    "a signer is taken out": removed,
    "a transfer": on("li", "transfer", to="liu"),
    "a question": on("wang", "delegate", to="qian"),
    "a receipt": on("wang", "acknowledge"),
    "a later deadline": later,
    "a copy": copied,
    "an urge": urged,
    "a hand-over": handed_over,
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(office: Office, name: str) -> None:
    office.run(SOURCE, {})
    before = content(office.engine)
    for number in range(1, 40):
        try:
            with fault_at(office.engine, number):
                COMMANDS[name](office)
        except OperationalError:
            assert content(office.engine) == before
        else:
            break
    else:
        pytest.fail("the command never came through")
    assert number > 4
    assert content(office.engine) != before
