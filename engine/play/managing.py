"""The answers of a play about deadlines and hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.play.board import Board, Stop, moment, operator, person, told
from engine.play.cooperating import mine, text


def extend(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``extend``: the holder asks for the deadline ``due``; granted at once where the deadline is theirs."""
    due, reason = moment(answer.get("due")), text(answer, "reason")
    board.engine.extend(**mine(board, number, answer), due=due, reason=reason)


def decide_extension(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``decide_extension``: an owner of the deadline grants what was asked, or doesn't (``grant``: false)."""
    actor = person(board.colleague(number, answer, "by"))
    asked = [one for one in board.engine.extensions(actor) if one.instance_id == board.instance]
    if not asked:
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    grant = answer.get("grant") is not False
    board.engine.decide_extension(asked[0].id, actor=actor, grant=grant, answer=text(answer, "reason"))


def change_dues(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``change_dues``: whoever owns the deadline of the step ``element`` moves it to ``due`` for all cases."""
    actor = person(board.colleague(number, answer, "by")) if answer.get("by") else operator(None)
    element, due = str(answer.get("element") or ""), moment(answer.get("due"))
    found = board.engine.due_changes(board.process, element, due, actor=actor)
    if not found:
        raise board.nothing_fits(number, answer)
    for result in board.engine.change_dues(found, actor=actor, reason=text(answer, "reason")):
        if result.error is not None:
            raise result.error


def hand_over(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``hand_over``: everything that waits for ``by`` goes to ``to``, a person or a list."""
    leaver = board.colleague(number, answer, "by")
    wanted = answer.get("to")
    named = wanted if isinstance(wanted, list) else [wanted]
    to = [board.colleague(number, {**answer, "to": one}) for one in named]
    results = board.engine.hand_over(leaver, to, actor=person(leaver), reason=text(answer, "reason"))
    if not results:
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    for result in results:
        if result.error is not None:
            raise result.error
