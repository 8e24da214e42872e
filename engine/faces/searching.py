"""The full-text search: what a person finds, and keeping it up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.bpmn.model import UserTask
from engine.calendar import Clock
from engine.catalogue import Catalogue
from engine.database import Database
from engine.identity import Actor
from engine.search import refresh
from engine.tasks import finding
from engine.tasks.finding import FoundPage
from engine.tasks.query import InboxQuery


@dataclass(frozen=True, slots=True)
class ProcessSteps:
    """A process, and the steps that people do in it: the ids and names of its user tasks."""

    id: str
    name: str
    steps: tuple[tuple[str, str], ...]


class Searching:
    """The engine's search, and what lists can be narrowed to."""

    database: Database
    catalogue: Catalogue
    clock: Clock

    def process_steps(self) -> list[ProcessSteps]:
        """Return the deployed processes with the steps that people do in them, those of their newest versions."""
        with self.database.read() as unit:
            return [
                ProcessSteps(
                    process.process_id,
                    process.name,
                    tuple(
                        (element.id, element.label)
                        for compiled in process.definition.processes.values()
                        for element in compiled.model.elements.values()
                        if isinstance(element, UserTask)
                    ),
                )
                for process in self.catalogue.newest(unit)
            ]

    def search(self, actor: Actor, query: InboxQuery) -> FoundPage:
        """Return a page of the cases that have the words of ``query.text`` and that the actor may know of, newest first.

        Words of a document count for those who may read it. What was saved is found as soon as :meth:`index` was run after
        it, which a runner does every second.
        """
        with self.database.read() as unit:
            return finding.find(self.catalogue, unit, actor, query, self.clock.now())

    def index(self, limit: int | None = None) -> int:
        """Tell the search of at most ``limit`` cases that have changed, the first ones first; return of how many."""
        return refresh.refresh(self.database, limit)

    def reindex(self, progress: Callable[[int, int], object] | None = None) -> int:
        """Tell the search everything anew, and forget what it should not know; ``progress`` is told how many of how many
        cases are done.

        People search meanwhile, and find what was known. Returns how many cases there are.
        """
        total = self.database.retry(refresh.forget)
        done = 0
        while more := self.index(refresh.BATCH):
            done += more
            if progress is not None:
                progress(done, total)
        return total
