"""How process design writes its own chain of history, and who may command it."""

from __future__ import annotations

from typing import Any

from engine import history
from engine.admin.record import Command
from engine.errors import Forbidden
from engine.identity import SYSTEM, Actor

#: The chain of drafts, reviews and what came of them; deployments themselves have their own.
CHAIN = "design"


def note(command: Command, event: str, /, **body: Any) -> None:
    """Append an event to the chain."""
    history.record(command.unit, CHAIN, history.Entry(event, command.by, command.now, body=body))


def designer(actor: Actor) -> Actor:
    """Return a person with the right of design, or the system; raises :class:`Forbidden` for anybody else."""
    if actor is not SYSTEM and (actor.no_business or not actor.is_designer):
        raise Forbidden("design.only")
    return actor
