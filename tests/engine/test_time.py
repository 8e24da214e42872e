"""Timers are rows that fire once, in order, whoever runs them; jobs of workers outside have leases and attempts."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import Conflict, Engine, NotFound, tables
from engine.commands import timers
from engine.jobs import Runner
from engine.plugins import load_plugins
from tests.engine.office import CHIEFS, Office, process, service, task

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock


def timer(id: str, kind: str, value: str, attached: str = "", *, interrupting: bool = True) -> str:
    """Return the line of a catching timer, or of a boundary one."""
    inner = f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"
    if not attached:
        return f"intermediateCatchEvent {id} | {inner}"
    return f"boundaryEvent {id} attachedToRef={attached} cancelActivity={str(interrupting).lower()} | {inner}"


def waits(office: Office, kind: str, value: str, variables: dict[str, Any] | None = None) -> int:
    source = process(timer("wait", kind, value), task("last"), "s -> wait -> last -> e")
    return office.run(source, variables or {})


def due(office: Office) -> list[datetime]:
    with office.engine.database.read() as unit:
        return list(unit.execute(tables.jobs.select().order_by(tables.jobs.c.due_at)).scalars("due_at"))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("timeDuration", "PT2H", "2026-03-02T11:00+08:00"),
        ("timeDuration", '=duration("P3D")', "2026-03-05T09:00+08:00"),
        ("timeDuration", "P1M", "2026-04-02T09:00+08:00"),
        ("timeDate", "2026-03-31T18:00:00+08:00", "2026-03-31T18:00+08:00"),
        ("timeDate", '=date("2026-03-31")', "2026-03-31T09:00+08:00"),
        ("timeDate", "=working days(now(), 5)", "2026-03-09T18:00+08:00"),
        ("timeDate", "=working days(date and time(day), -2)", "2026-03-18T12:00+08:00"),
        ("timeDate", "=day", "2026-03-20T12:00+08:00"),
    ],
)
def test_a_timer_is_due_when_its_file_says(
    office: Office, clock: SteppedClock, kind: str, value: str, expected: str
) -> None:
    instance = waits(office, kind, value, {"day": "2026-03-20T12:00:00+08:00"})
    moment = datetime.fromisoformat(expected)
    clock.set(moment - timedelta(seconds=1))
    assert office.engine.run_due() == 0
    clock.set(moment)
    assert office.engine.run_due() == 1
    assert office.engine.run_due() == 0
    assert [holder.element for holder in office.view(instance).holders] == ["last"]


def test_a_time_that_can_not_be_read_is_an_incident(office: Office) -> None:
    instance = waits(office, "timeDate", "=when", {"when": "nach dem Fest"})
    (incident,) = office.view(instance).incidents
    assert incident.code == "timer.unreadable"
    assert "nach dem Fest" in incident.message("zh")


def test_working_days_know_the_statutory_holidays(office: Office, clock: SteppedClock) -> None:
    from engine.calendar import fill_working_days

    with office.engine.database.write() as unit:
        fill_working_days(unit, [2025])
    office.engine.ports.forget_working_days()
    clock.set(datetime.fromisoformat("2025-09-30T09:00:00+08:00"))
    instance = waits(office, "timeDate", "=working days(now(), 1)")
    # 1 to 8 October 2025 were off.
    clock.set(datetime.fromisoformat("2025-10-09T18:00:00+08:00"))
    assert office.engine.run_due() == 1
    assert office.view(instance).state == "waiting"


class TestBoundaries:
    """Timers at the border of a task."""

    def run(self, office: Office, kind: str, value: str, *, interrupting: bool) -> int:
        source = process(
            task("fill"),
            timer("late", kind, value, "fill", interrupting=interrupting),
            task("chase", CHIEFS),
            "endEvent e2",
            "s -> fill -> e",
            "late -> chase -> e2",
        )
        return office.run(source, {})

    def test_an_interrupting_one_takes_the_task_away(self, office: Office, clock: SteppedClock) -> None:
        self.run(office, "timeDuration", "P1D", interrupting=True)
        row = office.row("li")
        clock.advance(timedelta(days=1))
        assert office.engine.run_due() == 1
        assert office.rows("li") == []
        assert len(office.rows("wang")) == 1
        with pytest.raises(Conflict) as caught:
            office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
        assert caught.value.code == "item.cancelled"

    def test_a_cycle_fires_so_many_times_and_the_task_stays(
        self, office: Office, clock: SteppedClock
    ) -> None:
        self.run(office, "timeCycle", "R2/P1D", interrupting=False)
        clock.advance(timedelta(days=10))
        fired = 0
        while done := office.engine.run_due():
            fired += done
        assert fired == 2
        assert len(office.rows("wang")) == 2
        assert len(office.rows("li")) == 1

    def test_a_timer_ends_with_its_task(self, office: Office, clock: SteppedClock) -> None:
        self.run(office, "timeDuration", "P1D", interrupting=False)
        office.do("li")
        clock.advance(timedelta(days=2))
        assert office.engine.run_due() == 0
        assert due(office) == []


def test_after_a_stop_what_is_overdue_goes_off_in_the_order_of_its_times(
    office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    original = timers.fire

    def watched(ports: Any, unit: Any, job_id: int, worker: str) -> Any:
        row = unit.execute(tables.jobs.select().where(tables.jobs.c.id == job_id)).one()
        order.append(f"{row.element} {row.due_at:%d}")
        return original(ports, unit, job_id, worker)

    monkeypatch.setattr(timers, "fire", watched)
    source = process(
        task("fill"),
        timer("weekly", "timeCycle", "R5/P2D", "fill", interrupting=False),
        timer("late", "timeDuration", "P5D", "fill", interrupting=False),
        timer("later", "timeDate", "2026-03-11T09:00:00+08:00", "fill", interrupting=False),
        "endEvent e2",
        "s -> fill -> e",
        "weekly -> e2",
        "late -> e2",
        "later -> e2",
    )
    office.run(source, {})
    clock.advance(timedelta(days=30))
    while office.engine.run_due():
        pass
    assert order == [
        "weekly 04", "weekly 06", "late 07", "weekly 08", "weekly 10", "later 11", "weekly 12",
    ]  # fmt: skip


def test_a_clock_put_back_fires_nothing_twice_and_holds_nothing_up(
    office: Office, clock: SteppedClock
) -> None:
    instance = waits(office, "timeDuration", "PT1H")
    other = waits(office, "timeDuration", "PT3H")
    clock.advance(timedelta(days=400))
    with office.engine.database.write() as unit:  # a worker leases one and dies
        unit.execute(
            tables.jobs.update()
            .where(tables.jobs.c.instance_id == other)
            .values(lease="dead", leased_at=clock.now(), leased_until=clock.now() + timedelta(minutes=1))
        )
    assert office.engine.run_due() == 1
    clock.advance(timedelta(days=-399))
    assert office.engine.run_due() == 1
    assert office.engine.run_due() == 0
    assert [holder.element for holder in office.view(instance).holders] == ["last"]
    assert [holder.element for holder in office.view(other).holders] == ["last"]


def test_due_times_beyond_the_calendar_are_provisional_until_it_is_known(
    office: Office, clock: SteppedClock
) -> None:
    office.engine.import_working_days({date(2026, 1, 1): False}, actor="user:root")
    clock.set(datetime.fromisoformat("2026-12-30T09:00:00+08:00"))
    due = '<zeebe:taskSchedule dueDate="=working days(now(), 5)"/>'
    source = process(
        task("fill", extra=due),
        timer("late", "timeDate", "=working days(now(), 6)", "fill", interrupting=False),
        "endEvent e2",
        "s -> fill -> e",
        "late -> e2",
    )
    instance = office.run(source, {})
    row = office.row("li")
    assert row.due_at == datetime.fromisoformat("2027-01-06T18:00:00+08:00")
    holidays = {date(2027, 1, day): False for day in (1, 2, 3, 4)}
    found = office.engine.import_working_days(holidays, actor="user:root")
    assert (found.items, found.timers) == (1, 1)
    assert office.row("li").due_at == datetime.fromisoformat("2027-01-08T18:00:00+08:00")
    events = [event for event in office.view(instance).timeline if event.kind == "due.recomputed"]
    assert events[0].data["before"] == "2027-01-06T10:00:00+00:00"
    assert office.engine.import_working_days(holidays, actor="user:root").items == 0
    clock.set(datetime.fromisoformat("2027-01-11T17:59:00+08:00"))
    assert office.engine.run_due() == 0
    clock.advance(timedelta(minutes=1))
    assert office.engine.run_due() == 1


def test_of_several_runners_one_fires_a_timer(office: Office, clock: SteppedClock) -> None:
    for _ in range(6):
        waits(office, "timeDuration", "PT1H")
    clock.advance(timedelta(hours=1))
    engines = [
        Engine(office.engine.database, plugins=load_plugins(entry_points=False), clock=clock)
        for _ in range(3)
    ]
    fired: list[int] = []
    threads = [threading.Thread(target=lambda e=engine: fired.append(e.run_due())) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fired) == 6
    assert len(office.rows("li")) == 6


def test_a_runner_that_died_gives_its_timers_back(office: Office, clock: SteppedClock) -> None:
    waits(office, "timeDuration", "PT1H")
    clock.advance(timedelta(hours=1))
    with office.engine.database.write() as unit:
        unit.execute(
            tables.jobs.update().values(lease="dead", leased_until=clock.now() + timedelta(seconds=30))
        )
    assert office.engine.run_due() == 0
    clock.advance(timedelta(minutes=1))
    assert office.engine.run_due() == 1


def test_a_timer_whose_command_breaks_is_tried_again_and_at_last_an_incident(
    office: Office, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = waits(office, "timeDuration", "PT1H")
    clock.advance(timedelta(hours=1))
    original = timers.fire

    def broken(*_: Any) -> bool:
        raise OSError("the disk is full")

    monkeypatch.setattr(timers, "fire", broken)
    attempts = 0
    while not office.view(instance).incidents:
        assert office.engine.run_due() == 0
        attempts += 1
        clock.advance(timedelta(hours=1))
    assert attempts == 5
    assert office.view(instance).state == "incident"
    monkeypatch.setattr(timers, "fire", original)
    (incident,) = office.view(instance).incidents
    assert "the disk is full" in incident.message("en")
    office.engine.retry(incident.id, office.who("root"))
    assert office.engine.run_due() == 1
    assert office.view(instance).state == "waiting"


def test_a_runner_in_a_thread_fires_what_is_due(office: Office, clock: SteppedClock) -> None:
    waits(office, "timeDuration", "PT1H")
    clock.advance(timedelta(hours=1))
    with Runner(office.engine, seconds=0.05):
        for _ in range(200):
            if office.rows("li"):
                break
            threading.Event().wait(0.05)
    assert len(office.rows("li")) == 1


class TestJobs:
    """Service tasks that workers outside do."""

    def run(self, office: Office) -> int:
        source = process(
            service("pay", "pay"),
            'boundaryEvent broke attachedToRef=pay | <bpmn:errorEventDefinition errorRef="no_money"/>',
            task("beg", CHIEFS),
            "endEvent e2",
            "s -> pay -> e",
            "broke -> beg -> e2",
        )
        source = source.replace(
            b"</bpmn:definitions>", b'<bpmn:error id="no_money" errorCode="NO_MONEY"/></bpmn:definitions>'
        )
        return office.run(source, {})

    def test_a_job_is_held_by_one_worker_until_its_lease_is_over(
        self, office: Office, clock: SteppedClock
    ) -> None:
        instance = self.run(office)
        (job,) = office.engine.activate_jobs("pay", "one", seconds=30)
        assert office.engine.activate_jobs("pay", "two") == []
        with pytest.raises(Conflict):
            office.engine.complete_job(job.id, "two", {})
        clock.advance(timedelta(seconds=31))
        (again,) = office.engine.activate_jobs("pay", "two")
        with pytest.raises(Conflict):
            office.engine.complete_job(job.id, "one", {})
        office.engine.complete_job(again.id, "two", {"paid": True})
        assert office.view(instance).state == "ended"
        with pytest.raises(NotFound):
            office.engine.complete_job(again.id, "two", {})

    def test_after_the_last_attempt_there_is_an_incident_and_retry_offers_it_again(
        self, office: Office, clock: SteppedClock
    ) -> None:
        instance = self.run(office)
        for attempt in range(3):
            (job,) = office.engine.activate_jobs("pay", "one")
            assert job.attempts == attempt
            office.engine.fail_job(job.id, "one", "connection lost")
            assert office.engine.activate_jobs("pay", "one") == []
            clock.advance(timedelta(hours=1))
        assert office.engine.activate_jobs("pay", "one") == []
        (incident,) = office.view(instance).incidents
        assert "connection lost" in incident.message("zh")
        office.sound()
        office.engine.retry(incident.id, "system")
        (job,) = office.engine.activate_jobs("pay", "one")
        office.engine.complete_job(job.id, "one")
        assert office.view(instance).state == "ended"

    def test_an_error_that_is_caught_leads_on_from_its_boundary_event(self, office: Office) -> None:
        self.run(office)
        (job,) = office.engine.activate_jobs("pay", "one")
        office.engine.throw_job_error(job.id, "one", "NO_MONEY")
        assert office.row("wang").step == "beg"

    def test_an_error_that_nothing_catches_is_an_incident(self, office: Office) -> None:
        instance = self.run(office)
        (job,) = office.engine.activate_jobs("pay", "one")
        office.engine.throw_job_error(job.id, "one", "OTHER")
        assert [one.code for one in office.view(instance).incidents] == ["job.no_error_caught"]
