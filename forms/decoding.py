"""Turns what a page posts into answers: nested, with numbers as Decimal and rows in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from forms.evaluation import HARD_MAX_ROWS, row_ids
from forms.model import MANY_TYPES, ROW_ID, Field, Form, Option
from forms.numbers import NumberProblem, parse_number
from forms.paths import MISSING, get, put

ZONE = ZoneInfo("Asia/Shanghai")
_LINE_END = re.compile(r"\r\n?")


class Posted(Protocol):
    """A multidict, such as Werkzeug's: all values of a name, in the order of the page."""

    def getlist(self, key: str) -> list[str]:
        """Return the values posted under ``key``."""

    def keys(self) -> Iterable[str]:
        """Return the names posted, in the order of their first appearance."""


def decode(
    form: Form,
    posted: Posted,
    base: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the answers that a page posted.

    ``posted`` names fields by their dotted path (``indicators.3.target_value``); what the form doesn't know
    is left out, and so is what nobody may type. A field that was not posted keeps the value that it has in
    ``base`` (the answers that the page was drawn from): so fields that were shown read-only survive. Rows come
    in the order in which they stand in the page, whatever their numbers; a row's cells that weren't posted are
    found in ``base`` by the row's id, or in the ``variables`` with which a list began that ``base`` hasn't. A
    number that can't be read stays the text that was typed, so that the page can show it again;
    :func:`forms.check` says what is wrong.
    """
    answers: dict[str, Any] = {}
    rows = _rows(form, posted)
    for name, field in form.fields.items():
        if field.type == "dynamiclist":
            _put_list(form, field, posted, rows.get(name, {}), (base, variables), answers)
        elif not field.list:
            value = _value(field, name, posted)
            if value is MISSING and base is not None and field.expression is None:
                value = get(base, field.path)
            if value is not MISSING:
                put(answers, field.path, value)
    return answers


def _put_list(
    form: Form,
    field: Field,
    posted: Posted,
    numbers: Mapping[str, None],
    drawn_from: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    answers: dict[str, Any],
) -> None:
    """Put a list's rows into ``answers``; a list of which the page posted nothing at all stays as it was."""
    base, variables = drawn_from
    before = MISSING if base is None else get(base, field.path)
    if before is MISSING and numbers and variables is not None:
        before = get(variables, field.path)
    if not numbers and not posted.getlist(field.name):
        if before is not MISSING:
            put(answers, field.path, before)
        return
    known: dict[str, Mapping[str, Any]] = {}
    if isinstance(before, list):
        old = [row for row in before if isinstance(row, Mapping)]
        known = dict(zip(row_ids(old), old, strict=True))
    rows: list[dict[str, Any]] = []
    for number in list(numbers)[:HARD_MAX_ROWS]:
        prefix = f"{field.name}.{number}."
        row: dict[str, Any] = {}
        identity = posted.getlist(f"{prefix}{ROW_ID}")
        if identity:
            row[ROW_ID] = identity[-1]
        for column in form.columns(field.name):
            value = _value(column, prefix + ".".join(column.path), posted)
            if value is MISSING and column.expression is None and row.get(ROW_ID) in known:
                value = get(known[row[ROW_ID]], column.path)
            if value is not MISSING:
                put(row, column.path, value)
        rows.append(row)
    for row, row_id in zip(rows, row_ids(rows), strict=True):
        row[ROW_ID] = row_id
    put(answers, field.path, rows)


def _rows(form: Form, posted: Posted) -> dict[str, dict[str, None]]:
    """Return each list's row numbers in the order in which the page has them."""
    lists = [(f"{name}.", name) for name, field in form.fields.items() if field.type == "dynamiclist"]
    found: dict[str, dict[str, None]] = {}
    for key in posted.keys():  # noqa: SIM118 (a multidict is asked by name)
        for prefix, name in lists:
            if key.startswith(prefix):
                number = key[len(prefix) :].split(".", 1)[0]
                if number.isascii() and number.isdigit() and len(number) < 10:
                    found.setdefault(name, {})[number] = None
    return found


def _value(field: Field, name: str, posted: Posted) -> Any:
    texts = posted.getlist(name)
    if not texts or field.fixed:
        return MISSING
    if field.type == "checkbox":
        return texts[-1] == "true"
    if field.type in MANY_TYPES:
        chosen = dict.fromkeys(text for text in texts if text)
        return [_choice(field.options.static, text) for text in chosen]
    if field.type == "filepicker":
        return list(dict.fromkeys(text for text in texts if text))
    text = _LINE_END.sub("\n", texts[-1])
    if field.type == "textarea":
        return text.rstrip()
    text = text.strip()
    if field.type == "textfield":
        return text
    if not text:
        return None
    if field.type == "number":
        return _number(field, text)
    if field.type == "datetime":
        return _moment(field, text)
    return _choice(field.options.static, text)


def _number(field: Field, text: str) -> Any:
    try:
        number = parse_number(text)
    except NumberProblem:
        return text
    return format(number, "f") if field.serialize_to_string else number


def _choice(options: tuple[Option, ...], text: str) -> Any:
    return next((option.value for option in options if option.key == text), text)


def _moment(field: Field, text: str) -> str:
    """Return a time in the format that the field keeps; the page gives it without a zone, in China's time."""
    if field.subtype == "date" or field.time_format == "no_timezone":
        return text
    clock_only = field.subtype == "time"
    try:
        moment = datetime.fromisoformat(f"2000-01-01T{text}" if clock_only else text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    if field.time_format == "utc_normalized":
        moment = moment.astimezone(UTC)
    shown = moment.isoformat(timespec="minutes").replace("+00:00", "Z")
    return shown.split("T", 1)[1] if clock_only else shown
