"""Compiles a form to JSON Schema, the static part of what its answers must be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jsonschema_rs

from engine.plugins import Finding
from forms.messages import finding
from forms.model import MANY_TYPES, OPTION_TYPES, ROW_ID, Field, Form
from forms.numbers import MAX_DECIMALS, MAX_INTEGER_DIGITS

#: Invisible characters that no answer needs; a line feed and a tab are fine.
CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
#: A mobile number, a number with its area code and extension, or an international one.
PHONE = r"^(\+\d{1,3}[ -]?)?(1\d{10}|(\(?0\d{2,3}\)?[ -]?)?\d{7,8}([ -转]\d{1,6})?|\d{6,15})$"
TIME = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d{2}:\d{2})?$"
DATE_TIME = r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d{2}:\d{2})?$"


def schema(form: Form) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the form's answers.

    What depends on other answers (hidden fields, bounds and options by expression) is not in it;
    :func:`forms.check` adds that. A field that may be hidden is not required here.
    """
    top = [field for field in form.fields.values() if not field.list]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:bihuan:form:{form.id}:{form.sha256[:16]}",
        **_object(form, top),
    }


def validator(form: Form) -> jsonschema_rs.Draft202012Validator:
    """Return the form's compiled schema, shared by all who check the same file."""
    return _compiled(form.sha256, _Keep(form))


def try_compile(form: Form) -> list[Finding]:
    """Compile the schema now; what the schema's regular expressions can't do becomes findings."""
    findings: list[Finding] = []
    for field in form.fields.values():
        if field.validation.pattern is not None:
            try:
                _compile({"pattern": field.validation.pattern})
            except ValueError:
                shown = field.validation.pattern[:200]
                findings.append(
                    finding("form.bad_pattern", element=field.id, component=field.id, pattern=shown)
                )
    if not findings:
        validator(form)
    return findings


class _Keep:
    """Carries the form to the cache without being part of its key."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keep)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _compiled(_sha256: str, keep: _Keep) -> jsonschema_rs.Draft202012Validator:
    return _compile(schema(keep.form))


def _compile(what: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        dict(what), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )


def _object(form: Form, fields: list[Field]) -> dict[str, Any]:
    """Describe an object whose members are ``fields``, nested where their paths are."""
    root: dict[str, Any] = {"type": "object", "properties": {}}
    for field in fields:
        place = root
        for part in field.path[:-1]:
            place = place["properties"].setdefault(part, {"type": "object", "properties": {}})
        place["properties"][field.path[-1]] = _describe(form, field)
        if field.validation.required and not field.hides:
            place.setdefault("required", []).append(field.path[-1])
    return root


def _describe(form: Form, field: Field) -> dict[str, Any]:
    described = _DESCRIBE.get(field.type, _anything)(form, field)
    if field.label.plain:
        described["title"] = field.label.plain
    return described


def _number(_form: Form, field: Field) -> dict[str, Any]:
    if field.serialize_to_string:
        return _nullable({"type": "string", "maxLength": 64}, field)
    described: dict[str, Any] = {"type": "integer" if places(field) == 0 else "number"}
    largest = 10**MAX_INTEGER_DIGITS
    for rule, keyword in ((field.validation.min, "minimum"), (field.validation.max, "maximum")):
        given = rule.literal if isinstance(rule.literal, Decimal) else None
        fallback = 1 - largest if keyword == "minimum" else largest - 1
        described[keyword] = fallback if given is None else _lean(given)
    if digits := places(field):
        described["multipleOf"] = Decimal(1).scaleb(-digits)
    return _nullable(described, field)


def places(field: Field) -> int:
    """Return how many decimal places a number field takes."""
    if field.decimal_digits is not None:
        return field.decimal_digits
    return 2 if field.money else MAX_DECIMALS


def _text(_form: Form, field: Field) -> dict[str, Any]:
    rules = field.validation
    described: dict[str, Any] = {
        "type": "string",
        "maxLength": rules.longest,
        "not": {"pattern": CONTROL},
    }
    least = int(rules.min_length.literal) if isinstance(rules.min_length.literal, Decimal) else 0
    alternatives: dict[str, Any] = {}
    if least:
        alternatives["minLength"] = least
    pattern = rules.pattern or {"email": EMAIL, "phone": PHONE}.get(rules.type or "")
    if pattern:
        alternatives["pattern"] = pattern
    if rules.required:
        described["minLength"] = max(1, least)
        return {**described, **({"pattern": pattern} if pattern else {})}
    if alternatives:  # what isn't required may be empty; form-js keeps the empty text
        described["anyOf"] = [{"const": ""}, alternatives]
    return described


def _datetime(_form: Form, field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "string"}
    if field.subtype == "date":
        described["format"] = "date"
    else:
        described["pattern"] = TIME if field.subtype == "time" else DATE_TIME
    return _nullable(described, field)


def _options(_form: Form, field: Field) -> dict[str, Any]:
    choices = [
        _lean(option.value) if isinstance(option.value, Decimal) else option.value
        for option in field.options.static
    ]
    one: dict[str, Any] = {} if field.options.dynamic else {"enum": choices}
    if field.type in MANY_TYPES:
        described: dict[str, Any] = {"type": "array", "items": one, "uniqueItems": True, "maxItems": 1000}
        if field.validation.required:
            described["minItems"] = 1
        return described
    if field.options.dynamic or field.validation.required:
        return one
    return {"enum": [*choices, None]}


def _checkbox(_form: Form, field: Field) -> dict[str, Any]:
    return {"const": True} if field.validation.required else {"type": ["boolean", "null"]}


def _files(_form: Form, field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {"type": "array", "items": {"type": ["string", "integer"]}, "maxItems": 100}
    if field.validation.required:
        described["minItems"] = 1
    return described


def _list(form: Form, field: Field) -> dict[str, Any]:
    row = _object(form, list(form.columns(field.name)))
    row["properties"][ROW_ID] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"}
    described: dict[str, Any] = {"type": "array", "items": row, "maxItems": field.max_rows}
    if field.validation.required:
        described["minItems"] = 1
    return described


def _anything(_form: Form, _field: Field) -> dict[str, Any]:
    return {}


_DESCRIBE = {
    "number": _number,
    "textfield": _text,
    "textarea": _text,
    "datetime": _datetime,
    "checkbox": _checkbox,
    "filepicker": _files,
    "dynamiclist": _list,
    **dict.fromkeys(OPTION_TYPES, _options),
}


def _nullable(described: dict[str, Any], field: Field) -> dict[str, Any]:
    return described if field.validation.required else {**described, "type": [described["type"], "null"]}


def _lean(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number
