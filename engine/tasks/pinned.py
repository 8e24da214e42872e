"""What may be changed where only pinned fields are open: a comparison of two versions of a document.

A pin names a field, and in a table also the row by its stable ``_row`` id; the field of a cell is ``table.column``. A pin on
a row opens the row, a pin on a table without a row opens the whole table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

ROW = "_row"


class Place(NamedTuple):
    """A field, or a row or a cell of a table."""

    field: str
    row: str | None


def changed_outside(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    open_places: Collection[Place],
    computed: Collection[str] = (),
) -> list[str]:
    """Return the paths (``indicators.3.target_value``, by position in ``after``) that differ and that no place opens.

    ``computed`` are fields (``total``, ``indicators.share``) that follow from others and may differ.
    """
    found: list[str] = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if _same(old, new) or name in computed or Place(name, None) in open_places:
            continue
        if _is_table(old) and _is_table(new):
            found.extend(_rows(name, old or [], new or [], open_places, computed))
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            inner = {Place(place.field.removeprefix(f"{name}."), place.row) for place in open_places}
            below = {field.removeprefix(f"{name}.") for field in computed}
            found.extend(f"{name}.{path}" for path in changed_outside(old, new, inner, below))
        else:
            found.append(name)
    return found


def _rows(
    name: str,
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    open_places: Collection[Place],
    computed: Collection[str],
) -> Iterator[str]:
    before = {str(row.get(ROW)): row for row in old}
    after = {str(row.get(ROW)): row for row in new}
    for key in before:
        if key not in after and Place(name, key) not in open_places:
            yield name
            return
    if [key for key in after if key in before] != [key for key in before if key in after]:
        yield name
        return
    for position, row in enumerate(new):
        key = str(row.get(ROW))
        was = before.get(key)
        if was is None:
            yield f"{name}.{position}"
            continue
        if Place(name, key) in open_places:
            continue
        for column in dict.fromkeys([*was, *row]):
            field = f"{name}.{column}"
            if (
                not _same(was.get(column), row.get(column))
                and field not in computed
                and Place(field, key) not in open_places
                and Place(field, None) not in open_places
            ):
                yield f"{name}.{position}.{column}"


def _is_table(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))


def _same(one: Any, other: Any) -> bool:
    if one in (None, "") and other in (None, ""):
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
