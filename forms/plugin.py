"""What the engine asks of forms: is this file sound, which keys has it, are these answers acceptable?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine import feel
from engine.plugins import AnswersRequest, Finding, hookimpl
from forms.checking import check_state, titles
from forms.evaluation import State, kept, run
from forms.expressions import Scope
from forms.messages import finding
from forms.model import Field, Form, option_key
from forms.paths import MISSING, get, join, put
from forms.reader import FormError, read
from forms.types import types_of
from forms.uses import check_uses

#: Under this name a request's memo has the form as the check evaluated it, for what is filled in afterwards.
_STATE = "forms.state"


@hookimpl
def bihuan_check_form(form_id: str, source: bytes) -> Sequence[Finding]:
    """Read the file; a form whose own id differs from the one that the process names is refused too."""
    try:
        form = read(source)
    except FormError as error:
        return error.findings
    if form.id and form_id and form.id != form_id:
        return (*form.findings, finding("form.other_id", element=form.id, own=form.id, asked=form_id))
    return tuple(form.findings)


@hookimpl
def bihuan_form_fields(form_id: str, source: bytes) -> Sequence[str]:  # noqa: ARG001 (the hook's shape)
    """Return the keys of the form's answers; none for a file that can't be read."""
    try:
        return read(source).keys
    except FormError:
        return ()


@hookimpl
def bihuan_form_types(form_id: str, source: bytes) -> Mapping[str, Any]:  # noqa: ARG001 (the hook's shape)
    """Return the types of the form's answers; none for a file that can't be read."""
    try:
        return types_of(read(source))
    except FormError:
        return {}


@hookimpl
def bihuan_check_form_use(
    form_id: str,  # noqa: ARG001 (the hook's shape)
    source: bytes,
    names: Collection[str] | None,
    types: Mapping[str, Any],
    functions: Collection[str],
) -> Sequence[Finding]:
    """Check the names and types in the form's expressions; nothing for a file that can't be read."""
    try:
        return tuple(check_uses(read(source), names, types, functions))
    except FormError:
        return ()


@hookimpl
def bihuan_form_computed(form_id: str, source: bytes) -> Sequence[str]:  # noqa: ARG001 (the hook's shape)
    """Return the fields whose values nobody types: expressions, and what is read-only or disabled in any case."""
    try:
        form = read(source)
    except FormError:
        return ()
    return tuple(name for name, field in form.fields.items() if field.fixed)


@hookimpl
def bihuan_form_confirmations(form_id: str, source: bytes) -> Mapping[str, Mapping[str, str]]:  # noqa: ARG001 (the hook's shape)
    """Return the check boxes whose property ``in-bulk`` is ``once``; none for a file that can't be read."""
    try:
        form = read(source)
    except FormError:
        return {}
    return {
        name: {"zh": field.title("zh"), "en": field.title("en")}
        for name, field in form.fields.items()
        if field.type == "checkbox" and field.properties.get("in-bulk") == "once"
    }


@hookimpl
def bihuan_check_answers(request: AnswersRequest) -> Sequence[Finding]:
    """Check answers as they are to be saved; a computed value must be the one that the form computes."""
    try:
        form = read(request.form)
    except FormError as error:
        return error.findings
    state = request.memo[_STATE] = _evaluated(form, request)
    return [*check_state(state), *_tampered(form, state, request.answers, state.env)]


@hookimpl
def bihuan_fill_answers(request: AnswersRequest) -> Mapping[str, Any] | None:
    """Return answers as they are kept; a value that only the engine's functions can compute stays as it was given."""
    try:
        form = read(request.form)
    except FormError:
        return None
    checked: State | None = request.memo.pop(_STATE, None)  # it loses its blank rows, so it serves once
    filled = kept(checked or _evaluated(form, request))
    for field in form.fields.values():
        given = get(request.answers, field.path)
        computed = field.expression is not None and not field.list
        if computed and given is not MISSING and get(filled, field.path) is None:
            put(filled, field.path, given)
    return filled


def evaluated(request: AnswersRequest) -> State | None:
    """Return the form of answers that were checked as the check evaluated it; None where it could not be read."""
    state: State | None = request.memo.get(_STATE)
    return state


def _evaluated(form: Form, request: AnswersRequest) -> State:
    env = feel.Environment(now=lambda: request.now, functions=request.functions)
    return run(form, request.answers, request.variables, env)


def _tampered(
    form: Form, state: State, answers: Mapping[str, Any], env: feel.Environment
) -> Sequence[Finding]:
    """Compare the computed values that were given, in lists too, with what they must be.

    Values that follow from the clock or from functions that only the engine has are left alone: they were
    right when they were computed.
    """
    found: list[Finding] = []
    for field in form.fields.values():
        if field.expression is None:
            continue
        for path, given, scope in _given(field, state, answers):
            if given is MISSING or given is None or path in state.hidden:
                continue
            value = _computed(field.expression, scope, env)
            if value is not MISSING and not _same(given, value):
                params = {"value": _shown(given), "computed": _shown(value)}
                named = titles(form, field, path)
                found.append(finding("answer.computed_differs", field=path, titles=named, **params))
    return found


def _given(field: Field, state: State, answers: Mapping[str, Any]) -> Iterator[tuple[str, Any, Scope]]:
    """Yield path, given value and scope of a computed field, once for each row that counts."""
    if not field.list:
        yield field.name, get(answers, field.path), state.scope
        return
    rows = get(answers, state.form.fields[field.list].path)
    scopes = state.row_scopes[field.list]
    given = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list | tuple) else []
    for index, (row, scope) in enumerate(zip(given, scopes, strict=False)):
        if join(field.list, index) not in state.blank:
            yield join(field.list, index, *field.path), get(row, field.path), scope


def _computed(expression: feel.Expression, scope: Scope, env: feel.Environment) -> Any:
    """Return what an expression gives now; ``MISSING`` where that follows from the clock or can't be told here."""
    asked: list[bool] = []
    watched = feel.Environment(now=lambda: _note(asked, env), zone=env.zone, functions=env.functions)
    try:
        value = feel.to_python(expression.evaluate(scope, watched, strict=True))
    except feel.FeelError:
        return MISSING
    return MISSING if asked else value


def _note(seen: list[bool], env: feel.Environment) -> Any:
    seen.append(True)
    return env.now() if env.now is not None else None


def _same(given: Any, value: Any) -> bool:
    numbers = (Decimal, int, float)
    if isinstance(given, numbers) and isinstance(value, numbers) and not isinstance(given, bool):
        return Decimal(str(given)) == Decimal(str(value))
    if isinstance(given, list | tuple) and isinstance(value, list | tuple):
        return len(given) == len(value) and all(map(_same, given, value))
    return bool(given == value)


def _shown(value: Any) -> str:
    return option_key(value)[:60]
