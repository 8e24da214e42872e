"""Builds the findings of a model file from the catalogue of their sentences."""

from __future__ import annotations

from typing import Any

from engine.bpmn.messages import KINDS, MESSAGES, REMEDIES
from engine.bpmn.model import Element, Flow, ProcessModel
from engine.feel.messages import TYPE_NAMES
from engine.feel.types import Type
from engine.plugins import Finding

LANGUAGES = ("zh", "en")
#: What to do where a name is misspelt and a similar one is known.
MEANT = {"zh": "是不是想写“{suggestion}”？", "en": "Did you mean “{suggestion}”?"}


def finding(
    code: str,
    at: Element | Flow | ProcessModel | str | None = None,
    *,
    severity: str = "error",
    line: int | None = None,
    column: int | None = None,
    path: tuple[str, ...] = (),
    **params: Any,
) -> Finding:
    """Return the finding ``code`` of the catalogue at an element, a flow or an id.

    The sentences may use ``{where}`` (its kind and name), ``{id}`` and every one of ``params``; a param that
    is the name of a BPMN tag is shown as people call it when the sentence says ``{kind}``, and a FEEL type by
    its name. A ``suggestion`` says which name was probably meant; it takes the remedy's place.
    """
    identifier = at if isinstance(at, str) else at.id if at is not None else None
    if not isinstance(at, str) and at is not None:
        line, column = at.line if line is None else line, at.column if column is None else column
    message, remedy = {}, {}
    for language in LANGUAGES:
        values = {**params, "where": where(at, language), "id": identifier or ""}
        values |= {
            name: TYPE_NAMES[value.kind][language]
            for name, value in params.items()
            if isinstance(value, Type)
        }
        if "kind" in params:
            values["kind"] = kind_name(params["kind"], language)
        if "what" in params:
            tag, _, name = params["what"].partition(" ")
            values["what"] = f"{kind_name(tag, language)} {name}".strip()
        message[language] = MESSAGES[code][language].format(**values)
        if params.get("suggestion"):
            remedy[language] = MEANT[language].format(**values)
            continue
        if code in REMEDIES:
            remedy[language] = REMEDIES[code][language].format(**values)
    return Finding(severity, code, message, remedy, identifier, line, column, path)


def where(at: Element | Flow | ProcessModel | str | None, language: str) -> str:
    """Return how a person would point at it: its kind and its name, for example 排他网关“金额？”."""
    if at is None:
        return ""
    if isinstance(at, str):
        return f"“{at}”"
    tag = at.kind if isinstance(at, Element) else "sequenceFlow" if isinstance(at, Flow) else "process"
    kind = kind_name(tag, language)
    label = " ".join(at.name.split()) or at.id
    return f"{kind}“{label}”" if language == "zh" else f"{kind} “{label}”"


def kind_name(kind: str, language: str) -> str:
    """Return what people call a BPMN tag; the tag itself where nobody has a word for it."""
    names = KINDS.get(kind)
    return names[language] if names else kind
