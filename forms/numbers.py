"""Numbers as people type them, and as pages show them."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

#: Digits before the point that an answer may have, and after it where the form doesn't say.
MAX_INTEGER_DIGITS = 18
MAX_DECIMALS = 10
#: A longer text is not looked at as a number.
_MAX_TEXT = 100

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d*)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
_EXACT = Context(prec=60)
#: What full-width compatibility normalisation leaves, but people use in numbers.
_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "、": ",", "。": ".", "'": ",", "’": ","})


class NumberProblem(ValueError):
    """A text can't be taken as a number; ``code`` is that of the finding that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_number(text: str) -> Decimal:
    """Return the number that ``text`` says: full-width digits and thousands separators are understood.

    Raises :class:`NumberProblem` for what is no number (``abc``, ``NaN``, ``Infinity``, ``12,34``) and for
    one that is out of all proportion (``1e400``).
    """
    if len(text) > _MAX_TEXT:
        digits = sum(character.isdigit() for character in text)
        raise NumberProblem(
            "answer.number_too_large" if digits == len(text.strip()) else "answer.not_a_number"
        )
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).translate(_SIGNS)).strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "").replace(" ", "")
    elif not _PLAIN.fullmatch(plain):
        raise NumberProblem("answer.not_a_number")
    try:
        number = Decimal(plain)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        raise NumberProblem("answer.number_too_large") from None
    return checked(number)


def checked(number: Decimal) -> Decimal:
    """Return ``number`` without an exponent, or raise :class:`NumberProblem` if no answer can be it."""
    if not number.is_finite():
        raise NumberProblem("answer.not_a_number")
    if number.is_zero():
        return Decimal(0)
    if number.adjusted() >= MAX_INTEGER_DIGITS:
        raise NumberProblem("answer.number_too_large")
    if decimals(number) > MAX_DECIMALS:
        raise NumberProblem("answer.too_many_decimals")
    exponent = number.as_tuple().exponent
    return (
        number.quantize(Decimal(1), context=_EXACT) if isinstance(exponent, int) and exponent > 0 else number
    )


def decimals(number: Decimal) -> int:
    """Return how many decimal places ``number`` really has: 1 for 2.50."""
    exponent = number.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(number: Decimal) -> str:
    """Return ``number`` in digits, without exponent or separators, as it was given."""
    return format(number, "f")


def money(number: Decimal) -> str:
    """Return an amount with thousands separators and two places, more only if it has more."""
    if decimals(number) <= 2:
        return format(number.quantize(Decimal("0.01"), ROUND_HALF_UP, context=_EXACT), ",f")
    return format(number, ",f")


def grouped(number: Decimal) -> str:
    """Return a number with thousands separators as it was given."""
    return format(number, ",f")
