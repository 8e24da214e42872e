"""The comments on a case, as one person may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.commands.act import Act
from engine.commands.comments import ADDED, STRUCK, may_read
from engine.identity import Actor, names
from engine.tasks.views import Comment


def struck(rows: Sequence[Any], bodies: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """Return when comments were taken back, by their numbers."""
    return {
        int(body["comment"]): row.at
        for row, body in zip(rows, bodies, strict=True)
        if row.kind == STRUCK and "comment" in body
    }


def comments(
    act: Act, rows: Sequence[Any], bodies: Sequence[Mapping[str, Any]], actor: Actor
) -> list[Comment]:
    """Return the comments among a case's events, the oldest first."""
    said = [
        (row, body)
        for row, body in zip(rows, bodies, strict=True)
        if row.kind == ADDED and may_read(act, row.actor, actor)
    ]
    if not said:
        return []
    taken_back = struck(rows, bodies)
    people = {row.actor for row, _ in said} | {one for _, body in said for one in body.get("to_all", ())}
    known = names(act.unit, people)
    return [
        Comment(
            row.seq,
            row.actor,
            known.get(row.actor, row.actor),
            row.at,
            "" if row.seq in taken_back else str(body.get("opinion", "")),
            [known.get(one, one) for one in body.get("to_all", ())],
            taken_back.get(row.seq),
            row.actor == actor.principal and row.seq not in taken_back and not actor.no_business,
        )
        for row, body in said
    ]
