"""Short ways to write DMN models."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from engine import dmn

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(body: str, *, namespace: str = "urn:test", version: str = NAMESPACE) -> bytes:
    """Return a file with this content."""
    head = f'xmlns="{version}" id="defs" name="defs" namespace="{namespace}"'
    return f"<definitions {head}>{body}</definitions>".encode()


def text(value: str) -> str:
    """Return a literal expression."""
    return f"<literalExpression><text>{escape(value)}</text></literalExpression>"


def decision(name: str, logic: str, *, requires: Sequence[str] = (), type_ref: str = "") -> str:
    """Return a decision; ``requires`` are elements such as ``requiredInput#id`` or ``requiredKnowledge#id``."""
    requirements = ""
    for requirement in requires:
        kind, _, reference = requirement.partition(" ")
        outer = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
        requirements += f'<{outer}><{kind} href="{reference}"/></{outer}>'
    variable = f"<variable name={quoteattr(name)}{f' typeRef={quoteattr(type_ref)}' if type_ref else ''}/>"
    head = f'id="d_{name.replace(" ", "_")}" name={quoteattr(name)}'
    return f"<decision {head}>{variable}{requirements}{logic}</decision>"


def input_data(name: str, type_ref: str = "") -> str:
    """Return an input."""
    variable = f"<variable name={quoteattr(name)}{f' typeRef={quoteattr(type_ref)}' if type_ref else ''}/>"
    return f'<inputData id="i_{name.replace(" ", "_")}" name={quoteattr(name)}>{variable}</inputData>'


def table(
    policy: str,
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], Sequence[str], str]],
    *,
    aggregation: str = "",
    output_values: str = "",
    default: str = "",
    input_values: str = "",
) -> str:
    """Return a decision table: inputs as (expression, type), rules as (tests, outputs, annotation)."""
    columns = "".join(
        f'<input label={quoteattr(expression)}><inputExpression typeRef="{type_ref}"><text>{escape(expression)}</text>'
        "</inputExpression>"
        + (f"<inputValues><text>{escape(input_values)}</text></inputValues>" if input_values else "")
        + "</input>"
        for expression, type_ref in inputs
    )
    results = "".join(
        f"<output name={quoteattr(name)}>"
        + (f"<outputValues><text>{escape(output_values)}</text></outputValues>" if output_values else "")
        + (f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else "")
        + "</output>"
        for name in outputs
    )
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(test)}</text></inputEntry>" for test in tests)
        + "".join(f"<outputEntry><text>{escape(value)}</text></outputEntry>" for value in values)
        + f"<annotationEntry><text>{escape(note)}</text></annotationEntry></rule>"
        for tests, values, note in rules
    )
    attribute = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable id="t" hitPolicy="{policy}"{attribute}>{columns}{results}{rows}</decisionTable>'


def model_of(*parts: str) -> dmn.Model:
    """Return the model of these elements, which must be without problems."""
    model = dmn.parse(definitions("".join(parts)))
    assert [str(problem) for problem in model.problems] == []
    return model
