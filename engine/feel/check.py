"""What can be said of an expression before it runs: syntax, names that nobody declares, types that can't meet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel.errors import FeelError, FeelSyntaxError
from engine.feel.expression import Expression, compile
from engine.feel.free_names import uses
from engine.feel.infer import Inference
from engine.feel.lexer import position
from engine.feel.messages import remedy, sentence
from engine.feel.nodes import UnaryTests
from engine.feel.suggest import closest
from engine.feel.types import ANY, Type


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

    def remedy(self, language: str = "zh") -> str:
        """Return what to do about it: the name that was probably meant, or general advice; empty where there is none."""
        return remedy(self.code, self.params, language)


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
    of those variables whose type is known; a context type is closed, so a member that it lacks is a mistake.
    """
    try:
        expression = compile(
            text, names=frozenset(names or ()), members=frozenset(members or ()), unary=unary
        )
    except FeelSyntaxError as error:
        return [Problem("error", error.code, error.line, error.column, error.params)]
    except FeelError as error:
        return [Problem("error", error.code, 1, 1, error.params)]
    return examine(expression, names, members=members, functions=functions, types=types)


def examine(
    expression: Expression,
    names: Collection[str] | None = None,
    *,
    members: Collection[str] | None = None,
    functions: Collection[str] = (),
    types: Mapping[str, Type] | None = None,
) -> list[Problem]:
    """Return what :func:`check` finds in an expression that was compiled already."""
    found = {
        (problem.line, problem.column, problem.code): problem
        for problem in (
            *_names(expression, names, members, functions),
            *_types(expression, names, functions, types or {}),
        )
    }
    return sorted(found.values(), key=lambda problem: (problem.line, problem.column))


def _names(
    expression: Expression,
    names: Collection[str] | None,
    members: Collection[str] | None,
    functions: Collection[str],
) -> Iterator[Problem]:
    from engine.feel.builtins import BUILTINS

    known = frozenset(names or ())
    for use in uses(expression.node):
        if use.name in known or use.name in BUILTINS or use.name in functions:
            continue
        line, column = position(expression.text, use.start)
        if use.called:
            candidates: Collection[str] = (*BUILTINS, *functions, *known)
            severity, code = "error", "feel.unknown_function"
        elif use.in_filter:
            if names is None or members is None or use.name in members:
                continue
            severity, code, candidates = "warning", "feel.unknown_member", (*members, *known)
        elif names is not None:
            severity, code, candidates = "error", "feel.unknown_name", known
        else:
            continue
        params = {"name": use.name, "suggestion": closest(use.name, candidates)}
        yield Problem(severity, code, line, column, params)


def _types(
    expression: Expression,
    names: Collection[str] | None,
    functions: Collection[str],
    types: Mapping[str, Type],
) -> Iterator[Problem]:
    from engine.feel.builtins import BUILTINS

    inference = Inference(types, None if names is None else {*names, *functions, *BUILTINS})
    if isinstance(expression.node, UnaryTests):
        inference.tests(expression.node, types.get("?", ANY))
    else:
        inference.infer(expression.node)
    for start, conflict in inference.conflicts:
        line, column = position(expression.text, start)
        yield Problem("warning", conflict.code, line, column, conflict.params)
