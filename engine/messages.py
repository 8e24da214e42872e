"""The sentences for people, in Chinese and English, of everything that the engine can refuse or report.

A template names its parameters in braces. Times are shown in the county's zone. Rooms that have errors of their own add
their catalogues with :func:`register`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine import feel
from engine.admin.sentences import SENTENCES as ADMINISTRATION
from engine.bpmn.messages import MESSAGES as BPMN
from engine.calendar import ZONE
from engine.design.messages import CATALOGUE as DESIGN
from engine.feel.messages import sentence as feel_sentence
from engine.notify.messages import CATALOGUE as NOTIFY
from engine.plugins import Finding
from engine.sentences import CATALOGUE, REMEDIES

__all__ = ["finding", "register", "sentence"]

LANGUAGES = ("zh", "en")
_catalogue: dict[str, Mapping[str, str]] = {}
_MISSING = {"zh": "（未知）", "en": "(unknown)"}


class _Params(dict[str, Any]):
    """The parameters of one sentence; one that is missing doesn't hide the rest of it."""

    def __init__(self, params: Mapping[str, Any], language: str) -> None:
        super().__init__({name: _shown(value, language) for name, value in params.items()})
        self.language = language

    def __missing__(self, key: str) -> str:
        return _MISSING[self.language]


def register(catalogue: Mapping[str, Mapping[str, str]]) -> None:
    """Add the sentences of a room: code → language → template.

    Raises ValueError for a code that has another sentence already: two rooms would speak with one voice.
    """
    taken = [code for code, said in catalogue.items() if _catalogue.get(code, said) != said]
    if taken:
        raise ValueError(f"these codes have other sentences already: {', '.join(sorted(taken))}")
    _catalogue.update(catalogue)


for _room in (BPMN, CATALOGUE, ADMINISTRATION, DESIGN, NOTIFY):
    register(_room)


def sentence(code: str, params: Mapping[str, Any], language: str = "zh") -> str:
    """Return the sentence of ``code`` in ``language`` (``zh`` or ``en``); an unknown code is returned as it is."""
    templates = _catalogue.get(code)
    if templates is None:
        return feel_sentence(code, params, language)
    return templates[language if language in LANGUAGES else "zh"].format_map(_Params(params, language))


def finding(code: str, field: str | None = None, *, severity: str = "error", **params: Any) -> Finding:
    """Return the finding ``code`` about a completion, at ``field``: a path in the answers, ``opinion``, ``pins.<n>`` of a
    new pin, or ``replies.<id>``.
    """
    message = {language: sentence(code, params, language) for language in LANGUAGES}
    return Finding(severity, code, message, REMEDIES.get(code, {}), field=field)


def _shown(value: Any, language: str) -> str:
    if isinstance(value, datetime):
        local = value.astimezone(ZONE)
        if language == "zh":
            return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return feel.to_string(value)
    text = str(value)
    return text if len(text) <= 200 else text[:199] + "…"
