"""Checks of form F9: no money without an approved goal (DQ37), none ahead of the work (DQ25), none in a rush (DQ24)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from budget.answers import day, number, text
from budget.payment_facts import payment_ratio
from budget.quality.model import found
from engine.plugins import Finding

_HUNDRED = Decimal(100)


def check_request(
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    rules: Mapping[str, Any],
    month: int,
    reason_length: int,
) -> Iterator[Finding]:
    """Check a unit's request; ``month`` is the month in which it is submitted, 1 to 12."""
    if facts.get("goal_approved") is not True:
        yield found("dq37_no_goal", None)
    if facts.get("works") is True:
        for field in ("contract_amount", "physical_progress"):
            if number(answers.get(field)) is None:
                yield found("f9_works", field)
    yield from _ahead_of_the_work(answers, facts, rules)
    rush = rushes(answers, facts, rules, month)
    if rush and len(text(answers.get("rush_reason"))) < reason_length:
        yield found("dq24_rush", "rush_reason", zh_what=rush[0], en_what=rush[1], minimum=reason_length)


def rushes(
    answers: Mapping[str, Any], facts: Mapping[str, Any], rules: Mapping[str, Any], month: int
) -> Sequence[str]:
    """Say in both languages why this payment is a rush (DQ24); empty where it is none.

    December takes more than a share of the year, or this month more than so many times the mean of those before it.
    """
    amount = number(answers.get("amount"))
    months = [number(one) or Decimal(0) for one in facts.get("months") or ()]
    if amount is None or len(months) < month:
        return ()
    this = months[month - 1] + amount
    before = months[: month - 1]
    whole = sum(before, this)
    if month == 12 and this * _HUNDRED > whole * rules["december_share"]:
        share = f"{this * _HUNDRED / whole:.1f}"
        return (f"12月支出占全年{share}%", f"December takes {share} % of the year")
    mean = sum(before, Decimal(0)) / len(before) if before else Decimal(0)
    if mean > 0 and this > mean * rules["month_multiple"]:
        times = f"{this / mean:.1f}"
        return (
            f"{month}月支出是此前各月平均的{times}倍",
            f"month {month} is {times} times the mean of those before",
        )
    return ()


def check_opinion(answers: Mapping[str, Any], outcome: str) -> Iterator[Finding]:
    """Who finds the use outside the scope can't agree to it (S2-29)."""
    if outcome == "同意" and answers.get("out_of_scope") is True:
        yield found("f9_scope", "out_of_scope")


def check_receipt(
    answers: Mapping[str, Any], request: Mapping[str, Any], hold_reason: str | None, today: date
) -> Iterator[Finding]:
    """No more is paid than was approved, none on a day to come, and nothing while the money is held."""
    paid_on = day(answers.get("paid_on"))
    if paid_on is not None and paid_on > today:
        yield found("f9_future", "paid_on", today=today)
    amount, most = number(answers.get("paid_amount")), number(request.get("amount"))
    if amount is not None and most is not None and amount > most:
        yield found("f9_paid_more", "paid_amount", most=f"{most:,.2f}")
    if hold_reason:
        yield found("f9_held", None, reason=hold_reason)


def _ahead_of_the_work(
    answers: Mapping[str, Any], facts: Mapping[str, Any], rules: Mapping[str, Any]
) -> Iterator[Finding]:
    """DQ25: the share that is paid exceeds the physical progress; the payment will be held (D06)."""
    amount, progress = number(answers.get("amount")), number(answers.get("physical_progress"))
    paid, budget = number(facts.get("paid_cum")), number(facts.get("budget"))
    if amount is None or progress is None or paid is None or budget is None:
        return
    ratio = payment_ratio(amount, paid, budget, number(answers.get("contract_amount")))
    if ratio is not None and ratio - progress > rules["progress_gap"]:
        yield found(
            "dq25_ahead",
            "physical_progress",
            ratio=f"{ratio:.2f}",
            progress=f"{progress:.2f}",
            gap=rules["progress_gap"],
        )
