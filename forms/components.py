"""Reads the components of a form into fields: where each stands, what it is called, what it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine import feel
from engine.plugins import Finding
from forms.model import (
    ROW_ID,
    SHOWN_TYPES,
    VALUE_TYPES,
    Field,
)
from forms.settings import SettingsReader

MAX_DEPTH = 12
GRID = 16
_KEY = re.compile(r"[^\W\d]\w*")
_IDENTIFIER = re.compile(r"[\w-]{1,120}")


def _label_of(raw: Mapping[str, Any], kind: str) -> str:
    """Return where a component has its label: the form editor gives a date's in ``dateLabel``, a time's in ``timeLabel``."""
    if kind != "datetime" or raw.get("label"):
        return "label"
    return "dateLabel" if raw.get("dateLabel") else "timeLabel"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a component stands: the path of keys around it, its list, and the conditions it inherits."""

    path: tuple[str, ...] = ()
    list: str = ""
    table: str = ""
    hides: tuple[feel.Expression, ...] = ()
    depth: int = 1
    inside: str = ""


class ComponentReader(SettingsReader):
    """Turns raw components into fields; appends to ``findings`` and fills ``fields`` by name."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.fields: dict[str, Field] = {}
        self._ids: set[str] = set()

    def read_all(self, raw: Sequence[Any], place: _Place = _Place()) -> tuple[Field, ...]:
        """Read a list of components standing at ``place``."""
        fields: list[Field] = []
        for number, (one, span) in enumerate(zip(raw, _spans(raw), strict=True), 1):
            if not isinstance(one, Mapping):
                self._report("form.bad_component", place.inside or "components", number=number)
            elif (field := self._read(one, place, span)) is not None:
                fields.append(field)
        return tuple(fields)

    # one component

    def _read(self, raw: Mapping[str, Any], place: _Place, span: int) -> Field | None:
        kind = raw.get("type")
        name = raw.get("id") if isinstance(raw.get("id"), str) else raw.get("key")
        identity = name if isinstance(name, str) and name else f"{kind}_{len(self._ids) + 1}"
        if not _IDENTIFIER.fullmatch(identity):
            identity = re.sub(r"[^\w-]", "_", identity)[:120] or "_"
        if identity in self._ids:
            self._report("form.duplicate_id", identity)
        self._ids.add(identity)
        if not isinstance(kind, str) or kind not in VALUE_TYPES | SHOWN_TYPES:
            known = ", ".join(sorted(VALUE_TYPES | SHOWN_TYPES))
            self._report("form.unknown_type", identity, type=str(kind)[:80], known=known)
            return None
        if kind == "button":
            self._report("form.button_ignored", identity, severity="info")
            return None
        if place.depth > MAX_DEPTH:
            self._report("form.too_deep", identity, limit=MAX_DEPTH)
            return None
        if kind == "dynamiclist" and place.list:
            self._report("form.nested_list", identity)
            return None
        if place.table and kind in {"group", "filepicker", "text", "separator", "spacer"}:
            self._report("form.table_column", identity, table=place.table, type=kind)
            return None
        return self._field(raw, kind, identity, place, span)

    def _field(
        self, raw: Mapping[str, Any], kind: str, identity: str, place: _Place, span: int
    ) -> Field | None:
        properties = self._properties(raw, identity)
        conditional = self._object(raw, "conditional", identity)
        hides = place.hides
        if (hide := conditional.get("hide")) not in (None, "", False):
            rule = self._flag({"conditional.hide": hide}, "conditional.hide", identity)
            if rule.expression is not None:
                hides = (*hides, rule.expression)
            elif rule.literal is True:
                hides = (*hides, feel.compile("true"))
        layout = self._object(raw, "layout", identity)
        appearance = self._object(raw, "appearance", identity)
        path = self._path(raw, kind, identity, place)
        if path is None:
            return None
        name = ".".join((*([place.list] if place.list else []), *path)) if kind in VALUE_TYPES else ""
        is_list = kind == "dynamiclist"
        inner = _Place(
            path=() if is_list else path,
            list=name if is_list else place.list,
            table=identity if is_list and properties.get("widget") == "table" else place.table,
            # A list that is hidden takes its rows along; a group's conditions are asked for each field in it.
            hides=() if is_list else hides,
            depth=place.depth + 1,
            inside=identity,
        )
        children: tuple[Field, ...] = ()
        if kind in {"group", "dynamiclist"}:
            if name:
                self.fields.setdefault(name, Field(identity, kind, name, path))  # keeps the order of the file
            below = raw.get("components", [])
            if isinstance(below, list):
                children = self.read_all(below, inner)
            else:
                self._wrong(identity, "components", "list")
        field = Field(
            id=identity,
            type=kind,
            name=name,
            path=path,
            list=place.list,
            label=self._text(raw, _label_of(raw, kind), identity, properties.get("label-en")),
            description=self._text(raw, "description", identity, properties.get("description-en")),
            text=self._text(raw, "text", identity, properties.get("text-en")),
            hides=hides,
            readonly=self._flag(raw, "readonly", identity),
            disabled=self._flag(raw, "disabled", identity),
            default=self._default(raw, kind, identity),
            validation=self._validation(raw, kind, identity),
            options=self._options(raw, kind, identity, properties),
            expression=self._computed(raw, kind, identity),
            subtype=self._choice(raw, "subtype", identity, ("date", "time", "datetime"), "date"),
            time_format=self._choice(
                raw,
                "timeSerializingFormat",
                identity,
                ("no_timezone", "utc_offset", "utc_normalized"),
                "no_timezone",
            ),
            decimal_digits=self._digits(raw, identity),
            increment=self._increment(raw, identity),
            serialize_to_string=raw.get("serializeToString") is True,
            multiple=raw.get("multiple") not in (None, False, ""),
            accept=raw["accept"] if isinstance(raw.get("accept"), str) and raw["accept"][:1] != "=" else "",
            prefix=self._text(appearance, "prefixAdorner", identity),
            suffix=self._text(appearance, "suffixAdorner", identity),
            outline=raw.get("showOutline") is not False,
            row=layout["row"] if isinstance(layout.get("row"), str) else "",
            span=self._columns(layout, identity) or span,
            height=self._whole(raw, "height", identity),
            repetitions=self._whole(raw, "defaultRepetitions", identity, 1) or 0,
            add_remove=raw.get("allowAddRemove") is not False,
            properties=properties,
            children=children,
        )
        if name:
            self.fields[name] = field
        return field

    def _path(
        self, raw: Mapping[str, Any], kind: str, identity: str, place: _Place
    ) -> tuple[str, ...] | None:
        pathed = kind in {"group", "dynamiclist"}
        key = raw.get("path" if pathed else "key")
        if kind in SHOWN_TYPES and (kind != "group" or key in (None, "")):
            return place.path
        if not isinstance(key, str) or not key:
            self._report("form.missing_key", identity)
            return None
        parts = tuple(key.split("."))
        if any(not _KEY.fullmatch(part) or part == ROW_ID for part in parts) or len(key) > 120:
            self._report("form.bad_key", identity, key=key[:80])
            return None
        path = (*place.path, *parts)
        if kind == "group":
            return path
        name = ".".join((*([place.list] if place.list else []), *path))
        for other, field in self.fields.items():
            related = other == name or other.startswith(f"{name}.") or name.startswith(f"{other}.")
            if related and not (place.list and other == place.list):
                self._report("form.duplicate_key", identity, key=name, other=field.id)
                return None
        return path


def _spans(raw: Sequence[Any]) -> list[int]:
    """Return the width of each component in sixteenths: what a row leaves open is shared equally."""
    spans: list[int] = []
    row: list[tuple[str, int | None]] = []

    def close() -> None:
        loose = sum(columns is None for _, columns in row)
        taken = sum(columns or 0 for _, columns in row)
        share = max(2, (GRID - taken) // loose) if loose else GRID
        spans.extend(share if columns is None else columns for _, columns in row)
        row.clear()

    for number, one in enumerate(raw):
        layout = one.get("layout") if isinstance(one, Mapping) else None
        layout = layout if isinstance(layout, Mapping) else {}
        name, columns = layout.get("row"), layout.get("columns")
        key = name if isinstance(name, str) and name else f" {number}"
        if row and row[-1][0] != key:
            close()
        row.append((key, int(columns) if isinstance(columns, Decimal) and columns in range(1, 17) else None))
    close()
    return spans
