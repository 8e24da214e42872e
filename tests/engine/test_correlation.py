"""Messages find the instance that awaits them, by name and key, once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine import BihuanError, Engine, Forbidden, tables
from engine.commands import delivering
from engine.plugins import load_plugins
from tests.engine.office import Office, process, task
from tests.runtime.drawing import extensions

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock


def message(id: str, name: str, key: str = "=order") -> str:
    """Return a root element: a message and the key by which it is awaited."""
    inner = extensions(f'<zeebe:subscription correlationKey="{key}"/>') if key else ""
    return f'<bpmn:message id="{id}" name="{name}">{inner}</bpmn:message>'


ROOTS = message("paid", "Paid") + message("bare", "Bare", "") + message("other", "=name", "=order")
WAIT = "intermediateCatchEvent {} | <bpmn:messageEventDefinition messageRef='{}'/>"


def waits(office: Office, reference: str = "paid", extra: str = "", id: str = "p", **variables: Any) -> int:
    """Start an instance that awaits a message, and then a person."""
    catch = WAIT.format("wait", reference).replace("| ", f"| {extensions(extra)}")
    source = process(catch, task("last"), "s -> wait -> last -> e", id=id, roots=ROOTS)
    office.engine.deploy({f"{id}.bpmn": source}, actor="user:root")
    who = office.who("li")
    return office.engine.start(id, actor=who, variables={"order": 7, **variables}).instance_id


def holders(office: Office, instance: int) -> list[str]:
    return [holder.element for holder in office.view(instance).holders]


def variables(office: Office, instance: int) -> dict[str, Any]:
    from engine.commands.loading import load_instance

    with office.engine.database.read() as unit:
        act = load_instance(office.engine.ports, unit, instance, "system", lock=False)
        return act.scopes.visible(0)


def left(office: Office) -> int:
    """Return how many messages there are still rows of."""
    with office.engine.database.read() as unit:
        return int(unit.execute(select(func.count()).select_from(tables.messages)).scalar_one())


def test_an_instance_says_what_it_awaits(office: Office) -> None:
    instance = waits(office)
    (awaited,) = office.view(instance).subscriptions
    assert (awaited.kind, awaited.name, awaited.key, awaited.element) == ("message", "Paid", "7", "wait")
    assert office.view(instance).state == "waiting"


def test_a_message_of_its_name_and_key_lets_it_go_on_with_its_variables(office: Office) -> None:
    instance, other = waits(office), waits(office, order=8)
    office.engine.publish("Paid", 7, {"amount": 12})
    assert holders(office, instance) == ["last"]
    assert holders(office, other) == []
    assert variables(office, instance)["amount"] == 12
    assert office.view(instance).subscriptions == []
    (received,) = [event for event in office.view(instance).timeline if event.kind == "message.received"]
    assert received.data == {"step": "wait", "name": "Paid", "key": "7"}, (
        "what it carried is for those who may see it"
    )


def test_an_output_mapping_decides_what_stays_of_a_message(office: Office) -> None:
    extra = '<zeebe:ioMapping><zeebe:output source="=amount * 2" target="twice"/></zeebe:ioMapping>'
    instance = waits(office, extra=extra)
    office.engine.publish("Paid", "7", {"amount": 12})
    found = variables(office, instance)
    assert found["twice"] == 24
    assert "amount" not in found


def test_a_name_may_be_an_expression(office: Office) -> None:
    instance = waits(office, "other", name="Ready")
    office.engine.publish("Ready", 7)
    assert holders(office, instance) == ["last"]


@pytest.mark.parametrize("order", [None, True, "", {"a": 1}, "x" * 201])
def test_a_key_that_is_no_text_and_no_number_is_an_incident(office: Office, order: Any) -> None:
    (incident,) = office.view(waits(office, order=order)).incidents
    assert incident.code == "message.bad_key"
    assert "order" in incident.message("zh")


def test_what_nobody_awaits_is_kept_for_its_time_to_live(office: Office, clock: SteppedClock) -> None:
    office.engine.publish("Paid", 7, {"amount": 1}, time_to_live=timedelta(hours=2))
    clock.advance(timedelta(hours=1, minutes=59))
    office.engine.run_due()
    instance = waits(office)
    assert holders(office, instance) == []
    assert office.engine.run_due() == 1
    assert holders(office, instance) == ["last"]


def test_what_has_lived_long_enough_is_gone(office: Office, clock: SteppedClock) -> None:
    office.engine.publish("Paid", 7, time_to_live=timedelta(hours=2))
    clock.advance(timedelta(hours=2))
    instance = waits(office)
    assert office.engine.run_due() == 0
    assert holders(office, instance) == []
    assert left(office) == 0


def test_a_message_without_time_to_live_reaches_only_who_awaits_it_already(office: Office) -> None:
    first = waits(office)
    office.engine.publish("Paid", 7, time_to_live=timedelta(0))
    second = waits(office)
    office.engine.run_due()
    assert [holders(office, first), holders(office, second)] == [["last"], []]


def test_the_same_id_is_delivered_once(office: Office, clock: SteppedClock) -> None:
    first, second = waits(office), waits(office)
    assert office.engine.publish("Paid", 7, message_id="a-1").fresh
    assert not office.engine.publish("Paid", 7, message_id="a-1").fresh
    assert [holders(office, first), holders(office, second)] == [["last"], []]
    clock.advance(timedelta(days=2))
    office.engine.run_due()
    assert not office.engine.publish("Paid", 7, message_id="a-1").fresh, (
        "an id is remembered after its time, too"
    )
    assert holders(office, second) == []
    assert office.engine.publish("Paid", 7, message_id="a-2").fresh
    assert holders(office, second) == ["last"]


def test_of_several_instances_of_a_process_one_gets_it_of_several_processes_each(office: Office) -> None:
    first, second = waits(office), waits(office)
    elsewhere = waits(office, id="q")
    office.engine.publish("Paid", 7)
    assert [holders(office, one) for one in (first, second, elsewhere)] == [["last"], [], ["last"]]
    office.engine.publish("Paid", 7)
    assert holders(office, second) == ["last"]


def test_without_a_key_the_name_must_be_enough(office: Office) -> None:
    first = waits(office, "bare")
    office.engine.publish("Bare")
    assert holders(office, first) == ["last"]
    second, third = waits(office, "bare"), waits(office, "bare")
    office.engine.publish("Bare")
    office.engine.run_due()
    assert [holders(office, second), holders(office, third)] == [[], []], "nobody can say which one is meant"
    office.engine.publish("Bare", "7")
    assert holders(office, second) == []


def test_a_delivery_that_is_cut_off_is_made_up_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = waits(office)
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_deliver_all", lambda *_: 0)  # the server dies after the sender's commit
        office.engine.publish("Paid", 7, {"amount": 3})
    assert holders(office, instance) == []
    assert office.engine.run_due() == 1
    assert holders(office, instance) == ["last"]


def test_a_delivery_that_fails_rests_and_is_tried_again(
    office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = waits(office)

    def away(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "happen", away)
        office.engine.publish("Paid", 7)
    assert office.engine.run_due() == 0, "it rests"
    clock.advance(timedelta(seconds=30))
    assert office.engine.run_due() == 1
    assert holders(office, instance) == ["last"]


def test_a_clock_that_is_put_back_holds_no_message_up(
    office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = waits(office), waits(office, order=8)

    def away(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "happen", away)
        office.engine.publish("Paid", 7, time_to_live=timedelta(days=9))
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_deliver_all", lambda *_: 0)
        office.engine.publish("Paid", 8)
    clock.advance(timedelta(days=-1))
    assert office.engine.run_due() == 2, "neither the one that rests nor the one that is new"
    assert [holders(office, first), holders(office, second)] == [["last"], ["last"]]


def test_two_workers_deliver_a_message_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = [waits(office) for _ in range(6)]
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "_deliver_all", lambda *_: 0)
        for _ in range(3):
            office.engine.publish("Paid", 7)
    others = [
        Engine(office.engine.database, plugins=load_plugins(), clock=office.engine.clock) for _ in range(3)
    ]
    counts: list[int] = []
    threads = [threading.Thread(target=lambda one=one: counts.append(one.deliver())) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    office.engine.run_due()
    assert sum(counts) <= 3
    assert [holders(office, one) for one in instances] == [["last"]] * 3 + [[]] * 3


def test_what_can_not_be_a_message_is_refused(office: Office) -> None:
    for name, key, lasting in (("", None, None), ("x" * 201, None, None), ("Paid", "k" * 201, None)):
        with pytest.raises(BihuanError, match="must be a text") as refusal:
            office.engine.publish(name, key, time_to_live=lasting)
        assert refusal.value.code == "publish.bad_text"
    with pytest.raises(BihuanError, match="negative"):
        office.engine.publish("Paid", time_to_live=timedelta(seconds=-1))
    with pytest.raises(BihuanError, match="stored"):
        office.engine.publish("Paid", variables={"what": object()})
    with pytest.raises(Forbidden):
        office.engine.publish("Paid", actor=office.who("root"))
    assert left(office) == 0
