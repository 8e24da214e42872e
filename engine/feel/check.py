"""What can be said of an expression before it runs: syntax, names that nobody declares, types that can't meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import compile
from engine.feel.free_names import uses
from engine.feel.infer import Inference
from engine.feel.lexer import position
from engine.feel.messages import sentence
from engine.feel.types import Type


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; ``severity`` is error or warning, ``line`` and ``column`` count from 1."""

    severity: str
    code: str
    line: int
    column: int
    params: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Return the sentence for people in ``language`` (``zh`` or ``en``)."""
        return sentence(self.code, self.params, language)


def check(
    text: str,
    names: Collection[str] | None = None,
    *,
    members: Collection[str] | None = None,
    functions: Collection[str] = (),
    types: Mapping[str, Type] | None = None,
    unary: bool = False,
) -> list[Problem]:
    """Return what is wrong with an expression's text, the first thing first.

    ``names`` are all variables that can exist there (None: they are not known, and no name is doubted), ``members``
    the keys that filtered items can have (None: not known), ``functions`` the host's functions, ``types`` the types
    of those variables whose type is known.
    """
    from engine.feel.builtins import BUILTINS

    known = frozenset(names or ())
    try:
        expression = compile(text, names=known, members=frozenset(members or ()), unary=unary)
    except FeelSyntaxError as error:
        return [Problem("error", error.code, error.line, error.column, error.params)]
    except FeelError as error:
        return [Problem("error", error.code, 1, 1, error.params)]
    problems: list[Problem] = []
    for use in uses(expression.node):
        if use.name in known or use.name in BUILTINS or use.name in functions:
            continue
        line, column = position(text, use.start)
        if use.called:
            problems.append(Problem("error", "feel.unknown_function", line, column, {"name": use.name}))
        elif use.in_filter:
            if names is not None and members is not None and use.name not in members:
                problems.append(Problem("warning", "feel.unknown_member", line, column, {"name": use.name}))
        elif names is not None:
            problems.append(Problem("error", "feel.unknown_name", line, column, {"name": use.name}))
    inference = Inference(types or {})
    inference.infer(expression.node)
    for start, conflict in inference.conflicts:
        line, column = position(text, start)
        problems.append(Problem("warning", conflict.code, line, column, conflict.params))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))
