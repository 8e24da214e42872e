"""Tells where a play went and where it stands, in the shape of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine import history, tables
from engine.calendar import ZONE
from engine.commands.complete import user_task
from engine.commands.loading import load_instance
from engine.errors import BihuanError, Refused
from engine.messages import sentence
from engine.play.board import Board
from engine.values import load_json


def report(board: Board, error: dict[str, str] | None) -> dict[str, Any]:
    """Return where the process went and stands, in the shape of the contract."""
    table = tables.incidents.c
    incidents = select(tables.incidents).where(table.instance_id == board.instance, table.state == "open")
    items = board.open_items()
    with board.engine.database.read() as unit:
        act = load_instance(board.engine.ports, unit, board.instance, "system", lock=False)
        events = [load_json(row.body) for row in history.events_of(unit, board.instance)]
        failed = unit.execute(incidents.order_by(table.id)).all()
        tasks = [user_task(act, item) for item in items]
    held = act.progress.suspended
    found: dict[str, Any] = {
        "state": act.instance.state if held is None else "incident" if failed else "waiting",
        "path": [element for body in events for element in body.get("path", ())],
        "variables": act.scopes.visible(0),
        "documents": {name: head.version for scope, name, head in act.progress.heads() if scope == 0},
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
        "timers": [
            {"element": job.element, "due": _local(job.due_at)} for job in board.jobs("timer", held=True)
        ],
        "subscriptions": [],
        "jobs": [{"type": job.type, "element": job.element} for job in board.jobs("external", held=True)],
        "incidents": [_incident(row, board.language) for row in failed],
        "unused": list(board.given),
    }
    if held is not None:
        found["suspended"] = True
    if error is not None:
        found["error"] = error
    return found


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
