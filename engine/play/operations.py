"""Operations as answers of a play: each name is one command of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.play import cooperating, intervening, managing, moving
from engine.play.board import Board, Stop

#: Does one operation; is given the board, the answer's number (from 1) and the answer.
Operation = Callable[[Board, int, Mapping[str, Any]], object]


def operate(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """Do the operation that an answer names; raises :class:`Stop` for one that is not known."""
    operation = OPERATIONS.get(str(answer["operation"]))
    if operation is None:
        raise Stop("play.unsupported", number=number, operation=str(answer["operation"]))
    operation(board, number, answer)


OPERATIONS: dict[str, Operation] = {
    "acknowledge": cooperating.acknowledge,
    "add_signer": cooperating.add_signer,
    "answer_withdrawal": moving.answer_withdrawal,
    "ask_withdrawal": moving.ask_withdrawal,
    "assign_out": cooperating.assign_out,
    "change_dues": managing.change_dues,
    "claim": cooperating.claim,
    "comment": cooperating.comment,
    "copy": cooperating.copy,
    "decide_extension": managing.decide_extension,
    "delegate": cooperating.delegate,
    "extend": managing.extend,
    "follow": cooperating.follow,
    "hand_back": cooperating.hand_back,
    "hand_in": cooperating.hand_in,
    "hand_over": managing.hand_over,
    "read_note": cooperating.read_note,
    "remove_signer": cooperating.remove_signer,
    "return": moving.give_back,
    "substitute": cooperating.substitute,
    "transfer": cooperating.transfer,
    "unclaim": cooperating.unclaim,
    "unfollow": cooperating.unfollow,
    "urge": cooperating.urge,
    "withdraw": moving.withdraw,
    "jump": moving.jump,
    "suspend": intervening.intervene,
    "resume": intervening.intervene,
    "terminate": intervening.intervene,
}
