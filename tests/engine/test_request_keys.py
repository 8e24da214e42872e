"""A command that is sent twice under one request key is done once, and answered as it was the first time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import Conflict, Wish, history
from tests.engine.office import CHIEFS, Office, process, task

DUE = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'
SOURCE = process(
    task("fill"),
    task(
        "review",
        CHIEFS,
        DUE,
        outcomes="同意",
        drafters="=[&quot;qian&quot;]",
        **{"return": "previous", "return-bulk": "yes"},
    ),
    task("after"),
    "s -> fill -> review -> after -> e",
)

#: An operation: it is given the office, the row of the chief's item, and the request key.
Ask = Callable[[Office, Any, str], Any]


def mine(office: Office, row: Any) -> dict[str, Any]:
    return {"actor": office.who("wang"), "version": row.version}


ASKED: dict[str, Ask] = {
    "claim": lambda o, r, k: o.engine.claim(r.item_id, **mine(o, r), request_key=k),
    "assign_out": lambda o, r, k: o.engine.assign_out(r.item_id, **mine(o, r), to="qian", request_key=k),
    "transfer": lambda o, r, k: o.engine.transfer(r.item_id, **mine(o, r), to="liu", request_key=k),
    "delegate": lambda o, r, k: o.engine.delegate(r.item_id, **mine(o, r), to="liu", request_key=k),
    "add_signer": lambda o, r, k: o.engine.add_signer(
        r.item_id, **mine(o, r), to="liu", position="beside", request_key=k
    ),
    "acknowledge": lambda o, r, k: o.engine.acknowledge(r.item_id, **mine(o, r), request_key=k),
    "return_task": lambda o, r, k: o.engine.return_task(r.item_id, **mine(o, r), reason="补", request_key=k),
    "extend": lambda o, r, k: o.engine.extend(
        r.item_id, **mine(o, r), due=r.due_at + timedelta(days=3), reason="材料未齐", request_key=k
    ),
    "do_many": lambda o, r, k: o.engine.do_many(
        [(r.item_id, r.version)], Wish("complete", "同意"), actor=o.who("wang"), request_key=k
    ),
    "return in bulk": lambda o, r, k: o.engine.do_many(
        [(r.item_id, r.version)], Wish("return", opinion="补"), actor=o.who("wang"), request_key=k
    ),
    "copy": lambda o, r, k: o.engine.copy(r.instance_id, actor=o.who("wang"), to=["sun"], request_key=k),
    "comment": lambda o, r, k: o.engine.comment(
        r.instance_id, actor=o.who("wang"), text="请核对", request_key=k
    ),
    "urge": lambda o, r, k: o.engine.urge(r.item_id, actor=o.who("li"), request_key=k),
    "follow": lambda o, r, k: o.engine.follow(r.instance_id, actor=o.who("wang"), request_key=k),
}


@pytest.mark.parametrize("name", ASKED)
def test_the_same_request_is_done_once(office: Office, name: str) -> None:
    instance = office.run(SOURCE, {})
    office.do("li")
    row = office.row("wang")
    first = ASKED[name](office, row, "key-1")
    events = len(history_of(office, instance))
    again = ASKED[name](office, row, "key-1")
    assert again == first
    if isinstance(first, list) and name not in ("copy", "urge"):
        assert [one.state for one in again] == ["done"]
    assert len(history_of(office, instance)) == events


def test_another_request_under_the_same_key_is_refused(office: Office) -> None:
    office.run(SOURCE, {})
    office.do("li")
    row = office.row("wang")
    office.engine.transfer(row.item_id, **mine(office, row), to="liu", request_key="key-1")
    with pytest.raises(Conflict) as caught:
        office.engine.transfer(row.item_id, **mine(office, row), to="sun", request_key="key-1")
    assert caught.value.code == "request.reused"


def test_what_is_handed_over_twice_goes_once(office: Office) -> None:
    li = '<zeebe:assignmentDefinition assignee="li"/>'
    office.run(process(task("fill", li), "s -> fill -> e"), {})
    for _ in range(2):
        office.engine.hand_over("li", ["sun"], actor=office.who("li"), request_key="key-1")
    assert len(office.rows("sun")) == 1


def test_a_deadline_moved_twice_moves_once(office: Office) -> None:
    instance = office.run(SOURCE, {})
    office.do("li")
    li, later = office.who("li"), office.row("wang").due_at + timedelta(days=3)
    found = office.engine.due_changes("p", "review", later, actor=li)
    for _ in range(2):
        (result,) = office.engine.change_dues(found, actor=li, reason="统一延期", request_key="key-1")
        assert result.error is None
    assert [one.kind for one in history_of(office, instance)].count("due.changed") == 1


def test_a_decision_about_a_deadline_sent_twice_is_one(office: Office) -> None:
    owned = task("fill", extra=DUE, deadline_owner="=role(&quot;chief&quot;, &quot;S1&quot;)")
    instance = office.run(process(owned, "s -> fill -> e"), {})
    row = office.row("li")
    number = office.engine.extend(
        row.item_id,
        actor=office.who("li"),
        version=row.version,
        due=row.due_at + timedelta(days=3),
        reason="材料未齐",
    )
    for _ in range(2):
        office.engine.decide_extension(number, actor=office.who("wang"), grant=True, request_key="key-1")
    assert [one.kind for one in history_of(office, instance)].count("extension.granted") == 1


def test_asking_for_a_submission_back_twice_asks_once(office: Office) -> None:
    instance = office.run(SOURCE, {})
    done = office.row("li")
    office.do("li")
    row = office.row("wang")
    office.engine.save_draft(row.item_id, actor=office.who("wang"), answers={}, based_on=None, opinion="看过")
    li = office.who("li")
    holders = [
        office.engine.ask_withdrawal(done.item_id, actor=li, reason="填错", request_key="key-1")
        for _ in range(2)
    ]
    assert holders == [[row.item_id]] * 2
    given = {"actor": office.who("wang"), "version": row.version, "asked": done.item_id, "grant": True}
    answers = [office.engine.answer_withdrawal(row.item_id, **given, request_key="key-2") for _ in range(2)]
    assert answers[0] == answers[1]
    assert [one.kind for one in history_of(office, instance)].count("item.withdrawn") == 1


def test_a_note_read_twice_is_read_once(office: Office) -> None:
    instance = office.run(SOURCE, {})
    office.engine.copy(instance, actor=office.who("li"), to=["sun"])
    (note,) = office.engine.notes(office.who("sun"))
    sun = office.who("sun")
    assert [office.engine.read_note(note.id, actor=sun, request_key="key-1") for _ in range(2)] == [
        True,
        True,
    ]


def history_of(office: Office, instance: int) -> list[Any]:
    with office.engine.database.read() as unit:
        return list(history.events_of(unit, instance))
