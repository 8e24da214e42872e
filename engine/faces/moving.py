"""What moves a case other than forward: returning a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.commands import returning
from engine.commands.complete import Completed
from engine.commands.ports import Ports
from engine.commands.returning import ReturnRequest
from engine.database import Database
from engine.errors import BihuanError
from engine.identity import Actor


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item of a bulk operation: where it left the instance, or why it was refused."""

    item_id: int
    completed: Completed | None = None
    error: BihuanError | None = None


class Moving:
    """The engine's operations that move tokens other than forward."""

    database: Database
    ports: Ports

    def return_task(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        reason: str,
        to: str | None = None,
        mode: str | None = None,
        request_key: str | None = None,
    ) -> Completed:
        """Return a task (退回) to the step ``to``; without it to the only one that its file allows.

        ``mode`` is ``walk`` (逐级: every step again) or ``direct`` (直达: straight back to the actor), None for what the
        file says. :attr:`TaskView.targets` lists the steps, and whose open work would end. Raises :class:`Refused` with
        the reason, :class:`Forbidden`, and :class:`Conflict` where somebody else was first.
        """
        asked = ReturnRequest(item_id, actor, version, reason, to, mode, request_key)
        return self.database.retry(lambda unit: returning.give_back(self.ports, unit, asked))

    def return_many(self, items: Sequence[tuple[int, int]], *, actor: Actor, reason: str) -> list[Result]:
        """Return many tasks, given as (item, version), with one common reason; each is a command of its own.

        A task whose file doesn't allow that (``return-bulk``) is refused alone.
        """
        asked = [ReturnRequest(item, actor, version, reason, bulk=True) for item, version in items]
        return [self._return_one(one) for one in asked]

    def _return_one(self, asked: ReturnRequest) -> Result:
        try:
            done = self.database.retry(lambda unit: returning.give_back(self.ports, unit, asked))
        except BihuanError as error:
            return Result(asked.item_id, error=error)
        return Result(asked.item_id, done)
