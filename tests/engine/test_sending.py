"""What an instance sends leaves with its transaction and arrives after its commit; what it awaits, in all places."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import Engine
from engine.commands import writer
from tests.engine.office import Office, process, properties, service, task
from tests.engine.test_correlation import ROOTS, WAIT, holders, left, message, variables, waits
from tests.runtime.drawing import draw, extensions, many

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock

SIGNALS = '<bpmn:signal id="g" name="year closed"/><bpmn:signal id="h" name="=word"/>'
PAID = '<bpmn:messageEventDefinition messageRef="paid"/>'
G = '<bpmn:signalEventDefinition signalRef="g"/>'
NAMES = '<bpmn:message id="m" name="Paid"/>'


def maps(**inputs: str) -> str:
    lines = "".join(f'<zeebe:input source="={value}" target="{name}"/>' for name, value in inputs.items())
    return f"<zeebe:ioMapping>{lines}</zeebe:ioMapping>" if inputs else ""


def sender(thrower: str, inner: str = "", *, id: str = "sender", roots: str = NAMES, **inputs: str) -> bytes:
    """Return a process that sends after a person's step; ``inner`` is extensions of the thrower."""
    definition = '<bpmn:messageEventDefinition messageRef="m"/>' if "Event" in thrower else ""
    line = f"{thrower} | {extensions(inner + maps(**inputs))}{definition}"
    name = thrower.split()[1]
    return draw(f"startEvent s\n{task('ask')}\n{line}\ns -> ask -> {name}", id, roots=roots)


def begin(office: Office, source: bytes, id: str, given: dict[str, Any] | None = None) -> int:
    office.engine.deploy({f"{id}.bpmn": source}, actor="user:root")
    return office.engine.start(id, actor=office.who("li"), variables=given or {}).instance_id


def complete(office: Office, instance: int) -> None:
    """Complete the only open step of an instance."""
    (holder,) = office.view(instance).holders
    item = office.engine.task(holder.item_id, office.who("li"))
    office.engine.complete(holder.item_id, actor=office.who("li"), version=item.version)


KEY = properties(correlation_key="=order")


@pytest.mark.parametrize(
    "thrower", ["intermediateThrowEvent send", "endEvent send", "sendTask send messageRef=m"]
)
def test_what_throws_a_message_publishes_it_with_its_mapped_variables(office: Office, thrower: str) -> None:
    receiver = waits(office)
    sent = begin(office, sender(thrower, KEY, amount="total + 1"), "sender", {"order": 7, "total": 4})
    complete(office, sent)
    assert office.view(sent).state == "ended"
    assert holders(office, receiver) == [], "it is on its way"
    assert office.engine.run_due() == 1
    assert holders(office, receiver) == ["last"]
    found = variables(office, receiver)
    assert found["amount"] == 5
    assert "total" not in found


@pytest.mark.parametrize("place", ["definition", "event"])
def test_camundas_own_extension_says_key_id_and_time_too(
    office: Office, clock: SteppedClock, place: str
) -> None:
    publish = '<zeebe:publishMessage correlationKey="=order" messageId="=&quot;x-&quot; + order" timeToLive="PT3H"/>'
    inner = {
        "definition": f'<bpmn:messageEventDefinition messageRef="m">{extensions(publish)}</bpmn:messageEventDefinition>',
        "event": f'{extensions(publish)}<bpmn:messageEventDefinition messageRef="m"/>',
    }[place]
    source = draw(
        f"startEvent s\n{task('ask')}\nendEvent send | {inner}\ns -> ask -> send", "sender", roots=NAMES
    )
    complete(office, begin(office, source, "sender", {"order": "A"}))
    complete(office, begin(office, source, "sender", {"order": "A"}))
    clock.advance(timedelta(hours=2))
    first, second = waits(office, order="A"), waits(office, order="A")
    office.engine.run_due()
    assert [holders(office, first), holders(office, second)] == [["last"], []], "the second had the same id"


def test_without_a_key_of_its_own_a_thrower_uses_the_one_by_which_the_message_is_awaited(
    office: Office,
) -> None:
    receiver = waits(office)
    source = sender("endEvent send", roots=message("m", "Paid", "=order"))
    complete(office, begin(office, source, "sender", {"order": 7}))
    office.engine.run_due()
    assert holders(office, receiver) == ["last"]


def test_a_sender_whose_transaction_fails_sends_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = waits(office)
    sent = begin(office, sender("endEvent send", KEY), "sender", {"order": 7})

    def fails(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(writer.history, "write", fails)
        with pytest.raises(OSError, match="full"):
            complete(office, sent)
    assert left(office) == 0
    assert office.engine.run_due() == 0
    complete(office, sent)
    office.engine.run_due()
    assert holders(office, receiver) == ["last"]


def test_a_sender_that_can_not_say_its_key_stops_before_it_and_sends_after_repair(office: Office) -> None:
    receiver = waits(office)
    sent = begin(office, sender("endEvent send", KEY), "sender", {"order": None})
    complete(office, sent)
    (incident,) = office.view(sent).incidents
    assert incident.code == "message.bad_key"
    assert left(office) == 0
    office.engine.set_variables(sent, {"order": 7}, actor="system", reason="补录")
    office.engine.retry(incident.id, "system")
    office.engine.run_due()
    assert holders(office, receiver) == ["last"]


def border(interrupting: str, definition: str = PAID) -> bytes:
    return process(
        task("fill"),
        f"boundaryEvent told attachedToRef=fill cancelActivity={interrupting} | {definition}",
        task("handle"),
        "endEvent e2",
        "s -> fill -> e",
        "told -> handle -> e2",
        roots=ROOTS + SIGNALS,
    )


def test_a_message_at_a_border_interrupts(office: Office) -> None:
    instance = office.run(border("true"), {"order": 7})
    office.engine.publish("Paid", 7, {"amount": 2})
    assert holders(office, instance) == ["handle"]
    assert variables(office, instance)["amount"] == 2
    assert office.view(instance).subscriptions == []


def test_a_message_at_a_border_that_does_not_interrupt_comes_again_and_again(office: Office) -> None:
    instance = office.run(border("false"), {"order": 7})
    for _ in range(3):
        office.engine.publish("Paid", 7)
    assert sorted(holders(office, instance)) == ["fill", "handle", "handle", "handle"]
    assert len(office.view(instance).subscriptions) == 1


def test_a_completed_task_no_longer_awaits_what_was_at_its_border(office: Office) -> None:
    instance = office.run(border("true"), {"order": 7})
    complete(office, instance)
    assert office.view(instance).state == "ended"
    assert office.view(instance).subscriptions == []


def handler(interrupting: str, extra: str = "") -> bytes:
    inside = f"""
subProcess handler triggeredByEvent=true
    startEvent told isInterrupting={interrupting} | {extensions(extra)}{PAID}
    {task("handle")}
    endEvent done
    told -> handle -> done
"""
    return process(task("fill"), "s -> fill -> e", *inside.strip().splitlines(), roots=ROOTS)


def test_a_message_starts_an_event_sub_process_with_variables_of_its_own(office: Office) -> None:
    instance = office.run(handler("false"), {"order": 7, "amount": 1})
    office.engine.publish("Paid", 7, {"amount": 2})
    office.engine.publish("Paid", 7, {"amount": 3})
    assert sorted(holders(office, instance)) == ["fill", "handle", "handle"]
    assert variables(office, instance)["amount"] == 1
    seen = [
        office.engine.task(holder.item_id, office.who("li")).variables["amount"]
        for holder in office.view(instance).holders
        if holder.element == "handle"
    ]
    assert seen == [2, 3]


def test_the_start_of_an_event_sub_process_maps_what_comes(office: Office) -> None:
    extra = '<zeebe:ioMapping><zeebe:output source="=amount * 10" target="tenfold"/></zeebe:ioMapping>'
    instance = office.run(handler("true", extra), {"order": 7})
    office.engine.publish("Paid", 7, {"amount": 2})
    (holder,) = office.view(instance).holders
    seen = office.engine.task(holder.item_id, office.who("li")).variables
    assert seen["tenfold"] == 20
    assert "amount" not in seen
    assert "tenfold" not in variables(office, instance)


def test_behind_a_gateway_the_first_message_signal_or_time_wins(office: Office, clock: SteppedClock) -> None:
    timer = (
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    source = process(
        "eventBasedGateway race",
        f"intermediateCatchEvent m1 | {PAID}",
        f"intermediateCatchEvent g1 | {G}",
        f"intermediateCatchEvent t1 | {timer}",
        *(task(name) for name in "abc"),
        "s -> race -> m1 -> a -> e",
        "race -> g1 -> b -> e",
        "race -> t1 -> c -> e",
        roots=ROOTS + SIGNALS,
    )
    office.engine.deploy({"p.bpmn": source}, actor="user:root")
    first, second, third = (
        office.engine.start("p", actor=office.who("li"), variables={"order": n}).instance_id
        for n in (1, 2, 3)
    )
    office.engine.publish("Paid", 1)
    assert holders(office, first) == ["a"]
    assert office.engine.signal("year closed") == 2
    assert [holders(office, second), holders(office, third)] == [["b"], ["b"]]
    fourth = office.engine.start("p", actor=office.who("li"), variables={"order": 4}).instance_id
    clock.advance(timedelta(days=1))
    office.engine.run_due()
    assert holders(office, fourth) == ["c"]
    assert office.view(fourth).subscriptions == []


class TestSignals:
    """Signals reach all that await them at that moment (BPMN 2.0.2, 10.5.7)."""

    def waiting(self, office: Office, id: str = "p", definition: str = G, **given: Any) -> int:
        catch = f"intermediateCatchEvent wait | {definition}"
        source = process(catch, task("last"), "s -> wait -> last -> e", id=id, roots=SIGNALS)
        return begin(office, source, id, given)

    def test_every_instance_gets_it_once_with_its_variables(self, office: Office) -> None:
        instances = [self.waiting(office) for _ in range(3)]
        assert office.engine.signal("year closed", {"year": 2026}) == 3
        assert [holders(office, one) for one in instances] == [["last"]] * 3
        assert [variables(office, one)["year"] for one in instances] == [2026] * 3
        later = self.waiting(office)
        office.engine.run_due()
        assert holders(office, later) == [], "a signal isn't kept"
        assert left(office) == 0

    def test_its_name_may_be_an_expression(self, office: Office) -> None:
        waiting = self.waiting(office, definition='<bpmn:signalEventDefinition signalRef="h"/>', word="now")
        assert office.engine.signal("later") == 0
        assert office.engine.signal("now") == 1
        assert holders(office, waiting) == ["last"]

    def test_one_that_an_instance_throws_reaches_itself_and_the_others(self, office: Office) -> None:
        other = self.waiting(office, "q")
        mapping = maps(year="2026")
        source = process(
            "parallelGateway split",
            f"intermediateCatchEvent wait | {G}",
            task("here"),
            task("ask"),
            f"intermediateThrowEvent throw | {extensions(mapping)}{G}",
            "endEvent e2",
            "s -> split -> wait -> here -> e",
            "split -> ask -> throw -> e2",
            roots=SIGNALS,
        )
        instance = begin(office, source, "p")
        complete(office, instance)
        assert holders(office, instance) == ["here"]
        assert variables(office, instance)["year"] == 2026
        assert holders(office, other) == []
        assert office.engine.run_due() == 1
        assert holders(office, other) == ["last"]
        assert office.engine.run_due() == 0
        assert holders(office, instance) == ["here"]

    def test_a_kill_before_the_delivery_loses_nothing(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        instances = [self.waiting(office) for _ in range(3)]
        with monkeypatch.context() as patch:
            patch.setattr(Engine, "deliver", lambda *_: 0)
            office.engine.signal("year closed")
        complete_others = self.waiting(office)
        assert office.engine.run_due() == 3
        assert [holders(office, one) for one in instances] == [["last"]] * 3
        assert holders(office, complete_others) == []

    def test_one_whose_receiver_is_gone_is_forgotten(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        instance = office.run(border("true", G), {})
        with monkeypatch.context() as patch:
            patch.setattr(Engine, "deliver", lambda *_: 0)
            office.engine.signal("year closed")
        complete(office, instance)
        assert office.engine.run_due() == 0
        assert office.view(instance).state == "ended"
        assert left(office) == 0

    def test_it_starts_instances(self, office: Office) -> None:
        source = process(
            task("last"), f"startEvent told | {G}", "s -> last -> e", "told -> last", roots=SIGNALS
        )
        office.engine.deploy({"p.bpmn": source}, actor="user:root")
        assert office.engine.signal("year closed", {"year": 2026}) == 1
        (row,) = office.rows("li")
        assert variables(office, row.instance_id)["year"] == 2026


OVER = "<bpmn:condition>=amount &gt; 100</bpmn:condition>"
CONDITION = f"<bpmn:conditionalEventDefinition>{OVER}</bpmn:conditionalEventDefinition>"


def test_a_condition_at_a_border_is_asked_when_a_job_brings_variables(office: Office) -> None:
    source = process(
        "parallelGateway split",
        task("fill"),
        service("work", "measure"),
        f"boundaryEvent told attachedToRef=fill | {CONDITION}",
        task("handle"),
        "endEvent e2",
        "endEvent e3",
        "s -> split -> fill -> e",
        "split -> work -> e3",
        "told -> handle -> e2",
    )
    instance = office.run(source, {})
    assert [one.kind for one in office.view(instance).subscriptions] == ["condition"]
    (job,) = office.engine.activate_jobs("measure", "w")
    office.engine.complete_job(job.id, "w", {"amount": 101})
    assert holders(office, instance) == ["handle"]
    assert office.view(instance).subscriptions == []
    assert "condition.met" in [event.kind for event in office.view(instance).timeline]


def test_a_condition_sees_documents(office: Office) -> None:
    condition = CONDITION.replace("amount", "goal.amount")
    source = process(
        "parallelGateway split",
        task("fill", document="goal"),
        f"intermediateCatchEvent wait | {condition}",
        task("last"),
        "endEvent e2",
        "s -> split -> fill -> e",
        "split -> wait -> last -> e2",
    )
    instance = office.run(source, {})
    (row,) = office.rows("li")
    office.engine.complete(row.item_id, actor=office.who("li"), version=row.version, answers={"amount": 500})
    assert holders(office, instance) == ["last"]


class TestInside:
    """What awaits inside items, sub-processes and called processes (BPMN 2.0.2, 10.3.8 and 13.3.6)."""

    def test_each_item_awaits_a_message_of_its_own(self, office: Office) -> None:
        source = process(
            "subProcess each | " + many("orders", "order", output=("amounts", "amount")),
            "    startEvent in",
            "    " + WAIT.format("wait", "paid"),
            "    endEvent out",
            "    in -> wait -> out",
            task("last"),
            "s -> each -> last -> e",
            roots=ROOTS,
        )
        instance = begin(office, source, "p", {"orders": ["a", "b", "c"], "amount": 0})
        assert [one.key for one in office.view(instance).subscriptions] == ["a", "b", "c"]
        office.engine.publish("Paid", "b", {"amount": 2})
        office.engine.publish("Paid", "c", {"amount": 3})
        assert [one.key for one in office.view(instance).subscriptions] == ["a"]
        office.engine.publish("Paid", "a", {"amount": 1})
        assert holders(office, instance) == ["last"]

    def test_a_receive_task_is_repeated_for_each_item(self, office: Office) -> None:
        source = process(
            "receiveTask wait messageRef=paid | " + many("orders", "order"),
            task("last"),
            "s -> wait -> last -> e",
            roots=ROOTS,
        )
        instance = begin(office, source, "p", {"orders": [1, 2]})
        for key in (2, 1):
            office.engine.publish("Paid", key)
        assert holders(office, instance) == ["last"]

    def test_in_a_called_process_it_counts_as_that_process(self, office: Office) -> None:
        called = process(WAIT.format("wait", "paid"), "s -> wait -> e", id="q", roots=ROOTS)
        call = '<zeebe:calledElement processId="q"/>'
        source = process(f"callActivity call | {call}", task("last"), "s -> call -> last -> e")
        office.engine.deploy({"p.bpmn": source, "q.bpmn": called}, actor="user:root")
        who = office.who("li")
        instance = office.engine.start("p", actor=who, variables={"order": 7}).instance_id
        alone = office.engine.start("q", actor=who, variables={"order": 7}).instance_id
        office.engine.publish("Paid", 7)
        assert holders(office, instance) == ["last"]
        assert office.view(alone).state == "waiting", "a process gets a message once, wherever it runs"

    def test_a_terminated_instance_awaits_nothing(self, office: Office) -> None:
        instance = office.run(border("false"), {"order": 7})
        office.engine.intervene("terminate", actor=office.who("wu"), reason="作废", instance_id=instance)
        assert office.view(instance).subscriptions == []
        office.engine.publish("Paid", 7)
        assert office.view(instance).state == "terminated"
