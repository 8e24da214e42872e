"""The same steps at other places: in a sub-process, in each item of a multi-instance, in a called process."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.runtime.drawing import draw, many
from tests.runtime.game import Board

#: Marks a test that is run at each place.
at_each_place = pytest.mark.parametrize("place", ["process", "sub-process", "item", "call"])


class Stage(Board):
    """Plays steps at a place, and does the same in each of its copies. Behind it waits a user task ``behind``."""

    copies = 1

    def every(self, *elements: str, **variables) -> Stage:
        """Complete what waits at each element, or let it happen, once for each copy."""
        self.variables.update(variables)
        for element in elements:
            tokens = [token for token in self.execution.waiting() if token.element.id == element]
            assert len(tokens) == self.copies, (element, self.waiting())
            for token in tokens:
                happens = token.element.timer or token.element.awaits
                (self.execution.fire if happens else self.execution.complete)(token.id)
                self.run()
        return self

    @property
    def here(self) -> list[str]:
        """What waits in one copy; all copies must be equal."""
        counted = Counter(self.waiting())
        assert all(count % self.copies == 0 for name, count in counted.items() if name != "behind")
        return sorted(name for name, count in counted.items() for _ in range(count // self.copies or 1))

    @property
    def over(self) -> bool:
        """Whether the steps have ended, normally."""
        return self.ended or self.waiting() == ["behind"]


def put(place: str, steps: str, *, roots: str = "", handlers=(), **variables) -> Stage:
    """Start steps at a place; they have a start event of their own."""
    called: list[bytes] = []
    behind = "userTask behind\nstartEvent start_0\nstart_0 -> around -> behind\n"
    inside = "\n".join("    " + line for line in steps.splitlines())
    marker = " | " + many(cardinality="2")
    source = {
        "process": steps,
        "sub-process": f"subProcess around\n{inside}\n{behind}",
        "item": f"subProcess around{marker}\n{inside}\n{behind}",
        "call": f'callActivity around | <zeebe:calledElement processId="called"/>\n{behind}',
    }[place]
    if place == "call":
        called.append(draw(steps, "called", roots))
    stage = Stage(draw(source, roots=roots), *called, reload=True, **variables)
    stage.handlers.update(handlers)
    stage.copies = 2 if place == "item" else 1
    stage.run()
    return stage
