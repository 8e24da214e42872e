"""Small cells are merged so that nobody reads a secret out of a difference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from budget.statistics.cells import Cell, merged


def test_cells_of_fewer_than_three_become_one_line() -> None:
    found = merged([Cell("甲", 9, 900), Cell("乙", 2, 20), Cell("丙", 1, 10)])
    assert found == [Cell("甲", 9, 900), Cell(None, 3, 30)]


def test_one_small_cell_takes_the_next_smallest_with_it() -> None:
    found = merged([Cell("甲", 9, 900), Cell("乙", 5, 50), Cell("丙", 1, 10)])
    assert found == [Cell("甲", 9, 900), Cell(None, 6, 60)]


def test_nothing_is_merged_where_no_cell_is_small() -> None:
    cells = [Cell("甲", 3, 1), Cell("乙", 4, 2)]
    assert merged([*cells, Cell("丙", 0, 0)]) == cells


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1000)), max_size=8))
def test_the_sum_stays_and_no_line_is_small_unless_all_together_are(numbers: list[tuple[int, int]]) -> None:
    cells = [Cell(str(place), count, amount) for place, (count, amount) in enumerate(numbers)]
    found = merged(cells)
    whole = sum(one.count for one in cells)
    assert sum(one.count for one in found) == whole
    assert all(one.count >= 3 for one in found) or len(found) == 1
