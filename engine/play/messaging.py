"""Messages and signals as answers, and the events by which a process begins that nobody starts by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.event_definitions import MessageEvent
from engine.calendar import add_duration
from engine.commands.naming import MESSAGE, SIGNAL
from engine.identity import Actor
from engine.play.board import Board, Stop, person, told


def publish(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """Publish a message; ``ttl`` is an ISO duration, ``id`` what makes it be delivered once.

    One that nobody awaits yet is kept for its time. It fits nothing where that is zero, or where no element of the
    processes ever awaits its name.
    """
    if not _ever_awaited(board, answer["message"]):
        raise board.nothing_fits(number, answer)
    lasting = None
    if answer.get("ttl") is not None:
        now = board.clock.now()
        lasting = add_duration(now, str(answer["ttl"])) - now
    published = board.engine.publish(
        answer["message"],
        answer.get("key"),
        _variables(number, answer),
        message_id=answer.get("id"),
        time_to_live=lasting,
        actor=_sender(board, answer),
    )
    if lasting is not None and not lasting and published.fresh and not published.delivered:
        raise board.nothing_fits(number, answer)


def throw(board: Board, number: int, answer: Mapping[str, Any]) -> None:
    """Throw a signal; it fits nothing where nobody awaits it, because it isn't kept."""
    variables = _variables(number, answer)
    if not board.engine.signal(answer["signal"], variables, actor=_sender(board, answer)):
        raise board.nothing_fits(number, answer)


def begin(board: Board, process: str, variables: Mapping[str, Any]) -> None:
    """Let the first start event of a process happen, unless the answers themselves bring one of them."""
    starts = [row for row in board.starts() if row.process_id == process]
    timers = [row for row in board.start_timers() if row.process_id == process]
    given = [answer for answer in board.given if isinstance(answer, Mapping)]
    if any(answer.get(row.kind) == row.name for answer in given for row in starts):
        return
    first = starts[0] if starts else None
    if first is not None and first.kind == MESSAGE:
        board.engine.publish(first.name, None, variables, actor=person(board.starter))
    elif first is not None and first.kind == SIGNAL:
        board.engine.signal(first.name, variables, actor=person(board.starter))
    elif timers and not any("advance" in answer or "until" in answer for answer in given):
        board.clock.set(max(timers[0].due_at, board.clock.now()))
        board.engine.run_due(limit=1)


def _ever_awaited(board: Board, name: Any) -> bool:
    """Tell whether an element of any process awaits a message of this name; one whose name is an expression may."""
    names = [
        element.awaits.name
        for model in board.models()
        for element in model.elements.values()
        if isinstance(element.awaits, MessageEvent)
    ]
    return any(found.is_expression or found.text == name for found in names)


def _sender(board: Board, answer: Mapping[str, Any]) -> Actor:
    """Return who sends: whoever the answer names, or who starts; what begins by it is theirs."""
    return person(str(answer.get("by") or board.starter))


def _variables(number: int, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    variables = answer.get("variables") or {}
    if not isinstance(variables, Mapping):
        raise Stop("play.bad_answer", number=number, answer=told(answer))
    return variables
