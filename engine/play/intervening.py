"""What operators do in a play: suspend, resume, terminate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.play.board import Board, operator


def intervene(board: Board, number: int, answer: Mapping[str, Any]) -> None:  # noqa: ARG001
    """``suspend``, ``resume``, ``terminate``: an operator does it to the case, with a reason."""
    board.engine.intervene(
        str(answer["operation"]),
        actor=operator(answer.get("by")),
        reason=str(answer.get("reason") or ""),
        instance_id=board.instance,
    )
