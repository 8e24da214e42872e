"""The face of the package: compile a text once, evaluate it often."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.feel.compiler import Compiler
from engine.feel.errors import FeelLimitError, FeelWarning
from engine.feel.free_names import free_names
from engine.feel.functions import Code
from engine.feel.limits import MAX_DATA_DEPTH, MAX_NESTING
from engine.feel.nodes import Node
from engine.feel.parser import parse, parse_unary
from engine.feel.run import Environment, Run, Scope
from engine.feel.types import Type
from engine.feel.values import convert

CACHE_SIZE = 4096
DEFAULT = Environment()


class Expression:
    """A compiled expression; it may be evaluated in any number of threads at once."""

    __slots__ = ("code", "free_names", "node", "text")

    def __init__(self, text: str, node: Node, code: Code) -> None:
        self.text = text
        self.node = node
        self.free_names: frozenset[str] = free_names(node)
        """Names that must come from the variables or the environment's functions (names in filters may be members
        of the items and are left out)."""
        self.code = code
        """The closure; it takes the names that a scope binds, and the run."""

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(
        self,
        variables: Mapping[str, Any],
        env: Environment = DEFAULT,
        *,
        strict: bool = False,
        warnings: list[FeelWarning] | None = None,
    ) -> Any:
        """Return the value for ``variables``, any mapping of Python values, which are converted when they are used.

        With ``strict`` a name that no scope has raises :class:`FeelUnknownName`, else it is null. What the standard
        answers with null is told in ``warnings``. Raises :class:`FeelLimitError` when a limit of ``env`` is reached.
        """
        return self.execute(Run(env, variables, strict, warnings))

    def test(
        self,
        input_value: Any,
        variables: Mapping[str, Any],
        env: Environment = DEFAULT,
        *,
        strict: bool = False,
        warnings: list[FeelWarning] | None = None,
    ) -> bool:
        """Return whether the input passes these unary tests (the expression was compiled with ``unary=True``)."""
        run = Run(env, variables, strict, warnings)
        return self.execute(run, Scope({"?": convert(input_value)}, None)) is True

    def execute(self, run: Run, scope: Scope | None = None) -> Any:
        """Evaluate inside a run that already exists, with the names that ``scope`` binds."""
        try:
            return self.code(scope, run)
        except RecursionError:
            raise FeelLimitError("feel.limit.depth", limit=MAX_DATA_DEPTH) from None


def compile(
    text: str,
    *,
    names: frozenset[str] | tuple[str, ...] = frozenset(),
    members: frozenset[str] = frozenset(),
    unary: bool = False,
) -> Expression:
    """Return the compiled expression, from a cache if it was compiled before.

    ``names`` are the names in scope and ``members`` the keys that may follow a dot; both matter only where a name has
    symbols or keywords in it (``a-b``, ``profit and loss``). With ``unary`` the text is unary tests and the result is
    for :meth:`Expression.test`. Raises :class:`FeelSyntaxError` with line and column, or :class:`FeelLimitError`.
    """
    return _compiled(text, frozenset(names), members, unary)


@lru_cache(maxsize=CACHE_SIZE)
def _compiled(text: str, names: frozenset[str], members: frozenset[str], unary: bool) -> Expression:
    return build(text, names, members, unary, {})


def build(
    text: str,
    names: frozenset[str],
    members: frozenset[str],
    unary: bool,
    types: Mapping[str, Type],
) -> Expression:
    """Compile without the cache, with declared ``types`` that ``instance of`` may name."""
    node: Node = parse_unary(text, names, members) if unary else parse(text, names, members)
    try:
        return Expression(text, node, Compiler(types, text).compile(node))
    except RecursionError:
        raise FeelLimitError("feel.limit.nesting", limit=MAX_NESTING) from None
