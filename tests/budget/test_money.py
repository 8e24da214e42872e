"""Money is integers of 分, and half a 分 is rounded away from zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.money import (
    MoneyError,
    fen_from_wan,
    fen_from_yuan,
    round_half_up,
    wan_from_fen,
    yuan_from_fen,
)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.125", 2, "0.13"),
        ("0.135", 2, "0.14"),
        ("-0.125", 2, "-0.13"),
        ("2.5", 0, "3"),
        ("89.996", 2, "90.00"),
    ],
)
def test_a_half_is_rounded_away_from_zero_not_to_even(value: str, places: int, expected: str) -> None:
    assert str(round_half_up(Decimal(value), places)) == expected


def test_a_wan_is_a_million_fen() -> None:
    assert fen_from_wan(Decimal("62500.00")) == 62_500_000_000
    assert fen_from_wan(Decimal("0.0000005")) == 1
    assert fen_from_yuan(Decimal("520.5")) == 52_050
    assert wan_from_fen(52_050) == Decimal("0.05")
    assert yuan_from_fen(52_050) == Decimal("520.50")


@pytest.mark.parametrize("value", [Decimal("1e400"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e18")])
def test_what_no_column_holds_is_refused_and_not_cut(value: Decimal) -> None:
    with pytest.raises(MoneyError):
        fen_from_wan(value)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_an_amount_of_two_places_comes_back_as_it_was_typed(hundredths: int) -> None:
    wan = Decimal(hundredths) / 100
    assert wan_from_fen(fen_from_wan(wan)) == wan
