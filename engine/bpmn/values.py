"""Turns the texts of a model file into literals and compiled FEEL expressions, and gathers what doesn't
compile.
"""

from __future__ import annotations

import re

from engine import feel
from engine.bpmn.findings import finding
from engine.bpmn.model import Element, Flow, Value
from engine.plugins import Finding

#: Functions that the engine gives to FEEL. Those whose names have spaces must be known to the parser.
HOST_FUNCTIONS = frozenset({"role", "org", "members", "working days", "next working day", "is working day"})

#: An expression that is nothing but a text is that text, where only a literal is taken too.
_CONSTANT = re.compile(r'=\s*"([^"\\]+)"\s*')
_TEMPLATE = re.compile(r"^[#$]\{.*\}$", re.DOTALL)


class Values:
    """Compiles the expressions of one file; ``names`` are the names with spaces or signs that they may
    use.
    """

    def __init__(self, names: frozenset[str], findings: list[Finding]) -> None:
        self.names = names | {name for name in HOST_FUNCTIONS if " " in name}
        self.findings = findings

    def value(self, text: str | None, at: Element | Flow | str, what: str) -> Value | None:
        """Read an attribute that is a literal, or FEEL after ``=``; None and empty give None."""
        if text is None or not text.strip():
            return None
        text = constant(text)
        if text.startswith("="):
            return self.feel(text, at, what)
        if _TEMPLATE.match(text):
            self.findings.append(finding("expression.foreign", at, what=what, text=text))
            return Value(text, None, True)
        return Value(text)

    def feel(self, text: str | None, at: Element | Flow | str, what: str) -> Value | None:
        """Read an attribute that is always FEEL, with or without the ``=``; None and empty give None."""
        if text is None or not text.strip():
            return None
        source = text.strip().removeprefix("=").strip()
        try:
            return Value(source, feel.compile(source, names=self.names), True)
        except feel.FeelError as error:
            zh, en = error.message("zh"), error.message("en")
            found = finding("expression.syntax", at, what=what, text=_short(source), zh=zh, en=en)
            self.findings.append(found)
            return Value(source, None, True)

    def formal(self, text: str | None, at: Element | Flow | str, what: str) -> Value | None:
        """Read an expression of the standard: FEEL with or without the ``=``; another language is reported."""
        value = self.value(text, at, what)
        return value if value is None or value.literal is None else self.feel(text, at, what)

    def condition(self, text: str, at: Element | Flow, *, is_feel: bool) -> Value:
        """Read the condition of a flow or of an event: FEEL after ``=``, or anywhere in a file whose expression
        language is FEEL.
        """
        literal = text.strip()
        if literal.startswith("=") or is_feel or literal in ("true", "false"):
            value = self.feel(literal, at, "condition")
            if value is not None:
                return value
        self.findings.append(finding("condition.not_feel", at, text=_short(literal)))
        return Value(literal, None, True)


def constant(text: str) -> str:
    """Return the text that an expression always gives; whatever else is written stays as it is."""
    found = _CONSTANT.fullmatch(text.strip())
    return found[1] if found else text.strip()


def names_list(text: str | None) -> tuple[str, ...]:
    """Split a comma-separated list, with Western or Chinese commas, and drop empty parts and repetitions."""
    parts = (part.strip() for part in re.split("[,，]", text or ""))
    return tuple(dict.fromkeys(part for part in parts if part))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"
