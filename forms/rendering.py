"""Draws a form: the whole of it, or only the fragments that follow from a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from engine import feel
from forms.boxes import Box, Boxes, Place
from forms.checking import check_state
from forms.decoding import Posted, decode
from forms.evaluation import run
from forms.graph import SUM
from forms.model import ROW_ID, Field, Form, pattern_of
from forms.paths import join
from forms.rows import Table
from forms.viewing import FormView, view
from forms.words import word

_LANGUAGES = ("zh", "en")
_MAX_CHANGED = 200


def loader() -> BaseLoader:
    """Return the loader of this room's templates (``forms/…``), for a Jinja environment of one's own."""
    return PackageLoader("forms")


def render(form_view: FormView, language: str = "zh") -> Markup:
    """Return the form as HTML, without the ``<form>`` element around it.

    The page needs the script's ``initForms`` and the style sheet of the form widgets; there are no inline scripts or
    styles. What the inputs post is what :func:`forms.decode` reads.
    """
    drawing = _Drawing(form_view, language)
    html = _template(language, "form.html").render(
        view=form_view,
        rows=drawing.boxes.rows(form_view.form.components),
        problems=drawing.boxes.summary(("error",)),
        hints=drawing.boxes.summary(("warning", "info")),
        grid_of=drawing.grid,
    )
    return Markup(html)


def affected(form: Form, changed: str) -> tuple[str, ...]:
    """Return the names of the fragments that follow from a change of the field at the path ``changed``.

    A column's name stands for its cells in all rows, a path with a row number for one cell.
    """
    name = pattern_of(changed)
    if name not in form.fields:
        return ()
    field = form.fields[name]
    index = changed[len(field.list) + 1 :].split(".")[0] if field.list else ""
    names = []
    for target, same_row in sorted(form.dependents.get(name, ())):
        inner = form.fields.get(target)
        if same_row and inner is not None and index.isdigit() and inner.list == field.list:
            names.append(join(field.list, index, *inner.path))
        else:
            names.append(target)
    return tuple(names)


def render_fragments(form_view: FormView, names: Iterable[str], language: str = "zh") -> Markup:
    """Return the named fragments, each in ``<template data-swap="id">``; the page's script puts them in their place.

    A name is a field (``total``), a cell (``indicators.3.unit``), a whole column (``indicators.unit``), a column's sum
    (``sum:indicators.unit``) or a component without answer (``#id``). Of groups and lists it is only
    told whether they are hidden (``data-mode="hidden"``), because what is in them may be in use.
    """
    return _Drawing(form_view, language).fragments(names)


def refresh(
    form: Form,
    posted: Posted,
    variables: Mapping[str, Any],
    env: feel.Environment,
    *,
    base: Mapping[str, Any] | None = None,
    language: str = "zh",
    **options: Any,
) -> Markup:
    """Return what follows from a change in the page, as :func:`render_fragments` gives it.

    ``posted`` is the whole form as it stands in the page, with the paths of the changed fields under ``_changed`` and
    of those to be checked again (because they were shown as wrong) under ``_recheck``. ``base`` are the answers that
    the page was drawn from, and ``options`` what :func:`forms.view` took then.
    """
    changed = posted.getlist("_changed")[:_MAX_CHANGED]
    rechecked = posted.getlist("_recheck")[:_MAX_CHANGED]
    answers = decode(form, posted, base)
    findings = check_state(run(form, answers, variables, env)) if rechecked else []
    shown = [one for one in findings if one.field in rechecked]
    drawing = _Drawing(view(form, answers, variables, env, findings=shown, **options), language)
    names = [name for path in changed for name in affected(form, path)]
    return drawing.fragments(names) + Markup("").join(drawing.messages(path) for path in rechecked)


class _Drawing:
    """One view in one language, and the tables that were begun."""

    def __init__(self, form_view: FormView, language: str) -> None:
        self.view = form_view
        self.language = language if language in _LANGUAGES else "zh"
        self.boxes = Boxes(form_view, self.language)
        self.macros = _macros(self.language)
        self._grids: dict[str, Table] = {}

    def grid(self, box: Box) -> Table:
        """Return the table of a list's box."""
        return self.table(box.spec)

    def table(self, spec: Field) -> Table:
        """Return the table of a list."""
        if spec.name not in self._grids:
            notes_html = partial(self._notes_html)
            self._grids[spec.name] = Table(self.boxes, spec, notes_html)
        return self._grids[spec.name]

    def _notes_html(self, notes: Any, pins: Any, new_pins: Any) -> str:
        return str(self.macros.row_notes(notes, pins, new_pins, self.view))

    def fragments(self, names: Iterable[str]) -> Markup:
        """Return templates for the names; a name that the form doesn't have is left out."""
        return Markup("").join(self._fragment(name) for name in dict.fromkeys(names))

    def messages(self, path: str) -> Markup:
        """Return the findings at a path, drawn where they stand."""
        field = self.view.form.fields.get(pattern_of(path))
        if field is None:
            return Markup()
        where = self.boxes.id_at(path)
        if field.list and (spec := self.view.form.fields[field.list]).is_table:
            index = int(path[len(field.list) + 1 :].split(".")[0])
            table = self.table(spec)
            if index >= len(table.rows):
                return Markup()
            row = table.rows[index][ROW_ID]
            bad = "true" if self.boxes.notes(path) else ""
            mark = Markup('<i data-invalid="{}"></i>').format(bad)
            return self._swap(where, mark, "invalid") + self._swap(
                f"{table.id}.{row}.n", table.note(index), "row"
            )
        notes = self.boxes.notes(path)
        mark = Markup('<i data-invalid="{}"></i>').format("true" if notes else "")
        return self._swap(where, mark, "invalid") + self._swap(
            f"{where}.m",
            Markup('<div class="f-msgs" id="{}.m">{}</div>').format(where, self.macros.notes(notes)),
        )

    def _fragment(self, name: str) -> Markup:
        form = self.view.form
        if name.startswith(SUM):
            field = form.fields[name.removeprefix(SUM)]
            table = self.table(form.fields[field.list])
            return Markup("").join(
                self._swap(f"{self.boxes.id_of(field)}.s", table.sum_cell(column))
                for column in table.columns
                if column.spec is field
            )
        if name.startswith("#"):
            return self._component(name[1:])
        field_name = pattern_of(name)
        found = form.fields.get(field_name)
        if found is None:
            return Markup()
        if not found.list:
            return self._component(found.id)
        return self._in_rows(found, name)

    def _component(self, identity: str) -> Markup:
        for component in (one for top in self.view.form.components for one in top.walk()):
            if component.id == identity:
                if component.type == "expression" and not component.label:
                    return Markup()
                box = self.boxes.box(component, Place())
                if component.type in {"group", "dynamiclist"}:
                    empty = Markup("<div{}></div>").format(Markup(" hidden") if box.hidden else "")
                    return self._swap(box.id, empty, "hidden")
                return self._swap(box.id, self.macros.box_of(box, self.view))
        return Markup()

    def _in_rows(self, field: Field, name: str) -> Markup:
        """Draw a field of a list's rows: one cell when the name has a row number, else all of them."""
        owner = self.view.form.fields[field.list]
        number = name[len(field.list) + 1 :].split(".")[0]
        count = len(self.view.state.rows(owner.name))
        one_row = number.isdigit() and name != field.name
        indexes = [int(number)] if one_row else list(range(count))
        indexes = [index for index in indexes if index < count]
        if not owner.is_table:
            return Markup("").join(self._in_item(owner, field, index) for index in indexes)
        table = self.table(owner)
        column = next((one for one in table.columns if one.spec is field), None)
        if column is None:
            return Markup()
        parts = [
            self._swap(self.boxes.id_of(field, table.rows[index][ROW_ID]), table.cell(column, index))
            for index in indexes
        ]
        if one_row and not field.hides:
            return Markup("").join(parts)
        if one_row:  # the last cell that was shown, or the first that is, hides or shows the whole column
            shell = Markup("<i hidden></i>") if field.name in table.hidden else Markup("<i></i>")
            others = (row[ROW_ID] for index, row in enumerate(table.rows) if index not in indexes)
            parts.extend(self._swap(self.boxes.id_of(field, row), shell, "hidden") for row in others)
        parts.append(self._swap(self.boxes.id_of(field), table.head(column)))
        parts.append(self._swap(f"{self.boxes.id_of(field)}.s", table.sum_cell(column)))
        return Markup("").join(parts)

    def _in_item(self, owner: Field, field: Field, index: int) -> Markup:
        state = self.view.state
        values = state.rows(owner.name)[index]
        place = Place(owner.name, str(index), values[ROW_ID], values, state.row_scopes[owner.name][index])
        box = self.boxes.box(field, place)
        return self._swap(box.id, self.macros.box_of(box, self.view))

    def _swap(self, identity: str, html: Any, mode: str = "") -> Markup:
        attribute = f' data-mode="{mode}"' if mode else ""
        return Markup(f'<template data-swap="{escape(identity)}"{attribute}>{html}</template>')


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=loader(), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.globals["w"] = lambda key, **params: word(key, language, **params)
    environment.globals["language"] = language
    environment.filters["size"] = file_size
    return environment


@lru_cache(maxsize=8)
def _template(language: str, name: str) -> Template:
    return _environment(language if language in _LANGUAGES else "zh").get_template(f"forms/{name}")


@cache
def _macros(language: str) -> Any:
    return _template(language, "macros.html").module


def file_size(size: int) -> str:
    """Return a file's size in the unit that suits it."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"
