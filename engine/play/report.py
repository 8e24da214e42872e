"""Tells where a play went and where it stands, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import history, tables
from engine.calendar import ZONE
from engine.commands.act import Act
from engine.commands.complete import user_task
from engine.commands.loading import load_instance
from engine.commands.naming import MESSAGE
from engine.errors import BihuanError, Refused
from engine.messages import sentence
from engine.play.board import Board
from engine.values import load_json

#: The states of instances in which nothing happens any more.
ENDED = frozenset({"ended", "terminated", "error-ended"})


def report(board: Board, error: dict[str, str] | None) -> dict[str, Any]:
    """Return where the process went and stands, in the shape of the contract.

    Variables and documents are those of the instance that is played; everything else is told of all instances, those that
    messages started too.
    """
    table = tables.incidents.c
    incidents = select(tables.incidents).where(table.state == "open")
    items, instances = board.open_items(), board.instances()
    with board.engine.database.read() as unit:
        acts = {id: load_instance(board.engine.ports, unit, id, "system", lock=False) for id in instances}
        events = [load_json(row.body) for id in acts for row in history.events_of(unit, id)]
        failed = unit.execute(incidents.order_by(table.id)).all()
        tasks = [user_task(acts[item.instance_id], item) for item in items]
    played = acts.get(board.instance)
    heads = played.progress.heads() if played is not None else []
    timers = [*board.jobs("timer", held=True), *(() if board.instance else board.start_timers())]
    awaited = board.awaited() if board.instance else board.starts()
    found: dict[str, Any] = {
        "state": _state(list(acts.values())),
        "path": [element for body in events for element in body.get("path", ())],
        "variables": played.scopes.visible(0) if played is not None else {},
        "documents": {name: head.version for scope, name, head in heads if scope == 0},
        "open": [
            {
                "element": item.element,
                "item": item.item,
                "name": item.step,
                "candidates": item.candidates,
                "assignee": item.assignee,
                "due": _local(item.due_at),
                "form": task.form_id,
                "priority": item.priority,
            }
            for item, task in zip(items, tasks, strict=True)
        ],
        "timers": [{"element": timer.element, "due": _local(timer.due_at)} for timer in timers],
        "subscriptions": [_awaited(row) for row in awaited],
        "jobs": [{"type": job.type, "element": job.element} for job in board.jobs("external", held=True)],
        "incidents": [_incident(row, board.language) for row in failed],
        "unused": list(board.given),
    }
    if played is not None and played.progress.suspended is not None:
        found["suspended"] = True
    if error is not None:
        found["error"] = error
    return found


def _state(acts: Sequence[Act]) -> str:
    """Return the state of the play: that of the instance that is played, unless others still go on when it has ended."""
    states = [_state_of(act) for act in acts] or ["waiting"]
    others = [state for state in states if state not in ENDED]
    return others[0] if states[0] in ENDED and others else states[0]


def _state_of(act: Act) -> str:
    """Return an instance's state; what is suspended waits, or has an incident, as before."""
    if act.progress.suspended is None:
        return act.instance.state
    return "incident" if act.progress.failed or act.execution.is_parked else "waiting"


def _awaited(row: Any) -> dict[str, Any]:
    if row.kind == MESSAGE:
        return {"message": row.name, "key": row.key or None, "element": row.element}
    return {row.kind: row.name or None, "element": row.element}


def _incident(row: Any, language: str) -> dict[str, Any]:
    params = {"element": row.element, **load_json(row.params)}
    return {"element": row.element, "code": row.code, "message": sentence(row.code, params, language)}


def _local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(ZONE).isoformat()


def refused(error: BihuanError, given: Sequence[Any], language: str) -> dict[str, Any]:
    found = error.findings if isinstance(error, Refused) else ()
    reasons = [one.message.get(language, "") for one in found if one.blocks]
    return {
        "state": "refused",
        "path": [],
        "variables": {},
        "documents": {},
        "open": [],
        "timers": [],
        "subscriptions": [],
        "jobs": [],
        "incidents": [],
        "unused": list(given),
        "error": {"code": error.code, "message": " ".join([error.message(language), *reasons])},
    }
