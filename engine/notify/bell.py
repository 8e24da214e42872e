"""The bell of the pages: what is new to a person, read from what waits for them and from their notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select, union, union_all, update

from engine import tables
from engine.commands.informing import GIVEN
from engine.commands.ports import Ports
from engine.database import Unit
from engine.identity import Actor
from engine.notify import sources
from engine.notify.kinds import OF_NOTES
from engine.notify.letters import path_of, sentence_of
from engine.notify.sources import News
from engine.tables import Moment
from engine.tasks.inbox import CAP

#: How far back the bell looks at all.
REACH = timedelta(days=60)

_inbox, _notes, _openings = tables.inbox.c, tables.notes.c, tables.openings.c
_people, _incidents = tables.people.c, tables.incidents.c
_caught_up = select(_people.caught_up_at).where(_people.id == bindparam("person"))
_catch_up = update(tables.people).where(_people.id == bindparam("whom"))
_mine: Any = bindparam("principals", expanding=True)
_since_then = bindparam("since", type_=Moment)
_before_then = bindparam("before", type_=Moment)
_opened = exists().where(_openings.item_id == _inbox.item_id, _openings.person == bindparam("me"))
_passed = exists().where(
    _notes.item_id == _inbox.item_id, _notes.kind == GIVEN, _notes.principal == bindparam("me")
)
_seen = select(_openings.item_id).where(
    _openings.person == bindparam("me"), _openings.item_id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the bell's list: ``kind`` of :data:`engine.notify.kinds.KINDS`, ``path`` inside the site, and for a note
    its id, by which it is marked as read when it is opened.
    """

    kind: str
    at: datetime
    read: bool
    path: str
    note_id: int | None
    news: News

    def sentence(self, language: str) -> str:
        """Return what it says."""
        return sentence_of(self.news, language)


@dataclass(frozen=True, slots=True)
class ToldPage:
    """A page of the list; ``before`` is the time from which the next one goes on, None at the end."""

    rows: Sequence[Told]
    before: datetime | None


def unread(unit: Unit, actor: Actor, now: datetime) -> int:
    """Return how much is new to a person, at most :data:`engine.tasks.inbox.CAP`, in one statement after their mark."""
    values = _values(actor, _since(unit, actor, now)) | {"limit": CAP}
    numbers = unit.execute(_count(len(actor.principals), actor.is_operator), values)
    return min(CAP, sum(int(number) for number in numbers.scalars()))


@lru_cache(maxsize=64)
def _count(principals: int, operator: bool) -> Any:
    """Return the query of the counts of tasks, messages and, for an operator, incidents, each cut at the cap."""
    tasks = _newest(principals, ~_opened).subquery()
    messages = (
        select(_notes.id)
        .where(
            _notes.principal.in_(_mine),
            _notes.sent_at > _since_then,
            _notes.read_at.is_(None),
            _notes.kind.in_(list(OF_NOTES)),
        )
        .limit(bindparam("limit"))
        .subquery()
    )
    parts = [select(func.count().label("number")).select_from(part) for part in (tasks, messages)]
    if operator:
        troubles = (
            select(_incidents.id)
            .where(_incidents.state == "open", _incidents.raised_at > _since_then)
            .limit(bindparam("limit"))
            .subquery()
        )
        parts.append(select(func.count().label("number")).select_from(troubles))
    return union_all(*parts)


def _newest(principals: int, *conditions: ColumnElement[bool]) -> Any:
    """Return the query of the newest items of a person, each once: the first rows of each principal, whatever there is
    behind them. What was passed to the person stands among the messages.
    """
    scans = [
        select(_inbox.item_id, _inbox.created_at)
        .where(
            _inbox.principal == bindparam(f"p{number}"),
            _inbox.created_at > _since_then,
            ~_passed,
            *conditions,
        )
        .order_by(_inbox.created_at.desc(), _inbox.item_id.desc())
        .limit(bindparam("limit"))
        .subquery()
        for number in range(principals)
    ]
    return union(*(select(scan.c.item_id, scan.c.created_at) for scan in scans))


@lru_cache(maxsize=64)
def _page(principals: int) -> Any:
    rows = _newest(principals, _inbox.created_at < _before_then).subquery()
    return (
        select(rows.c.item_id)
        .order_by(rows.c.created_at.desc(), rows.c.item_id.desc())
        .limit(bindparam("limit"))
    )


def page(
    ports: Ports,
    unit: Unit,
    actor: Actor,
    now: datetime,
    *,
    before: datetime | None,
    limit: int,
    only_unread: bool,
) -> ToldPage:
    """Return what a person was told, the newest first, what they have read among it."""
    mark = _since(unit, actor, now)
    oldest, newest = now - REACH, before or now + timedelta(days=1)
    if only_unread:
        oldest = max(oldest, mark)
    values = _values(actor, oldest) | {"before": newest, "limit": limit + 1}
    rows = [*_tasks(ports, unit, actor, values, mark), *_messages(unit, values, mark)]
    if actor.is_operator:
        rows += _troubles(unit, values, mark)
    if only_unread:
        rows = [row for row in rows if not row.read]
    rows.sort(key=lambda row: row.at, reverse=True)
    more = len(rows) > limit
    return ToldPage(rows[:limit], rows[limit - 1].at if more else None)


def catch_up(unit: Unit, actor: Actor, now: datetime) -> None:
    """Take all that is there as read; receipts of copies are not given by it, they come from opening them."""
    unit.execute(_catch_up.values(caught_up_at=now), {"whom": actor.person})


def _since(unit: Unit, actor: Actor, now: datetime) -> datetime:
    mark = unit.execute(_caught_up, {"person": actor.person}).scalar()
    oldest = now - REACH
    return oldest if mark is None else max(mark, oldest)


def _values(actor: Actor, since: datetime) -> dict[str, Any]:
    principals = sorted(actor.principals)
    each = {f"p{number}": principal for number, principal in enumerate(principals)}
    return {"principals": principals, "me": actor.principal, "since": since, **each}


def _tasks(ports: Ports, unit: Unit, actor: Actor, values: dict[str, Any], mark: datetime) -> list[Told]:
    ids = list(unit.execute(_page(len(actor.principals)), values).scalars())
    if not ids:
        return []
    seen = set(unit.execute(_seen, {"me": actor.principal, "ids": ids}).scalars())
    return [
        Told(one.kind, one.at, one.item_id in seen or one.at <= mark, _path(one), None, one)
        for one in sources.of_items(ports, unit, ids, values["since"])
    ]


def _messages(unit: Unit, values: dict[str, Any], mark: datetime) -> list[Told]:
    rows = unit.execute(
        select(_notes.id, _notes.read_at)
        .where(
            _notes.principal.in_(_mine),
            _notes.sent_at > _since_then,
            _notes.sent_at < _before_then,
            _notes.kind.in_(list(OF_NOTES)),
        )
        .order_by(_notes.sent_at.desc(), _notes.id.desc())
        .limit(bindparam("limit")),
        values,
    ).all()
    read = {row.id: row.read_at is not None for row in rows}
    found = []
    for one in sources.of_notes(unit, list(read), values["since"], read=True):
        id = int(one.key.removeprefix("note:"))
        found.append(Told(one.kind, one.at, read[id] or one.at <= mark, _path(one), id, one))
    return found


def _troubles(unit: Unit, values: dict[str, Any], mark: datetime) -> list[Told]:
    ids = unit.execute(
        select(_incidents.id)
        .where(
            _incidents.state == "open",
            _incidents.raised_at > _since_then,
            _incidents.raised_at < _before_then,
        )
        .order_by(_incidents.id.desc())
        .limit(bindparam("limit")),
        values,
    ).scalars()
    found = sources.of_incidents(unit, list(ids), values["since"])
    return [Told(one.kind, one.at, one.at <= mark, _path(one), None, one) for one in found]


def _path(one: News) -> str:
    return path_of(one.kind, one.item_id, one.instance_id, one.link)


def note_path(unit: Unit, actor: Actor, note_id: int) -> str | None:
    """Return where a note of the actor's leads to; None for one that isn't theirs."""
    row = unit.execute(select(tables.notes).where(_notes.id == note_id)).first()
    if row is None or row.principal not in actor.principals:
        return None
    return path_of(OF_NOTES.get(row.kind, ""), row.item_id, row.instance_id, row.link)
