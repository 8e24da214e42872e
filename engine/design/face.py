"""What the parts of process design's face share: the county's services, and how a command is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.admin.record import Command
from engine.calendar import Clock
from engine.commands.ports import Ports
from engine.database import Database
from engine.design.record import designer
from engine.identity import Actor

Answer = TypeVar("Answer")


class Face:
    """A part of the face; every method raises :class:`Forbidden` for who isn't a designer."""

    def __init__(self, database: Database, clock: Clock, ports: Ports) -> None:
        self.database = database
        self.clock = clock
        self.ports = ports
        self.plugins: Any = ports.plugins

    def write(self, actor: Actor, command: Callable[[Command], Answer]) -> Answer:
        """Run a designer's command as one transaction."""
        designer(actor)
        return self.database.retry(lambda unit: command(Command(unit, actor, self.clock.now())))
