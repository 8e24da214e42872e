"""What the reader says of an element that the engine refuses."""

from __future__ import annotations

from engine.bpmn.reader import read
from engine.plugins import Finding
from tests.runtime.drawing import draw


def refusal(steps: str, element: str) -> Finding:
    """Return the one finding that stops a process because of an element; the process is not offered for running."""
    models, findings = read(draw(steps))
    (found,) = [one for one in findings if one.blocks and one.element == element]
    assert not models or any(one.blocks for one in findings)
    return found
