"""Jobs: workers outside lease, complete, fail, throw and extend; handlers that are jobs run outside the transaction."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine import (
    BihuanError,
    BpmnError,
    Conflict,
    Engine,
    JobContext,
    JobFailed,
    NotFound,
    hookimpl,
    job_handler,
    tables,
)
from engine.jobs import Runner
from engine.play import play
from engine.plugins import Handler, load_plugins
from tests.engine.office import CHIEFS, Office, process, service, task

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import Database, SteppedClock

ERROR = b'<bpmn:error id="no_money" errorCode="NO_MONEY"/></bpmn:definitions>'
OUTPUT = '<zeebe:ioMapping><zeebe:output source="=sum" target="missing"/></zeebe:ioMapping>'


def pay(extra: str = "", mapping: str = "", retries: str = "") -> bytes:
    """Return a process with one job, which an error event watches over; ``extra`` are the job's extensions."""
    outputs = f"<bpmn:extensionElements>{mapping}</bpmn:extensionElements>" if mapping else ""
    source = process(
        service("pay", "pay", extra),
        f'boundaryEvent broke attachedToRef=pay | {outputs}<bpmn:errorEventDefinition errorRef="no_money"/>',
        task("beg", CHIEFS),
        "endEvent e2",
        task("thank", CHIEFS),
        "s -> pay -> thank -> e",
        "broke -> beg -> e2",
    )
    source = source.replace(b"</bpmn:definitions>", ERROR)
    return source.replace(b'type="pay"', f'type="pay" {retries}'.encode())


def job(office: Office, worker: str = "one", **more: Any) -> Any:
    (found,) = office.engine.activate_jobs("pay", worker, **more)
    return found


def variables(office: Office) -> Mapping[str, Any]:
    row = office.row("wang")
    return office.engine.task(row.item_id, office.who("wang")).variables


class TestWorkersOutside:
    """What a worker of another program can do."""

    def test_a_job_shows_its_headers_and_what_its_task_sees(self, office: Office) -> None:
        extra = (
            '<zeebe:taskHeaders><zeebe:header key="account" value="01"/></zeebe:taskHeaders>'
            '<zeebe:ioMapping><zeebe:input source="=sum * 2" target="twice"/></zeebe:ioMapping>'
        )
        office.run(pay(extra), {"sum": 5, "other": "x"})
        found = job(office, fetch=["twice", "sum"])
        assert dict(found.headers) == {"account": "01"}
        assert found.variables == {"twice": Decimal(10), "sum": Decimal(5)}
        assert (found.process_id, found.element, found.retries) == ("p", "pay", 3)
        office.engine.complete_job(found.id, "one")

    def test_without_output_mappings_all_variables_leave_the_task(self, office: Office) -> None:
        office.run(pay(), {"sum": 5})
        office.engine.complete_job(job(office).id, "one", {"sum": 6, "paid": True})
        assert {name: variables(office)[name] for name in ("sum", "paid")} == {"sum": 6, "paid": True}

    def test_with_output_mappings_only_they_leave_the_task(self, office: Office) -> None:
        mapping = '<zeebe:ioMapping><zeebe:output source="=receipt.no" target="number"/></zeebe:ioMapping>'
        office.run(pay(mapping), {"sum": 5})
        office.engine.complete_job(job(office).id, "one", {"sum": 6, "receipt": {"no": "A-1"}})
        assert variables(office)["number"] == "A-1"
        assert variables(office)["sum"] == 5
        assert "receipt" not in variables(office)

    def test_a_worker_that_waits_gets_the_job_when_it_comes(self, office: Office) -> None:
        office.engine.deploy({"p.bpmn": pay()}, actor="user:root")
        li = office.who("li")
        starting = threading.Timer(
            0.3, lambda: office.engine.start("p", actor=li, variables={"title": "x", "sum": 1})
        )
        starting.start()
        (found,) = office.engine.activate_jobs("pay", "one", wait=20)
        starting.join()
        office.engine.complete_job(found.id, "one")
        assert office.engine.activate_jobs("pay", "one", wait=0.3) == []

    def test_more_time_keeps_the_job_from_others(self, office: Office, clock: SteppedClock) -> None:
        office.run(pay(), {"sum": 5})
        found = job(office, seconds=30)
        clock.advance(timedelta(seconds=20))
        assert office.engine.extend_job(found.id, "one", 60) == clock.now() + timedelta(seconds=60)
        clock.advance(timedelta(seconds=50))
        assert office.engine.activate_jobs("pay", "two") == []
        with pytest.raises(Conflict):
            office.engine.extend_job(found.id, "two", 60)
        office.engine.complete_job(found.id, "one")
        with pytest.raises(NotFound):
            office.engine.extend_job(found.id, "one", 60)

    def test_the_worker_says_how_many_attempts_are_left_and_when_the_next_may_be(
        self, office: Office, clock: SteppedClock
    ) -> None:
        instance = office.run(pay(), {"sum": 5})
        office.engine.fail_job(
            job(office).id, "one", "busy", retries=7, rest=timedelta(minutes=10), variables={"tried": "once"}
        )
        clock.advance(timedelta(minutes=9))
        assert office.engine.activate_jobs("pay", "one") == []
        clock.advance(timedelta(minutes=1))
        again = job(office)
        assert (again.retries, again.variables["tried"]) == (7, "once")
        office.engine.fail_job(again.id, "one", "account closed", retries=0)
        (incident,) = office.view(instance).incidents
        assert "account closed" in incident.message("zh")

    def test_the_file_says_how_often_and_how_far_apart(self, office: Office, clock: SteppedClock) -> None:
        rests = '<zeebe:properties><zeebe:property name="retry-backoff" value="PT10M"/></zeebe:properties>'
        instance = office.run(pay(rests, retries='retries="=tries"'), {"sum": 5, "tries": 2})
        office.engine.fail_job(job(office).id, "one", "busy")
        clock.advance(timedelta(minutes=9, seconds=59))
        assert office.engine.activate_jobs("pay", "one") == []
        clock.advance(timedelta(seconds=1))
        office.engine.fail_job(job(office).id, "one", "busy")
        assert [one.code for one in office.view(instance).incidents] == ["job.failed"]

    def test_retries_that_are_no_number_are_an_incident(self, office: Office) -> None:
        instance = office.run(pay(retries='retries="=sum"'), {"sum": "often"})
        assert [one.code for one in office.view(instance).incidents] == ["job.bad_retries"]

    def test_an_error_carries_variables_through_the_mappings_of_what_catches_it(self, office: Office) -> None:
        office.run(pay(mapping=OUTPUT), {"sum": 5})
        office.engine.throw_job_error(job(office).id, "one", "NO_MONEY", {"sum": 3, "bank": "ICBC"})
        assert office.row("wang").step == "beg"
        assert (variables(office)["missing"], variables(office)["sum"]) == (3, 5)
        assert "bank" not in variables(office)

    def test_an_error_without_mappings_leaves_its_variables_to_the_process(self, office: Office) -> None:
        office.run(pay(), {"sum": 5})
        office.engine.throw_job_error(job(office).id, "one", "NO_MONEY", {"bank": "ICBC"})
        assert variables(office)["bank"] == "ICBC"

    def test_an_event_sub_process_keeps_what_the_error_carries_to_itself(self, office: Office) -> None:
        source = process(
            service("pay", "pay"),
            "subProcess aid triggeredByEvent=true",
            '  startEvent broke isInterrupting=true | <bpmn:errorEventDefinition errorRef="no_money"/>',
            f"  {task('beg', CHIEFS)}",
            "  endEvent e2",
            "  broke -> beg -> e2",
            "s -> pay -> e",
        ).replace(b"</bpmn:definitions>", ERROR)
        instance = office.run(source, {"sum": 5})
        office.engine.throw_job_error(job(office).id, "one", "NO_MONEY", {"bank": "ICBC"})
        assert variables(office)["bank"] == "ICBC"
        office.do("wang")
        assert office.view(instance).state == "ended"

    def test_a_repeated_request_is_answered_as_the_first_was(self, office: Office) -> None:
        office.run(pay(), {"sum": 5})
        found = job(office)
        for _ in range(2):
            office.engine.complete_job(found.id, "one", {"paid": True}, request_key="pay-1")
        with pytest.raises(Conflict):
            office.engine.complete_job(found.id, "one", {"paid": False}, request_key="pay-1")
        with pytest.raises(NotFound):
            office.engine.complete_job(found.id, "one", {"paid": True})

    def test_what_is_no_json_is_refused(self, office: Office) -> None:
        office.run(pay(), {"sum": 5})
        with pytest.raises(BihuanError) as caught:
            office.engine.complete_job(job(office).id, "one", {"when": object()})
        assert caught.value.code == "variable.unstorable"

    def test_a_clock_that_was_put_back_frees_what_was_leased_in_the_future(
        self, office: Office, clock: SteppedClock
    ) -> None:
        office.run(pay(), {"sum": 5})
        found = job(office, seconds=30)
        with office.engine.database.write() as unit:  # as if the clock had been a day ahead
            ahead = clock.now() + timedelta(days=1)
            unit.execute(
                tables.jobs.update().values(leased_at=ahead, leased_until=ahead + timedelta(hours=1))
            )
        assert job(office, "two").id == found.id


class Bank:
    """A plug-in whose handler pays over a network, and does as it is told."""

    def __init__(self, *, idempotent: bool) -> None:
        self.idempotent = idempotent
        self.error: Exception | None = None
        self.seen: list[JobContext] = []
        self.paid = threading.Event()

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        @job_handler("pay", idempotent=self.idempotent)
        def pay(context: JobContext) -> Mapping[str, Any]:
            self.seen.append(context)
            if self.error is not None:
                raise self.error
            self.paid.set()
            return {"paid": context.variables["sum"], "twice": context.document("thank") is not None}

        return [pay]


@pytest.fixture(params=[True, False], ids=["idempotent", "not idempotent"])
def bank(request: pytest.FixtureRequest) -> Bank:
    return Bank(idempotent=request.param)


class TestHandlersThatAreJobs:
    """Handlers for networks, mail and documents."""

    @pytest.fixture
    def engine(self, database: Database, clock: SteppedClock, bank: Bank) -> Engine:
        return Engine(database, plugins=load_plugins(bank), clock=clock)

    def test_it_runs_after_the_commit_and_its_result_is_taken_over(self, office: Office, bank: Bank) -> None:
        extra = '<zeebe:taskHeaders><zeebe:header key="account" value="01"/></zeebe:taskHeaders>'
        instance = office.run(pay(extra), {"sum": 5})
        assert bank.seen == []
        office.sound()
        assert office.engine.run_jobs() == 1
        assert variables(office)["paid"] == 5
        (context,) = bank.seen
        assert (context.attempt, context.instance.id, context.element) == (1, instance, "pay")
        assert context.headers["account"] == "01"
        assert context.key
        assert office.engine.run_jobs() == 0

    def test_a_runner_runs_it(self, office: Office, bank: Bank) -> None:
        office.run(pay(), {"sum": 5})
        with Runner(office.engine, seconds=0.05):
            assert bank.paid.wait(20)
        assert office.row("wang").step == "thank"

    def test_an_error_of_its_own_is_tried_again_only_where_it_may_be_done_twice(
        self, office: Office, bank: Bank, clock: SteppedClock
    ) -> None:
        instance = office.run(pay(), {"sum": 5})
        bank.error = OSError("connection lost")
        attempts = 0
        while not office.view(instance).incidents:
            attempts += office.engine.run_jobs()
            clock.advance(timedelta(hours=1))
        assert attempts == (3 if bank.idempotent else 1)
        assert len({context.key for context in bank.seen}) == 1
        bank.error = None
        office.engine.retry(office.view(instance).incidents[0].id, "system")
        assert office.engine.run_jobs() == 1
        assert office.row("wang").step == "thank"

    def test_it_may_say_itself_how_to_go_on(self, office: Office, bank: Bank, clock: SteppedClock) -> None:
        instance = office.run(pay(), {"sum": 5})
        bank.error = JobFailed("closed for lunch", retries=2, rest=timedelta(hours=2))
        assert office.engine.run_jobs() == 1
        clock.advance(timedelta(hours=2))
        assert office.view(instance).incidents == []
        assert office.engine.run_jobs() == 1

    def test_it_throws_bpmn_errors(self, office: Office, bank: Bank) -> None:
        office.run(pay(mapping=OUTPUT), {"sum": 5})
        bank.error = BpmnError("NO_MONEY", {"sum": 3})
        office.engine.run_jobs()
        assert (office.row("wang").step, variables(office)["missing"]) == ("beg", 3)

    def test_one_whose_worker_died_is_done_again_or_asks_a_person(
        self, office: Office, bank: Bank, clock: SteppedClock
    ) -> None:
        instance = office.run(pay(), {"sum": 5})
        with office.engine.database.write() as unit:
            until = clock.now() + timedelta(seconds=60)
            unit.execute(tables.jobs.update().values(lease="dead", leased_at=clock.now(), leased_until=until))
        assert office.engine.run_jobs() == 0
        clock.advance(timedelta(minutes=2))
        assert office.engine.run_jobs() == 1
        if bank.idempotent:
            assert len(bank.seen) == 1
            assert office.row("wang").step == "thank"
            return
        assert bank.seen == []
        (incident,) = office.view(instance).incidents
        assert incident.code == "job.interrupted"
        office.engine.retry(incident.id, "system")
        assert office.engine.run_jobs() == 1
        assert office.row("wang").step == "thank"


def test_play_runs_it_for_real_unless_an_answer_stands_in() -> None:
    bank = Bank(idempotent=True)
    files, plugins = {"p.bpmn": pay()}, load_plugins(bank, entry_points=False)
    real = play(files, "p.bpmn", {"variables": {"sum": 5}}, plugins)
    assert [one["element"] for one in real["open"]] == ["thank"]
    assert real["variables"]["paid"] == 5
    answers = [
        {"job": "pay", "fail": "connection lost", "retries": 1},
        {"job": "pay", "error": "NO_MONEY", "variables": {"bank": "ICBC"}},
    ]
    stood_in = play(files, "p.bpmn", {"variables": {"sum": 5}, "answers": answers}, plugins)
    assert [one["element"] for one in stood_in["open"]] == ["beg"]
    assert stood_in["variables"]["bank"] == "ICBC"
    assert len(bank.seen) == 1
