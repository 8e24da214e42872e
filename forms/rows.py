"""Draws a table of answers: plain string building, because a table of 130 rows has two thousand cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from markupsafe import Markup

from forms import numbers
from forms.boxes import Boxes, Note
from forms.display import as_text, in_input
from forms.evaluation import clean_value, empty, normal
from forms.expressions import Scope, evaluate, is_true, value_of
from forms.model import MANY_TYPES, OPTION_TYPES, ROW_ID, Field, Option, option_key
from forms.paths import MISSING, get, join, put
from forms.pins import PinView, place_of
from forms.words import word

_BLANK_ROW = "__row__"
_BLANK_INDEX = "__index__"


class _Column:
    """A column of a table: what is the same in all of its cells is worked out once."""

    def __init__(self, spec: Field, boxes: Boxes) -> None:
        view = boxes.view
        self.spec = spec
        self.key = ".".join(spec.path)
        #: Whether it stands in the row itself, and takes input as far as no rule of its own locks it.
        self.flat = len(spec.path) == 1
        self.typed = spec.expression is None and not view.readonly and spec.list not in view.state.locked
        self.is_text = spec.type in {"textfield", "textarea"}
        self.label = boxes.text(spec.label, view.state.scope) or spec.title()
        self.hint = boxes.text(spec.description, view.state.scope)
        self.numeric = spec.type == "number" or bool(spec.money) or spec.properties.get("align") == "right"
        self.more = spec.flag("detail")
        self.refresh = " data-refresh" if view.form.dependents.get(spec.name) else ""
        self.options = boxes.options(spec, view.state.scope)
        self.sum = spec.flag("sum")
        label = escape(self.label)
        longest = spec.validation.longest
        length = f' maxlength="{longest * 2}" data-max="{longest}"'
        kind = {"date": "date", "time": "time", "datetime": "datetime-local"}[spec.subtype]
        self.attributes = {
            "number": f' inputmode="decimal" autocomplete="off" aria-label="{label}"',
            "datetime": f' type="{kind}" aria-label="{label}"',
        }.get(spec.type, f' autocomplete="off" aria-label="{label}"{length}')
        if spec.validation.required and not view.readonly:
            self.attributes += ' aria-required="true"'
        self.attributes += self.refresh + (" data-money" if spec.money and spec.type == "number" else "")
        classes = ["num"] if self.numeric else []
        self.classes = " ".join([*classes, "more"] if self.more else classes)
        self._selects: dict[str, str] = {}

    def select(self, options: Sequence[Option], chosen: str, language: str) -> str:
        """Return the ``<option>`` elements with one chosen; cached when the options are the file's own."""
        cached = self._selects.get(chosen) if options is self.options else None
        if cached is None:
            known = any(option.key == chosen for option in options)
            parts = ['<option value=""></option>']
            if chosen and not known:
                parts.append(f'<option value="{escape(chosen)}" selected>{escape(chosen)}</option>')
            for option in options:
                mark = " selected" if option.key == chosen else ""
                parts.append(
                    f'<option value="{escape(option.key)}"{mark}>{escape(option.text(language))}</option>'
                )
            cached = "".join(parts)
            if options is self.options:
                self._selects[chosen] = cached
        return cached


class Table:
    """One list drawn as a table; made for one view in one language."""

    def __init__(self, boxes: Boxes, spec: Field, notes_html: Any) -> None:
        self.boxes = boxes
        self.view = boxes.view
        self.language = boxes.language
        self.spec = spec
        self.notes_html = notes_html
        self.locked = spec.name in self.view.state.locked
        self.can_edit_rows = self.view.may_edit_rows(spec.name) and not self.locked
        self.id = boxes.id_of(spec)
        self.columns = [
            _Column(one, boxes)
            for one in spec.children
            if one.name and not (one.type == "expression" and not one.label)
        ]
        self.rows = self.view.state.rows(spec.name)
        self.scopes = self.view.state.row_scopes[spec.name]
        blank = self.view.state.blank if self.view.readonly else frozenset()
        self.drawn = [index for index in range(len(self.rows)) if join(spec.name, index) not in blank]
        self.hidden = {column.spec.name for column in self.columns if self._column_hidden(column.spec)}
        self.compares = self.view.previous is not None and bool(self.view.rows_before(spec.name))
        self.has_more = sum(column.more for column in self.columns)
        self.acts = self.can_edit_rows or bool(self.view.pinning)
        #: Whether everything takes input that no rule locks.
        self.free = not self.view.readonly and self.view.editable is None

    def html(self) -> Markup:
        """Return the whole ``<table>``."""
        out = [f'<table class="f-grid" id="{self.id}.t">', "<thead>", self._head(), "</thead>"]
        out.extend(self.body(index) for index in self.drawn)
        out.extend(self._removed(row) for row in self.view.removed_rows(self.spec.name))
        if any(column.sum for column in self.columns):
            out.append(self._foot())
        out.append("</table>")
        return Markup("".join(out))

    def template(self) -> Markup:
        """Return the row that the page copies for a new one."""
        return Markup(self._body(None, self._blank(), self.view.state.scope))

    def config(self) -> str:
        """Return what the page's script must know of the columns, as JSON."""
        columns = []
        for column in self.columns:
            spec, properties = column.spec, column.spec.properties
            columns.append(
                {
                    "key": column.key,
                    "label": column.label,
                    "type": spec.type,
                    "paste": properties.get("paste", ""),
                    "fill": spec.flag("fill-down"),
                    "money": spec.money or "",
                    "headers": [one for one in properties.get("headers", "").split("|") if one],
                    "options": [
                        [option.key, option.text(self.language), option.label, *option.aliases]
                        for option in column.options
                    ],
                }
            )
        settings = {"columns": columns, "max": self.spec.max_rows, "list": self.spec.name}
        return json.dumps(settings, ensure_ascii=False, separators=(",", ":"))

    # parts that are also swapped one by one

    def head(self, column: _Column) -> str:
        """Return a column's header cell."""
        spec = column.spec
        width = spec.properties.get("width", "")
        wide = f' width="{width}"' if width.isdigit() and len(width) < 5 else ""
        star = '<span class="f-req" aria-hidden="true">*</span>' if self._required(spec) else ""
        hint = f"<small>{escape(column.hint)}</small>" if column.hint else ""
        return (
            f'<th id="{self.boxes.id_of(spec)}" scope="col" class="{column.classes}"{wide}{self._off(spec)}>'
            f"{star}{escape(column.label)}{hint}</th>"
        )

    def sum_cell(self, column: _Column) -> str:
        """Return a column's cell in the last row: the sum of what can be added, or nothing."""
        spec = column.spec
        text = ""
        if column.sum:
            values = [clean_value(spec, get(row, spec.path)) for row in self.rows]
            total = sum((value for value in values if isinstance(value, Decimal)), Decimal(0))
            text = numbers.money(total) if spec.money else numbers.grouped(total)
        return f'<td id="{self.boxes.id_of(spec)}.s" class="{column.classes}"{self._off(spec)}>{text}</td>'

    def cell(self, column: _Column, index: int) -> str:
        """Return the cell of a column in the row ``index``."""
        return self._cell(column, index, self.rows[index], self.scopes[index])

    def note(self, index: int) -> str:
        """Return the row that carries the findings and opinions of the row ``index``, hidden when there are none."""
        row = self.rows[index]
        html = self._note(index, row[ROW_ID])
        return html or f'<tr class="f-note" id="{self.id}.{row[ROW_ID]}.n" hidden></tr>'

    def body(self, index: int) -> str:
        """Return the row ``index`` with what belongs to it."""
        return self._body(index, self.rows[index], self.scopes[index])

    # inside

    def _column_hidden(self, spec: Field) -> bool:
        """Whether a column is hidden in every row, and would be in a new one."""
        if not spec.hides:
            return False
        state = self.view.state
        if not any(is_true(hide, state.scope, state.env) for hide in spec.hides):
            blank = Scope({}, {"this": {}, "parent": state.scope, "i": [1]}, state.scope)
            if not any(is_true(hide, blank, state.env) for hide in spec.hides):
                return False
        paths = (join(self.spec.name, index, *spec.path) for index in range(len(self.rows)))
        return all(path in state.hidden for path in paths)

    def _off(self, spec: Field) -> str:
        return " hidden" if spec.name in self.hidden else ""

    def _required(self, spec: Field) -> bool:
        return spec.validation.required and not self.view.readonly and self.view.editable is None

    def _head(self) -> str:
        number = f'<th scope="col" class="no" width="52">{word("number", self.language)}</th>'
        cells = "".join(self.head(column) for column in self.columns)
        acts = f'<th scope="col" class="act" width="44"><span class="f-sr">{word("actions", self.language)}</span></th>'
        return f"<tr>{number}{cells}{acts if self.acts else ''}</tr>"

    def _foot(self) -> str:
        total = f'<th scope="row" class="no">{word("total", self.language)}</th>'
        cells = "".join(self.sum_cell(column) for column in self.columns)
        return f"<tfoot><tr>{total}{cells}{'<td></td>' if self.acts else ''}</tr></tfoot>"

    def _blank(self) -> dict[str, Any]:
        """Return what a new row holds to begin with."""
        row: dict[str, Any] = {ROW_ID: _BLANK_ROW}
        state = self.view.state
        for column in self.columns:
            default = column.spec.default
            put(
                row,
                column.spec.path,
                value_of(default, state.scope, state.env) if default.given else empty(column.spec),
            )
        return row

    def _body(self, index: int | None, row: Mapping[str, Any], scope: Scope) -> str:
        row_id = row[ROW_ID]
        name = f"{self.spec.name}.{_BLANK_INDEX if index is None else index}"
        is_new = self.compares and index is not None and row_id not in self.view.rows_before(self.spec.name)
        keep = "" if self.view.readonly else f'<input type="hidden" name="{name}.{ROW_ID}" value="{row_id}">'
        added = f'<ins class="f-new">{word("row_added", self.language)}</ins>' if is_new else ""
        number = "" if index is None else index + 1
        out = [
            f'<tbody class="f-row" data-row="{row_id}"><tr><th scope="row" class="no" id="{self.id}.{row_id}">'
            f"<span>{number}</span>{keep}{added}</th>"
        ]
        out.extend(self._cell(column, index, row, scope) for column in self.columns)
        if self.acts:
            out.append(f'<td class="act">{self._acts(row_id, index)}</td>')
        out.append("</tr>")
        if index is not None:
            out.append(self._note(index, row_id))
        out.append("</tbody>")
        return "".join(out)

    def _acts(self, row_id: str, index: int | None) -> str:
        parts = []
        if self.view.pinning:
            number = "" if index is None else index + 1
            said = word("pin_here", self.language, field=word("row", self.language, number=number))
            parts.append(
                f'<button type="button" class="f-pin" data-pin-field="{self.spec.name}" data-pin-row="{row_id}"'
                f' aria-label="{said}" title="{word("pin", self.language)}"></button>'
            )
        if self.can_edit_rows:
            label = word("remove_row", self.language)
            parts.append(
                f'<button type="button" class="f-x" data-do="remove" tabindex="-1" aria-label="{label}"'
                f' title="{label}"></button>'
            )
        return "".join(parts)

    def _cell(self, column: _Column, index: int | None, row: Mapping[str, Any], scope: Scope) -> str:
        view, spec = self.view, column.spec
        row_id = row[ROW_ID]
        name = f"{self.spec.name}.{_BLANK_INDEX if index is None else index}.{column.key}"
        value = row.get(column.key, MISSING) if column.flat else get(row, spec.path)
        options = column.options
        if spec.options.dynamic and index is not None:
            options = self.boxes.options(spec, scope)
        off = name in view.state.hidden
        takes_input = (
            column.typed and name not in view.state.locked and (self.free or view.may_edit(spec.name, row_id))
        )
        classes = column.classes
        extra = ""
        if name in view.findings:
            worst = min(one.severity for one in view.findings[name])
            classes += " bad" if worst == "error" else " warn"
            extra = f' aria-describedby="{self.id}.{row_id}.n"'
            extra += ' aria-invalid="true"' if worst == "error" else ""
        change = ""
        if self.compares and not off:
            text = as_text(spec, value, options, view.attachments, self.language)
            old = self.boxes.old_text(spec, row_id, text, options)
            if old is not None:
                classes += " chg"
                change = self._old(old)
        if view.pins and place_of(spec.name, row_id) in view.pins:
            classes += " pinned"
        if takes_input:
            if off:
                extra += " hidden"
            if spec.default.expression is not None and value == evaluate(
                spec.default.expression, scope, view.state.env
            ):
                extra += " data-derived"
            inner = self._control(column, name, value, options, extra)
        else:
            classes += " ro"
            text = as_text(spec, value, options, view.attachments, self.language)
            inner = "" if off else f"<span>{escape(text)}</span>"
        return f'<td id="{self.id}.{row_id}.{column.key}" class="{classes}"{self._off(spec)}>{inner}{change}</td>'

    def _control(self, column: _Column, name: str, value: Any, options: Sequence[Option], extra: str) -> str:
        spec = column.spec
        named = f'name="{name}"{column.attributes}{extra}'
        if column.is_text and type(value) is str:
            text = escape(value)
            return (
                f'<textarea rows="1" {named}>{text}</textarea>'
                if spec.type == "textarea"
                else (f'<input {named} value="{text}">')
            )
        if spec.type in MANY_TYPES:
            return self._many(column, name, value, options, extra)
        if spec.type in OPTION_TYPES:
            chosen = "" if value in (None, MISSING) else option_key(value)
            return f"<select {named}>{column.select(options, chosen, self.language)}</select>"
        if spec.type == "checkbox":
            mark = " checked" if value is True else ""
            return (
                f'<input type="hidden" name="{name}" value="">'
                f'<input type="checkbox" {named} value="true"{mark}>'
            )
        text = escape(in_input(spec, None if value is MISSING else value))
        if spec.type == "textarea":
            return f'<textarea rows="1" {named}>{text}</textarea>'
        return f'<input {named} value="{text}">'

    def _many(self, column: _Column, name: str, value: Any, options: Sequence[Option], extra: str) -> str:
        chosen = {option_key(one) for one in value} if isinstance(value, list) else set()
        boxes = "".join(
            f'<label><input type="checkbox" name="{name}" value="{escape(option.key)}"{column.refresh}'
            f"{' checked' if option.key in chosen else ''}>{escape(option.text(self.language))}</label>"
            for option in options
        )
        labels = [option.text(self.language) for option in options if option.key in chosen]
        summary = escape(word("comma", self.language).join(labels) or word("choose", self.language))
        return (
            f'<details class="f-many"{extra}><summary aria-label="{escape(column.label)}">{summary}</summary>'
            f'<input type="hidden" name="{name}" value=""><div>{boxes}</div></details>'
        )

    def _old(self, old: str) -> str:
        said = word("old", self.language) if old else word("old_empty", self.language)
        return (
            f'<span class="f-old">{said} <del>{escape(old)}</del></span>'
            if old
            else f'<span class="f-old">{said}</span>'
        )

    def _note(self, index: int, row_id: str) -> str:
        if not (self.view.findings or self.view.pins or self.view.new_pins):
            return ""
        notes: list[Note] = list(self.boxes.notes(join(self.spec.name, index)))
        pins: list[PinView] = list(self.view.pins.get(place_of(self.spec.name, row_id), ()))
        new_pins: list[PinView] = list(self.view.new_pins.get(place_of(self.spec.name, row_id), ()))
        for column in self.columns:
            notes.extend(self.boxes.notes(join(self.spec.name, index, column.key)))
            where = place_of(column.spec.name, row_id)
            pins.extend(self.view.pins.get(where, ()))
            new_pins.extend(self.view.new_pins.get(where, ()))
        if not (notes or pins or new_pins):
            return ""
        inner = self.notes_html(notes, pins, new_pins)
        span = len(self.columns) + 1 + self.acts - len(self.hidden)
        return f'<tr class="f-note" id="{self.id}.{row_id}.n"><td colspan="{span}">{inner}</td></tr>'

    def _removed(self, row: Mapping[str, Any]) -> str:
        cells = []
        for column in self.columns:
            before = get(row, column.spec.path)
            value = None if before is MISSING else normal(column.spec, before)
            text = as_text(column.spec, value, column.options, self.view.attachments, self.language)
            cells.append(
                f'<td class="{column.classes} ro"{self._off(column.spec)}><del>{escape(text)}</del></td>'
            )
        title = f'<th scope="row" class="no"><del>{word("row_removed", self.language)}</del></th>'
        acts = "<td></td>" if self.acts else ""
        return f'<tbody class="f-removed"><tr>{title}{"".join(cells)}{acts}</tr></tbody>'
