"""Operations as answers of a play: each name is one command of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.play import moving
from engine.play.board import Board, Stop, holder

#: Does one operation; is given the board, the answer's number (from 1) and the answer.
Operation = Callable[[Board, int, Mapping[str, Any]], object]


def operate(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """Do the operation that an answer names; raises :class:`Stop` for one that is not known."""
    operation = OPERATIONS.get(str(answer["operation"]))
    if operation is None:
        raise Stop("play.unsupported", number=number, operation=str(answer["operation"]))
    operation(board, number, answer)


def _claim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    item, _ = board.item(number, answer)
    board.engine.claim(item.id, actor=holder(item, answer.get("by")), version=item.version)


def _unclaim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    item, _ = board.item(number, answer)
    board.engine.unclaim(item.id, actor=holder(item, answer.get("by")), version=item.version)


OPERATIONS: dict[str, Operation] = {
    "claim": _claim,
    "unclaim": _unclaim,
    "return": moving.give_back,
    "withdraw": moving.withdraw,
    "jump": moving.jump,
}
