"""A short notation for BPMN diagrams, so that a test shows the process that it talks about.

One line an element (``userTask a``), attributes after it (``boundaryEvent b attachedToRef=a``), its inner XML
after ``|`` and the elements of a sub-process indented below it. Flows are chains (``a -> b -> c``), with a
FEEL condition after a colon for the last one (``gate -> b: amount > 3``), or ``default``.
"""

from __future__ import annotations

import re
from itertools import count, pairwise
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">'
)
SCRIPT = '<zeebe:script expression="={}" resultVariable="{}"/>'
DURATION = "<bpmn:timerEventDefinition><bpmn:timeDuration>P5D</bpmn:timeDuration></bpmn:timerEventDefinition>"
CYCLE = "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>"
LINK = '<bpmn:linkEventDefinition name="{}"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="{}"/>'
ERRORS = '<bpmn:error id="poor" errorCode="NO_MONEY"/><bpmn:error id="ill" errorCode="ILL"/>'


def draw(text: str, process: str = "p", roots: str = "", properties: str = "") -> bytes:
    """Return the BPMN file of one process; ``roots`` is XML beside it, for errors and the like."""
    numbers = count(1)
    lines = [line for line in text.splitlines() if line.strip()]
    body = "".join(_scope(lines, numbers))
    head = f'{_HEAD}<bpmn:process id="{process}" isExecutable="true">{extensions(properties)}'
    return f"{head}{body}</bpmn:process>{roots}</bpmn:definitions>".encode()


def extensions(xml: str) -> str:
    """Wrap extension elements."""
    return f"<bpmn:extensionElements>{xml}</bpmn:extensionElements>" if xml else ""


def many(
    collection: str = "",
    element: str = "",
    *,
    cardinality: str = "",
    output: tuple[str, str] | None = None,
    until: str = "",
    sequential: bool = False,
    zeebe: str = "",
) -> str:
    """Return the XML of an activity's multi-instance marker; ``zeebe`` are extension elements of the activity itself.

    ``output`` are the output collection and the output element, ``until`` is the completion condition.
    """
    attributes = {"inputCollection": collection and f"={collection}", "inputElement": element}
    if output is not None:
        attributes |= {"outputCollection": output[0], "outputElement": output[1] and f"={output[1]}"}
    written = " ".join(f"{name}={quoteattr(text)}" for name, text in attributes.items() if text)
    inner = extensions(f"<zeebe:loopCharacteristics {written}/>") if written else ""
    for tag, text in (("loopCardinality", cardinality), ("completionCondition", until)):
        inner += f"<bpmn:{tag}>={escape(text)}</bpmn:{tag}>" if text else ""
    order = ' isSequential="true"' if sequential else ""
    marker = "multiInstanceLoopCharacteristics"
    return f"{extensions(zeebe)}<bpmn:{marker}{order}>{inner}</bpmn:{marker}>"


def again(condition: str = "", *, before: bool = False, maximum: int | None = None, zeebe: str = "") -> str:
    """Return the XML of an activity's standard loop marker; ``zeebe`` are extension elements of the activity itself."""
    inner = f"<bpmn:loopCondition>={escape(condition)}</bpmn:loopCondition>" if condition else ""
    test = ' testBefore="true"' if before else ""
    limit = "" if maximum is None else f' loopMaximum="{maximum}"'
    marker = "standardLoopCharacteristics"
    return f"{extensions(zeebe)}<bpmn:{marker}{test}{limit}>{inner}</bpmn:{marker}>"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scope(lines: list[str], numbers):
    base = _indent(lines[0]) if lines else 0
    defaults: dict[str, str] = {}
    flows, nodes, index = [], [], 0
    while index < len(lines):
        line = lines[index]
        index += 1
        inside = []
        while index < len(lines) and _indent(lines[index]) > base:
            inside.append(lines[index])
            index += 1
        if "->" in line:
            flows += _flows(line.strip(), numbers, defaults)
        else:
            nodes.append((line.strip(), inside))
    for line, inside in nodes:
        head, _, inner = line.partition("|")
        kind, name, *attributes = head.split()
        attributes = [f"{key}={quoteattr(value)}" for key, value in (a.split("=") for a in attributes)]
        if name in defaults:
            attributes.append(f'default="{defaults[name]}"')
        yield f'<bpmn:{kind} id="{name}" {" ".join(attributes)}>'
        inner = inner.strip()
        yield extensions(inner) if inner.startswith("<zeebe:") else inner
        yield from _scope(inside, numbers)
        yield f"</bpmn:{kind}>"
    yield from flows


def _flows(line: str, numbers, defaults: dict[str, str]) -> list[str]:
    chain, colon, condition = line.partition(":")
    names = [name.strip() for name in re.split("->", chain)]
    flows = []
    for place, (source, target) in enumerate(pairwise(names)):
        identifier = f"f{next(numbers)}"
        inner = ""
        if colon and place == len(names) - 2:
            if condition.strip() == "default":
                defaults[source] = identifier
            else:
                expression = escape(condition.strip())
                inner = f"<bpmn:conditionExpression>={expression}</bpmn:conditionExpression>"
        flows.append(
            f'<bpmn:sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}'
            "</bpmn:sequenceFlow>"
        )
    return flows
