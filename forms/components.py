"""Reads the components of a form: one method a kind of setting, each wrong shape a finding there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import re2

from engine import feel
from engine.plugins import Finding
from forms.expressions import compile_expression, compile_text, is_expression
from forms.messages import finding
from forms.model import (
    MANY_TYPES,
    NEVER,
    NOTHING,
    OPTION_TYPES,
    ROW_ID,
    SHOWN_TYPES,
    VALUE_TYPES,
    Field,
    Option,
    Options,
    Rule,
    Text,
    Validation,
    option_key,
)

MAX_DEPTH = 12
GRID = 16
_KEY = re.compile(r"[^\W\d]\w*")
_IDENTIFIER = re.compile(r"[\w-]{1,120}")
_EXPECTED = {
    "text": ("文字", "a text"),
    "flag": ("true、false 或以“=”开头的表达式", "true, false or an expression that begins with “=”"),
    "number": ("数字或以“=”开头的表达式", "a number or an expression that begins with “=”"),
    "digits": ("0 到 10 的整数", "a whole number from 0 to 10"),
    "object": ("一组设置", "an object"),
    "list": ("列表", "a list"),
    "options": ("由 label 和 value 组成的列表", "a list of objects with label and value"),
    "columns": ("1 到 16 的整数", "a whole number from 1 to 16"),
    "choice": ("“{choices}”之一", "one of “{choices}”"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a component stands: the path of keys around it, its list, and the conditions it inherits."""

    path: tuple[str, ...] = ()
    list: str = ""
    table: str = ""
    hides: tuple[feel.Expression, ...] = ()
    depth: int = 1
    inside: str = ""


class ComponentReader:
    """Turns raw components into fields; appends to ``findings`` and fills ``fields`` by name."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
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
            label=self._text(raw, "label", identity, properties.get("label-en")),
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

    # settings

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

    def _text(self, raw: Mapping[str, Any], setting: str, identity: str, english: str | None = None) -> Text:
        value = raw.get(setting)
        if value in (None, ""):
            return Text()
        if not isinstance(value, str):
            self._wrong(identity, setting, "text")
            return Text()
        try:
            return compile_text(value, english)
        except feel.FeelError as error:
            self._bad_expression(identity, setting, value, error)
        except ValueError as error:
            self._report("form.template_block", identity, setting=setting, text=str(error)[:80])
        return Text()

    def _expression(self, identity: str, setting: str, value: str) -> feel.Expression | None:
        try:
            return compile_expression(value)
        except feel.FeelError as error:
            self._bad_expression(identity, setting, value, error)
            return None

    def _bad_expression(self, identity: str, setting: str, value: str, error: feel.FeelError) -> None:
        self._report(
            "form.bad_expression",
            identity,
            setting=setting,
            text=value[:200],
            reason_zh=error.message("zh"),
            reason_en=error.message("en"),
        )

    def _flag(self, raw: Mapping[str, Any], setting: str, identity: str) -> Rule:
        value = raw.get(setting)
        if value is None or value == "" or isinstance(value, bool):
            return Rule(value is True)
        if is_expression(value):
            expression = self._expression(identity, setting, value)
            return NEVER if expression is None else Rule(expression=expression)
        self._wrong(identity, setting, "flag")
        return NEVER

    def _bound(self, raw: Mapping[str, Any], setting: str, identity: str) -> Rule:
        value = raw.get(setting)
        if value is None or value == "":
            return NOTHING
        if is_expression(value):
            expression = self._expression(identity, f"validate.{setting}", value)
            return NOTHING if expression is None else Rule(expression=expression)
        if isinstance(value, str):
            try:
                value = Decimal(value)
            except ArithmeticError:
                value = None
        if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 30:
            return Rule(value)
        self._wrong(identity, f"validate.{setting}", "number")
        return NOTHING

    def _validation(self, raw: Mapping[str, Any], kind: str, identity: str) -> Validation:
        validate = self._object(raw, "validate", identity)
        low, high = self._bound(validate, "min", identity), self._bound(validate, "max", identity)
        short, long = (
            self._bound(validate, "minLength", identity),
            self._bound(validate, "maxLength", identity),
        )
        for least, most in ((low, high), (short, long)):
            if least.literal is not None and most.literal is not None and least.literal > most.literal:
                self._report("form.bad_bounds", identity)
        pattern = validate.get("pattern")
        if pattern not in (None, ""):
            try:
                re2.compile(pattern if isinstance(pattern, str) else "(", _quiet())
            except re2.error:
                self._report("form.bad_pattern", identity, pattern=str(pattern)[:200])
                pattern = None
        message = validate.get("patternErrorMessage")
        kinds = ("email", "phone", "custom", "")
        required = self._flag(validate, "required", identity).literal is True
        if kind == "dynamiclist":
            required = required or self._properties(raw, identity).get("required", "").lower() == "true"
        return Validation(
            required=required,
            min=low,
            max=high,
            min_length=short,
            max_length=long,
            pattern=pattern or None,
            pattern_message=message if isinstance(message, str) and message else None,
            type=self._choice(validate, "validationType", identity, kinds, "") or None,
        )

    def _options(
        self, raw: Mapping[str, Any], kind: str, identity: str, properties: Mapping[str, str]
    ) -> Options:
        if kind not in OPTION_TYPES:
            return Options()
        if raw.get("values") is not None:
            return Options(static=self._static(raw["values"], identity, properties))
        if isinstance(key := raw.get("valuesKey"), str) and key:
            return Options(variable=tuple(key.split(".")))
        if is_expression(text := raw.get("valuesExpression")):
            return Options(expression=self._expression(identity, "valuesExpression", str(text)))
        self._report("form.no_options", identity)
        return Options()

    def _static(self, raw: Any, identity: str, properties: Mapping[str, str]) -> tuple[Option, ...]:
        options: list[Option] = []
        aliases = _aliases(properties.get("aliases", ""))
        if not isinstance(raw, list):
            self._wrong(identity, "values", "options")
            return ()
        for one in raw:
            value = one.get("value") if isinstance(one, Mapping) else None
            label = one.get("label", value) if isinstance(one, Mapping) else None
            if not isinstance(value, str | Decimal | bool) or not isinstance(label, str):
                self._wrong(identity, "values", "options")
                return tuple(options)
            english = one.get("label-en")
            key = option_key(value)
            if any(option.key == key for option in options):
                self._report("form.duplicate_option", identity, value=key[:80])
                continue
            options.append(
                Option(value, label, english if isinstance(english, str) else None, aliases.get(key, ()))
            )
        if not options:
            self._report("form.no_options", identity)
        return tuple(options)

    def _default(self, raw: Mapping[str, Any], kind: str, identity: str) -> Rule:
        value = raw.get("defaultValue")
        if value is None:
            return NOTHING
        if is_expression(value):
            expression = self._expression(identity, "defaultValue", value)
            return NOTHING if expression is None else Rule(expression=expression)
        if kind in MANY_TYPES:
            if isinstance(value, list) and all(isinstance(one, str | Decimal | bool) for one in value):
                return Rule(tuple(value))
            self._wrong(identity, "defaultValue", "list")
            return NOTHING
        if isinstance(value, str | Decimal | bool):
            return Rule(value)
        self._wrong(identity, "defaultValue", "text")
        return NOTHING

    def _computed(self, raw: Mapping[str, Any], kind: str, identity: str) -> feel.Expression | None:
        if kind != "expression":
            return None
        text = raw.get("expression")
        if not isinstance(text, str) or not text.strip():
            self._wrong(identity, "expression", "text")
            return None
        return self._expression(identity, "expression", text if is_expression(text) else f"={text}")

    def _digits(self, raw: Mapping[str, Any], identity: str) -> int | None:
        value = raw.get("decimalDigits")
        if value is None:
            return None
        if isinstance(value, Decimal) and value in range(11):
            return int(value)
        self._wrong(identity, "decimalDigits", "digits")
        return None

    def _increment(self, raw: Mapping[str, Any], identity: str) -> Decimal | None:
        rule = self._bound({"increment": raw.get("increment")}, "increment", identity)
        return rule.literal if isinstance(rule.literal, Decimal) and rule.literal > 0 else None

    def _columns(self, layout: Mapping[str, Any], identity: str) -> int | None:
        value = layout.get("columns")
        if value is None:
            return None
        if isinstance(value, Decimal) and value in range(1, 17):
            return int(value)
        self._wrong(identity, "layout.columns", "columns")
        return None

    def _whole(
        self, raw: Mapping[str, Any], setting: str, identity: str, default: int | None = None
    ) -> int | None:
        value = raw.get(setting)
        if value is None:
            return default
        if isinstance(value, Decimal) and 0 <= value <= 1000 and value == value.to_integral_value():
            return int(value)
        self._wrong(identity, setting, "number")
        return default

    def _choice(
        self, raw: Mapping[str, Any], setting: str, identity: str, choices: tuple[str, ...], default: str
    ) -> str:
        value = raw.get(setting)
        if value is None:
            return default
        if isinstance(value, str) and value in choices:
            return value
        self._wrong(identity, setting, "choice", choices=", ".join(one for one in choices if one))
        return default

    def _object(self, raw: Mapping[str, Any], setting: str, identity: str) -> Mapping[str, Any]:
        value = raw.get(setting)
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self._wrong(identity, setting, "object")
        return {}

    def _properties(self, raw: Mapping[str, Any], identity: str) -> dict[str, str]:
        return {
            key: option_key(value) if isinstance(value, bool | Decimal) else str(value)
            for key, value in self._object(raw, "properties", identity).items()
            if isinstance(value, str | bool | Decimal)
        }

    # findings

    def _report(self, code: str, component: str, *, severity: str = "error", **params: Any) -> None:
        self.findings.append(
            finding(code, severity=severity, element=component, component=component, **params)
        )

    def _wrong(self, component: str, setting: str, expected: str, **params: str) -> None:
        zh, en = (text.format(**params) for text in _EXPECTED[expected])
        self._report("form.wrong_type", component, setting=setting, expected_zh=zh, expected_en=en)


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


def _aliases(text: str) -> dict[str, tuple[str, ...]]:
    """Read the property ``aliases``: ``QUANTITY=数量|数量指标;QUALITY=质量``."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in re.split(r"[;；\n]", text):
        key, separator, names = entry.partition("=")
        if separator:
            found[key.strip()] = tuple(one.strip() for one in re.split(r"[|｜]", names) if one.strip())
    return found


def _quiet() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options
