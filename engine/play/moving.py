"""The answers of a play that move tokens other than forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.commands.loading import Item, load_instance, load_item
from engine.commands.moving import steps_done
from engine.play.board import Board


def give_back(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``return``: the open item at ``element`` goes back to ``to``."""
    item, _ = board.item(number, answer)
    board.engine.return_task(
        item.id,
        actor=board.acting(item, answer.get("by")),
        version=item.version,
        reason=str(answer.get("reason") or ""),
        to=answer.get("to"),
        mode=answer.get("mode"),
    )


def withdraw(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``withdraw``: who completed ``element`` last takes it back."""
    item = _completed(board, answer)
    if item is None:
        raise board.nothing_fits(number, answer)
    by = answer.get("by") or item.completed_by
    board.engine.withdraw(item.id, actor=board.acting(item, by), reason=str(answer.get("reason") or ""))


def ask_withdrawal(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``ask_withdrawal``: who completed ``element`` last asks to have it back."""
    item = _completed(board, answer)
    if item is None:
        raise board.nothing_fits(number, answer)
    by = answer.get("by") or item.completed_by
    board.engine.ask_withdrawal(item.id, actor=board.acting(item, by), reason=str(answer.get("reason") or ""))


def answer_withdrawal(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """``answer_withdrawal``: the holder of ``element`` lets what was asked back go, or doesn't (``grant``: false)."""
    item, _ = board.item(number, answer)
    actor = board.acting(item, answer.get("by"))
    asked = board.engine.task(item.id, actor).asked
    if not asked:
        raise board.nothing_fits(number, answer)
    board.engine.answer_withdrawal(
        item.id,
        actor=actor,
        version=item.version,
        asked=asked[0].item_id,
        grant=answer.get("grant") is not False,
        reason=str(answer.get("reason") or ""),
    )


def jump(board: Board, number: int, answer: Mapping[str, Any]) -> None:  # noqa: ARG001
    """``jump``: an operator moves the token at ``element`` to ``to``."""
    board.engine.jump(
        board.instance,
        actor=str(answer.get("by") or "system"),
        source=str(answer.get("element") or ""),
        to=str(answer.get("to") or ""),
        reason=str(answer.get("reason") or ""),
        token=answer.get("token"),
    )


def _completed(board: Board, answer: Mapping[str, Any]) -> Item | None:
    with board.engine.database.read() as unit:
        act = load_instance(board.engine.ports, unit, board.instance, "system", lock=False)
        done = [step for step in steps_done(unit, act) if step.element == answer.get("element")]
        return load_item(board.engine.ports, unit, done[0].item_id, "system", lock=False)[0] if done else None
