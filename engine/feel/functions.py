"""Functions written in FEEL, and how any function value is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.run import Run, Scope
from engine.feel.types import Type, coerce
from engine.feel.values import FunctionValue

Code = Callable[[Scope | None, Run], Any]
"""A compiled node: takes the names bound inside the expression and the evaluation, returns the value."""


class UserFunction(FunctionValue):
    """A function that an expression or a model defines; it remembers the scope it was made in."""

    __slots__ = ("_body", "_scope", "result", "types")

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        types: tuple[Type, ...],
        body: Code,
        scope: Scope | None,
        result: Type | None = None,
    ) -> None:
        super().__init__(name, parameters)
        self.types = types
        self.result = result
        self._body = body
        self._scope = scope

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call; arguments that don't fit the parameters' number or types give null."""
        if len(arguments) != len(self.parameters):
            return run.null("feel.null.arguments", name=self.name)
        names: dict[str, Any] = {}
        for parameter, type_, argument in zip(self.parameters, self.types, arguments, strict=True):
            fits, value = coerce(argument, type_, run.charge)
            if not fits:
                return run.null("feel.null.arguments", name=self.name)
            names[parameter] = value
        run.enter()
        result = self._body(Scope(names, self._scope), run)
        run.leave()
        if self.result is None:
            return result
        fits, result = coerce(result, self.result, run.charge)
        if not fits:
            run.warn("feel.null.result", name=self.name, type=str(self.result))
        return result
