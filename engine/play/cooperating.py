"""The answers of a play in which people pass a task on, ask one another, and add signers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from engine.calendar import ZONE
from engine.commands.signing import signers_of
from engine.identity import Actor
from engine.play.board import Board, Stop, holder, person, told

#: As long may somebody be away in a play, in days.
MAX_DAYS = 3_660


def claim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``claim``: the open item becomes one person's."""
    board.engine.claim(**mine(board, number, answer))


def unclaim(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``unclaim``: it goes back to its pool."""
    board.engine.unclaim(**mine(board, number, answer))


def transfer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``transfer``: somebody else does it instead."""
    to = board.colleague(number, answer)
    board.engine.transfer(**mine(board, number, answer), to=to, reason=text(answer, "reason"))


def delegate(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``delegate``: somebody else is asked first."""
    to = board.colleague(number, answer)
    board.engine.delegate(**mine(board, number, answer), to=to, reason=text(answer, "reason"))


def hand_back(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``hand_back``: whoever was asked gives it back."""
    board.engine.hand_back(**mine(board, number, answer), opinion=text(answer, "opinion"))


def acknowledge(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``acknowledge``: it has arrived."""
    board.engine.acknowledge(**mine(board, number, answer))


def assign_out(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``assign_out``: somebody drafts it."""
    to = board.colleague(number, answer)
    board.engine.assign_out(**mine(board, number, answer), to=to)


def hand_in(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``hand_in``: the drafter gives the draft in."""
    board.engine.hand_in(**mine(board, number, answer), opinion=text(answer, "opinion"))


def add_signer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``add_signer``: somebody else signs too, ``before``, ``after`` or ``beside`` (the default) the one who asks."""
    to, position = board.colleague(number, answer), str(answer.get("position") or "beside")
    asked = mine(board, number, answer)
    board.engine.add_signer(**asked, to=to, position=position, reason=text(answer, "reason"))


def remove_signer(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``remove_signer``: ``to``, a person or a role, needn't sign."""
    asked = mine(board, number, answer)
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
    board.engine.remove_signer(**asked, signer=named[-1].item_id, reason=text(answer, "reason"))


def urge(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``urge``: whoever takes part nudges who has the open item."""
    item, _ = board.item(number, answer)
    board.engine.urge(item.id, actor=_somebody(board, number, answer), text=text(answer, "text"))


def copy(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``copy``: the case goes to ``to``, a person or a list, for their information."""
    wanted = answer.get("to")
    to = [
        str(one) if str(one).startswith(("role:", "org:")) else board.colleague(number, {**answer, "to": one})
        for one in (wanted if isinstance(wanted, list) else [wanted])
    ]
    actor = _somebody(board, number, answer)
    board.engine.copy(board.instance, actor=actor, to=to, text=text(answer, "text"))


def comment(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``comment``: somebody says something about the case."""
    actor = _somebody(board, number, answer)
    board.engine.comment(board.instance, actor=actor, text=text(answer, "text"))


def follow(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``follow``: somebody watches the case."""
    board.engine.follow(board.instance, actor=_somebody(board, number, answer))


def unfollow(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``unfollow``: somebody watches it no more."""
    board.engine.follow(board.instance, actor=_somebody(board, number, answer), on=False)


def read_note(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``read_note``: ``by`` has read what they were sent last."""
    actor = person(board.colleague(number, answer, "by"))
    notes = [one for one in board.engine.notes(actor) if one.instance_id == board.instance]
    if not notes:
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    board.engine.read_note(notes[0].id, actor=actor)


def _somebody(board: Board, number: int, answer: Mapping[str, Any]) -> Actor:
    """Return who acts on the case: the holder of the open item that is named, else just who is named."""
    named = [item for item in board.open_items() if item.element == answer.get("element")]
    if named and not answer.get("by"):
        return holder(named[0], None)
    return person(board.colleague(number, answer, "by"))


def mine(board: Board, number: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what every operation on an open item is given: the item, its version, and who does it."""
    item, _ = board.item(number, answer)
    actor: Actor = board.acting(item, answer.get("by"))
    return {"item_id": item.id, "version": item.version, "actor": actor}


def text(answer: Mapping[str, Any], key: str) -> str:
    """Return a text of an answer, empty where it has none."""
    return str(answer.get(key) or "")


def substitute(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``substitute``: from now on ``to`` acts for ``by`` too, for ``days`` (a year), in ``processes`` (all)."""
    absent, acting = board.colleague(number, answer, "by"), board.colleague(number, answer)
    days, processes = answer.get("days", 365), answer.get("processes")
    if not isinstance(days, int) or not (processes is None or isinstance(processes, list)):
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    today = board.clock.now().astimezone(ZONE).date()
    last = today + timedelta(days=max(0, min(days, MAX_DAYS)))
    board.engine.substitutions.create(absent, acting, today, last, actor=person(absent), processes=processes)
