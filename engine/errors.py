"""The engine's errors: one small tree whose members say what happened, where, and what to do.

An error carries a stable ``code`` and ``params``; the sentence for people comes from the catalogue
:mod:`engine.messages` in Chinese or English, so that a page, the command line and a log can each speak
their reader's language. ``str(error)`` is the English sentence.
"""

from __future__ import annotations

from typing import Any


class BihuanError(Exception):
    """Something was asked that can't be done; nothing was changed."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def message(self, language: str = "zh") -> str:
        """Return the sentence for people in ``language`` (``zh`` or ``en``)."""
        from engine.messages import sentence

        return sentence(self.code, self.params, language)

    def __str__(self) -> str:
        return self.message("en")


class NotFound(BihuanError):
    """What was named does not exist, or the actor may not know that it does."""


class Forbidden(BihuanError):
    """The actor may not do this."""


class Conflict(BihuanError):
    """Somebody else was first, or the page was stale: says who did what and when."""


class Refused(BihuanError):
    """A deployment or an operation is not allowed as it stands.

    ``findings`` is the list of :class:`engine.plugins.Finding` that explains it, where there is more than one reason.
    """

    def __init__(self, code: str, findings: tuple[Any, ...] = (), **params: Any) -> None:
        super().__init__(code, **params)
        self.findings = findings


class InvalidAnswers(BihuanError):
    """A form's answers do not pass; ``findings`` name the fields, nothing but the draft is saved."""

    def __init__(self, findings: tuple[Any, ...], **params: Any) -> None:
        super().__init__("answers.invalid", **params)
        self.findings = findings


class ExecutionError(BihuanError):
    """An element could not be executed; the engine turns it into an incident at ``element``."""

    def __init__(self, code: str, element: str, **params: Any) -> None:
        super().__init__(code, element=element, **params)
        self.element = element
