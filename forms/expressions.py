"""FEEL in forms: how settings are compiled, what they can see, and which fields they look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine import feel
from forms.model import Field, Rule, Text

#: Our FEEL functions whose names have spaces; they are part of every form's vocabulary.
HOST_NAMES = frozenset({"is working day", "next working day", "working days"})
#: What a row's expressions see besides its own fields, as in form-js.
ROW_NAMES = ("this", "parent", "i")

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
#: A name that begins a path, and a member of one; a name before a bracket is a function.
_NAME = re.compile(r"(?<![\w.])(?<!\.\s)[^\W\d]\w*\b(?!\s*\()")
_MEMBER = re.compile(r"(?<![\w.])(?P<owner>[^\W\d]\w*)?[^\w\s]*\s*\.\s*(?P<member>[^\W\d]\w*)\b")


def is_expression(value: object) -> bool:
    """Whether form-js would take ``value`` for a FEEL expression."""
    return isinstance(value, str) and value.lstrip().startswith("=")


def compile_expression(text: str) -> feel.Expression:
    """Compile ``=expression``; raises :class:`engine.feel.FeelSyntaxError`."""
    return feel.compile(text.lstrip()[1:].strip(), names=HOST_NAMES)


def compile_text(value: str, english: str | None = None) -> Text:
    """Compile a label or text: ``=expression`` or a template with ``{{expression}}`` parts.

    Raises :class:`engine.feel.FeelSyntaxError`, and ``ValueError`` with the statement for a template statement such
    as ``{{#loop}}``.
    """
    return Text(_parts(value), _parts(english) if english else ())


def _parts(value: str) -> tuple[str | feel.Expression, ...]:
    if is_expression(value):
        return (compile_expression(value),)
    parts: list[str | feel.Expression] = []
    position = 0
    for match in _TEMPLATE.finditer(value):
        inner = match.group(1).strip()
        if inner.startswith(("#", "/")):
            raise ValueError(match.group(0))
        if match.start() > position:
            parts.append(value[position : match.start()])
        parts.append(feel.compile(inner.removeprefix("="), names=HOST_NAMES))
        position = match.end()
    if position < len(value):
        parts.append(value[position:])
    return tuple(parts)


class Scope(Mapping[str, Any]):
    """Names looked up in layers, the nearest first; nothing is copied."""

    __slots__ = ("_layers",)

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> Any:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for layer in self._layers for name in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def row_scope(row: Mapping[str, Any], index: int, answers: Mapping[str, Any], outer: Scope) -> Scope:
    """Return what the row ``index`` (from 0) sees: its fields, ``this``, ``parent``, ``i``, and the rest."""
    special = {"this": row, "parent": answers, "i": [index + 1]}
    return Scope(row, special, {f"_{name}_": value for name, value in special.items()}, outer)


def evaluate(expression: feel.Expression, scope: Mapping[str, Any], env: feel.Environment) -> Any:
    """Return the value as JSON can hold it; what FEEL can't do at run time is null."""
    try:
        return feel.to_python(expression.evaluate(scope, env))
    except feel.FeelError:
        return None


def is_true(expression: feel.Expression, scope: Mapping[str, Any], env: feel.Environment) -> bool:
    """Whether a condition holds; null and every value that is no boolean count as not."""
    try:
        return expression.evaluate(scope, env) is True
    except feel.FeelError:
        return False


def value_of(rule: Rule, scope: Mapping[str, Any], env: feel.Environment) -> Any:
    """Return what a setting says here."""
    return rule.literal if rule.expression is None else evaluate(rule.expression, scope, env)


def holds(rule: Rule, scope: Mapping[str, Any], env: feel.Environment) -> bool:
    """Whether a yes-or-no setting says yes here."""
    return rule.literal is True if rule.expression is None else is_true(rule.expression, scope, env)


def references(
    expression: feel.Expression, fields: Mapping[str, Field], of: Field
) -> frozenset[tuple[str, bool]]:
    """Return the fields that an expression of the component ``of`` looks at.

    Each is its name and whether only the same row's value is meant. A column is looked at when the list and
    the column are both named anywhere in the expression, strings aside, so ``sum(indicators.weight)`` and
    ``indicators[level1 = "OUTPUT"].weight`` are both understood; naming a list alone looks at its rows' number.
    """
    text = expression.text
    if "get value" not in text:
        text = _STRING.sub('""', text)
    names = set(_NAME.findall(text))
    members = {(match["owner"] or "").strip("_") + "." + match["member"] for match in _MEMBER.finditer(text)}
    outer = {member.removeprefix("parent.") for member in members if member.startswith("parent.")}
    here = names | {member.removeprefix("this.") for member in members if member.startswith("this.")}
    anywhere = names | {member.rpartition(".")[2] for member in members}
    own = {one.path[0] for one in fields.values() if one.list == of.list} if of.list else set()
    found: set[tuple[str, bool]] = set()
    for name, field in fields.items():
        first = field.path[0]
        if not field.list:
            if first in outer or (first in names and first not in own):
                found.add((name, False))
        elif field.list.split(".")[0] in names | outer and first in anywhere:
            found.add((name, False))
        elif field.list == of.list and first in here:
            found.add((name, True))
    return frozenset(found)


def expressions_of(field: Field) -> Iterable[feel.Expression]:
    """Return every expression in the field's settings that changes what a page shows of it."""
    yield from field.hides
    if field.expression is not None:
        yield field.expression
    validation = field.validation
    rules = (field.readonly, field.disabled, field.default, validation.min, validation.max)
    for rule in (*rules, validation.min_length, validation.max_length):
        if rule.expression is not None:
            yield rule.expression
    if field.options.expression is not None:
        yield field.options.expression
    for text in (field.label, field.description, field.text, field.prefix, field.suffix):
        for part in (*text.parts, *text.english):
            if not isinstance(part, str):
                yield part
