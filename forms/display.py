"""Values as people read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from engine import feel
from forms import numbers
from forms.expressions import evaluate
from forms.model import MANY_TYPES, OPTION_TYPES, Field, Option, Text, option_key
from forms.words import word


def text_of(
    text: Text,
    scope: Mapping[str, Any],
    env: feel.Environment,
    language: str,
    amounts: Collection[str] = (),
) -> str:
    """Return a label or text with its expressions filled in; one that names a field of ``amounts`` is an amount."""
    found: list[str] = []
    for part in text.of(language):
        if isinstance(part, str):
            found.append(part)
            continue
        value = evaluate(part, scope, env)
        is_amount = isinstance(value, Decimal) and part.text.strip() in amounts
        found.append(numbers.money(value) if is_amount else shown(value, language))
    return "".join(found)


def shown(value: Any, language: str) -> str:
    """Return a value that no field describes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if isinstance(value, Decimal):
        return numbers.plain(value)
    if isinstance(value, list | tuple):
        return word("comma", language).join(shown(one, language) for one in value)
    return str(value)


def in_input(field: Field, value: Any) -> str:
    """Return a value as its input holds it: amounts with separators, moments without their zone."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return numbers.money(value) if field.money else numbers.plain(value)
    if field.type == "number" and field.money and isinstance(value, str):
        try:
            return numbers.money(numbers.parse_number(value))
        except numbers.NumberProblem:
            return value
    if field.type == "datetime" and isinstance(value, str):
        return value[:5] if field.subtype == "time" else value[:10] if field.subtype == "date" else value[:16]
    if isinstance(value, bool):
        return option_key(value)
    return str(value)


def as_text(
    field: Field,
    value: Any,
    options: tuple[Option, ...],
    attachments: Mapping[str, Mapping[str, Any]],
    language: str,
) -> str:
    """Return a value as text, the way a page that takes no input shows it; empty for no answer."""
    if value is None or value == "":
        return ""
    if field.type in OPTION_TYPES:
        chosen = value if field.type in MANY_TYPES and isinstance(value, list) else [value]
        labels = {option.key: option.text(language) for option in options}
        return word("comma", language).join(labels.get(option_key(one), str(one)) for one in chosen)
    if field.type == "filepicker" and isinstance(value, list):
        return word("comma", language).join(file_name(one, attachments, language) for one in value)
    if field.type == "checkbox" or (field.type == "expression" and not field.money):
        return shown(value, language)
    text = in_input(field, value)
    return text.replace("T", " ") if field.type == "datetime" else text


def file_name(one: Any, attachments: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """Return an attachment's name."""
    known = attachments.get(str(one), {})
    return str(known.get("name") or word("unknown_file", language, id=one))
