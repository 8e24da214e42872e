"""Comments on a case: who said what, and taking one back; what was said stays in history."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from engine import tables
from engine.commands import notes, writer
from engine.commands.act import Act
from engine.commands.loading import load_instance
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import Conflict, Forbidden, NotFound
from engine.history import Entry, chain_of
from engine.identity import Actor
from engine.values import load_json

ADDED, STRUCK = "comment.added", "comment.struck"

_events, _notes = tables.events.c, tables.notes.c
_said = select(_events.seq, _events.actor, _events.at, _events.kind, _events.body).where(
    _events.chain == bindparam("chain"), _events.kind.in_((ADDED, STRUCK))
)
_forget = (
    update(tables.notes)
    .where(
        _notes.instance_id == bindparam("instance"),
        _notes.kind == notes.MENTION,
        _notes.sender == bindparam("author"),
        _notes.sent_at == bindparam("at"),
    )
    .values(text="")
)


def strike(ports: Ports, unit: Unit, instance_id: int, comment: int, actor: Actor) -> None:
    """Take back a comment, named by its number in the case's history; only who wrote it may.

    It is not shown any more, to those neither whom it mentioned; that it was there, and when it was taken back, is.
    Raises :class:`NotFound`, :class:`Forbidden`, and :class:`Conflict` where it was taken back before.
    """
    act = load_instance(ports, unit, instance_id, actor)
    notes.see(unit, act, actor)
    rows = {row.seq: row for row in unit.execute(_said, {"chain": chain_of(instance_id)})}
    row = rows.get(comment)
    if row is None or row.kind != ADDED or not may_read(act, row.actor, actor):
        raise NotFound("comment.unknown")
    if row.actor != actor.principal:
        raise Forbidden("comment.not_yours")
    if any(
        one.kind == STRUCK and load_json(one.body or "{}").get("comment") == comment for one in rows.values()
    ):
        raise Conflict("comment.struck_already")
    unit.execute(_forget, {"instance": instance_id, "author": row.actor, "at": row.at})
    act.entries.append(Entry(STRUCK, act.actor, act.now, None, {"comment": comment}))
    writer.write(unit, [act])


def may_read(act: Act, author: str, actor: Actor) -> bool:
    """Whether the actor may read a comment: who takes part in the case may, and who wrote it."""
    return author == actor.principal or actor.may_read(None, act.progress.participants)
