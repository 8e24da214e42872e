"""One evaluation: the variables, the environment, what has been spent, and what was warned about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.feel.errors import FeelError, FeelFunctionError, FeelLimitError, FeelUnknownName, FeelWarning
from engine.feel.limits import Limits
from engine.feel.messages import both
from engine.feel.values import FunctionValue, convert, to_host

MISSING = object()
MAX_WARNINGS = 100
_CHECK_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class Environment:
    """What expressions are given from outside.

    ``now`` returns the current time (aware) and is the only clock; ``zone`` is the IANA name of the zone that ``now()``
    and ``today()`` speak in. ``functions`` are host functions by FEEL name: they take positional values (numbers
    ``Decimal``, dates as ``datetime`` objects, lists, dicts) and return a value that :func:`convert` knows.
    """

    now: Callable[[], datetime] | None = None
    zone: str = "Asia/Shanghai"
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


class HostFunction(FunctionValue):
    """A function that the environment gives."""

    __slots__ = ("_function",)

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        super().__init__(name, ())
        self._function = function

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call the host; anything but a :class:`FeelError` becomes a :class:`FeelFunctionError`."""
        run.charge(10)
        try:
            return convert(self._function(*[to_host(argument) for argument in arguments]))
        except FeelError:
            raise
        except Exception as error:
            raise FeelFunctionError("feel.function_failed", name=self.name, reason=both(error)) from error

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call the host with keyword arguments; a space in a name is an underscore there."""
        keywords = {name.replace(" ", "_"): to_host(value) for name, value in arguments.items()}
        return HostFunction(self.name, lambda: self._function(**keywords)).call(run, [])


class Scope:
    """Names bound inside an expression, in front of the names of ``parent``."""

    __slots__ = ("names", "parent")

    def __init__(self, names: dict[str, Any], parent: Scope | None) -> None:
        self.names = names
        self.parent = parent


class Run:
    """The state of one evaluation."""

    __slots__ = (
        "_check",
        "_deadline",
        "depth",
        "environment",
        "names",
        "steps",
        "strict",
        "variables",
        "warnings",
    )

    def __init__(
        self,
        environment: Environment,
        variables: Mapping[str, Any],
        strict: bool = False,
        warnings: list[FeelWarning] | None = None,
    ) -> None:
        self.environment = environment
        self.variables = variables
        self.strict = strict
        self.warnings = warnings
        self.names: dict[str, Any] = {}
        self.steps = environment.limits.steps
        self.depth = 0
        self._check = self.steps - _CHECK_EVERY
        self._deadline = 0.0

    def charge(self, steps: int) -> None:
        """Spend ``steps``; raise :class:`FeelLimitError` when there are none left or the time is over."""
        self.steps -= steps
        if self.steps < self._check:
            self._examine()

    def _examine(self) -> None:
        limits = self.environment.limits
        if self.steps < 0:
            raise FeelLimitError("feel.limit.steps", limit=limits.steps)
        now = time.thread_time()
        if not self._deadline:
            self._deadline = now + limits.seconds
        elif now > self._deadline:
            raise FeelLimitError("feel.limit.time", limit=limits.seconds)
        self._check = self.steps - _CHECK_EVERY

    def warn(self, code: str, /, **params: Any) -> None:
        """Tell that something was answered with null."""
        if self.warnings is not None and len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(code, params))

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Keep what is tried inside of the block from the warnings."""
        warnings, self.warnings = self.warnings, None
        try:
            yield
        finally:
            self.warnings = warnings

    def null(self, code: str, /, **params: Any) -> Any:
        """Return null and tell why."""
        if self.warnings is not None:
            self.warn(code, **params)

    def enter(self) -> None:
        """Begin a call; :meth:`leave` ends it."""
        self.depth += 1
        if self.depth > self.environment.limits.depth:
            raise FeelLimitError("feel.limit.depth", limit=self.environment.limits.depth)
        self.charge(5)

    def leave(self) -> None:
        """End a call."""
        self.depth -= 1

    def find(self, name: str) -> Any:
        """Return the variable or function of that name outside the expression, or :data:`MISSING`."""
        names = self.names
        if name in names:
            return names[name]
        raw = self.variables.get(name, MISSING)
        if raw is not MISSING:
            value = convert(raw)
        else:
            function = self.environment.functions.get(name)
            value = _builtin(name) if function is None else HostFunction(name, function)
        names[name] = value
        return value

    def load(self, name: str, lenient: bool = False) -> Any:
        """Return the variable of that name; an unknown one raises in strict mode (unless ``lenient``), else is null."""
        value = self.find(name)
        if value is MISSING:
            if self.strict and not lenient:
                raise FeelUnknownName(name)
            self.warn("feel.null.name", name=name)
            return None
        return value

    def now(self) -> datetime:
        """Return the environment's current time; raise :class:`FeelError` when there is no clock."""
        clock = self.environment.now
        if clock is None:
            raise FeelError("feel.no_clock")
        return clock()


def _builtin(name: str) -> Any:
    from engine.feel.builtins import BUILTINS

    return BUILTINS.get(name, MISSING)


def as_index(value: Decimal) -> int | None:
    """Return a whole number as int, or None if it has a fraction or no business as an index."""
    if value.adjusted() > 18 or value != value.to_integral_value():
        return None
    return int(value)
