"""Checks what a form's expressions name: its own fields, what the process gives, and types that can't meet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine import feel
from engine.feel.free_names import uses
from engine.feel.suggest import closest
from engine.feel.types import NUMBER, Type
from engine.plugins import Finding
from forms.expressions import ROW_NAMES, expressions_of
from forms.messages import finding
from forms.model import Field, Form
from forms.types import row_types, types_of

#: Alone a form doesn't know its process: a foreign name is doubted only where it is nearly that of a field.
ALIKE = 0.8


def check_uses(
    form: Form, names: Collection[str] | None, types: Mapping[str, Type], functions: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with the names and types in the form's expressions.

    ``names`` are what the process gives besides the form's own fields (None: not known), ``types`` the types of those
    whose type is known.
    """
    own = types_of(form)
    for component in form.components:
        for one in component.walk():
            seen = {**types, **own, **_row(form, one, own)}
            known = None if names is None else {*names, *seen}
            for expression in expressions_of(one):
                problems = feel.examine(expression, known, functions=functions, types=seen)
                yield from (_finding(one, expression, problem) for problem in problems)
                if names is None:
                    yield from _nearly(one, expression, {*seen, *functions})
            source = one.options.variable
            if known is not None and source and source[0] not in known:
                params: dict[str, Any] = {"name": source[0], "text": ".".join(source), "row": 1, "place": 1}
                yield _named(one, "form.unknown_name", closest(source[0], known), **params)


def _row(form: Form, one: Field, own: Mapping[str, Type]) -> dict[str, Type]:
    """Return what a row's expressions see besides the form's fields."""
    if not one.list:
        return {}
    columns = row_types(form, one.list)
    special = {
        "this": Type("context", members=columns),
        "parent": Type("context", members=own),
        "i": Type("list", NUMBER),
    }
    return {**columns, **special, **{f"_{name}_": special[name] for name in ROW_NAMES}}


def _nearly(one: Field, expression: feel.Expression, known: Collection[str]) -> Iterator[Finding]:
    for use in uses(expression.node):
        if use.name in known or use.in_filter or use.called:
            continue
        meant = closest(use.name, known, ALIKE)
        if meant:
            row, place = feel.position(expression.text, use.start)
            params: dict[str, Any] = {"name": use.name, "text": expression.text, "row": row, "place": place}
            yield _named(one, "form.unknown_name", meant, severity="warning", **params)


def _finding(one: Field, expression: feel.Expression, problem: feel.Problem) -> Finding:
    params: dict[str, Any] = {"text": expression.text, "row": problem.line, "place": problem.column}
    if problem.code in ("feel.unknown_name", "feel.unknown_function", "feel.unknown_member"):
        code = "form.unknown_member" if problem.code.endswith("member") else "form.unknown_name"
        return _named(one, code, problem.params["suggestion"], name=problem.params["name"], **params)
    zh, en = problem.message("zh"), problem.message("en")
    return finding(
        "form.types",
        severity="warning",
        element=one.id,
        component=one.name or one.id,
        reason_zh=zh,
        reason_en=en,
        **params,
    )


def _named(one: Field, code: str, meant: str, *, severity: str = "error", **params: Any) -> Finding:
    """Return the finding of a name; its remedy is the name that was probably meant, if one is like it."""
    shown: dict[str, Any] = {"component": one.name or one.id, "meant_zh": "", "meant_en": "", **params}
    if meant:
        shown |= {"meant_zh": f"是不是想写“{meant}”？", "meant_en": f"Did you mean “{meant}”? "}
    return finding(code, severity=severity, element=one.id, **shown)
