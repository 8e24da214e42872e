"""Random nested blocks: the token game agrees with a small reference model, reloaded after each step or
not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.soundness import check_soundness
from engine.runtime import Execution
from tests.runtime.drawing import SCRIPT, draw
from tests.runtime.game import Board

# A block is a tuple: its kind, what decides it, and its parts. The reference model below plays the same tuple.
#
#   ("task",)               ("seq", None, [part…])  ("and", None, [part…])  ("xor", chosen, [part…])
#   ("loop", laps, [part])  ("sub", None, [part])   ("or", {chosen…}, [part…])


def several(parts):
    return st.lists(parts, min_size=2, max_size=3)


def compound(parts):
    return st.one_of(
        st.tuples(st.just("seq"), st.none(), several(parts)),
        st.tuples(st.just("and"), st.none(), several(parts)),
        several(parts).flatmap(
            lambda found: st.tuples(st.just("xor"), st.integers(0, len(found) - 1), st.just(found))
        ),
        several(parts).flatmap(
            lambda found: st.tuples(
                st.just("or"), st.sets(st.integers(0, len(found) - 1), min_size=1), st.just(found)
            )
        ),
        st.tuples(st.just("loop"), st.integers(1, 3), st.tuples(parts)),
        st.tuples(st.just("sub"), st.none(), st.tuples(parts)),
    )


BLOCKS = st.recursive(st.just(("task",)), compound, max_leaves=8)


@dataclass
class Writer:
    """Writes a block as a diagram."""

    numbers: count = field(default_factory=lambda: count(1))
    variables: dict = field(default_factory=dict)

    def write(self, block, indent="") -> tuple[list[str], str, str, tuple]:
        """Return the lines, the first and the last element, and the block with names in its tasks."""
        number = next(self.numbers)
        kind = block[0]
        if kind == "task":
            return [f"{indent}userTask t{number}"], f"t{number}", f"t{number}", ("task", f"t{number}")
        deeper = indent + "    " if kind == "sub" else indent
        parts = [self.write(part, deeper) for part in block[2]]
        lines = [line for part in parts for line in part[0]]
        named = (kind, block[1], [part[3] for part in parts])
        if kind == "seq":
            chain = [f"{indent}{left[2]} -> {right[1]}" for left, right in pairwise(parts)]
            return lines + chain, parts[0][1], parts[-1][2], named
        first, last = f"x{number}", f"y{number}"
        if kind == "sub":
            inside = [f"{deeper}startEvent s{number}", f"{deeper}endEvent e{number}"]
            chain = [f"{deeper}s{number} -> {parts[0][1]}", f"{deeper}{parts[0][2]} -> e{number}"]
            return [f"{indent}subProcess {first}", *inside, *lines, *chain], first, first, named
        if kind == "loop":
            self.variables[f"lap{number}"] = 0
            script = SCRIPT.format(f"lap{number} + 1", f"lap{number}")
            lines += [
                f"{indent}exclusiveGateway {first}",
                f"{indent}scriptTask again{number} | {script}",
                f"{indent}exclusiveGateway {last}",
                f"{indent}{first} -> {parts[0][1]}",
                f"{indent}{parts[0][2]} -> again{number} -> {last}",
                f"{indent}{last} -> {first}: modulo(lap{number}, {block[1]}) != 0",
            ]
            return lines, first, last, named
        gateway = {"and": "parallelGateway", "xor": "exclusiveGateway", "or": "inclusiveGateway"}[kind]
        lines += [f"{indent}{gateway} {first}", f"{indent}{gateway} {last}"]
        for place, part in enumerate(parts):
            condition = ""
            if kind == "xor":
                condition = f": {'true' if place == block[1] else 'false'}"
            elif kind == "or":
                condition = f": {'true' if place in block[1] else 'false'}"
            lines += [f"{indent}{first} -> {part[1]}{condition}", f"{indent}{part[2]} -> {last}"]
        return lines, first, last, named


class Model:
    """The reference: what is open in a block that has begun, by the meaning of its kind alone."""

    def __init__(self, block) -> None:
        self.kind = block[0]
        self.block = block
        self.laps = 0
        self.active: list[Model] = []
        self.done = False
        if self.kind != "task":
            chosen = block[2]
            if self.kind == "xor":
                chosen = [block[2][block[1]]]
            elif self.kind == "or":
                chosen = [part for place, part in enumerate(block[2]) if place in block[1]]
            elif self.kind == "seq":
                chosen = block[2][:1]
            self.active = [Model(part) for part in chosen]

    def open(self) -> list[str]:
        if self.kind == "task":
            return [] if self.done else [self.block[1]]
        return [name for part in self.active for name in part.open()]

    def complete(self, name: str) -> bool:
        """Complete a task; return whether it was in this block."""
        if self.kind == "task":
            if self.done or self.block[1] != name:
                return False
            self.done = True
            return True
        if not any(part.complete(name) for part in self.active):
            return False
        if all(part.done for part in self.active):
            self.laps += 1
            if self.kind == "seq" and self.laps < len(self.block[2]):
                self.active = [Model(self.block[2][self.laps])]
            elif self.kind == "loop" and self.laps < self.block[1]:
                self.active = [Model(self.block[2][0])]
            else:
                self.done = True
        return True


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.data())
def test_every_order_of_completion_goes_as_the_reference_model_says(block, data):
    writer = Writer()
    lines, first, last, named = writer.write(block)
    source = draw(
        "\n".join(["startEvent start", "endEvent end", *lines, f"start -> {first}", f"{last} -> end"])
    )
    kept = Board(source, **writer.variables).run()
    reloaded = Board(source, reload=True, **writer.variables).run()
    assert [found for found in check_soundness(kept.model) if found.severity != "info"] == []
    model = Model(named)
    for _ in range(200):
        assert kept.log == [entry for entry in kept.log if entry[0] != "failed"]
        assert kept.waiting() == sorted(model.open())
        assert reloaded.waiting() == kept.waiting()
        assert reloaded.execution.dump() == kept.execution.dump()
        if model.done:
            break
        name = data.draw(st.sampled_from(model.open()))
        model.complete(name)
        kept.complete(name)
        reloaded.complete(name)
    assert model.done
    assert kept.ended
    assert kept.path == reloaded.path
    assert kept.path[-1] == "end"
    fresh = Execution.load(kept.definition, kept.execution.dump(), kept)
    assert fresh.ended
    assert fresh.tokens() == []
