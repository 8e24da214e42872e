"""Checks timers: literal times are ISO 8601 or cron expressions, a cycle stands only where something may happen again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from engine.bpmn.event_definitions import TimerEvent
from engine.bpmn.findings import finding
from engine.bpmn.model import Event, ProcessModel
from engine.cron import is_cron
from engine.plugins import Finding

_DURATION = re.compile(
    r"P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?", re.ASCII
)
_REPETITIONS = re.compile(r"R\d*", re.ASCII)


def check_times(model: ProcessModel) -> Iterator[Finding]:
    """Yield what is wrong with the timers of a process; expressions are judged when they run."""
    for element in model.elements.values():
        timer = element.timer
        if timer is None or not isinstance(element, Event):
            continue
        again = not element.interrupting or (element.kind == "startEvent" and element.parent is None)
        if timer.type == "cycle" and (element.kind == "intermediateCatchEvent" or not again):
            yield finding("timer.cycle_misplaced", element)
        if timer.value.literal is not None and not _is_valid(timer):
            yield finding("timer.invalid", element, text=timer.value.text)


def is_date(text: str) -> bool:
    """Tell whether a text is an ISO 8601 date or date and time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_duration(text: str) -> bool:
    """Tell whether a text is an ISO 8601 duration that isn't negative."""
    return _DURATION.fullmatch(text) is not None


def is_cycle(text: str) -> bool:
    """Tell whether a text is an ISO 8601 repeating interval (``R3/P1D``, ``R/2026-01-01T09:00:00+08:00/P1W``)
    that lets time pass between two times, or a cron expression."""
    if is_cron(text):
        return True
    repetitions, *rest = text.split("/")
    if _REPETITIONS.fullmatch(repetitions) is None or len(rest) not in (1, 2):
        return False
    durations = [part for part in rest if is_duration(part)]
    others = [part for part in rest if not is_duration(part)]
    return (
        len(durations) == 1
        and all(is_date(part) for part in others)
        and bool(re.search("[1-9]", durations[0]))
    )


def _is_valid(timer: TimerEvent) -> bool:
    text = timer.value.text.strip()
    if timer.type == "date":
        return is_date(text)
    return is_duration(text) if timer.type == "duration" else is_cycle(text)
