"""Cron expressions of timer cycles: six fields as in Camunda 8, in the county's zone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from engine.calendar import ZONE, cycle_of, next_of
from engine.cron import after, is_cron
from tests.engine.office import Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

FRIDAY = datetime(2026, 3, 13, 17, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("0 0 9-17 * * MON-FRI", "2026-03-16T09:00:00+08:00"),
        ("0 */15 * * * *", "2026-03-13T17:45:00+08:00"),
        ("30 0 0 1 * ?", "2026-04-01T00:00:30+08:00"),
        ("0 0 0 13 * 5", "2026-11-13T00:00:00+08:00"),
        ("@daily", "2026-03-14T00:00:00+08:00"),
        ("0 0 8 L * *", "2026-03-31T08:00:00+08:00"),
    ],
)
def test_the_next_time_is_in_the_countys_zone(text: str, due: str) -> None:
    assert after(FRIDAY, text, ZONE).astimezone(ZONE).isoformat() == due


@pytest.mark.parametrize(
    "text", ["", "* * * * *", "0 0 25 * * *", "0 0 0 31 2 *", "R3/P1D", "P1D", "@often", "a b c d e f"]
)
def test_what_is_no_expression_or_never_due_is_none(text: str) -> None:
    assert not is_cron(text)


def test_a_cycle_goes_on_from_its_last_time() -> None:
    cycle = cycle_of("0 0 9 * * MON-FRI", FRIDAY)
    assert cycle.times is None
    following = next_of(cycle.first, cycle.interval)
    assert following.astimezone(ZONE).isoformat() == "2026-03-17T09:00:00+08:00"


def test_a_reminder_at_a_border_is_sent_each_working_morning(office: Office, clock: SteppedClock) -> None:
    definition = "<bpmn:timerEventDefinition><bpmn:timeCycle>0 0 9 * * MON-FRI</bpmn:timeCycle></bpmn:timerEventDefinition>"
    source = process(
        task("fill"),
        f"boundaryEvent morning attachedToRef=fill cancelActivity=false | {definition}",
        "task told",
        "endEvent done",
        "s -> fill -> e",
        "morning -> told -> done",
    )
    instance = office.run(source)
    began = clock.now()
    fired = []
    for _ in range(3):
        (due,) = [job.due_at for job in office.engine.case(instance, "system").jobs]
        assert due.astimezone(ZONE).hour == 9
        fired.append(due)
        clock.set(due)
        office.engine.run_due()
    assert began < fired[0] < fired[1] < fired[2]
    assert all(one.astimezone(ZONE).weekday() < 5 for one in fired)
    assert list(office.view(instance).finished).count("told") == 1
    office.do("li")
    assert office.view(instance).state == "ended"
