"""The answers of a play in which people pass a task on, ask one another, and add signers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.commands.signing import signers_of
from engine.identity import Actor
from engine.play.board import Board, Stop, holder, moment, person, told


def claim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``claim``: the open item becomes one person's."""
    board.engine.claim(**_mine(board, number, answer))


def unclaim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``unclaim``: it goes back to its pool."""
    board.engine.unclaim(**_mine(board, number, answer))


def transfer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``transfer``: somebody else does it instead."""
    to = board.colleague(number, answer)
    board.engine.transfer(**_mine(board, number, answer), to=to, reason=_text(answer, "reason"))


def delegate(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``delegate``: somebody else is asked first."""
    to = board.colleague(number, answer)
    board.engine.delegate(**_mine(board, number, answer), to=to, reason=_text(answer, "reason"))


def hand_back(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``hand_back``: whoever was asked gives it back."""
    board.engine.hand_back(**_mine(board, number, answer), opinion=_text(answer, "opinion"))


def acknowledge(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``acknowledge``: it has arrived."""
    board.engine.acknowledge(**_mine(board, number, answer))


def assign_out(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``assign_out``: somebody drafts it."""
    to = board.colleague(number, answer)
    board.engine.assign_out(**_mine(board, number, answer), to=to)


def hand_in(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``hand_in``: the drafter gives the draft in."""
    board.engine.hand_in(**_mine(board, number, answer), opinion=_text(answer, "opinion"))


def add_signer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``add_signer``: somebody else signs too, ``before``, ``after`` or ``beside`` (the default) the one who asks."""
    to, position = board.colleague(number, answer), str(answer.get("position") or "beside")
    mine = _mine(board, number, answer)
    board.engine.add_signer(**mine, to=to, position=position, reason=_text(answer, "reason"))


def remove_signer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``remove_signer``: ``to``, a person or a role, needn't sign."""
    mine = _mine(board, number, answer)
    to = str(answer.get("to") or "")
    wanted = {to, f"user:{to}"}
    item, _ = board.item(number, answer)
    with board.engine.database.read() as unit:
        signers = signers_of(unit, board.instance, item.token)
    named = [
        one for one in signers if not wanted.isdisjoint((one.assignee, one.completed_by, *one.candidates))
    ]
    if not named:
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    board.engine.remove_signer(**mine, signer=named[-1].item_id, reason=_text(answer, "reason"))


def extend(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``extend``: the holder asks for the deadline ``due``; granted at once where the deadline is theirs."""
    due, reason = moment(answer.get("due")), _text(answer, "reason")
    board.engine.extend(**_mine(board, number, answer), due=due, reason=reason)


def decide_extension(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``decide_extension``: an owner of the deadline grants what was asked, or doesn't (``grant``: false)."""
    actor = person(board.colleague(number, answer, "by"))
    asked = [one for one in board.engine.extensions(actor) if one.instance_id == board.instance]
    if not asked:
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    grant = answer.get("grant") is not False
    board.engine.decide_extension(asked[0].id, actor=actor, grant=grant, answer=_text(answer, "reason"))


def urge(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``urge``: whoever takes part nudges who has the open item."""
    item, _ = board.item(number, answer)
    board.engine.urge(item.id, actor=_somebody(board, number, answer), text=_text(answer, "text"))


def copy(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``copy``: the case goes to ``to``, a person or a list, for their information."""
    wanted = answer.get("to")
    to = [
        str(one) if str(one).startswith(("role:", "org:")) else board.colleague(number, {**answer, "to": one})
        for one in (wanted if isinstance(wanted, list) else [wanted])
    ]
    actor = _somebody(board, number, answer)
    board.engine.copy(board.instance, actor=actor, to=to, text=_text(answer, "text"))


def comment(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``comment``: somebody says something about the case."""
    actor = _somebody(board, number, answer)
    board.engine.comment(board.instance, actor=actor, text=_text(answer, "text"))


def follow(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``follow``: somebody watches the case."""
    board.engine.follow(board.instance, actor=_somebody(board, number, answer))


def _somebody(board: Board, number: int, answer: Mapping[str, Any]) -> Actor:
    """Return who acts on the case: the holder of the open item that is named, else just who is named."""
    named = [item for item in board.open_items() if item.element == answer.get("element")]
    if named and not answer.get("by"):
        return holder(named[0], None)
    return person(board.colleague(number, answer, "by"))


def _mine(board: Board, number: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every operation on an open item is given: the item, its version, and who does it."""
    item, _ = board.item(number, answer)
    actor: Actor = holder(item, answer.get("by"))
    return {"item_id": item.id, "version": item.version, "actor": actor}


def _text(answer: Mapping[str, Any], key: str) -> str:
    return str(answer.get(key) or "")
