"""A reference model of moving tokens: a process as a tree of blocks, where each block knows its own state.

It shares nothing with the engine's graphs and dominators: where a move may lead is said by the innermost block that holds
both places, and what it does by each block on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

IDLE, ACTIVE, DONE = "idle", "active", "done"


@dataclass(eq=False, repr=False)
class Block:
    """A part of a process; ``parent`` holds it."""

    name: str
    parts: list[Block] = field(default_factory=list)
    parent: Block | None = None
    state: str = IDLE

    def __post_init__(self) -> None:
        for part in self.parts:
            part.parent = self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}{', ' if self.parts else ''}{self.parts or ''})"

    # -- the token game

    def start(self) -> None:
        self.state = ACTIVE
        self.begin()

    def begin(self) -> None:
        self.parts[0].start()

    def finish(self) -> None:
        self.state = DONE
        if self.parent is not None:
            self.parent.went_on(self)

    def went_on(self, part: Block) -> None:
        """Go on after a part is done: one after the other."""
        following = self.parts.index(part) + 1
        if following < len(self.parts):
            self.parts[following].start()
        else:
            self.finish()

    def reset(self) -> None:
        """Take back what was done here: a move went to before it."""
        self.settle(IDLE)
        for step in self.steps():
            step.completed = None

    def settle(self, state: str) -> None:
        """Put the block and all inside it into one state, without a token."""
        self.state = state
        for part in self.parts:
            part.settle(state)

    # -- moving

    def enter(self, way: list[Block], again: bool) -> None:
        """Put a token on the last block of ``way``, which leads there from this one."""
        part, rest = way[0], way[1:]
        self.around(part, again)
        self.state = ACTIVE
        part.enter(rest, again)

    def around(self, part: Block, again: bool) -> None:  # noqa: ARG002
        """Settle the other parts: those before are done, those after not begun."""
        place = self.parts.index(part)
        for before in self.parts[:place]:
            before.settle(DONE)
        for after in self.parts[place + 1 :]:
            after.reset()

    # -- questions

    def way(self) -> list[Block]:
        """Return the blocks from the root to this one."""
        return [*(self.parent.way() if self.parent else ()), self]

    def steps(self) -> Iterator[Step]:
        for part in self.parts:
            yield from part.steps()

    # -- the file

    def lines(self) -> list[str]:
        """Return the elements and the inner flows of the block in the tests' notation."""
        inner = [line for part in self.parts for line in part.lines()]
        flows = [
            f"{one.last} -> {other.first}" for one, other in zip(self.parts, self.parts[1:], strict=False)
        ]
        return inner + flows

    @property
    def first(self) -> str:
        return self.parts[0].first

    @property
    def last(self) -> str:
        return self.parts[-1].last


class Sequence(Block):
    """One after the other."""


class Step(Block):
    """A user task; ``direct`` is the step to which it goes straight back."""

    direct: Step | None = None
    #: When it was completed last, and in which incarnations of the sub-processes around it.
    completed: tuple[int, tuple[int, ...]] | None = None
    #: How often it was completed and not withdrawn.
    times = 0

    def begin(self) -> None:
        self.direct = None

    def settle(self, state: str) -> None:
        self.direct = None
        self.state = state

    def enter(self, way: list[Block], again: bool) -> None:  # noqa: ARG002
        self.start()

    def steps(self) -> Iterator[Step]:
        yield self

    @property
    def scopes(self) -> tuple[int, ...]:
        return tuple(block.incarnation for block in self.way() if isinstance(block, Sub))

    def lines(self) -> list[str]:
        return [f"TASK {self.name}"]

    @property
    def first(self) -> str:
        return self.name

    @property
    def last(self) -> str:
        return self.name


class Parallel(Block):
    """Branches at once; with ``chosen`` an inclusive gateway that takes only these."""

    chosen: frozenset[int] | None = None

    def taken(self) -> list[Block]:
        return [part for place, part in enumerate(self.parts) if self.chosen is None or place in self.chosen]

    def begin(self) -> None:
        for part in self.taken():
            part.start()

    def went_on(self, part: Block) -> None:  # noqa: ARG002
        if all(one.state != ACTIVE for one in self.parts):
            self.finish()

    def around(self, part: Block, again: bool) -> None:
        if self.state == ACTIVE:
            return
        for other in self.parts:
            if other is part:
                continue
            other.settle(DONE)
            if again and other in self.taken():
                other.reset()
                other.start()

    def lines(self) -> list[str]:
        kind = "parallelGateway" if self.chosen is None else "inclusiveGateway"
        found = [f"{kind} {self.name}_s", f"{kind} {self.name}_j"]
        for place, part in enumerate(self.parts):
            condition = "" if self.chosen is None else f": {str(place in self.chosen).lower()}"
            found += [
                *part.lines(),
                f"{self.name}_s -> {part.first}{condition}",
                f"{part.last} -> {self.name}_j",
            ]
        return found

    @property
    def first(self) -> str:
        return f"{self.name}_s"

    @property
    def last(self) -> str:
        return f"{self.name}_j"


class Choice(Block):
    """One of several ways; the first one, unless a token is moved into another."""

    def went_on(self, part: Block) -> None:  # noqa: ARG002
        self.finish()

    def around(self, part: Block, again: bool) -> None:  # noqa: ARG002
        for other in self.parts:
            if other is not part:
                other.reset()

    def lines(self) -> list[str]:
        found = [f"exclusiveGateway {self.name}_s", f"exclusiveGateway {self.name}_j"]
        for place, part in enumerate(self.parts):
            condition = "true" if place == 0 else "false" if place < len(self.parts) - 1 else "default"
            found += [
                *part.lines(),
                f"{self.name}_s -> {part.first}: {condition}",
                f"{part.last} -> {self.name}_j",
            ]
        return found

    first = Parallel.first
    last = Parallel.last


class Loop(Block):
    """A body and a step that decides whether it is done again."""

    again = False

    def went_on(self, part: Block) -> None:
        if part is self.parts[1] and self.again:
            self.again = False
            self.settle(IDLE)
            self.start()
        else:
            super().went_on(part)

    def lines(self) -> list[str]:
        body, decider = self.parts
        return [
            *super().lines(),
            f"exclusiveGateway {self.name}_b",
            f"exclusiveGateway {self.name}_x",
            f"exclusiveGateway {self.name}_j",
            f"{self.name}_b -> {body.first}",
            f"{decider.last} -> {self.name}_x",
            f'{self.name}_x -> {self.name}_b: outcome = "again"',
            f"{self.name}_x -> {self.name}_j: default",
        ]

    @property
    def first(self) -> str:
        return f"{self.name}_b"

    @property
    def last(self) -> str:
        return f"{self.name}_j"


class Sub(Block):
    """An embedded sub-process; each time that it opens it is another one."""

    incarnation = 0
    opened = 0

    def begin(self) -> None:
        self._open()
        super().begin()

    def enter(self, way: list[Block], again: bool) -> None:
        if self.state != ACTIVE:
            self._open()
        super().enter(way, again)

    def _open(self) -> None:
        self.opened += 1
        self.incarnation = self.opened

    def settle(self, state: str) -> None:
        self.incarnation = 0
        super().settle(state)

    def finish(self) -> None:
        self.incarnation = 0
        super().finish()

    def lines(self) -> list[str]:
        inner = [f"startEvent {self.name}_i", f"endEvent {self.name}_o", *self.parts[0].lines()]
        inner.append(f"{self.name}_i -> {self.first_inside} ")
        inner.append(f"{self.parts[0].last} -> {self.name}_o")
        return [f"subProcess {self.name}", *(f"  {line}" for line in inner)]

    @property
    def first_inside(self) -> str:
        return self.parts[0].first

    @property
    def first(self) -> str:
        return self.name

    @property
    def last(self) -> str:
        return self.name


class Game:
    """A process in the model: what is open, what was done, and the moves."""

    def __init__(self, root: Block) -> None:
        self.root = root
        self.steps = {step.name: step for step in root.steps()}
        self.time = 0
        self.deeds: list[tuple[int, Step]] = []
        root.start()

    def open(self) -> list[str]:
        return sorted(step.name for step in self.steps.values() if step.state == ACTIVE)

    def complete(self, name: str, again: bool) -> None:
        step = self.steps[name]
        self.time += 1
        self.deeds.append((self.time, step))
        step.completed = (self.time, step.scopes)
        step.times += 1
        back, step.direct = step.direct, None
        if back is not None:
            self._go(step, back, False)
        else:
            if isinstance(step.parent, Loop) and step is step.parent.parts[1]:
                step.parent.again = again
            step.finish()

    def returnable(self, source: str) -> dict[str, bool]:
        """Return the steps to which an open step may be returned, each with whether it may come straight back."""
        here = self.steps[source]
        found = {}
        for name, step in self.steps.items():
            meeting, mine, theirs = self._meet(here, step)
            if not step.times or step is here or isinstance(meeting, Parallel | Choice):
                continue
            if meeting.parts.index(theirs[0]) < meeting.parts.index(mine[0]):
                found[name] = not any(isinstance(block, Parallel | Sub) for block in (*mine, *theirs))
        return found

    def give_back(self, source: str, target: str, *, again: bool, direct: bool) -> None:
        here, there = self.steps[source], self.steps[target]
        self._did(here)
        self._go(here, there, again)
        if direct:
            there.direct = here

    def jumpable(self, source: str, target: str) -> bool:
        here, there = self.steps[source], self.steps[target]
        return here is there or not isinstance(self._meet(here, there)[0], Parallel)

    def jump(self, source: str, target: str) -> None:
        here, there = self.steps[source], self.steps[target]
        self._did(here)
        self._go(here, there, False)

    def withdrawable(self) -> list[str]:
        """Return the completed steps with whose result nobody has done anything yet."""
        return sorted(name for name, step in self.steps.items() if self._withdrawable(step))

    def withdraw(self, name: str) -> None:
        step = self.steps[name]
        step.completed = None
        step.times -= 1
        self._go(step, step, False)

    def _withdrawable(self, step: Step) -> bool:
        if step.completed is None or step.state == ACTIVE or self.root.state == DONE:
            return False
        at, scopes = step.completed
        if scopes != step.scopes:
            return False
        return not any(
            when > at and (other is step or not isinstance(self._meet(step, other)[0], Parallel))
            for when, other in self.deeds
        )

    def _did(self, step: Step) -> None:
        self.time += 1
        self.deeds.append((self.time, step))

    def _go(self, here: Step, there: Step, again: bool) -> None:
        here.direct = None
        way = there.way()
        way[0].enter(way[1:], again)

    def _meet(self, one: Block, other: Block) -> tuple[Block, list[Block], list[Block]]:
        """Return the innermost block that holds both, and the ways from there to each."""
        here, there = one.way(), other.way()
        shared = 0
        while shared < min(len(here), len(there)) and here[shared] is there[shared]:
            shared += 1
        return here[shared - 1], here[shared:], there[shared:]
