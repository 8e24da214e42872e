"""Reads the settings of a component: one method a kind of setting, each wrong shape a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    Option,
    Options,
    Rule,
    Text,
    Validation,
    option_key,
)

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


class SettingsReader:
    """Reads settings; what is wrong is appended to ``findings``, and the setting is as if it weren't there."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings

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

    def _report(self, code: str, component: str, *, severity: str = "error", **params: Any) -> None:
        self.findings.append(
            finding(code, severity=severity, element=component, component=component, **params)
        )

    def _wrong(self, component: str, setting: str, expected: str, **params: str) -> None:
        zh, en = (text.format(**params) for text in _EXPECTED[expected])
        self._report("form.wrong_type", component, setting=setting, expected_zh=zh, expected_en=en)


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
