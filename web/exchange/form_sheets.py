"""A form as a sheet that people fill in offline: what stands where, and in which words.

The sheet follows the form file itself: the title, then group by group each field as label and value, each table with its
headings. A table ends with a line of its own, so that rows may be put in above it; whatever else is written on the sheet
is not read. What is computed, attached or secret has no place on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.model import MANY_TYPES, Field, Form

#: Where labels stand; the value is in the next column.
LABELS = (0, 4)
#: The column after the last one that a value of the left, or of a whole line, may take.
LEFT_ENDS, LINE_ENDS = 4, 8
#: The line that ends a table.
END = "（本表到此为止，行不够的请在上面插入）"
#: What a cell says of a box.
YES, NO = "是", "否"
#: The line by which a sheet says which draft it was made from.
STAMP = "导出标记（请勿改动）"
#: So many empty rows a table has at least.
SPARE = 5
_SIGNS = re.compile(r"[\s*＊:：]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet: the heading of a group, up to two fields, or a table."""

    heading: str = ""
    fields: Sequence[Field] = ()
    table: Field | None = None


def lines(form: Form) -> Iterator[Line]:
    """Yield the lines of a form's sheet in the order of the file."""
    for group in form.components:
        inner = [one for one in group.walk() if one is not group and has_place(one)]
        if not inner:
            continue
        yield Line(heading=group.title())
        waiting: list[Field] = []
        for field in inner:
            if field.type == "dynamiclist":
                yield from _packed(waiting)
                waiting = []
                yield Line(table=field)
            else:
                waiting.append(field)
        yield from _packed(waiting)


def _packed(fields: Sequence[Field]) -> Iterator[Line]:
    """Put two short fields side by side; a long text has a line of its own."""
    pair: list[Field] = []
    for field in fields:
        long = field.type == "textarea"
        if pair and (long or len(pair) == len(LABELS)):
            yield Line(fields=pair)
            pair = []
        if long:
            yield Line(fields=(field,))
        else:
            pair.append(field)
    if pair:
        yield Line(fields=pair)


def has_place(field: Field) -> bool:
    """Whether a field stands on the sheet by itself: a value that is typed or read, or a table."""
    if field.list or not field.name or field.expression is not None or field.flag("secret"):
        return False
    return field.type != "filepicker" and (field.type != "dynamiclist" or field.is_table)


def columns(form: Form, table: Field) -> list[Field]:
    """Return the columns of a table as the sheet has them."""
    return [one for one in form.columns(table.name) if one.expression is None and one.type != "filepicker"]


def heading(field: Field) -> str:
    """Return what a field is called on the sheet: its label, the unit of an amount, a star where it must be filled in."""
    unit = f"（{field.money}）" if field.money else ""
    return f"{field.title()}{unit}{'*' if field.validation.required and not field.fixed else ''}"


def plain(text: str) -> str:
    """Return a label as it is compared: without blanks, stars, colons and the unit of an amount."""
    return re.sub(r"（万元）$|\(万元\)$", "", _SIGNS.sub("", text))


def choices(field: Field) -> list[str]:
    """Return the words that a cell of a field may have; none where anything may be written."""
    if field.type == "checkbox":
        return [YES, NO]
    return [option.label for option in field.options.static] if field.type not in MANY_TYPES else []
