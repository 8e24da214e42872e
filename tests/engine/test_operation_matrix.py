"""Operation × state of the item × who asks: what the page offers is what the command does, and nothing else is done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from engine import BihuanError
from engine.tasks.access import OPERATIONS
from tests.engine.office import CHIEFS, Office, process, task

pytestmark = pytest.mark.quick_on_sqlite

DUE = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'
PAIR = '<zeebe:assignmentDefinition candidateGroups="=[role(&quot;chief&quot;, &quot;S1&quot;), &quot;user:sun&quot;]"/>'
ONE = process(
    task("fill"),
    task(
        "review",
        CHIEFS,
        DUE,
        outcomes="同意",
        drafters="=[&quot;qian&quot;]",
        **{"return": "previous"},
    ),
    task("after"),
    "s -> fill -> review -> after -> e",
)
SIGNED = process(
    task("fill"),
    task("review", PAIR, DUE, signing="all", outcomes="同意", drafters="=[&quot;qian&quot;]"),
    task("after"),
    "s -> fill -> review -> after -> e",
)

#: What each operation is called with beside the item, its version and who asks.
MORE: dict[str, Callable[[Office, Any], dict[str, Any]]] = {
    "complete": lambda _office, _row: {"outcome": "同意"},
    "assign_out": lambda _office, _row: {"to": "qian"},
    "transfer": lambda _office, _row: {"to": "liu"},
    "delegate": lambda _office, _row: {"to": "liu"},
    "add_signer": lambda _office, _row: {"to": "liu", "position": "beside"},
    "remove_signer": lambda office, row: {"signer": other_signer(office, row), "reason": "不涉及"},
    "extend": lambda _office, row: {"due": row.due_at + timedelta(days=1), "reason": "材料未齐"},
    "return": lambda _office, _row: {"reason": "补充"},
}


def other_signer(office: Office, row: Any) -> int:
    """Return the item of another signer of the same step, or of nobody."""
    others = [one.item_id for one in office.rows("sun")]
    return others[0] if others else row.item_id


def chiefs(office: Office) -> Any:
    return office.row("wang")


def pooled(office: Office) -> Any:
    return chiefs(office)


def claimed(office: Office) -> Any:
    row = chiefs(office)
    office.engine.claim(row.item_id, actor=office.who("wang"), version=row.version)
    return chiefs(office)


def drafted(office: Office) -> Any:
    row = chiefs(office)
    office.engine.assign_out(row.item_id, actor=office.who("wang"), to="qian", version=row.version)
    return chiefs(office)


def asked(office: Office) -> Any:
    row = chiefs(office)
    office.engine.delegate(row.item_id, actor=office.who("wang"), to="qian", version=row.version)
    return office.row("qian")


def received(office: Office) -> Any:
    row = chiefs(office)
    office.engine.acknowledge(row.item_id, actor=office.who("wang"), version=row.version)
    return chiefs(office)


def suspended(office: Office) -> Any:
    row = chiefs(office)
    office.engine.suspend(row.instance_id, actor="system", reason="复核")
    return row


def completed(office: Office) -> Any:
    row = chiefs(office)
    office.do("wang", "同意")
    return row


def cancelled(office: Office) -> Any:
    row = chiefs(office)
    office.engine.terminate(row.instance_id, actor="system", reason="撤项")
    return row


STATES = (pooled, claimed, drafted, asked, received, suspended, completed, cancelled)
#: Who asks: the holder, another who could hold it, staff who draft or are asked, an administrator.
PEOPLE = ("wang", "zhou", "qian", "root")


def attempt(office: Office, operation: str, row: Any, person: str) -> str | None:
    """Do an operation and return None where it was done, else the code of the refusal."""
    actor = office.who(person)
    version = row.version
    with suppress(BihuanError):  # who may not see the item tries all the same
        version = office.engine.task(row.item_id, actor).version
    given: dict[str, Any] = {
        "actor": actor,
        "version": version,
        **MORE.get(operation, lambda *_: {})(office, row),
    }
    if operation == "save_draft":
        given = {"actor": actor, "answers": {"a": 1}, "based_on": None}
    command = getattr(office.engine, {"return": "return_task"}.get(operation, operation))
    try:
        command(row.item_id, **given)
    except BihuanError as error:
        return error.code
    return None


def offered(office: Office, row: Any, person: str) -> dict[str, str | None]:
    """Return what the task's page offers a person; nothing where they may not see it."""
    try:
        return dict(office.engine.task(row.item_id, office.who(person)).can)
    except BihuanError as error:
        return dict.fromkeys(OPERATIONS, error.code)


def fresh(office: Office, source: bytes, state: Callable[[Office], Any]) -> Any:
    """Return the row of a new case's item in a state; what was open before is done."""
    for person in ("li", "wang", "sun", "qian", "liu"):
        for row in office.rows(person):
            office.engine.terminate(row.instance_id, actor="system", reason="收尾")
    office.run(source, {})
    office.do("li")
    return state(office)


@pytest.mark.parametrize(
    "source", [pytest.param(ONE, id="one"), pytest.param(SIGNED, id="signed", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("state", STATES, ids=[one.__name__ for one in STATES])
def test_what_is_offered_is_what_is_done(
    office: Office, source: bytes, state: Callable[[Office], Any]
) -> None:
    row = fresh(office, source, state)
    #: A file needs a store; and what is typed for a task that somebody closed meanwhile is kept all the same.
    left_out = {"attach"} | ({"save_draft"} if state in (completed, cancelled) else set())
    operations = [one for one in OPERATIONS if one not in left_out]
    for person in PEOPLE:
        for operation in operations:
            can = offered(office, row, person)[operation]
            before = office.engine.task(row.item_id, office.who("wang")).version
            code = attempt(office, operation, row, person)
            assert (can is None) == (code is None), (person, operation, can, code)
            if code is None:
                row = fresh(office, source, state)
            else:
                assert office.engine.task(row.item_id, office.who("wang")).version == before


@pytest.mark.parametrize(
    ("state", "person", "operation", "code"),
    [
        (pooled, "wang", "unclaim", "item.not_claimed"),
        (pooled, "liu", "complete", "item.not_candidate"),
        (pooled, "root", "complete", "admin.no_business"),
        (claimed, "wang", "claim", "item.already_claimed"),
        (claimed, "zhou", "complete", "item.held"),
        (drafted, "qian", "complete", "item.drafter_only"),
        (asked, "wang", "complete", "item.held"),
        (asked, "qian", "transfer", "item.only_asked"),
        (received, "wang", "acknowledge", "item.acknowledged_already"),
        (suspended, "wang", "complete", "instance.suspended"),
        (completed, "wang", "complete", "item.completed"),
        (cancelled, "wang", "complete", "item.cancelled"),
    ],
)
def test_a_refusal_names_its_reason(
    broken_office: Office, state: Callable[[Office], Any], person: str, operation: str, code: str
) -> None:
    row = fresh(broken_office, ONE, state)
    assert offered(broken_office, row, person).get(operation) in (code, "item.unknown")
    refused = attempt(broken_office, operation, row, person)
    assert refused in (code, "item.unknown")
