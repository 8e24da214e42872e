"""The doctor finds subscriptions, keys and messages that don't agree with the instances."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, update

from engine import tables
from engine.commands import delivering
from tests.engine.office import Office, process, task
from tests.engine.test_correlation import ROOTS, waits
from tests.engine.test_sending import PAID, begin, complete

if TYPE_CHECKING:
    from engine import SteppedClock

SUBSCRIPTIONS, KEYS = tables.subscriptions, tables.business_keys


def rules(office: Office) -> list[str]:
    found = office.engine.doctor()
    for one in found:
        assert one.message("zh") != one.rule
        assert one.remedy("zh")
        assert one.message("en")
    return sorted(one.rule for one in found)


def change(office: Office, statement: Any) -> None:
    with office.engine.database.write() as unit:
        unit.execute(statement)


def test_an_instance_whose_subscription_is_gone_waits_for_nothing(broken_office: Office) -> None:
    waits(broken_office)
    assert rules(broken_office) == []
    change(broken_office, delete(SUBSCRIPTIONS))
    assert rules(broken_office) == ["instance.idle"]


def test_a_subscription_that_no_token_waits_at(broken_office: Office) -> None:
    instance = waits(broken_office)
    row = {
        "kind": "message",
        "name": "Paid",
        "key": "7",
        "process_id": "p",
        "instance_id": instance,
        "token": 99,
        "element": "wait",
        "created_at": broken_office.engine.clock.now(),
    }
    change(broken_office, insert(SUBSCRIPTIONS).values(row))
    assert rules(broken_office) == ["instance.tokens"]


def test_a_subscription_of_an_instance_that_has_ended(broken_office: Office) -> None:
    instance = waits(broken_office)
    ended = begin(broken_office, process(task("a"), "s -> a -> e", id="q"), "q")
    complete(broken_office, ended)
    change(
        broken_office,
        update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.instance_id == instance).values(instance_id=ended),
    )
    assert rules(broken_office) == ["instance.ended_open", "instance.idle"]


def test_a_key_of_an_instance_that_has_ended(broken_office: Office) -> None:
    source = process(
        task("last"), f"startEvent begun | {PAID}", "s -> last -> e", "begun -> last", roots=ROOTS
    )
    broken_office.engine.deploy({"p.bpmn": source}, actor="user:root")
    broken_office.engine.publish("Paid", "A-1")
    (row,) = broken_office.rows("li")
    assert rules(broken_office) == []
    change(broken_office, update(KEYS).values(instance_id=row.instance_id + 1))
    assert rules(broken_office) == ["key.orphan"]


def test_a_start_event_of_an_old_version(broken_office: Office) -> None:
    source = process(
        task("last"), f"startEvent begun | {PAID}", "s -> last -> e", "begun -> last", roots=ROOTS
    )
    broken_office.engine.deploy({"p.bpmn": source}, actor="user:root")
    broken_office.engine.deploy({"p.bpmn": source.replace(b"last", b"next")}, actor="user:root")
    assert rules(broken_office) == []
    definitions = tables.definitions.c
    with broken_office.engine.database.read() as unit:
        (old, _) = unit.execute(tables.definitions.select().order_by(definitions.version)).scalars("id")
    change(broken_office, update(SUBSCRIPTIONS).values(definition_id=old))
    assert rules(broken_office) == ["start.outdated"]


def test_a_message_that_can_not_be_delivered_again_and_again(
    broken_office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(broken_office)

    def away(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "happen", away)
        broken_office.engine.publish("Paid", 7, time_to_live=timedelta(days=9))
        for _ in range(4):
            assert rules(broken_office) == []
            clock.advance(timedelta(hours=1))
            broken_office.engine.run_due()
    assert rules(broken_office) == ["message.stuck"]
    clock.advance(timedelta(hours=1))
    assert broken_office.engine.run_due() == 1
    clock.advance(timedelta(days=9))
    broken_office.engine.run_due()
    assert rules(broken_office) == []
