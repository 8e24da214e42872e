"""Processes that share an office's work: a day's tasks are divided among them by case, each answers its own.

What is planned, what the clock says and what timers do stays with the office that leads; the others only do tasks, on
connections of their own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from engine.database import Database
from engine.engine import Engine

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from workflows.simulation.office import Item, Office


class Crew:
    """An office and its helpers; ``workers`` of them are at work, the office itself is one.

    The helpers are forked and open the county's database anew, so it must be a file or a server.
    """

    def __init__(self, office: Office, workers: int) -> None:
        self._office = office
        #: How many of the office's plans the helpers know.
        self._told = 0
        self._helpers: list[tuple[BaseProcess, Connection]] = []
        context = multiprocessing.get_context("fork")
        for number in range(1, workers):
            ours, theirs = context.Pipe()
            helper = context.Process(target=_help, args=(office, theirs, number), daemon=True)
            helper.start()
            theirs.close()
            self._helpers.append((helper, ours))

    def work(self, items: Sequence[Item], day: date, begun: datetime) -> list[int]:
        """Let all do their share of a day's tasks; return the ids of those that are left lying.

        What goes wrong with one of them is raised here.
        """
        shares: list[list[Item]] = [[] for _ in range(len(self._helpers) + 1)]
        for item in items:
            shares[item.instance_id % len(shares)].append(item)
        plans = list(self._office.plans.items())[self._told :]
        self._told += len(plans)
        for (_, pipe), share in zip(self._helpers, shares[1:], strict=True):
            pipe.send((share, day, begun, plans))
        left = self._office.work_on(shares[0], day, begun)
        for _, pipe in self._helpers:
            found = pipe.recv()
            if isinstance(found, BaseException):
                raise found
            lying, done = found
            left += lying
            self._office.count.completions += done
        return left

    def close(self) -> None:
        """Send the helpers home."""
        for helper, pipe in self._helpers:
            pipe.send(None)
            helper.join()
            pipe.close()
        self._helpers.clear()


def _help(office: Office, pipe: Connection, number: int) -> None:
    """Do what is asked for until there is nothing more; whatever goes wrong is told to the office that leads."""
    lead = office.engine
    database = Database(str(lead.database.url.render_as_string(hide_password=False)), lead.database.code)
    if lead.database.fleeting:
        database.make_fleeting()
    office.engine = Engine(database, plugins=lead.plugins, clock=office.clock, store=lead.store)
    office.random = Random(f"{office.random.random()}-{number}")
    order: Any
    while (order := pipe.recv()) is not None:
        items, day, begun, plans = order
        office.plans |= dict(plans)
        before = office.count.completions
        try:
            left = office.work_on(items, day, begun)
        except Exception as error:
            pipe.send(error)
        else:
            pipe.send((left, office.count.completions - before))
    database.close()
