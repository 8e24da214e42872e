"""The answers of a play that move tokens other than forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.play.board import Board, holder


def give_back(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``return``: the open item at ``element`` goes back to ``to``."""
    item, _ = board.item(number, answer)
    board.engine.return_task(
        item.id,
        actor=holder(item, answer.get("by")),
        version=item.version,
        reason=str(answer.get("reason") or ""),
        to=answer.get("to"),
        mode=answer.get("mode"),
    )
