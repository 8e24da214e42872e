"""What has changed in an inbox since a page of it was shown: what came, what went, and who has it now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine import tables
from engine.commands.assignment import seen_by
from engine.database import Unit
from engine.identity import Actor, names
from engine.tasks.inbox import CAP, InboxCounts, InboxPage, inbox
from engine.tasks.query import InboxQuery
from engine.values import load_plain

_inbox, _items = tables.inbox.c, tables.work_items.c
_still = select(_inbox.item_id).where(
    _inbox.item_id.in_(bindparam("items", expanding=True)),
    _inbox.principal.in_(bindparam("mine", expanding=True)),
)
_gone = select(tables.work_items).where(_items.id.in_(bindparam("items", expanding=True)))


@dataclass(frozen=True, slots=True)
class Gone:
    """An item that waits for the actor no more: ``open`` and with somebody else, or what became of it.

    ``by`` is the name of who did it or has it; empty where the actor may not know, ``me`` where it is the actor.
    """

    item_id: int
    state: str
    by: str
    me: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed: how many items came (100 means more than 99), which went, and the counts as they are now."""

    arrived: int
    gone: Sequence[Gone]
    counts: InboxCounts


def changes(
    unit: Unit, actor: Actor, query: InboxQuery, shown: Sequence[int], since: datetime, now: datetime
) -> Changes:
    """Return what has changed for a page of the query that showed the items ``shown`` at ``since``."""
    page = inbox(unit, actor, query, now)
    missing = sorted(set(shown) - {row.item_id for row in page.rows})
    gone = _went(unit, actor, missing) if missing else ()
    return Changes(min(CAP, len(_came(unit, actor, query, page, shown, since, now))), gone, page.counts)


def _came(
    unit: Unit,
    actor: Actor,
    query: InboxQuery,
    page: InboxPage,
    shown: Collection[int],
    since: datetime,
    now: datetime,
) -> set[int]:
    """Return what is new: made since then, or handed to the actor and to be found among what was shown."""
    newest = page
    if query.sort != "newest" or query.cursor:
        newest = inbox(unit, actor, replace(query, sort="newest", cursor=None), now)
    came = {row.item_id for row in newest.rows if row.created_at > since}
    if not query.cursor:
        ids = [row.item_id for row in page.rows]
        places = [place for place, one in enumerate(ids) if one in shown]
        end = places[-1] if places and len(shown) >= query.limit else len(ids)
        came.update(ids[:end])
    return came - set(shown)


def _went(unit: Unit, actor: Actor, missing: Sequence[int]) -> list[Gone]:
    still = set(unit.execute(_still, {"items": missing, "mine": sorted(actor.principals)}).scalars())
    wanted = [one for one in missing if one not in still]
    if not wanted:
        return []
    rows = unit.execute(_gone, {"items": wanted}).all()
    known = names(unit, {one for row in rows for one in (row.completed_by, row.assignee) if one})
    return [_what(row, actor, known) for row in rows]


def _what(row: Any, actor: Actor, known: Mapping[str, str]) -> Gone:
    candidates = load_plain(row.candidates)
    concerned = {*candidates, *seen_by(candidates, row.assignee, row.drafter, False), row.completed_by}
    if actor.principals.isdisjoint(concerned):
        return Gone(row.id, "", "", False)
    who = row.assignee if row.state == "open" else row.completed_by
    return Gone(row.id, row.state, known.get(who, "") if who else "", who == actor.principal)
