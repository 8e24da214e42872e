"""What goes out once on each working day: deadlines that have come near, and the digest of those who want one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, or_, select

from engine import tables
from engine.calendar import ZONE, WorkingDays
from engine.commands.ports import Ports
from engine.database import Unit
from engine.notify import sources, watermarks
from engine.notify.audience import Audience, choosers
from engine.notify.configuration import Configured, General
from engine.notify.kinds import DIGEST, KINDS, NEAR, NOW, OF_NOTES, OVERDUE, RETURNED, TASK
from engine.notify.letters import digest
from engine.notify.sources import News
from engine.notify.telling import put, row_of, spread
from engine.tables import NEVER

MARK = "daily"
#: How long what was sent stays in the outbox.
KEPT = timedelta(days=90)
#: How much of what waits for a person is read for a digest.
_MOST = 300

#: Before everything.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_inbox, _notes, _box = tables.inbox.c, tables.notes.c, tables.outbox.c


def day_due(unit: Unit, days: WorkingDays, at: time, now: datetime) -> date | None:
    """Return today where its messages are still to be made: a working day, and late enough; else None."""
    local = now.astimezone(ZONE)
    today = local.date()
    if local.time().replace(tzinfo=None) < at or not days.is_working(today):
        return None
    return None if watermarks.position(unit, MARK) >= today.toordinal() else today


def run(
    ports: Ports,
    unit: Unit,
    channels: Sequence[Configured],
    general: General,
    rows: Sequence[dict[str, Any]],
    now: datetime,
) -> int:
    """Write today's digests, and tell of deadlines that have come near; return how many messages that makes.

    ``rows`` are those of :func:`digests`. A second run on the same day finds nothing to do.
    """
    today = now.astimezone(ZONE).date()
    mark = watermarks.begin(unit, MARK, None, now)
    if mark.position >= today.toordinal():
        return 0
    days = ports.working_days(unit)
    told = _near(ports, unit, channels, general, days, mark, now)
    mark.position, mark.at = today.toordinal(), now
    watermarks.save(unit, mark)
    old = or_(_box.sent_at < now - KEPT, (_box.state == "dropped") & (_box.created_at < now - KEPT))
    unit.execute(delete(tables.outbox).where(_box.state.in_(("sent", "dropped")), old))
    return told + put(unit, rows)


def digests(
    ports: Ports, unit: Unit, channels: Sequence[Configured], general: General, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of today's digests; who has nothing waiting gets none. Reads only."""
    people = choosers(unit, channels, general, list(KINDS), DIGEST)
    if not people:
        return []
    audience = Audience(unit, channels, general, people, now)
    principals = sources.held_by(unit, people, now)
    mark = unit.execute(select(tables.watermarks.c.at).where(tables.watermarks.c.name == MARK)).scalar()
    since = mark or now - sources.FRESH
    horizon = near_until(ports.working_days(unit), general.near_days, now)
    today = now.astimezone(ZONE).date()
    rows = []
    for person in people:
        wanted = {
            channel.name: {kind for kind in KINDS if audience.how(person, channel.name, kind) == DIGEST}
            for channel in channels
            if audience.reaches(person, channel)
        }
        kinds = set().union(*wanted.values()) if wanted else set()
        if not kinds:
            continue
        held = set(principals[person])
        for other in sources.held_by(unit, _acted_for(unit, person, now), now).values():
            held |= other
        found = _tasks(ports, unit, held, kinds, since, horizon, now)
        found["notes"] = _messages(ports, unit, principals[person], kinds, since)
        for channel in channels:
            mine = {
                name: [one for one in news if one.kind in wanted.get(channel.name, ())]
                for name, news in found.items()
            }
            if any(mine.values()):
                key = f"digest:{today.isoformat()}"
                rows.append(row_of(key, person, channel, "digest", digest(mine), now))
    return rows


def near_until(days: WorkingDays, count: int, now: datetime) -> datetime:
    """Return until when a deadline counts as near: the end of the ``count``-th working day from today."""
    day = days.add(now.astimezone(ZONE).date(), count)
    return datetime.combine(day, time(23, 59, 59), ZONE)


def _near(
    ports: Ports,
    unit: Unit,
    channels: Sequence[Configured],
    general: General,
    days: WorkingDays,
    mark: watermarks.Watermark,
    now: datetime,
) -> int:
    people = choosers(unit, channels, general, [NEAR], NOW)
    principals = {one for held in sources.held_by(unit, people, now).values() for one in held}
    if not principals:
        return 0
    last = near_until(days, general.near_days, mark.at) if mark.position else now
    until = near_until(days, general.near_days, now)
    return spread(
        ports, unit, channels, sources.of_deadlines(unit, NEAR, principals, max(last, now), until), now
    )


def _tasks(
    ports: Ports,
    unit: Unit,
    principals: Collection[str],
    kinds: Collection[str],
    since: datetime,
    horizon: datetime,
    now: datetime,
) -> dict[str, list[News]]:
    """Return the tasks that a person's digest tells: overdue, due soon, and new ones, each once."""
    ids = set(
        unit.execute(
            select(_inbox.item_id)
            .where(
                _inbox.principal.in_(sorted(principals)),
                or_(_inbox.due_at <= horizon, _inbox.created_at > since),
            )
            .order_by(_inbox.due_at, _inbox.item_id)
            .limit(_MOST)
        ).scalars()
    )
    items = sources.of_items(ports, unit, sorted(ids), EPOCH)
    found: dict[str, list[News]] = {"late": [], "near": [], "new": []}
    for one in sorted(items, key=lambda each: (each.due_at or NEVER, each.item_id)):
        if one.due_at is not None and one.due_at < now and OVERDUE in kinds:
            found["late"].append(sources.as_deadline(one, OVERDUE))
        elif one.due_at is not None and now <= one.due_at <= horizon and NEAR in kinds:
            found["near"].append(sources.as_deadline(one, NEAR))
        elif one.at > since and one.kind in kinds:
            found["new"].append(one)
    return {name: sources.conceal(ports.plugins, unit, news) for name, news in found.items()}


def _messages(
    ports: Ports, unit: Unit, principals: Collection[str], kinds: Collection[str], since: datetime
) -> list[News]:
    """Return the messages that a person's digest tells: those that they haven't read."""
    wanted = [name for name, kind in OF_NOTES.items() if kind in kinds and kind not in (TASK, RETURNED)]
    notes = unit.execute(
        select(_notes.id)
        .where(
            _notes.principal.in_(sorted(principals)),
            _notes.sent_at > since,
            _notes.kind.in_(wanted),
        )
        .order_by(_notes.id)
        .limit(_MOST)
    ).scalars()
    return sources.conceal(ports.plugins, unit, sources.of_notes(unit, list(notes), since))


def _acted_for(unit: Unit, person: str, now: datetime) -> list[str]:
    """Return the people for whom a person acts today in all processes."""
    subs, today = tables.substitutions.c, now.astimezone(ZONE).date()
    query = select(subs.person).where(
        subs.substitute == person,
        subs.valid_from <= today,
        subs.valid_to >= today,
        subs.ended_at.is_(None),
        subs.processes.is_(None),
    )
    return list(unit.execute(query).scalars())
