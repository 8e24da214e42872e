"""Random nested blocks: how they are drawn as a diagram, and what they mean, told by a small reference model.

A block is a tuple: its kind, what decides it, and its parts.

    task, wait                one user task; one catching event
    seq, and                  parts one after the other; at once
    xor, or                   of several parts the chosen one; the chosen ones
    loop                      a part in a rework loop of so many laps
    sub, call                 a part in a sub-process; in a process that is called
    many                      a part in a multi-instance sub-process: (how many items, one after the other?)
    again                     a part in a sub-process with a standard loop: (runs, how it is bounded)
    boundary                  a part in a sub-process with a timer at its edge, and what follows it: (interrupting?)
    handler                   a part in a sub-process with an event sub-process in it, and what that does: (interrupting?)
    first                     parts behind an event-based gateway

A catching event is for a time or for a message; that of a handler is for a message, which may come again and again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

from hypothesis import strategies as st

from engine.runtime import Execution
from tests.runtime.drawing import SCRIPT, again, draw, many

TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
MESSAGE = '<bpmn:messageEventDefinition messageRef="message"/>'
ROOTS = '<bpmn:message id="message" name="M"/>'
#: The counter of a rework loop, which each item must have for itself.
_LAP = re.compile(r"\blap\d+\b")
#: What a task is open for: its element, and the places of the items around it, outer ones first.
Open = tuple[str, tuple[int, ...]]


LEAVES = st.sampled_from([("task", None, ()), ("wait", None, ())])


def several(parts):
    return st.lists(parts, min_size=2, max_size=3)


def compound(parts):
    def of(kind, choice, found):
        return st.tuples(st.just(kind), choice, found)

    one, two = st.tuples(parts), st.tuples(parts, parts)
    return st.one_of(
        of("seq", st.none(), several(parts)),
        of("and", st.none(), several(parts)),
        several(parts).flatmap(lambda found: of("xor", st.integers(0, len(found) - 1), st.just(found))),
        several(parts).flatmap(
            lambda found: of("or", st.sets(st.integers(0, len(found) - 1), min_size=1), st.just(found))
        ),
        of("loop", st.integers(1, 3), one),
        of("sub", st.none(), one),
        of("call", st.none(), one),
        of("many", st.tuples(st.integers(0, 3), st.booleans()), one),
        of(
            "again",
            st.tuples(st.integers(1, 3), st.sampled_from(["before", "after", "maximum"]))
            | st.just((0, "before")),
            one,
        ),
        of("boundary", st.booleans(), two),
        of("handler", st.booleans(), st.tuples(parts, LEAVES)),
        of("first", st.none(), two),
    )


BLOCKS = st.recursive(LEAVES, compound, max_leaves=8)


@dataclass
class Drawing:
    """Draws blocks. ``variables`` are those that a diagram needs, ``called`` the files of the processes it calls."""

    numbers: Any = field(default_factory=lambda: count(1))
    variables: dict[str, Any] = field(default_factory=dict)
    called: dict[str, bytes] = field(default_factory=dict)

    def whole(self, block, process: str = "p") -> tuple[bytes, tuple]:
        """Return the file of a process that is one block, and the block with the names of its elements."""
        lines, first, last, named = self.write(block, "")
        ends = [f"startEvent start_{process}", f"endEvent end_{process}"]
        ways = [f"start_{process} -> {first}", f"{last} -> end_{process}"]
        return draw("\n".join([*ends, *lines, *ways]), process, ROOTS), named

    def write(self, block, indent: str) -> tuple[list[str], str, str, tuple]:
        """Return the lines, the first and the last element, and the block with names in the place of choices."""
        number = next(self.numbers)
        return getattr(self, f"_{block[0]}")(block, indent, number)

    def _task(self, _, indent, number):
        return [f"{indent}userTask t{number}"], f"t{number}", f"t{number}", ("task", f"t{number}", ())

    def _wait(self, _, indent, number):
        line = f"{indent}intermediateCatchEvent w{number} | {_event(number)}"
        return [line], f"w{number}", f"w{number}", ("task", f"w{number}", ())

    def _seq(self, block, indent, _):
        lines, parts = self._parts(block, indent)
        chain = [f"{indent}{left[2]} -> {right[1]}" for left, right in pairwise(parts)]
        return lines + chain, parts[0][1], parts[-1][2], _named(block, parts)

    def _and(self, block, indent, number):
        return self._gateway("parallelGateway", block, indent, number, lambda _: "")

    def _xor(self, block, indent, number):
        chosen = block[1]
        return self._gateway(
            "exclusiveGateway", block, indent, number, lambda place: f": {str(place == chosen).lower()}"
        )

    def _or(self, block, indent, number):
        chosen = block[1]
        return self._gateway(
            "inclusiveGateway", block, indent, number, lambda place: f": {str(place in chosen).lower()}"
        )

    def _gateway(self, kind, block, indent, number, condition):
        lines, parts = self._parts(block, indent)
        lines += [f"{indent}{kind} x{number}", f"{indent}{kind} y{number}"]
        for place, part in enumerate(parts):
            lines += [
                f"{indent}x{number} -> {part[1]}{condition(place)}",
                f"{indent}{part[2]} -> y{number}",
            ]
        return lines, f"x{number}", f"y{number}", _named(block, parts)

    def _loop(self, block, indent, number):
        lines, parts = self._parts(block, indent)
        lap = f"lap{number}"
        lines += [
            f"{indent}scriptTask begin{number} | {SCRIPT.format(0, lap)}",
            f"{indent}exclusiveGateway x{number}",
            f"{indent}scriptTask again{number} | {SCRIPT.format(f'{lap} + 1', lap)}",
            f"{indent}exclusiveGateway y{number}",
            f"{indent}begin{number} -> x{number} -> {parts[0][1]}",
            f"{indent}{parts[0][2]} -> again{number} -> y{number}",
            f"{indent}task z{number}",
            f"{indent}y{number} -> x{number}: {lap} < {block[1]}",
            f"{indent}y{number} -> z{number}: default",
        ]
        return lines, f"begin{number}", f"z{number}", _named(block, parts)

    def _sub(self, block, indent, number, marker=""):
        inside = indent + "    "
        lines, parts = self._parts(block, inside)
        head = f"{indent}subProcess x{number}" + (f" | {marker}" if marker else "")
        ends = [f"{inside}startEvent s{number}", f"{inside}endEvent e{number}"]
        chain = [f"{inside}s{number} -> {parts[0][1]}", f"{inside}{parts[0][2]} -> e{number}"]
        return [head, *ends, *lines, *chain], f"x{number}", f"x{number}", _named(block, parts)

    def _many(self, block, indent, number):
        size, in_order = block[1]
        self.variables[f"list{number}"] = list(range(size))
        lines, first, last, named = self._sub(block, indent, number)
        own = "".join(
            f'<zeebe:input source="=0" target="{lap}"/>' for lap in sorted(set(_LAP.findall("".join(lines))))
        )
        mapping = f"<zeebe:ioMapping>{own}</zeebe:ioMapping>" if own else ""
        lines[0] += " | " + many(f"list{number}", "item", sequential=in_order, zeebe=mapping)
        return lines, first, last, named

    def _again(self, block, indent, number):
        runs, how = block[1]
        condition = "" if how == "maximum" else f"loopCounter < {runs}"
        maximum = runs if how == "maximum" else None
        return self._sub(block, indent, number, again(condition, before=how == "before", maximum=maximum))

    def _call(self, block, indent, number):
        process = f"called{number}"
        self.called[process], named = self.whole(block[2][0], process)
        line = f'{indent}callActivity x{number} | <zeebe:calledElement processId="{process}"/>'
        return [line], f"x{number}", f"x{number}", ("call", None, (named,))

    def _boundary(self, block, indent, number):
        """Draw it inside a sub-process, which ends when both lines have."""
        inside, kept = indent + "    ", "" if block[1] else " cancelActivity=false"
        part, other = block[2]
        lines, host, _, (_, _, (named,)) = self._sub(("sub", None, (part,)), inside, f"{number}_")
        more, first, last, following = self.write(other, inside)
        return (
            [
                f"{indent}subProcess x{number}",
                f"{inside}startEvent s{number}",
                f"{inside}endEvent e{number}",
                f"{inside}endEvent g{number}",
                *lines,
                *more,
                f"{inside}boundaryEvent b{number} attachedToRef={host}{kept} | {TIMER}",
                f"{inside}s{number} -> {host} -> e{number}",
                f"{inside}b{number} -> {first}",
                f"{inside}{last} -> g{number}",
            ],
            f"x{number}",
            f"x{number}",
            ("boundary", (block[1], f"b{number}"), (named, following)),
        )

    def _handler(self, block, indent, number):
        """Draw it inside a sub-process, which ends when the part and all that messages have begun are over."""
        inside, deeper = f"{indent}    ", f"{indent}        "
        part, other = block[2]
        lines, host, _, (_, _, (named,)) = self._sub(("sub", None, (part,)), indent, number)
        more, first, last, following = self.write(other, deeper)
        handler = [
            f"{inside}subProcess z{number} triggeredByEvent=true",
            f"{deeper}startEvent h{number} isInterrupting={str(block[1]).lower()} | {MESSAGE}",
            f"{deeper}endEvent g{number}",
            *more,
            f"{deeper}h{number} -> {first}",
            f"{deeper}{last} -> g{number}",
        ]
        return [*lines, *handler], host, host, ("handler", (block[1], f"h{number}"), (named, following))

    def _first(self, block, indent, number):
        lines, parts = self._parts(block, indent)
        lines += [f"{indent}eventBasedGateway x{number}", f"{indent}exclusiveGateway y{number}"]
        events = []
        for place, part in enumerate(parts):
            event = f"c{number}_{place}"
            events.append(event)
            lines += [
                f"{indent}intermediateCatchEvent {event} | {_event(number + place)}",
                f"{indent}x{number} -> {event} -> {part[1]}",
                f"{indent}{part[2]} -> y{number}",
            ]
        return lines, f"x{number}", f"y{number}", ("first", tuple(events), tuple(part[3] for part in parts))

    def _parts(self, block, indent):
        parts = [self.write(part, indent) for part in block[2]]
        return [line for part in parts for line in part[0]], parts


def _event(number: int) -> str:
    return MESSAGE if number % 2 else TIMER


def _named(block, parts) -> tuple:
    return block[0], block[1], tuple(part[3] for part in parts)


def items_of(execution: Execution, token: int) -> tuple[int, ...]:
    """Return the places of the items around a token, outer ones first."""
    live, found = execution.process.find(token), []
    while live.workflow is not execution.process:
        live = live.workflow.parent_token
        if live.task_spec.part == "item":
            found.insert(0, live.loop[0])
    return tuple(found)


class Model:
    """The reference: what is open in a block that has begun, by the meaning of its kind alone.

    ``laps`` counts how often parts have begun, ``active`` are those that haven't been forgotten yet.
    """

    def __init__(self, block) -> None:
        self.kind, self.choice, self.parts = block
        self.laps = 0
        self.active: list[Model] = []
        self.done = False
        self.armed = self.kind in ("boundary", "handler", "first")
        self._settle()

    def open(self) -> Iterator[Open]:
        """Yield what can be completed."""
        if self.done:
            return
        if self.kind == "task":
            yield self.choice, ()
        if self.armed:
            events = self.choice if self.kind == "first" else self.choice[1:]
            yield from ((event, ()) for event in events)
        for place, part in enumerate(self.active):
            for name, items in part.open():
                yield name, self._items(place) + items

    def complete(self, at: Open) -> bool:
        """Complete a task or let an event happen; return whether it was in this block."""
        if at not in self.open():
            return False
        name, items = at
        if self.kind == "task":
            self.done = True
        elif self.armed and name in self.choice:
            self._happen(name)
        else:
            for place, part in enumerate(self.active):
                prefix = self._items(place)
                if items[: len(prefix)] == prefix and part.complete((name, items[len(prefix) :])):
                    break
        self._settle()
        return True

    def _items(self, place: int) -> tuple[int, ...]:
        if self.kind != "many":
            return ()
        return (self.laps - 1 if self.choice[1] else place,)

    def _happen(self, event: str) -> None:
        self.armed = self.kind == "handler" and not self.choice[0]
        if self.kind == "first":
            self.active = [Model(self.parts[self.choice.index(event)])]
        else:
            kept = [] if self.choice[0] else self.active
            self.active = [*kept, Model(self.parts[1])]

    def _settle(self) -> None:
        """Go on as far as nothing has to be completed."""
        if self.kind == "task":
            return
        if self.kind == "boundary" and self.laps and self.active[0].done:
            self.armed = False
        if self.kind == "handler" and self.laps and all(part.done for part in self.active):
            self.armed = False
        while not self.done and not self.armed and all(part.done for part in self.active):
            following = self._following()
            self.laps += 1
            self.active = [Model(part) for part in following]
            self.done = not following
        if self.kind in ("boundary", "handler") and not self.laps:
            self.laps, self.active = 1, [Model(self.parts[0])]
            self._settle()

    def _following(self) -> list:
        """Return the parts that begin now; none when the block is over."""
        if self.kind == "seq":
            return list(self.parts[self.laps : self.laps + 1])
        if self.kind == "loop":
            return list(self.parts) if self.laps < self.choice else []
        if self.kind == "again":
            return list(self.parts) if self.laps < self.choice[0] else []
        if self.kind == "many" and self.choice[1]:
            return list(self.parts) if self.laps < self.choice[0] else []
        if self.laps or self.kind in ("boundary", "handler", "first"):
            return []
        if self.kind == "many":
            return list(self.parts) * self.choice[0]
        if self.kind == "xor":
            return [self.parts[self.choice]]
        if self.kind == "or":
            return [part for place, part in enumerate(self.parts) if place in self.choice]
        return list(self.parts)
