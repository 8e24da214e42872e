"""A FEEL function: an amount of yuan in the capital characters of cheques (大写金额)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capital(amount: Decimal | None) -> str | None:
    """Return an amount of yuan as 壹仟贰佰叁拾肆元伍角整; null for null and for what is too large or below zero.

    A FEEL function is given FEEL values: numbers are ``Decimal``, null is None. It must be pure.
    """
    if amount is None or not 0 <= amount < Decimal(10) ** 16:
        return None
    fen = int((amount * 100).to_integral_value(ROUND_HALF_UP))
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    whole = _whole(yuan) + "元" if yuan else ("" if jiao or fen else "零元")
    if not jiao and not fen:
        return whole + "整"
    tenths = _DIGITS[jiao] + "角" if jiao else ("零" if yuan else "")
    return whole + tenths + (_DIGITS[fen] + "分" if fen else "整")


def _whole(yuan: int) -> str:
    said, gap = "", False
    for group in range(len(_GROUPS) - 1, -1, -1):
        four = yuan // 10 ** (4 * group) % 10_000
        if not four:
            gap = gap or bool(said)
            continue
        if said and (gap or four < 1000):
            said += "零"
        said += _four(four) + _GROUPS[group]
        gap = False
    return said


def _four(number: int) -> str:
    said, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return said
