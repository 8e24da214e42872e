"""Evaluates a form for its answers: defaults, computed values, what is hidden and what is locked."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine import feel
from forms.expressions import Scope, evaluate, holds, is_true, row_scope, value_of
from forms.model import MANY_TYPES, ROW_ID, Field, Form
from forms.numbers import NumberProblem, checked, parse_number
from forms.paths import MISSING, get, join, put

#: Rows beyond this number are not looked at; the check complains long before.
HARD_MAX_ROWS = 5_000
#: A row: what was given, what is shown, what expressions see, and what they see of the rest.
_Row = tuple[Mapping[str, Any], dict[str, Any], dict[str, Any], Scope]
_ROW_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass
class State:
    """One evaluation of a form.

    ``shown`` holds the values of all fields, the hidden ones included; ``values`` only those that count.
    ``hidden`` and ``locked`` (read-only or disabled) are sets of full paths; ``blank`` the paths of rows in
    which nothing was filled in.
    """

    form: Form
    env: feel.Environment
    scope: Scope
    shown: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    blank: set[str] = field(default_factory=set)
    row_scopes: dict[str, list[Scope]] = field(default_factory=dict)

    def scope_of(self, component: Field, index: int | None = None) -> Scope:
        """Return what the expressions of a component see, in the row ``index`` (from 0) of its list."""
        scopes = self.row_scopes.get(component.list, ())
        return scopes[index] if index is not None and index < len(scopes) else self.scope

    def rows(self, name: str) -> Sequence[dict[str, Any]]:
        """Return all rows of the list ``name``, hidden or not."""
        rows = get(self.shown, self.form.fields[name].path)
        return rows if isinstance(rows, list) else ()

    def instances(self, component: Field) -> Iterator[tuple[str, Any, Scope]]:
        """Yield path, value (``MISSING`` when hidden) and scope of a field, once for each row."""
        if not component.list:
            yield component.name, get(self.values, component.path), self.scope
            return
        owner = self.form.fields[component.list]
        rows = get(self.values, owner.path)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            path = join(owner.name, index, *component.path)
            yield path, get(row, component.path), self.row_scopes[owner.name][index]


def run(
    form: Form,
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    env: feel.Environment,
    *,
    saved: bool = False,
) -> State:
    """Evaluate the form in the order of its fields; never raises for answers, whatever they hold.

    Answers that were ``saved`` are what they are: nothing that they hold is computed or taken from elsewhere anew.
    """
    clean: dict[str, Any] = {}
    state = State(form, env, Scope(clean, variables))
    work = _Run(state, answers, variables, clean, saved)
    for name in form.order:
        one = form.fields[name]
        if one.type == "dynamiclist":
            work.list(one)
        elif one.list:
            work.column(one)
        else:
            work.field(one)
    return state


class _Run:
    def __init__(
        self,
        state: State,
        answers: Mapping[str, Any],
        variables: Mapping[str, Any],
        clean: dict[str, Any],
        saved: bool,
    ) -> None:
        self.saved = saved
        self.state = state
        self.answers = answers
        self.variables = variables
        self.clean = clean
        self.given: dict[str, list[Mapping[str, Any]]] = {}
        self.clean_rows: dict[str, list[dict[str, Any]]] = {}

    def field(self, one: Field) -> None:
        state = self.state
        value = self._value(one, get(self.answers, one.path), state.scope, get(self.variables, one.path))
        put(state.shown, one.path, value)
        if self._settle(one, one.name, state.scope):
            put(state.values, one.path, value)
            put(self.clean, one.path, clean_value(one, value))
        else:
            put(self.clean, one.path, None)

    def list(self, one: Field) -> None:
        state = self.state
        raw = get(self.answers, one.path)
        if not isinstance(raw, list | tuple):
            raw = get(self.variables, one.path) if raw is MISSING else raw
        if isinstance(raw, list | tuple):
            given = [row for row in raw[:HARD_MAX_ROWS] if isinstance(row, Mapping)]
        elif raw is MISSING:
            given = [{} for _ in range(one.repetitions)]
        else:
            given = []
        self.given[one.name] = given
        shown: list[dict[str, Any]] = [{ROW_ID: row_id} for row_id in row_ids(given)]
        values: list[dict[str, Any]] = [dict(row) for row in shown]
        clean: list[dict[str, Any]] = [{} for _ in shown]
        self.clean_rows[one.name] = clean
        columns = [column for column in state.form.columns(one.name) if column.expression is None]
        for index, row in enumerate(given):
            scope = row_scope(dict(row), index, self.clean, state.scope)
            if all(self._untouched(column, get(row, column.path), scope) for column in columns):
                state.blank.add(join(one.name, index))
        put(state.shown, one.path, shown)
        if self._settle(one, one.name, state.scope):
            put(state.values, one.path, values)
            # Expressions don't see rows in which nothing was filled in: they aren't kept, and would make
            # sums null.
            counted = [row for index, row in enumerate(clean) if join(one.name, index) not in state.blank]
            put(self.clean, one.path, counted)
        else:
            put(self.clean, one.path, None)
        state.row_scopes[one.name] = [
            row_scope(row, index, self.clean, state.scope) for index, row in enumerate(clean)
        ]

    def column(self, one: Field) -> None:
        state = self.state
        owner = state.form.fields[one.list]
        values = get(state.values, owner.path)
        ruled = bool(one.hides) or any(
            rule.literal or rule.expression for rule in (one.readonly, one.disabled)
        )
        rows = zip(
            self.given[owner.name],
            state.rows(owner.name),
            self.clean_rows[owner.name],
            state.row_scopes[owner.name],
            strict=True,
        )
        if len(one.path) == 1 and not ruled:
            self._plain_column(one, rows, values)
            return
        for index, (given, shown, clean, scope) in enumerate(rows):
            value = self._value(one, get(given, one.path), scope, MISSING)
            put(shown, one.path, value)
            if not ruled or self._settle(one, join(owner.name, index, *one.path), scope):
                put(clean, one.path, clean_value(one, value))
                if values is not MISSING:
                    put(values[index], one.path, value)
            else:
                put(clean, one.path, None)

    def _plain_column(self, one: Field, rows: Iterable[_Row], values: Any) -> None:
        """Do the same for the many columns that stand in the row itself and that nothing hides nor locks."""
        (key,) = one.path
        as_typed = one.type != "number" and not one.fixed
        for index, (given, shown, clean, scope) in enumerate(rows):
            raw = given.get(key, MISSING)
            if as_typed and type(raw) is str and raw:  # a text is what it is, but where a number is due
                shown[key] = clean[key] = value = raw
            else:
                shown[key] = value = self._value(one, raw, scope, MISSING)
                clean[key] = clean_value(one, value)
            if values is not MISSING:
                values[index][key] = value

    def _settle(self, one: Field, path: str, scope: Scope) -> bool:
        """Note whether the field is hidden or locked; return whether it counts."""
        state = self.state
        for rule in (one.readonly, one.disabled):
            if (rule.literal or rule.expression) and holds(rule, scope, state.env):
                state.locked.add(path)
        for hide in one.hides:
            if is_true(hide, scope, state.env):
                state.hidden.add(path)
                return False
        return True

    def _value(self, one: Field, given: Any, scope: Scope, variable: Any) -> Any:
        """Return a field's value: computed, forced, given, or to begin with."""
        env = self.state.env
        if self.saved and given is not MISSING:
            return normal(one, given)
        if one.expression is not None:
            return evaluate(one.expression, scope, env)
        if one.fixed:
            if one.default.expression is not None:
                return normal(one, evaluate(one.default.expression, scope, env))
            if variable is not MISSING:
                return normal(one, variable)
        derived = one.default.expression is not None and one.type in {"select", "radio"}
        if given is not MISSING and not (derived and given in (None, "")):
            return normal(one, given)
        if variable is not MISSING:
            return normal(one, variable)
        return normal(one, value_of(one.default, scope, env) if one.default.given else empty(one))

    def _untouched(self, one: Field, value: Any, scope: Scope) -> bool:
        if isinstance(value, Decimal) and value.is_snan():
            return False
        if value in (None, "", False) or value == [] or value is MISSING:
            return True
        if one.type == "checkbox" or not one.default.given:
            return False
        return bool(value == normal(one, value_of(one.default, scope, self.state.env)))


def row_ids(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return an id for each row: its own if it is fit and no other's, else the lowest free ``r<number>``."""
    taken: set[str] = set()
    ids: list[str | None] = []
    for row in rows:
        own = row.get(ROW_ID)
        fit = isinstance(own, str) and _ROW_ID.fullmatch(own) is not None and own not in taken
        ids.append(own if fit else None)
        if fit:
            taken.add(str(own))
    number = 0
    result: list[str] = []
    for one in ids:
        if one is None:
            number += 1
            while f"r{number}" in taken:
                number += 1
            one = f"r{number}"
        result.append(one)
    return result


def empty(one: Field) -> Any:
    """Return what a field holds before anybody filled it in, as form-js has it."""
    if one.type in MANY_TYPES or one.type == "filepicker":
        return []
    return {"textfield": "", "textarea": "", "checkbox": False}.get(one.type)


def normal(one: Field, value: Any) -> Any:
    """Return a value in the type that the field keeps, or unchanged when it can't be (the check says why)."""
    if one.type == "number":
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = Decimal(str(value))
        if isinstance(value, Decimal):
            try:
                value = checked(value)
            except NumberProblem:
                return str(value)
            return format(value, "f") if one.serialize_to_string else value
        return value
    if one.type in MANY_TYPES or one.type == "filepicker":
        return list(value) if isinstance(value, list | tuple) else [] if value is None else value
    if one.type in {"textfield", "textarea"}:
        if value is None:
            return ""
        return (
            str(value) if isinstance(value, Decimal | int | float) and not isinstance(value, bool) else value
        )
    if one.type == "datetime" and isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value


def clean_value(one: Field, value: Any) -> Any:
    """Return the value as expressions see it: what isn't a number where one is due is null."""
    if one.type == "number" and not one.serialize_to_string:
        if isinstance(value, str):
            try:
                return parse_number(value)
            except NumberProblem:
                return None
        return value if isinstance(value, Decimal) else None
    return value


def compute(
    form: Form, answers: Mapping[str, Any], variables: Mapping[str, Any], env: feel.Environment
) -> dict[str, Any]:
    """Return the answers as kept: with defaults and computed values, no hidden fields or blank rows."""
    return kept(run(form, answers, variables, env))


def kept(state: State) -> dict[str, Any]:
    """Return answers that were evaluated as :func:`compute` does; the state has no blank rows any more."""
    for name, one in state.form.fields.items():
        rows = get(state.values, one.path) if one.type == "dynamiclist" else MISSING
        if isinstance(rows, list):
            put(
                state.values,
                one.path,
                [row for index, row in enumerate(rows) if join(name, index) not in state.blank],
            )
    return state.values
