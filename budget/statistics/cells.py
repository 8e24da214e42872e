"""Tables whose small cells can't be read back: fewer than a few of something are merged into one line (domain §6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Fewer than so many in a cell are merged with others.
SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A line of a breakdown: its name (None for the merged ones), how many, and their money in 分."""

    name: str | None
    count: int
    amount: int


def merged(cells: Iterable[Cell], smallest: int = SMALLEST) -> list[Cell]:
    """Return the cells with those of fewer than ``smallest`` merged into one, which is never small itself.

    Where the small ones together are still too few, the next smallest joins them: else the sum would tell them.
    Empty cells are left out.
    """
    filled = [one for one in cells if one.count]
    order = sorted(filled, key=lambda one: (one.count, one.amount))
    small: list[Cell] = []
    for one in order:
        if one.count >= smallest and (not small or _count(small) >= smallest):
            break
        small.append(one)
    if not small:
        return filled
    kept = [one for one in filled if one not in small]
    return [*kept, Cell(None, _count(small), sum(one.amount for one in small))]


def _count(cells: Sequence[Cell]) -> int:
    return sum(one.count for one in cells)
