"""What a form's expressions name, checked against its fields and its process."""

from __future__ import annotations

from typing import Any

import pytest

from engine.feel.types import BOOLEAN, NUMBER, STRING, Type
from engine.plugins import load_plugins
from forms import plugin
from forms.reader import read
from forms.types import types_of
from tests.forms.conftest import source_of

ROWS = {
    "type": "dynamiclist",
    "path": "items",
    "components": [
        {"id": "w", "type": "number", "key": "weight"},
        {"id": "s", "type": "expression", "key": "share", "expression": "=weight / total"},
    ],
}
FIELDS: tuple[dict[str, Any], ...] = (
    {"type": "number", "key": "total"},
    {"type": "number", "key": "exact", "serializeToString": True},
    {"type": "textfield", "key": "person.name"},
    {"type": "datetime", "key": "day"},
    {"type": "checkbox", "key": "done"},
    {"type": "select", "key": "kind", "values": [{"value": "a", "label": "A"}]},
    {"type": "checklist", "key": "kinds", "values": [{"value": "a", "label": "A"}]},
    {"type": "select", "key": "later", "valuesKey": "choices"},
    ROWS,
)


def found(expression: str, names: Any = (), types: Any = None, row: bool = False) -> list[tuple[str, str]]:
    """Return severity and code of what is found in a computed field's expression."""
    field = {"id": "x", "type": "expression", "key": "x", "expression": expression}
    parts = [part for part in FIELDS if part.get("key") != "later"]
    if row:
        parts[-1] = {**ROWS, "components": [*ROWS["components"], field]}  # type: ignore[misc]
    else:
        parts.append(field)
    manager = load_plugins(plugin, entry_points=False)
    offers = manager.hook.bihuan_check_form_use(
        form_id="test", source=source_of(*parts), names=names, types=types or {}, functions=["role"]
    )
    return [(one.severity, one.code) for offer in offers for one in offer]


def test_the_types_of_answers() -> None:
    row = Type("context", members={"weight": NUMBER, "share": Type("Any"), "_row": STRING})
    assert types_of(read(source_of(*FIELDS))) == {
        "total": NUMBER,
        "exact": STRING,
        "person": Type("context", members={"name": STRING}),
        "day": STRING,
        "done": BOOLEAN,
        "kind": STRING,
        "kinds": Type("list", STRING),
        "later": Type("Any"),
        "items": Type("list", row),
    }


@pytest.mark.parametrize(
    "expression",
    [
        "=total + sum(items.weight)",
        "=items[weight > total].share",
        "=if done then kind else person.name",
        '=role("clerk", "U1")',
        "=date(day).year",
    ],
)
def test_its_own_fields_are_known(expression: str) -> None:
    assert found(expression) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("=totl + 1", "form.unknown_name"),
        ("=person.nmae", "form.unknown_member"),
        ("=items.wieght", "form.unknown_member"),
        ("=limit", "form.unknown_name"),
        ("=rol(1)", "form.unknown_name"),
    ],
)
def test_a_foreign_name_is_an_error(expression: str, code: str) -> None:
    assert found(expression) == [("error", code)]


def test_names_and_types_of_the_process_are_used() -> None:
    assert found("=limit + 1", ["limit"]) == []
    assert found("=limit + 1", ["limit"], {"limit": STRING}) == [("warning", "form.types")]


def test_alone_a_form_doubts_only_what_is_nearly_one_of_its_fields() -> None:
    assert found("=totals + 1", None) == [("warning", "form.unknown_name")]
    assert found("=limit + 1", None) == []
    assert found("=total + kind", None) == [("warning", "form.types")]


@pytest.mark.parametrize("expression", ["=weight", "=this.weight", "=parent.total", "=i[1]", "=_this_.share"])
def test_a_row_sees_its_fields_and_what_is_around_it(expression: str) -> None:
    assert found(expression, row=True) == []


def test_a_row_does_not_see_what_it_has_not() -> None:
    assert found("=this.wieght", row=True) == [("error", "form.unknown_member")]


def test_the_variable_of_a_selects_choices_must_be_given() -> None:
    manager = load_plugins(plugin, entry_points=False)
    for names, count in (([], 1), (["choices"], 0), (None, 0)):
        (offer,) = manager.hook.bihuan_check_form_use(
            form_id="test", source=source_of(*FIELDS), names=names, types={}, functions=()
        )
        assert len(offer) == count


def test_a_form_that_can_not_be_read_has_no_types() -> None:
    manager = load_plugins(plugin, entry_points=False)
    assert manager.hook.bihuan_form_types(form_id="x", source=b"{") == [{}]
    arguments = {"form_id": "x", "source": b"{", "names": (), "types": {}, "functions": ()}
    assert manager.hook.bihuan_check_form_use(**arguments) == [()]
