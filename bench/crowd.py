"""Many people at once, who never rest or who come at random; and what they send, sent by nobody but the driver.

People who all came at the same moment, again and again, would measure how long the last of a queue waits; as they are
here, each comes independently of the others (exponential intervals, seeded, so that a run can be repeated).
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import pairwise
from time import perf_counter
from typing import Any

from bench.counties import County
from bench.measure import Series
from bench.replay import Send, Tape, Transaction

CLIENTS = 8
SEED = 4

#: Does one act of an instance and returns what is to be done next in it: one thing, or nothing.
Step = Callable[[Any], Sequence[Any]]


def together(shares: Sequence[tuple[Step, Sequence[Any]]], rate: float | None = None) -> Series:
    """Let everybody work off their share at once; with a ``rate`` each comes at random, so often a second together.

    An act that begins late counts from its moment.
    """
    results: list[Series] = []
    failures: list[BaseException] = []

    def work(number: int, step: Step, share: Sequence[Any]) -> None:
        arrivals = None if rate is None else _arrivals(number, rate / len(shares))
        try:
            results.append(_client(step, share, arrivals))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number, *share)) for number, share in enumerate(shares)]
    whole = Series()
    with whole.running():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    whole.seconds = [second for series in results for second in series.seconds]
    return whole


def _arrivals(number: int, rate: float) -> Iterator[float]:
    """Yield the moments at which a client comes, in seconds from the beginning."""
    chance = random.Random(SEED * 1000 + number)
    at = 0.0
    while True:
        at += chance.expovariate(rate)
        yield at


def _client(step: Step, share: Sequence[Any], arrivals: Iterator[float] | None) -> Series:
    """Do one act of each instance in turn, until all are at their end."""
    series = Series()
    todo = deque(share)
    beginning = perf_counter()
    while todo:
        due = perf_counter()
        if arrivals is not None:
            due = beginning + next(arrivals)
            time.sleep(max(0.0, due - perf_counter()))
        todo.extend(step(todo.popleft()))
        series.seconds.append(perf_counter() - due)
    return series


def senders(place: County, copy: str, stack: ExitStack) -> list[Send]:
    """Return what sends raw statements for each client: on PostgreSQL a connection of its own; on SQLite, where only one
    can write, all share one and take turns.
    """
    if place.server is not None:
        return [stack.enter_context(place.sender(copy)) for _ in range(CLIENTS)]
    alone, turn = stack.enter_context(place.sender(copy)), threading.Lock()

    def send(act: list[Transaction]) -> None:
        with turn:
            alone(act)

    return [send] * CLIENTS


def raw(
    place: County, taped: Callable[[], tuple[str, Tape]], instances: int, rate: float | None = None
) -> Series:
    """Send the acts of a tape as a crowd sent them, each client those of instances of its own.

    ``taped`` returns a copy of the database as it was before the acts, and their tape: one act of each of
    ``instances`` in turn.
    """
    copy, tape = taped()
    with ExitStack() as stack:
        shares = []
        for number, send in enumerate(senders(place, copy, stack)):
            mine = [_numbered(tape.acts[first::instances]) for first in range(number, instances, CLIENTS)]
            shares.append((_sending(send), mine))
        return together(shares, rate)


def _numbered(acts: list[list[Transaction]]) -> deque[list[Transaction]]:
    """Return the acts of an instance so that they insert work items under the numbers by which the following acts ask for
    them: in another order the database would give others.
    """
    for act, following in pairwise(acts):
        _, asked, _ = following[0][0]
        (number,) = asked.values() if isinstance(asked, Mapping) else asked
        for transaction in act:
            for place, (sql, values, many) in enumerate(transaction):
                if not sql.startswith("INSERT INTO work_items ("):
                    continue
                named = isinstance(values, Mapping)
                sql = sql.replace("(", "(id, ", 1)
                sql = sql.replace("VALUES (", f"VALUES ({'%(id)s' if named else '?'}, ", 1)
                transaction[place] = (sql, {"id": number, **values} if named else [number, *values], many)
    return deque(acts)


def _sending(send: Send) -> Step:
    def step(acts: deque[list[Transaction]]) -> Sequence[Any]:
        send(acts.popleft())
        return [acts] if acts else []

    return step
