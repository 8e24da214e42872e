"""Money: integers of 分 in the database and in sums, 万元 or 元 on forms and pages, one rounding for all."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
#: The largest amount that a column of 64 bits holds, in 分; larger input is refused, not cut.
LARGEST = 2**63 - 1


class MoneyError(ValueError):
    """The number is no amount of money: not finite, or larger than any column holds."""


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round to ``places`` decimal places, a half away from zero (四舍五入), as auditors expect."""
    with localcontext() as context:
        context.prec = max(34, value.adjusted() + places + 3)
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _fen(value: Decimal | int, factor: int) -> int:
    value = Decimal(value)
    if not value.is_finite() or value.adjusted() > 18:
        raise MoneyError(f"{value} is not an amount")
    fen = int(round_half_up(value * factor, 0))
    if abs(fen) > LARGEST:
        raise MoneyError(f"{value} is larger than an amount can be")
    return fen


def fen_from_wan(value: Decimal | int) -> int:
    """Return an amount of 万元 in 分; raises :class:`MoneyError`."""
    return _fen(value, FEN_PER_WAN)


def fen_from_yuan(value: Decimal | int) -> int:
    """Return an amount of 元 in 分; raises :class:`MoneyError`."""
    return _fen(value, FEN_PER_YUAN)


def wan_from_fen(fen: int, places: int = 2) -> Decimal:
    """Return 分 as 万元 with ``places`` decimal places."""
    return round_half_up(Decimal(fen) / FEN_PER_WAN, places)


def yuan_from_fen(fen: int, places: int = 2) -> Decimal:
    """Return 分 as 元 with ``places`` decimal places."""
    return round_half_up(Decimal(fen) / FEN_PER_YUAN, places)
