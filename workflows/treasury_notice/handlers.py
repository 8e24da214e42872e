"""The service tasks of the notices to the treasury section: ordered once, received, carried out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from budget import holds
from budget.answers import text
from budget.holds import HoldAction, Origin
from engine.plugins import HandlerContext, handler
from workflows import profiles


@handler("treasury.order", irreversible=True)
def order(context: HandlerContext) -> Mapping[str, Any]:
    """Order what the message asks, in force at once; a message about the same origin again orders nothing."""
    variables = context.variables
    action = HoldAction[variables["action"]]
    until = variables.get("until")
    notice = holds.open_notice(
        context.session,
        context.instance.id,
        int(variables["project"]["id"]),
        action,
        reason=text(variables.get("reason")),
        origin=Origin.read(variables.get("origin")),
        now=context.now,
        until=datetime.fromisoformat(until) if until else None,
    )
    return {
        "is_new": notice is not None,
        "action": action.value,
        "action_name": action.zh,
        "profile": profiles.completed(context.session, variables["profile"], "treasury"),
    }


def _unreceive(context: HandlerContext) -> None:
    holds.received(context.session, context.instance.id, None, None)


@handler("treasury.received", undo=_unreceive)
def receive(context: HandlerContext) -> None:
    """Note who signed the notice for receipt."""
    holds.received(context.session, context.instance.id, context.actor, context.now)


def _unexecute(context: HandlerContext) -> None:
    holds.executed(context.session, context.instance.id, None, None)


@handler("treasury.executed", undo=_unexecute)
def execute(context: HandlerContext) -> None:
    """Note who carried the notice out, and what was done."""
    document = context.document("execution")
    note = text(document.body.get("note")) if document is not None else None
    holds.executed(context.session, context.instance.id, context.actor, context.now, note)


HANDLERS = (order, receive, execute)
