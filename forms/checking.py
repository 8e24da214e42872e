"""Checks answers: the compiled JSON Schema says where something is wrong, this module what and what to do."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import re2

from engine import feel
from engine.plugins import Finding
from forms.evaluation import State, run
from forms.expressions import Scope, value_of
from forms.messages import finding
from forms.model import DEFAULT_MAX_LENGTH, MANY_TYPES, OPTION_TYPES, Field, Form, Rule, option_key
from forms.numbers import MAX_INTEGER_DIGITS, NumberProblem, checked, decimals, grouped, parse_number
from forms.options import options_of
from forms.paths import MISSING, get, join
from forms.schema import DATE_TIME, EMAIL, PHONE, TIME, places, validator

#: A page shows no more findings of one form than this; the first ones are what to begin with.
MAX_FINDINGS = 300


def check(
    form: Form, answers: Mapping[str, Any], variables: Mapping[str, Any], env: feel.Environment
) -> list[Finding]:
    """Return what is wrong with the answers, in the order of the form; nothing blocks when the list is empty.

    Hidden fields and rows in which nothing was filled in are not looked at. Each finding's ``field`` is the
    path of the input in the page, and its sentence names the field by its label and the row by its number.
    """
    return check_state(run(form, answers, variables, env))


def check_state(state: State) -> list[Finding]:
    """Check answers that were evaluated already."""
    found: dict[str, Finding] = {}
    for path, by_schema in _suspects(state).items():
        located = _locate(state, path)
        if located is None or _row_of(path, located[0]) in state.blank:
            continue
        field, value, scope = located
        one = explain(state, field, path, value, scope)
        if one is None and by_schema:
            one = finding("answer.wrong_shape", field=path, titles=titles(state.form, field, path))
        if one is not None:
            found.setdefault(path, one)
    places = {name: number for number, name in enumerate(state.form.fields)}
    ordered = sorted(found.items(), key=lambda item: _place(item[0], places))
    return [one for _, one in ordered[:MAX_FINDINGS]]


def _place(path: str, places: Mapping[str, int]) -> tuple[int, int, int]:
    parts = path.split(".")
    number = next((index for index, part in enumerate(parts) if part.isdigit()), None)
    own = ".".join(part for part in parts if not part.isdigit())
    if number is None:
        return (places.get(own, 0), -1, 0)
    return (places.get(".".join(parts[:number]), 0), int(parts[number]), places.get(own, 0))


def _suspects(state: State) -> dict[str, bool]:
    """Return the paths that the schema complains about (true), and those that only expressions can judge."""
    found: dict[str, bool] = {}
    for path in _schema_errors(state):
        found[path] = True
    for name, field in state.form.fields.items():
        owner = state.form.fields[field.list] if field.list else None
        by_hand = _needs_judgement(field)
        if field.type == "dynamiclist" and (field.validation.required or "min-rows" in field.properties):
            by_hand = True
        if by_hand and owner is None:
            found.setdefault(name, False)
        elif by_hand and owner is not None:
            rows = len(state.rows(owner.name))
            for index in range(rows):
                found.setdefault(join(owner.name, index, *field.path), False)
    return found


def _schema_errors(state: State) -> Iterable[str]:
    """Run the schema and return the paths of the fields that it finds fault with."""
    fields = state.form.fields
    try:
        for error in validator(state.form).iter_errors(state.values):
            parts = list(error.instance_path)
            if error.kind.name == "required":
                parts.append(getattr(error.kind, "property", ""))
            # What is wrong inside a field's value (one of several choices) is wrong with the field.
            while parts and (isinstance(parts[-1], int) or _name(parts) not in fields):
                parts.pop()
            if parts:
                yield join(*parts)
    except (
        ValueError,
        UnicodeError,
    ):  # a text that is no Unicode (half a surrogate pair): look at every field
        for field in fields.values():
            for path, _, _ in state.instances(field):
                yield path


def _name(parts: list[str | int]) -> str:
    return join(*(part for part in parts if isinstance(part, str)))


def _needs_judgement(field: Field) -> bool:
    rules = field.validation
    bounds = (rules.min, rules.max, rules.min_length, rules.max_length)
    return (
        any(rule.expression is not None for rule in bounds)
        or (field.type in OPTION_TYPES and field.options.dynamic)
        or (rules.required and (bool(field.hides) or field.options.dynamic))
        or field.increment is not None
        or field.serialize_to_string
        or field.subtype == "datetime"
    )


def _row_of(path: str, field: Field) -> str:
    return join(field.list, path[len(field.list) + 1 :].split(".")[0]) if field.list else ""


def _locate(state: State, path: str) -> tuple[Field, Any, Scope] | None:
    """Return field, value and scope at a path; None for what the form doesn't know or hides."""
    if path in state.hidden:
        return None
    field = state.form.fields.get(path)
    if field is not None:
        return field, get(state.values, field.path), state.scope
    for name, owner in state.form.fields.items():
        if owner.type != "dynamiclist" or not path.startswith(f"{name}."):
            continue
        number, _, rest = path[len(name) + 1 :].partition(".")
        field = state.form.fields.get(join(name, rest))
        rows = get(state.values, owner.path)
        if name in state.hidden or not number.isdigit() or not isinstance(rows, list):
            return None
        if field is not None and int(number) < len(rows):
            row = rows[int(number)]
            return field, get(row, field.path), state.row_scopes[name][int(number)]
    return None


def titles(form: Form, field: Field, path: str) -> tuple[str, str]:
    """Return how sentences name a field: its label, in a list after the list's and the row's."""
    zh, en = f"“{field.title()}”", f"“{field.title('en')}”"
    if not field.list:
        return zh, en
    owner = form.fields[field.list]
    row = int(path[len(field.list) + 1 :].split(".")[0]) + 1
    return f"“{owner.title()}”第 {row} 行的{zh}", f"{en} in row {row} of “{owner.title('en')}”"


def explain(state: State, field: Field, path: str, value: Any, scope: Scope) -> Finding | None:
    """Return what is wrong with one value, or None."""
    named = titles(state.form, field, path)

    def wrong(code: str, **params: Any) -> Finding:
        return finding(code, field=path, titles=named, **params)

    if field.type == "dynamiclist":
        return _explain_list(state, field, value, wrong)
    if field.expression is not None:
        return None
    if (
        value is MISSING
        or value is None
        or value in ("", [])
        or (field.type == "checkbox" and value is False)
    ):
        return wrong(_required_code(field)) if field.validation.required else None
    judge = _JUDGES.get(field.type, _judge_anything)
    problem = judge(state, field, value, scope)
    return None if problem is None else wrong(problem[0], **problem[1])


_Problem = tuple[str, dict[str, Any]]


def _required_code(field: Field) -> str:
    if field.type in OPTION_TYPES:
        return "answer.choose"
    return {"checkbox": "answer.must_agree", "filepicker": "answer.no_file"}.get(
        field.type, "answer.required"
    )


def _explain_list(state: State, field: Field, value: Any, wrong: Any) -> Finding | None:
    rows = value if isinstance(value, list) else []
    filled = sum(join(field.name, index) not in state.blank for index in range(len(rows)))
    least = field.properties.get("min-rows", "")
    result: Finding | None = None
    if len(rows) > field.max_rows:
        result = wrong("answer.too_many_rows", count=len(rows), limit=field.max_rows)
    elif filled == 0 and field.validation.required:
        result = wrong("answer.no_rows")
    elif least.isdigit() and filled < int(least):
        result = wrong("answer.too_few_rows", count=filled, limit=int(least))
    return result


def _judge_number(state: State, field: Field, value: Any, scope: Scope) -> _Problem | None:
    try:
        number = parse_number(value) if isinstance(value, str) else checked(_decimal(value))
    except NumberProblem as problem:
        return problem.code, _number_params(problem.code, field)
    digits = places(field)
    if decimals(number) > digits:
        return ("answer.not_integer", {}) if digits == 0 else ("answer.too_many_decimals", {"digits": digits})
    low, high = _bound(field.validation.min, scope, state), _bound(field.validation.max, scope, state)
    if low is not None and number < low:
        return "answer.below_min", {"limit": grouped(low)}
    if high is not None and number > high:
        return "answer.above_max", {"limit": grouped(high)}
    if field.increment is not None and number % field.increment:
        below = (number // field.increment) * field.increment
        above = below + field.increment
        return "answer.not_a_step", {"step": grouped(field.increment), "below": below, "above": above}
    return None


def _number_params(code: str, field: Field) -> dict[str, Any]:
    if code == "answer.number_too_large":
        return {"digits": MAX_INTEGER_DIGITS}
    if code == "answer.too_many_decimals":
        return {"digits": places(field)}
    return {}


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise NumberProblem("answer.not_a_number")
    return Decimal(str(value))


def _bound(rule: Rule, scope: Scope, state: State) -> Decimal | None:
    value = value_of(rule, scope, state.env)
    return value if isinstance(value, Decimal) else None


def _judge_text(state: State, field: Field, value: Any, scope: Scope) -> _Problem | None:
    if not isinstance(value, str):
        return "answer.wrong_shape", {}
    rules = field.validation
    for position, character in enumerate(value[: DEFAULT_MAX_LENGTH * 2]):
        if (
            (character < " " and character not in "\n\t")
            or "\x7f" <= character <= "\x9f"
            or _surrogate(character)
        ):
            return "answer.control_character", {"position": position + 1}
    least, most = _bound(rules.min_length, scope, state), _bound(rules.max_length, scope, state)
    longest = DEFAULT_MAX_LENGTH if most is None else int(most)
    if len(value) > longest:
        return "answer.too_long", {"length": len(value), "limit": longest}
    if least is not None and len(value) < least:
        return "answer.too_short", {"length": len(value), "limit": int(least)}
    if rules.pattern is not None and not re2.search(rules.pattern, value):
        hint = rules.pattern_message
        return "answer.pattern", {
            "hint_zh": hint or f"应符合规则 {rules.pattern}",
            "hint_en": field.properties.get("pattern-en") or hint or f"It must match {rules.pattern}",
        }
    if rules.pattern is None and rules.type == "email" and not re2.search(EMAIL, value):
        return "answer.email", {}
    if rules.pattern is None and rules.type == "phone" and not re2.search(PHONE, value):
        return "answer.phone", {}
    return None


def _surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _judge_datetime(_state: State, field: Field, value: Any, _scope: Scope) -> _Problem | None:
    code = "answer.not_a_time" if field.subtype == "time" else "answer.not_a_date"
    if not isinstance(value, str) or len(value) > 40:
        return code, {}
    try:
        if field.subtype == "date":
            datetime.date.fromisoformat(value if len(value) == 10 else "-")
        elif field.subtype == "time":
            datetime.time.fromisoformat(value if re2.search(TIME, value) else "-")
        else:
            datetime.datetime.fromisoformat(value if re2.search(DATE_TIME, value) else "-")
    except ValueError:
        return code, {}
    return None


def _judge_options(state: State, field: Field, value: Any, scope: Scope) -> _Problem | None:
    allowed = {option.key for option in options_of(field, scope, state.env)}
    chosen = value if isinstance(value, list) and field.type in MANY_TYPES else [value]
    for one in chosen:
        if not isinstance(one, str | Decimal | bool | int):
            return "answer.wrong_shape", {}
        if option_key(one) not in allowed:
            return "answer.not_an_option", {"value": option_key(one)[:60]}
    if field.type in MANY_TYPES and not isinstance(value, list):
        return "answer.wrong_shape", {}
    return None


def _judge_checkbox(_state: State, _field: Field, value: Any, _scope: Scope) -> _Problem | None:
    return None if isinstance(value, bool) else ("answer.wrong_shape", {})


def _judge_files(_state: State, _field: Field, value: Any, _scope: Scope) -> _Problem | None:
    fit = (
        isinstance(value, list)
        and len(value) <= 100
        and all(isinstance(one, str | int | Decimal) for one in value)
    )
    return None if fit else ("answer.wrong_shape", {})


def _judge_anything(_state: State, _field: Field, _value: Any, _scope: Scope) -> _Problem | None:
    return None


_JUDGES = {
    "number": _judge_number,
    "textfield": _judge_text,
    "textarea": _judge_text,
    "datetime": _judge_datetime,
    "checkbox": _judge_checkbox,
    "filepicker": _judge_files,
    **dict.fromkeys(OPTION_TYPES, _judge_options),
}
