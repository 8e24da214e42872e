"""The event log of a process for process mining: what happened at which step when, in which post, and nothing of contents.

Cases that must not leave the system are left out (hook ``bihuan_secret_cases``); people are told by role and office.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import history, tables
from engine.calendar import ZONE
from engine.commands.ports import Ports
from engine.database import Unit
from engine.values import load_plain

#: So many cases are read at once.
_BATCH = 200
#: What begins so is a formula for spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_items, _instances, _definitions = tables.work_items.c, tables.instances.c, tables.definitions.c

_EXTENSIONS = (
    ("Concept", "concept"),
    ("Lifecycle", "lifecycle"),
    ("Organizational", "org"),
    ("Time", "time"),
)
COLUMNS = ("case", "version", "element", "activity", "lifecycle", "time", "role", "organisation", "outcome")


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Something that happened in a case: ``lifecycle`` is start or complete, ``role`` and ``organisation`` whose post."""

    element: str
    activity: str
    lifecycle: str
    at: datetime
    role: str = ""
    organisation: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A case with its events in the order in which they happened."""

    case: int
    version: int
    events: Sequence[LogEvent]


def traces(unit: Unit, plugins: Any, process_id: str, since: datetime | None = None) -> Iterator[Trace]:
    """Yield the cases of a process that started since a moment (None: all), the oldest first."""
    query = (
        select(_instances.id, _instances.started_at, _instances.ended_at, _definitions.version)
        .join(tables.definitions, _definitions.id == _instances.definition_id)
        .where(_definitions.process_id == process_id)
        .order_by(_instances.id)
    )
    if since is not None:
        query = query.where(_instances.started_at >= since)
    rows = unit.execute(query).all()
    for first in range(0, len(rows), _BATCH):
        batch = rows[first : first + _BATCH]
        ids = [row.id for row in batch]
        secret = _secret(unit, plugins, ids)
        items = _items_of(unit, ids)
        for row in batch:
            if row.id not in secret:
                events = [LogEvent("", "start", "complete", row.started_at)]
                events += [*items.get(row.id, ()), *_services(unit, row.id)]
                if row.ended_at is not None:
                    events.append(LogEvent("", "end", "complete", row.ended_at))
                yield Trace(row.id, row.version, sorted(events, key=_when))


def write(
    unit: Unit, ports: Ports, process_id: str, kind: str, stream: IO[bytes], since: datetime | None = None
) -> None:
    """Write the log of a process as ``xes`` or ``csv``; raises :class:`NotFound`."""
    process = ports.catalogue.find(unit, process_id)
    found = traces(unit, ports.plugins, process_id, since)
    if kind == "csv":
        stream.write(codecs.BOM_UTF8)  # or spreadsheets take it for another encoding
    for line in xes(process_id, process.name, found) if kind == "xes" else rows(found):
        stream.write(line.encode())


def xes(process_id: str, name: str, found: Iterable[Trace]) -> Iterator[str]:
    """Yield an XES document (IEEE 1849) line by line."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for title, prefix in _EXTENSIONS:
        yield f'  <extension name="{title}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield '  <classifier name="Activity" keys="concept:name"/>\n'
    yield _string("concept:name", name or process_id, 1)
    yield _string("process", process_id, 1)
    for trace in found:
        yield "  <trace>\n"
        yield _string("concept:name", str(trace.case), 2)
        yield f'    <int key="version" value="{trace.version}"/>\n'
        for event in trace.events:
            yield "    <event>\n"
            yield _string("concept:name", event.activity, 3)
            yield _string("lifecycle:transition", event.lifecycle, 3)
            yield f'      <date key="time:timestamp" value="{_time(event.at)}"/>\n'
            for key, value in (
                ("element", event.element),
                ("org:role", event.role),
                ("org:group", event.organisation),
                ("outcome", event.outcome),
            ):
                if value:
                    yield _string(key, value, 3)
            yield "    </event>\n"
        yield "  </trace>\n"
    yield "</log>\n"


def rows(found: Iterable[Trace]) -> Iterator[str]:
    """Yield a CSV document line by line, its first line the headings :data:`COLUMNS`."""
    yield _line(COLUMNS)
    for trace in found:
        for event in trace.events:
            yield _line(
                (
                    str(trace.case),
                    str(trace.version),
                    event.element,
                    event.activity,
                    event.lifecycle,
                    _time(event.at),
                    event.role,
                    event.organisation,
                    event.outcome,
                )
            )


def _items_of(unit: Unit, ids: Sequence[int]) -> dict[int, list[LogEvent]]:
    query = select(tables.work_items).where(_items.instance_id.in_(ids)).order_by(_items.id)
    found: dict[int, list[LogEvent]] = {}
    for row in unit.execute(query):
        events = found.setdefault(row.instance_id, [])
        step = " ".join(row.step.split())
        role, org = _post(load_plain(row.candidates)[:1])
        events.append(LogEvent(row.element, step, "start", row.created_at, role, org))
        if row.state == "completed" and row.completed_at is not None:
            done = _post([row.completed_as]) if row.completed_as else (role, org)
            events.append(LogEvent(row.element, step, "complete", row.completed_at, *done, row.outcome or ""))
    return found


def _services(unit: Unit, instance: int) -> Iterator[LogEvent]:
    for row in history.events_of(unit, instance):
        if row.kind == "service.done" and row.body is not None:
            step = load_plain(row.body).get("step") or row.element
            yield LogEvent(row.element, " ".join(str(step).split()), "complete", row.at)


def _secret(unit: Unit, plugins: Any, ids: Sequence[int]) -> set[int]:
    with Session(bind=unit.connection) as session:
        offers = plugins.hook.bihuan_secret_cases(session=session, instances=ids)
        return {one for offer in offers for one in offer}


def _post(principals: Sequence[str | None]) -> tuple[str, str]:
    """Return role and organisation of the first principal; a person's own name is told nobody."""
    kind, _, rest = (principals[0] or "" if principals else "").partition(":")
    role, _, org = rest.partition("@")
    return (role, org) if kind == "role" else ("", rest if kind == "org" else "")


def _when(event: LogEvent) -> tuple[datetime, bool, bool]:
    """Sort by time; of what happened at once the case's start comes first and its end last, a completion before a start."""
    return event.at, event.activity == "end" and not event.element, event.lifecycle == "start"


def _time(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="milliseconds")


def _string(key: str, value: str, depth: int) -> str:
    return f'{"  " * depth}<string key="{key}" value={quoteattr(value)}/>\n'


def _line(values: Sequence[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([f"'{one}" if one.startswith(_FORMULA) else one for one in values])
    return stream.getvalue()
