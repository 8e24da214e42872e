"""What can go wrong in FEEL: one small tree of errors, each with a stable code and its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.feel.messages import sentence


class FeelError(Exception):
    """An expression can't be used or evaluated; ``code`` is stable, ``params`` fill the sentence for people."""

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def message(self, language: str = "zh") -> str:
        """Return the sentence for people in ``language`` (``zh`` or ``en``)."""
        return sentence(self.code, self.params, language)

    def __str__(self) -> str:
        return self.message("en")


class FeelSyntaxError(FeelError):
    """The text is not FEEL; ``line`` and ``column`` (from 1) say where, ``offset`` (from 0) in the text."""

    def __init__(self, code: str, /, *, line: int, column: int, offset: int = 0, **params: Any) -> None:
        super().__init__(code, **params)
        self.line = line
        self.column = column
        self.offset = offset

    def message(self, language: str = "zh") -> str:
        """Return the sentence with the place."""
        place = {"line": self.line, "column": self.column}
        return super().message(language) + sentence("feel.syntax.at", place, language)


class FeelUnknownName(FeelError):
    """A name that no scope has was used in strict mode."""

    def __init__(self, name: str) -> None:
        super().__init__("feel.unknown_name", name=name)
        self.name = name


class FeelLimitError(FeelError):
    """A limit of :class:`engine.feel.Limits` was reached."""


class FeelTypeError(FeelError):
    """A value has a type that can't be used there (a Python object that FEEL has no type for, for example)."""


class FeelFunctionError(FeelError):
    """A host function failed; the cause is chained."""


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Something that the standard answers with null, told beside the result."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def message(self, language: str = "zh") -> str:
        """Return the sentence for people in ``language`` (``zh`` or ``en``)."""
        return sentence(self.code, self.params, language)
