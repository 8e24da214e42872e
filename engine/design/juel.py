"""Translates the simple expressions of other engines (``${…}``) to FEEL; what has no like there isn't translated."""

from __future__ import annotations

import re

from engine import feel
from engine.feel.text import quote

_WHOLE = re.compile(r"\s*[$#]\{(.*)\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)
    |(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/()<>!]))""",
    re.VERBOSE,
)
_SIGNS = {"==": "=", "&&": "and", "||": "or"}
_WORDS = {"eq": "=", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/"}
_UNLIKE = frozenset({"empty", "instanceof", "mod"})
#: What a repetition counts is called otherwise.
_COUNTS = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}


def is_expression(text: str) -> bool:
    """Whether a text has an expression of another engine in it."""
    return "${" in text or "#{" in text


def translate(text: str) -> str | None:
    """Return an expression as FEEL with ``=`` before it; a text without one as it is; None for what can't be translated.

    Comparisons, arithmetic, ``and``, ``or``, ``not`` of names, members, numbers and texts are; calls of methods, ternaries
    and texts around an expression aren't.
    """
    if not is_expression(text):
        return text
    whole = _WHOLE.fullmatch(text)
    if whole is None or is_expression(whole[1]) or "}" in whole[1]:
        return None
    words: list[str] = []
    rest, closing = whole[1].strip(), 0
    while rest:
        found = _TOKEN.match(rest)
        if found is None:
            return None
        rest = rest[found.end() :].lstrip()
        if closing and found["name"] is None:
            return None
        if found["text"] is not None:
            words.append(quote(re.sub(r"\\(.)", r"\1", found["text"][1:-1])))
        elif found["number"] is not None:
            words.append(found["number"])
        elif found["name"] is not None and found["name"] != "not":
            method = rest.startswith("(") and found["name"] not in ("and", "or", *_WORDS)
            if method or found["name"] in _UNLIKE:
                return None
            words.append(_WORDS.get(found["name"]) or _COUNTS.get(found["name"], found["name"]))
            if closing:
                words.append(")")
                closing = 0
        elif found["sign"] == "!" or found["name"] == "not":
            words.append("not")
            if not rest.startswith("("):
                words.append("(")
                closing = 1
        else:
            words.append(_SIGNS.get(found["sign"], found["sign"]))
    written = " ".join(words).replace("( ", "(").replace(" )", ")").replace("not (", "not(")
    try:
        feel.compile(written)
    except feel.FeelSyntaxError:
        return None
    return f"={written}"
