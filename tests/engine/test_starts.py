"""What starts instances by itself: messages and times; and which keys only one running instance may have."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import Conflict, Refused, tables
from engine.commands import writer
from tests.engine.office import Office, process, properties, task
from tests.engine.test_correlation import ROOTS, WAIT, holders, variables
from tests.engine.test_sending import PAID, begin, complete, maps
from tests.runtime.drawing import draw, extensions

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock


class TestStarts:
    """Messages that start instances (BPMN 2.0.2, 10.5.2 and 13.2)."""

    def deploy(self, office: Office, extra: str = "", **values: str) -> None:
        paid = f"startEvent begun | {extensions(extra)}{PAID}"
        source = process(paid, task("last"), "s -> last -> e", "begun -> last", roots=ROOTS, **values)
        office.engine.deploy({"p.bpmn": source}, actor="user:root")

    def running(self, office: Office) -> list[int]:
        return sorted(row.instance_id for row in office.rows("li"))

    def test_a_message_starts_an_instance_whose_business_key_is_its_own(self, office: Office) -> None:
        self.deploy(office)
        office.engine.publish("Paid", "A-1", {"amount": 3}, actor=office.who("li"))
        (instance,) = self.running(office)
        view = office.view(instance)
        assert view.business_key == "A-1"
        assert view.initiator == "user:li"
        assert variables(office, instance)["amount"] == 3
        assert view.finished == ["begun"]
        assert [event.kind for event in view.timeline] == ["instance.started", "message.received"]

    def test_a_start_maps_what_comes(self, office: Office) -> None:
        self.deploy(
            office, '<zeebe:ioMapping><zeebe:output source="=amount * 2" target="twice"/></zeebe:ioMapping>'
        )
        office.engine.publish("Paid", "A-1", {"amount": 3})
        (row,) = office.rows("li")
        found = variables(office, row.instance_id)
        assert found == {"twice": 6}

    def test_while_one_runs_another_of_the_same_key_waits(self, office: Office) -> None:
        self.deploy(office)
        office.engine.publish("Paid", "A-1", time_to_live=timedelta(days=1))
        office.engine.publish("Paid", "A-1", time_to_live=timedelta(days=1))
        office.engine.publish("Paid", "A-2")
        (first, other) = self.running(office)
        office.engine.run_due()
        complete(office, first)
        assert self.running(office) == [other]
        assert office.engine.run_due() == 1
        assert len(self.running(office)) == 2

    def test_without_a_key_each_message_starts_one(self, office: Office) -> None:
        self.deploy(office)
        office.engine.publish("Paid")
        office.engine.publish("Paid")
        assert len(self.running(office)) == 2

    def test_an_instance_that_awaits_it_comes_before_a_new_one(self, office: Office) -> None:
        again = WAIT.format("wait", "paid")
        paid = f"startEvent begun | {PAID}"
        source = process(
            paid, again, task("last"), "s -> wait -> last -> e", "begun -> last", roots=ROOTS, id="q"
        )
        waiting = begin(office, source, "q", {"order": 7})
        office.engine.publish("Paid", 7)
        assert holders(office, waiting) == ["last"]
        assert len(self.running(office)) == 1

    def test_a_new_version_takes_the_place_of_the_old_one(self, office: Office) -> None:
        self.deploy(office)
        self.deploy(office, subject="=&quot;new&quot;")
        office.engine.publish("Paid", "A-1")
        (instance,) = self.running(office)
        assert office.view(instance).definition_version == 2

    def test_a_process_without_a_none_start_is_not_started_by_hand(self, office: Office) -> None:
        source = draw(f"startEvent begun | {PAID}\n{task('last')}\nbegun -> last", "p", roots=ROOTS)
        office.engine.deploy({"p.bpmn": source}, actor="user:root")
        with pytest.raises(Refused) as refusal:
            office.engine.start("p", actor=office.who("li"), variables={})
        assert refusal.value.code == "start.no_none_start"

    def test_keys_are_unique_where_the_file_asks(self, office: Office) -> None:
        source = process(task("last"), "s -> last -> e", unique_key="true")
        office.engine.deploy({"p.bpmn": source}, actor="user:root")

        def start() -> int:
            who = office.who("li")
            return office.engine.start("p", actor=who, variables={}, business_key="A-1").instance_id

        first = start()
        with pytest.raises(Conflict) as refusal:
            start()
        assert refusal.value.code == "start.key_taken"
        assert refusal.value.params["instance"] == first
        complete(office, first)
        start()

    def test_two_processes_in_one_file_talk(self, office: Office) -> None:
        other = (
            '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q1">'
            '<bpmn:messageEventDefinition messageRef="ask"/></bpmn:startEvent>'
            f'<bpmn:endEvent id="q2">{extensions(properties(correlation_key="=order"))}{PAID}</bpmn:endEvent>'
            '<bpmn:sequenceFlow id="q3" sourceRef="q1" targetRef="q2"/></bpmn:process>'
        )
        source = process(
            f"sendTask send messageRef=ask | {extensions(properties(correlation_key='=order') + maps(order='order'))}",
            WAIT.format("wait", "paid"),
            task("last"),
            "s -> send -> wait -> last -> e",
            roots=other + ROOTS + '<bpmn:message id="ask" name="Ask"/>',
        )
        instance = office.run(source, {"order": 7})
        while office.engine.run_due():
            pass
        assert holders(office, instance) == ["last"]


class TestStartTimers:
    """Timers that start instances (BPMN 2.0.2, 10.5.2): of the newest version, each time once."""

    def deploy(self, office: Office, kind: str, value: str, **values: str) -> None:
        timer = f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"
        source = process(task("last"), f"startEvent due | {timer}", "s -> last -> e", "due -> last", **values)
        office.engine.deploy({"p.bpmn": source}, actor="user:root")

    def count(self, office: Office) -> int:
        return len(office.rows("li"))

    @pytest.mark.parametrize(
        ("kind", "value", "starts"),
        [
            ("timeDuration", "PT2H", 1),
            ("timeDate", "2026-03-02T11:00:00+08:00", 1),
            ("timeCycle", "R3/PT1H", 3),
            ("timeCycle", "R/PT12H", 2),
            ("timeCycle", "R3/2026-03-01T12:00:00+08:00/PT12H", 1),
            ("timeDate", "2026-03-02T08:00:00+08:00", 0),
        ],
    )
    def test_each_time_starts_one_instance(
        self, office: Office, clock: SteppedClock, kind: str, value: str, starts: int
    ) -> None:
        self.deploy(office, kind, value)
        assert office.engine.run_due() == 0
        clock.advance(timedelta(days=1))
        while office.engine.run_due():
            pass
        assert self.count(office) == starts

    def test_a_new_version_replaces_the_timer_the_same_files_do_not(
        self, office: Office, clock: SteppedClock
    ) -> None:
        self.deploy(office, "timeDuration", "PT2H")
        clock.advance(timedelta(hours=1))
        self.deploy(office, "timeDuration", "PT2H")
        clock.advance(timedelta(hours=1))
        assert office.engine.run_due() == 1
        self.deploy(office, "timeDuration", "PT5H")
        self.deploy(office, "timeDuration", "PT6H")
        clock.advance(timedelta(hours=5))
        assert office.engine.run_due() == 0
        clock.advance(timedelta(hours=1))
        assert office.engine.run_due() == 1
        (_, row) = sorted(office.rows("li"), key=lambda row: row.instance_id)
        assert office.view(row.instance_id).definition_version == 3

    def test_a_start_that_fails_half_way_is_made_up_for_once(
        self, office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.deploy(office, "timeDuration", "PT2H")
        clock.advance(timedelta(hours=2))

        def fails(*_: Any, **__: Any) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(writer.history, "write", fails)
            assert office.engine.run_due() == 0
        assert self.count(office) == 0
        clock.advance(timedelta(minutes=1))
        assert office.engine.run_due() == 1
        assert office.engine.run_due() == 0
        with office.engine.database.read() as unit:
            assert unit.execute(select(tables.start_timers)).all() == []

    def test_a_time_that_can_not_be_evaluated_is_refused(self, office: Office) -> None:
        with pytest.raises(Refused) as refusal:
            self.deploy(office, "timeDate", "=when")
        assert refusal.value.code == "start.unreadable"

    def test_a_time_beyond_the_calendar_is_worked_out_anew_when_it_is_known(
        self, office: Office, clock: SteppedClock
    ) -> None:
        office.engine.import_working_days({date(2026, 1, 1): False}, actor="user:root")
        clock.set(datetime.fromisoformat("2026-12-30T09:00:00+08:00"))
        self.deploy(office, "timeDate", "=working days(now(), 5)")
        holidays = {date(2027, 1, day): False for day in (1, 2, 3, 4)}
        assert office.engine.import_working_days(holidays, actor="user:root").timers == 1
        clock.set(datetime.fromisoformat("2027-01-08T17:59:00+08:00"))
        assert office.engine.run_due() == 0
        clock.advance(timedelta(minutes=1))
        assert office.engine.run_due() == 1
