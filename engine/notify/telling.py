"""Puts news into the outbox: for each person who wants to be told at once, a row for each channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from engine import tables
from engine.calendar import ZONE
from engine.commands.ports import Ports
from engine.database import Unit
from engine.notify import sources, watermarks
from engine.notify.audience import Audience, choosers
from engine.notify.configuration import Configured, General, configured, general
from engine.notify.kinds import NEAR, NOW, OVERDUE, RETURNED, TASK
from engine.notify.letters import letter
from engine.notify.sources import News

#: How many rows of a source are taken up in one transaction.
BATCH = 500
#: More tasks than these, found at once, are one message.
SEVERAL = 3
#: As what tasks are told together.
_TOGETHER: Mapping[str, str] = {TASK: TASK, RETURNED: TASK, NEAR: NEAR, OVERDUE: OVERDUE}
#: How often deadlines that have passed are looked for.
PACE = timedelta(minutes=5)
#: How often sending is tried.
RETRIES = 6

_SOURCES: Mapping[str, Table] = {
    "items": tables.work_items,
    "notes": tables.notes,
    "incidents": tables.incidents,
}
_OVERDUE = "overdue"


def due(unit: Unit, now: datetime) -> bool:
    """Whether there is anything new to tell; reads only."""
    rows = unit.execute(select(tables.watermarks))
    marks = {row.name: row for row in rows}
    for name, table in _SOURCES.items():
        mark = marks.get(name)
        if mark is None or mark.gaps != "{}":
            return True
        if (unit.execute(select(func.max(table.c.id))).scalar() or 0) > mark.position:
            return True
    return _OVERDUE not in marks or now - marks[_OVERDUE].at >= PACE


def tell(ports: Ports, unit: Unit, channels: Sequence[Configured], now: datetime) -> int:
    """Take up a batch of what is new since the last time; return how many rows were looked at.

    Nobody is told of the same thing twice: the marks move on in the same transaction as the outbox is filled.
    """
    marks = {name: watermarks.begin(unit, name, table.c.id, now) for name, table in sorted(_SOURCES.items())}
    found = {name: watermarks.unread(unit, _SOURCES[name], mark, now, BATCH) for name, mark in marks.items()}
    since = now - sources.FRESH
    news = [
        *sources.of_items(ports, unit, found["items"], since),
        *sources.of_notes(unit, found["notes"], since),
        *sources.of_incidents(unit, found["incidents"], since),
        *_overdue(unit, channels, now),
    ]
    spread(ports, unit, channels, news, now)
    for mark in marks.values():
        watermarks.save(unit, mark)
    return sum(len(ids) for ids in found.values())


def spread(
    ports: Ports, unit: Unit, channels: Sequence[Configured], news: Sequence[News], now: datetime
) -> int:
    """Write a row for each person and channel that wants news at once; return how many."""
    news = sources.conceal(ports.plugins, unit, news)
    people = sources.people_of(unit, (one for each in news for one in each.to), now)
    readers = {person for found in people.values() for person in found}
    subs = sources.substitutes_of(unit, readers, now) if readers else []
    audience = Audience(unit, channels, general(unit), readers | {one for _, one, _ in subs}, now)
    mine: dict[tuple[str, str], list[News]] = {}
    by_name = {one.name: one for one in channels}
    for one in news:
        own = list(dict.fromkeys(person for to in one.to for person in people.get(to, ())))
        acting = [sub for who, sub, only in subs if who in own and (only is None or one.process in only)]
        for person in dict.fromkeys([*own, *acting]):
            for channel in audience.channels(person, one.kind, NOW):
                mine.setdefault((person, channel.name), []).append(one)
    rows = [
        row
        for (person, channel), found in mine.items()
        for row in _rows(person, by_name[channel], found, now)
    ]
    return put(unit, rows)


def put(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write rows to the outbox but those that are there; return how many were written."""
    box = tables.outbox
    keys = [row["key"] for row in rows]
    known: set[str] = set()
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        known.update(unit.execute(select(box.c.key).where(box.c.key.in_(some))).scalars())
    fresh = [row for row in rows if row["key"] not in known]
    if fresh:
        unit.execute(insert(box), fresh)
    return len(fresh)


def row_of(
    key: str, person: str, channel: Configured, kind: str, body: str, now: datetime, **about: Any
) -> dict[str, Any]:
    """Return a row of the outbox."""
    return {
        "key": f"{key}:{person}:{channel.name}"[:200],
        "channel": channel.name,
        "person": person,
        "kind": kind,
        "instance_id": about.get("instance_id"),
        "item_id": about.get("item_id"),
        "body": body,
        "state": "open",
        "due_at": after_quiet(channel.quiet, now),
        "attempts": 0,
        "retries": RETRIES,
        "created_at": now,
    }


def after_quiet(quiet: tuple[time, time] | None, now: datetime) -> datetime:
    """Return when something may be sent: now, or when the quiet hours that it lies in are over."""
    if quiet is None or quiet[0] == quiet[1]:
        return now
    begin, end = quiet
    local = now.astimezone(ZONE)
    clock = local.time().replace(tzinfo=None)
    inside = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not inside:
        return now
    day = local.date() + timedelta(days=1) if clock >= end else local.date()
    return datetime.combine(day, end, ZONE)


def _rows(person: str, channel: Configured, news: Iterable[News], now: datetime) -> list[dict[str, Any]]:
    """Return the rows of what one person gets through one channel; many tasks at once are one message."""
    rows: list[dict[str, Any]] = []
    single: list[News] = []
    together: dict[str, list[News]] = {}
    for one in news:
        group = _TOGETHER.get(one.kind)
        (single if group is None else together.setdefault(group, [])).append(one)
    for kind, found in together.items():
        if len(found) <= SEVERAL:
            single.extend(found)
            continue
        key = f"{kind}:{found[0].item_id}-{found[-1].item_id}:{int(now.timestamp())}"
        rows.append(row_of(key, person, channel, kind, letter(kind, found), now))
    for one in single:
        about = {"instance_id": one.instance_id, "item_id": one.item_id}
        rows.append(row_of(one.key, person, channel, one.kind, letter(one.kind, [one]), now, **about))
    return rows


def _overdue(unit: Unit, channels: Sequence[Configured], now: datetime) -> list[News]:
    """Return the tasks whose deadline has passed since this was asked last, of those who want to know at once."""
    mark = watermarks.begin(unit, _OVERDUE, None, now)
    if now - mark.at < PACE:
        return []
    since = max(mark.at, now - sources.FRESH)
    mark.at = now
    watermarks.save(unit, mark)
    people = choosers(unit, channels, general(unit), [OVERDUE], NOW)
    principals = {one for held in sources.held_by(unit, people, now).values() for one in held}
    return sources.of_deadlines(unit, OVERDUE, principals, since, now) if principals else []


def settings(ports: Ports, unit: Unit) -> tuple[list[Configured], General]:
    """Return the channels that are on, and what holds for all of them."""
    return [one for one in configured(unit, ports.plugins).values() if one.on], general(unit)
