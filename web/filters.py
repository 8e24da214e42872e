"""Reads what people type into the filters of a list: amounts in 万元, days; and says what can't be used of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Protocol

from flask_babel import gettext

from budget.money import MoneyError, fen_from_wan
from web.given import in_reckoning, usable


class Typed(Protocol):
    """What was typed into the filters that have a form of their own; nothing is the empty string."""

    @property
    def amount_from(self) -> str:
        """The least amount in 万元."""

    @property
    def amount_to(self) -> str:
        """The largest amount in 万元."""

    @property
    def due_from(self) -> str:
        """The first day of the deadline."""

    @property
    def due_to(self) -> str:
        """The last day of the deadline."""


def amount(text: str) -> int:
    """Return an amount typed in 万元 in 分; thousands separators and full-width digits are understood.

    Raises :class:`ValueError` for what is no amount.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("万元")
    try:
        return fen_from_wan(Decimal(plain))
    except (InvalidOperation, MoneyError):
        raise ValueError(text) from None


def day(text: str) -> date:
    """Return a day typed as 2026-03-01, 2026/3/1, 2026.3.1 or 2026年3月1日; raises :class:`ValueError`."""
    plain = unicodedata.normalize("NFKC", text).removesuffix("日")
    for sign in "年月/.":
        plain = plain.replace(sign, "-")
    parts = plain.split("-")
    if len(parts) != 3:
        raise ValueError(text)
    return in_reckoning(date(*map(int, parts)))


def problems(typed: Typed) -> Mapping[str, str]:
    """Return by field what can't be used of what was typed, as sentences; the list isn't narrowed by it."""
    found: dict[str, str] = {}
    for name in ("amount_from", "amount_to"):
        text = getattr(typed, name)
        if text and usable(amount, text) is None:
            found[name] = gettext("“%(text)s”不是金额，没有按它筛选。金额以万元填写，例如 12.5。", text=text)
    for name in ("due_from", "due_to"):
        text = getattr(typed, name)
        if text and usable(day, text) is None:
            found[name] = gettext("“%(text)s”不是日期，没有按它筛选。日期请写成 2026-03-31。", text=text)
    least, most = usable(amount, typed.amount_from), usable(amount, typed.amount_to)
    if least is not None and most is not None and least > most:
        found["amount_to"] = gettext("金额的下限比上限大，不会有事项符合。")
    first, last = usable(day, typed.due_from), usable(day, typed.due_to)
    if first is not None and last is not None and first > last:
        found["due_to"] = gettext("时限的开始日期在结束日期之后，不会有事项符合。")
    return found
