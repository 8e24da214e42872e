"""What the engine asks of forms: is this file sound, which keys has it, are these answers acceptable?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine import feel
from engine.plugins import AnswersRequest, Finding, hookimpl
from forms.checking import check_state, titles
from forms.evaluation import State, run
from forms.messages import finding
from forms.model import Form, option_key
from forms.paths import MISSING, get
from forms.reader import FormError, read


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
def bihuan_form_computed(form_id: str, source: bytes) -> Sequence[str]:  # noqa: ARG001 (the hook's shape)
    """Return the fields whose values nobody types: expressions, and what is read-only or disabled in any case."""
    try:
        form = read(source)
    except FormError:
        return ()
    return tuple(
        name
        for name, field in form.fields.items()
        if field.expression is not None or field.readonly.literal is True or field.disabled.literal is True
    )


@hookimpl
def bihuan_check_answers(request: AnswersRequest) -> Sequence[Finding]:
    """Check answers as they are to be saved; a computed value must be the one that the form computes."""
    try:
        form = read(request.form)
    except FormError as error:
        return error.findings
    env = feel.Environment(now=lambda: request.now)
    state = run(form, request.answers, request.variables, env)
    return [*check_state(state), *_tampered(form, state, request.answers, env)]


def _tampered(
    form: Form, state: State, answers: Mapping[str, Any], env: feel.Environment
) -> Sequence[Finding]:
    """Compare the computed values given at the top level with what they must be.

    Values that follow from the clock or from functions that only the engine has are left alone: they were
    right when they were computed.
    """
    found: list[Finding] = []
    for name, field in form.fields.items():
        if field.expression is None or field.list or name in state.hidden:
            continue
        given = get(answers, field.path)
        if given is MISSING or given is None:
            continue
        asked: list[bool] = []
        watched = feel.Environment(now=lambda seen=asked: _note(seen, env), zone=env.zone)  # type: ignore[misc]
        try:
            value = feel.to_python(field.expression.evaluate(state.scope, watched, strict=True))
        except feel.FeelError:
            continue
        if not asked and not _same(given, value):
            params = {"value": _shown(given), "computed": _shown(value)}
            named = titles(form, field, name)
            found.append(finding("answer.computed_differs", field=name, titles=named, **params))
    return found


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
