"""The FEEL types of a form's answers, as expressions of the form and of its process see them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.feel.types import ANY, BOOLEAN, NUMBER, STRING, Type
from forms.model import MANY_TYPES, OPTION_TYPES, ROW_ID, Field, Form


def types_of(form: Form) -> dict[str, Type]:
    """Return the types of the answers at the top level, by key."""
    return _members(form, (one for one in form.fields.values() if not one.list))


def row_types(form: Form, name: str) -> dict[str, Type]:
    """Return the types of the fields of a row of the list ``name``."""
    return {**_members(form, form.columns(name)), ROW_ID: STRING}


def _members(form: Form, fields: Iterable[Field]) -> dict[str, Type]:
    members: dict[str, Type] = {}
    for one in fields:
        _put(members, one.path, _type(form, one))
    return members


def _put(members: dict[str, Type], path: tuple[str, ...], type_: Type) -> None:
    """Set the type at a path; two fields of one path have a certain type only where they agree."""
    first, *rest = path
    if not rest:
        members[first] = type_ if members.get(first, type_) == type_ else ANY
        return
    below = members.get(first)
    inner = dict(below.members) if below is not None and below.members is not None else {}
    _put(inner, tuple(rest), type_)
    members[first] = Type("context", members=inner)


def _type(form: Form, one: Field) -> Type:
    if one.type == "dynamiclist":
        return Type("list", Type("context", members=row_types(form, one.name)))
    if one.type == "number":
        return STRING if one.serialize_to_string else NUMBER
    if one.type in ("textfield", "textarea", "datetime"):
        return STRING
    if one.type == "checkbox":
        return BOOLEAN
    if one.type in OPTION_TYPES:
        chosen = _option(one)
        return Type("list", chosen) if one.type in MANY_TYPES else chosen
    return ANY


def _option(one: Field) -> Type:
    """Return the type of the values that can be chosen; where they are known only later it may be any."""
    values = [option.value for option in one.options.static]
    if one.options.dynamic or not values:
        return ANY
    if all(isinstance(value, str) for value in values):
        return STRING
    return NUMBER if all(isinstance(value, Decimal) for value in values) else ANY
