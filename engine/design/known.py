"""What is known at an element of a draft, for completing what somebody types: names with their types, people, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from engine import dmn, tables
from engine.bpmn.checks import kind_of, read_files
from engine.bpmn.graph import upstream
from engine.bpmn.known_types import COMPLETION, known_types
from engine.bpmn.model import CallActivity, ProcessModel, UserTask
from engine.bpmn.names import names_given, names_of
from engine.bpmn.values import HOST_FUNCTIONS
from engine.database import Unit
from engine.errors import NotFound
from engine.feel.builtins import BUILTINS
from engine.feel.types import ANY, Type


@dataclass(frozen=True, slots=True)
class Name:
    """A name that an expression may use: its type, the element that gives it (None: the process starts with it), and
    what it is: ``variable``, ``document`` or ``field`` of the element's own form.
    """

    name: str
    type: Type
    source: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that completes: names, functions with their parameters, decisions with what they need and give, forms,
    processes, handlers, the county's roles, its organisations by code, and its posts: for each role where it is held.
    """

    names: Sequence[Name]
    functions: Mapping[str, Sequence[str]]
    decisions: Mapping[str, tuple[Mapping[str, Type], Type]]
    forms: Mapping[str, str]
    processes: Mapping[str, str]
    handlers: Sequence[str]
    roles: Sequence[str]
    organisations: Mapping[str, str]
    posts: Mapping[str, Sequence[str]]
    #: The functions that aren't FEEL's own.
    ours: frozenset[str]


def known(unit: Unit, files: Mapping[str, bytes], main: str, element: str | None, plugins: Any) -> Known:
    """Return what is known at an element of ``files[main]``, or in the whole process without one.

    Raises :class:`NotFound` where there is no such element.
    """
    read = read_files(files, plugins)
    models = {model.id: model for found, _ in read.values() for model in found}
    mine = read.get(main, ((), ()))[0]
    model = next((one for one in mine if element is None or element in one.elements), None)
    if model is None and element is not None:
        raise NotFound("design.no_element", element=element)
    forms = {
        str(content["id"]): (source, content)
        for name, source in files.items()
        if kind_of(name) == "form" and (content := _json(source)) is not None
    }
    decisions = {
        name: parsed
        for parsed in dmn.parse_all(
            {name: source for name, source in files.items() if kind_of(name) == "dmn"}
        ).values()
        if isinstance(parsed, dmn.Model)
        for name in parsed.decisions
    }
    functions = {name: fun for offer in plugins.hook.bihuan_feel_functions() for name, fun in offer.items()}

    def types_of(form_id: str) -> dict[str, Type]:
        return _form_types(plugins, form_id, forms[form_id][0]) if form_id in forms else {}

    def result(name: str) -> Type:
        return dmn.result_type(decisions[name], name) if name in decisions else ANY

    held = _posts(unit)
    names = [] if model is None else list(_names(model, element, models, types_of, result))
    return Known(
        names,
        {
            **{name: fun.parameters for name, fun in BUILTINS.items()},
            **dict.fromkeys(sorted(HOST_FUNCTIONS | functions.keys()), ()),
        },
        {
            name: (dmn.needs(found, name, HOST_FUNCTIONS | functions.keys()), result(name))
            for name, found in decisions.items()
        },
        {id: _title(content) for id, (_, content) in forms.items()},
        {id: found.name or id for id, found in models.items() if found.executable},
        sorted(handler.type for offer in plugins.hook.bihuan_handlers() for handler in offer),
        list(held),
        {
            row.code: row.name
            for row in unit.execute(
                select(tables.organisations.c.code, tables.organisations.c.name).order_by(
                    tables.organisations.c.code
                )
            )
        },
        held,
        frozenset(HOST_FUNCTIONS | functions.keys()),
    )


def _posts(unit: Unit) -> dict[str, list[str]]:
    posts = tables.posts.c
    found: dict[str, list[str]] = {}
    for row in unit.execute(select(posts.role, posts.org).distinct().order_by(posts.role, posts.org)):
        found.setdefault(row.role, []).append(row.org)
    return found


def _names(
    model: ProcessModel,
    element: str | None,
    models: Mapping[str, ProcessModel],
    types_of: Any,
    result: Any,
) -> Iterable[Name]:
    types = known_types(model, types_of, result)
    before = frozenset(model.elements) if element is None else upstream(model, element)
    documents: dict[str, Type] = {}
    for one in model.elements.values():
        if isinstance(one, UserTask) and one.form_id:
            documents.setdefault(one.saved_as, Type("context", members=types_of(one.form_id)))
    seen: set[str] = set()

    def tell(name: str, source: str | None) -> Iterable[Name]:
        name = name.split(".")[0]
        if name not in seen:
            seen.add(name)
            kind = "document" if name in documents else "variable"
            yield Name(name, documents.get(name) or types.get(name, ANY), source, kind)

    yield from (found for name in (*(model.declared or ()), "initiator") for found in tell(name, None))
    for one in model.elements.values():
        if one.id in before or one.id == element:
            given: Iterable[str] = names_of(one, types_of)
            if one.id == element and one.id not in before:
                given = [binding.target for binding in one.inputs]
            for name in given:
                yield from tell(name, one.id)
            if isinstance(one, CallActivity) and one.propagate_child and one.process_id in models:
                for name in sorted(names_given(models[one.process_id], models.values(), types_of)):
                    yield from tell(name, one.id)
    here = None if element is None else model.elements[element]
    if isinstance(here, UserTask):
        own = {**(types_of(here.form_id) if here.form_id else {}), **COMPLETION}
        yield from (Name(name, type_, element, "field") for name, type_ in own.items() if name not in seen)


def _form_types(plugins: Any, form_id: str, source: bytes) -> dict[str, Type]:
    fields = plugins.hook.bihuan_form_fields(form_id=form_id, source=source)
    found: dict[str, Type] = dict.fromkeys((name for offer in fields for name in offer), ANY)
    for offer in plugins.hook.bihuan_form_types(form_id=form_id, source=source):
        found.update(offer)
    return found


def _json(source: bytes) -> dict[str, Any] | None:
    try:
        content = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError):
        return None
    return content if isinstance(content, dict) and "id" in content else None


def _title(form: Mapping[str, Any]) -> str:
    """Return a form's first heading, its id where it has none."""
    for component in form.get("components") or ():
        if isinstance(component, dict) and str(component.get("text", "")).startswith("#"):
            return str(component["text"]).lstrip("# ").splitlines()[0]
    return str(form["id"])
