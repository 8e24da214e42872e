"""What an operator or an owner does to many tasks at once: deadlines, hand-over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from engine.calendar import ZONE
from engine.commands import extending, handing
from engine.commands.extending import DueChange, DueStep, Extension
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError, Refused
from engine.faces.once import Once, part
from engine.holders import vacant
from engine.identity import Actor
from engine.tasks import leaving
from engine.tasks.leaving import Leaving
from engine.values import stamp

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of many items: done, or why not."""

    item_id: int
    error: BihuanError | None = None


class Managing(Once):
    """The engine's operations on many tasks, each item a transaction of its own with a result of its own."""

    ports: Ports

    def extend(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        due: datetime,
        reason: str,
        request_key: str | None = None,
    ) -> int:
        """Ask for a later deadline (延期); return the request's id. Its owners decide."""

        def command(unit: Unit) -> int:
            return extending.ask(self.ports, unit, item_id, actor, version, due, reason)

        asked = (item_id, actor.principal, stamp(due), reason)
        return self._once("extend", request_key, asked, command)

    def extensions(self, actor: Actor) -> list[Extension]:
        """Return the requests for later deadlines that the actor may decide."""
        with self.database.read() as unit:
            return extending.open_extensions(unit, actor)

    def decide_extension(
        self,
        extension_id: int,
        *,
        actor: Actor,
        grant: bool,
        due: datetime | None = None,
        answer: str = "",
        request_key: str | None = None,
    ) -> None:
        """Grant a request, for another date where ``due`` is given, or refuse it."""

        def command(unit: Unit) -> None:
            extending.decide(self.ports, unit, extension_id, actor, grant=grant, due=due, answer=answer)

        asked = (extension_id, actor.principal, grant, None if due is None else stamp(due), answer)
        self._once("decide_extension", request_key, asked, command)

    def due_steps(self, actor: Actor) -> list[DueStep]:
        """Return the steps whose deadlines the actor may move for all cases at once (调整截止日)."""
        with self.database.read() as unit:
            return extending.steps(self.ports, unit, actor)

    def due_changes(
        self,
        process: str,
        element: str,
        due: datetime,
        *,
        actor: Actor,
        instances: Sequence[int] | None = None,
    ) -> list[DueChange]:
        """Return what moving a campaign's deadline to ``due`` would do, item by item; nothing is changed."""
        with self.database.read() as unit:
            return extending.preview(self.ports, unit, actor, process, element, due, instances)

    def change_dues(
        self,
        changes: Sequence[DueChange],
        *,
        actor: Actor,
        reason: str,
        progress: Callable[[int], None] | None = None,
        request_key: str | None = None,
    ) -> list[Result]:
        """Carry out the changes of a preview that are possible; each has its own result.

        Under a request key that was seen before what was done then isn't done again, and counts as done.
        """

        def one(change: DueChange) -> Result:
            if change.refusal is not None:
                return Result(change.item_id, error=Refused(change.refusal, step=change.step))
            return self._alone(
                change.item_id,
                lambda unit: extending.change(self.ports, unit, change, actor, reason),
                request_key,
                ("change_due", actor.principal, stamp(change.after), reason),
            )

        return _gathered(changes, one, progress)

    def leaving(self, person: str, actor: Actor) -> Leaving:
        """Return what a person who leaves has in hand; raises :class:`Forbidden`, and :class:`NotFound` for nobody."""
        with self.database.read() as unit:
            today = self.clock.now().astimezone(ZONE).date()
            return leaving.leaving(unit, self.ports.plugins, person, actor, today)

    def vacant(self) -> dict[str, int]:
        """Return the roles that nobody holds today and for which tasks wait, with how many do."""
        with self.database.read() as unit:
            return vacant(unit, self.clock.now().astimezone(ZONE).date())

    def hand_over(
        self,
        person: str,
        to: Sequence[str],
        *,
        actor: Actor,
        reason: str = "",
        chosen: Mapping[int, str] | None = None,
        progress: Callable[[int], None] | None = None,
        request_key: str | None = None,
    ) -> list[Result]:
        """Give all open tasks that wait for a person by name to others (交接).

        They go to ``to`` in turn, but for those items for which ``chosen`` names somebody. What somebody can't have is
        refused alone and stays.
        """
        if not to and not chosen:
            raise Refused("handover.nobody")
        with self.database.read() as unit:
            items = handing.items_of(unit, person)
        shares = {
            item: (chosen or {}).get(item) or (to[number % len(to)] if to else None)
            for number, item in enumerate(items)
        }
        given = [(item, receiver) for item, receiver in shares.items() if receiver is not None]

        def one(share: tuple[int, str]) -> Result:
            item, receiver = share
            return self._alone(
                item,
                lambda unit: handing.hand_over(self.ports, unit, item, person, receiver, actor, reason),
                request_key,
                ("hand_over", actor.principal, person, receiver, reason),
            )

        return _gathered(given, one, progress)

    def _alone(
        self, item: int, command: Callable[[Unit], object], key: str | None, asked: tuple[object, ...]
    ) -> Result:
        try:
            self._once("one of many", part(key, item), (item, *asked), command)
        except BihuanError as error:
            return Result(item, error=error)
        return Result(item)


def _gathered(
    asked: Sequence[Asked], one: Callable[[Asked], Result], progress: Callable[[int], None] | None
) -> list[Result]:
    found = []
    for each in asked:
        found.append(one(each))
        if progress is not None:
            progress(len(found))
    return found
