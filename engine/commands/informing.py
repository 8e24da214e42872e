"""Notes that commands leave for people beside what waits in their inbox: a task was passed to them, a request was made or
answered, long work of theirs is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from engine import tables
from engine.commands import notes
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.database import Unit
from engine.values import dump_json, load_plain

GIVEN = "given"
WITHDRAWAL_ASKED, WITHDRAWAL_GRANTED = "withdrawal_asked", "withdrawal_granted"
WITHDRAWAL_DECLINED = "withdrawal_declined"
EXTENSION_ASKED, EXTENSION_GRANTED, EXTENSION_REFUSED = (
    "extension_asked",
    "extension_granted",
    "extension_refused",
)
FINISHED, NOTICE = "finished", "notice"
#: To how many holders of one request a note goes at most.
_MOST = 50

_items = tables.work_items.c
_holders = select(_items.id, _items.assignee, _items.candidates, _items.drafter, _items.handed_in_at).where(
    _items.id.in_(bindparam("ids", expanding=True))
)


def given(unit: Unit, act: Act, item_id: int, to: str | None, reason: str = "") -> None:
    """Tell a person that a task was passed to them; nobody is told what they did themself."""
    if to is not None and to != act.actor:
        notes.send(unit, act, GIVEN, [to], reason, item_id)


def asked(unit: Unit, act: Act, kind: str, people: Iterable[str], reason: str, item_id: int) -> None:
    """Tell those who can answer that something was asked about an item."""
    notes.send(unit, act, kind, list(people)[:_MOST], reason, item_id)


def holders(unit: Unit, items: Sequence[int]) -> list[str]:
    """Return who has one of these open items, each once."""
    found: dict[str, None] = {}
    for row in unit.execute(_holders, {"ids": list(items)[:_MOST]}):
        seen = seen_by(load_plain(row.candidates), row.assignee, row.drafter, row.handed_in_at is not None)
        found.update(dict.fromkeys(seen))
    return list(found)


def finished(
    unit: Unit, principal: str, code: str, params: Mapping[str, Any], link: str, now: datetime
) -> None:
    """Tell a person that long work is done: ``code`` is a sentence of :mod:`engine.messages`, ``link`` a path of the site
    after the county's own (``/bulk/7``)."""
    unit.execute(insert(tables.notes), _sentence(FINISHED, principal, code, params, link, now))


def notice(
    unit: Unit,
    principals: Iterable[str],
    code: str,
    params: Mapping[str, Any],
    link: str,
    now: datetime,
) -> list[str]:
    """Tell everybody whom ``principals`` mean today a sentence of :mod:`engine.messages`; return those who are told."""
    people = notes.people_of(unit, principals, now)
    rows = [_sentence(NOTICE, principal, code, params, link, now) for principal in people]
    if rows:
        unit.execute(insert(tables.notes), rows)
    return people


def _sentence(
    kind: str, principal: str, code: str, params: Mapping[str, Any], link: str, now: datetime
) -> dict[str, Any]:
    return {
        "kind": kind,
        "principal": principal,
        "sender": "system",
        "sent_at": now,
        "text": dump_json({"code": code, "params": params}),
        "link": link,
    }
