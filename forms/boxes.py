"""What the templates draw: the form's components with everything worked out, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from engine.plugins import Finding
from forms.checking import titles
from forms.display import as_text, file_name, in_input, text_of
from forms.evaluation import empty
from forms.expressions import Scope, evaluate, is_true
from forms.markdown import to_html
from forms.model import MANY_TYPES, OPTION_TYPES, ROW_ID, Field, Text, option_key
from forms.options import options_of
from forms.paths import MISSING, get, join
from forms.pins import PinView, place_of
from forms.viewing import FormView
from forms.words import known, word

EMPTY = Markup()


@dataclass(slots=True)
class Choice:
    """One option of a box."""

    key: str
    label: str
    chosen: bool


@dataclass(slots=True)
class Note:
    """A finding as it is shown: its sentence and what to do."""

    severity: str
    text: str


@dataclass(slots=True)
class Box:
    """One component as a template draws it; ``kind`` names the macro."""

    kind: str
    spec: Field
    id: str
    name: str = ""
    label: str = ""
    hint: str = ""
    hidden: bool = False
    locked: bool = False
    required: bool = False
    refreshes: bool = False
    derived: bool = False
    value: str = ""
    text: str = ""
    html: Markup = EMPTY
    prefix: str = ""
    suffix: str = ""
    choices: list[Choice] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    old: str | None = None
    place: str = ""
    pins: tuple[PinView, ...] = ()
    new_pins: tuple[PinView, ...] = ()
    rows: list[list[Box]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    template: Item | None = None
    can_edit_rows: bool = False
    table: Markup = EMPTY

    @property
    def described_by(self) -> str:
        """The ids of the texts that explain the input."""
        ids = [f"{self.id}.h"] if self.hint else []
        return " ".join([*ids, f"{self.id}.m"] if self.notes else ids)

    @property
    def bad(self) -> bool:
        """Whether something blocks."""
        return any(note.severity == "error" for note in self.notes)


@dataclass(slots=True)
class Item:
    """One entry of a list that is not drawn as a table."""

    id: str
    row: str
    name: str
    title: str
    rows: list[list[Box]]
    pins: tuple[PinView, ...] = ()
    new_pins: tuple[PinView, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The row in which a component is drawn, if any."""

    list: str = ""
    index: str = ""
    row: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    scope: Scope | None = None


class Boxes:
    """Builds the boxes of one view in one language."""

    def __init__(self, view: FormView, language: str) -> None:
        self.view = view
        self.language = language
        #: The fields that hold money, by the names that texts have for them.
        self.amounts = {name for name, one in view.form.fields.items() if one.money}

    def text(self, text: Text, scope: Mapping[str, Any]) -> str:
        """Return a label or text of the form with its expressions filled in."""
        return text_of(text, scope, self.view.state.env, self.language, self.amounts)

    def rows(self, components: Sequence[Field], place: Place = Place()) -> list[list[Box]]:
        """Return components in rows of the 16-column grid, as the form lays them out."""
        rows: list[list[Box]] = []
        last = None
        for one in components:
            if one.type == "expression" and not one.label:
                continue
            box = self.box(one, place)
            if one.row and one.row == last:
                rows[-1].append(box)
            else:
                rows.append([box])
            last = one.row
        return rows

    def box(self, one: Field, place: Place) -> Box:
        """Return one component's box, with what is in it."""
        scope = place.scope or self.view.state.scope
        box = Box(kind=one.type, spec=one, id=self.id_of(one, place.row))
        box.label = self.text(one.label, scope)
        box.hint = self.text(one.description, scope)
        if one.type == "group":
            box.hidden = self._hides(one, scope)
            box.rows = self.rows(one.children, place)
        elif one.type == "text":
            box.hidden = self._hides(one, scope)
            box.html = to_html(self.text(one.text, scope))
        elif one.type == "dynamiclist":
            self._fill_list(box)
        elif one.name:
            self._fill(box, place, scope)
        else:
            box.hidden = self._hides(one, scope)
        return box

    def id_of(self, one: Field, row: str = "") -> str:
        """Return the id of a component's element; it has the row's id in it, so it stays when rows move."""
        name = place_of(one.name, row) if one.name else join("c", one.id, row)
        return join(self.view.prefix, name)

    def notes(self, path: str) -> list[Note]:
        """Return the findings at a path as they are shown there."""
        stop = "。" if self.language == "zh" else "."
        space = "" if self.language == "zh" else " "
        return [
            Note(one.severity, space.join(f"{part}{stop}" for part in self.sentences(one) if part))
            for one in self.view.findings.get(path, ())
        ]

    def sentences(self, one: Finding) -> tuple[str, str]:
        """Return a finding's sentence and remedy."""
        said, remedy = one.message.get(self.language, ""), one.remedy.get(self.language, "")
        return said.rstrip("。."), remedy.rstrip("。.")

    def summary(self, severities: Iterable[str]) -> list[tuple[str, str]]:
        """Return the findings of a severity for the list on top: the id of the place and the sentence."""
        wanted = set(severities)
        found = [
            (self.id_at(path), note.text)
            for path in self.view.findings
            for note in self.notes(path)
            if note.severity in wanted
        ]
        found.extend(("", self.sentences(one)[0]) for one in self.view.general if one.severity in wanted)
        return found

    def id_at(self, path: str) -> str:
        """Return the id of the element for a path with row numbers."""
        first, _, rest = path.partition(".")
        number, _, column = rest.partition(".")
        if number.isdigit() and first in self.view.form.fields:
            rows = self.view.state.rows(first)
            row = rows[int(number)][ROW_ID] if int(number) < len(rows) else number
            return join(self.view.prefix, first, row, column)
        return join(self.view.prefix, path)

    def options(self, one: Field, scope: Mapping[str, Any]) -> Any:
        """Return the choices of a field here."""
        return options_of(one, scope, self.view.state.env) if one.type in OPTION_TYPES else ()

    def old_text(self, one: Field, row: str, text: str, options: Any) -> str | None:
        """Return the previous answer as text when it differs from ``text``, else None."""
        before = self.view.old(one, row)
        if before is MISSING:
            return None
        was = as_text(one, before, options, self.view.attachments, self.language)
        now = "" if text == as_text(one, empty(one), options, {}, self.language) else text
        if was == as_text(one, empty(one), options, {}, self.language):
            was = ""
        return was if was != now else None

    def _hides(self, one: Field, scope: Mapping[str, Any]) -> bool:
        return any(is_true(hide, scope, self.view.state.env) for hide in one.hides)

    def _fill(self, box: Box, place: Place, scope: Mapping[str, Any]) -> None:
        view, one, state = self.view, box.spec, self.view.state
        box.name = join(one.list, place.index, *one.path) if one.list else one.name
        path = box.name
        source = place.values if one.list else state.shown
        value = get(source, one.path)
        value = empty(one) if value is MISSING else value
        options = self.options(one, scope)
        box.hidden = path in state.hidden
        box.locked = (
            path in state.locked or one.expression is not None or not view.may_edit(one.name, place.row)
        )
        box.required = one.validation.required and not view.readonly and not box.locked
        box.refreshes = bool(view.form.dependents.get(one.name)) and not box.locked
        if one.default.expression is not None and not box.locked:
            box.derived = value == evaluate(one.default.expression, scope, state.env)
        box.text = as_text(one, value, options, view.attachments, self.language)
        box.value = in_input(one, value)
        box.prefix = self.text(one.prefix, scope)
        box.suffix = unit_in(self.text(one.suffix, scope) or one.money or "", self.language)
        if options:
            chosen = (
                {option_key(item) for item in value}
                if one.type in MANY_TYPES and isinstance(value, list)
                else {option_key(value)}
            )
            box.choices = [
                Choice(option.key, option.text(self.language), option.key in chosen) for option in options
            ]
        if one.type == "filepicker":
            box.files = self._files(value)
        box.notes = self.notes(path)
        box.old = self.old_text(one, place.row, box.text, options)
        box.place = place_of(one.name, place.row)
        box.pins = view.pins.get(box.place, ())
        box.new_pins = view.new_pins.get(box.place, ())

    def _files(self, value: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": str(one),
                "name": file_name(one, self.view.attachments, self.language),
                "size": self.view.attachments.get(str(one), {}).get("size"),
                "url": self.view.attachments.get(str(one), {}).get("url"),
            }
            for one in (value if isinstance(value, list) else ())
        ]

    def _fill_list(self, box: Box) -> None:
        view, one = self.view, box.spec
        box.name = box.place = one.name
        box.hidden = one.name in view.state.hidden
        box.locked = one.name in view.state.locked or view.readonly
        box.required = one.validation.required and not box.locked and view.may_edit(one.name)
        box.can_edit_rows = view.may_edit_rows(one.name) and one.name not in view.state.locked
        box.refreshes = bool(view.form.dependents.get(one.name))
        box.notes = self.notes(one.name)
        box.pins = view.pins.get(one.name, ())
        box.new_pins = view.new_pins.get(one.name, ())
        if one.is_table:
            return
        for index, values in enumerate(view.state.rows(one.name)):
            if view.readonly and join(one.name, index) in view.state.blank:
                continue
            box.items.append(self._item(one, index, values))
        if box.can_edit_rows:
            box.template = self._item(one, None, {ROW_ID: "__row__"})

    def _item(self, one: Field, index: int | None, values: Mapping[str, Any]) -> Item:
        row, number = values[ROW_ID], "__index__" if index is None else str(index)
        scope = self.view.state.row_scopes[one.name][index] if index is not None else None
        place = Place(one.name, number, row, values, scope)
        where = place_of(one.name, row)
        return Item(
            id=join(self.view.prefix, one.name, row),
            row=row,
            name=join(one.name, number),
            title=word("list_item", self.language, number="__number__" if index is None else index + 1),
            rows=self.rows(one.children, place),
            pins=self.view.pins.get(where, ()),
            new_pins=self.view.new_pins.get(where, ()),
        )

    def named(self, one: Field, path: str) -> str:
        """Return how a sentence names a field."""
        return titles(self.view.form, one, path)[0 if self.language == "zh" else 1]


def unit_in(text: str, language: str) -> str:
    """Return a unit in the reader's language where we have a word for it, else as the file writes it."""
    return word(f"unit_{text}", language) if known(f"unit_{text}") else text
