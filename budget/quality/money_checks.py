"""Checks of amounts and dates: what must add up, and what must lie within the project's time (DQ13, DQ31, DQ32)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from budget.answers import GoalAnswers, IndicatorRow
from budget.money import round_half_up
from budget.quality.model import found
from budget.quality.thresholds import Thresholds, vocabulary
from engine.plugins import Finding

_PARTS = (
    ("fund_upper", "上级转移支付", "Transfers from above"),
    ("fund_carryover", "上年结转", "Money carried over"),
    ("annual_amount", "年度资金", "This year's money"),
)


def dq31_funds_add_up(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """The four budgets and other funds make the total, the expenses the year's money, and no part exceeds it.

    Transfers and money carried over say where money comes from; they are no addend beside the four budgets.
    """
    total = goal.total_amount
    if total is not None:
        amounts = {
            "fund_upper": goal.fund_upper,
            "fund_carryover": goal.fund_carryover,
            "annual_amount": goal.annual_amount,
        }
        given = sum((amount for amount in goal.funds.values() if amount is not None), Decimal(0))
        if abs(given - total) > thresholds.amount_tolerance:
            yield found(
                "funds_total",
                "total_amount",
                total=f"{total:,f}",
                sum=f"{given:,f}",
                difference=f"{abs(given - total):,f}",
            )
        for field, zh, en in _PARTS:
            value = amounts[field]
            if value is not None and value > total:
                yield found(
                    "funds_part", field, part_zh=zh, part_en=en, value=f"{value:,f}", total=f"{total:,f}"
                )
    year = goal.annual_amount
    if year is not None and goal.expenses:
        spent = sum((line.amount for line in goal.expenses if line.amount is not None), Decimal(0))
        if abs(spent - year) > thresholds.amount_tolerance:
            yield found(
                "expenses_total",
                "expense_items",
                sum=f"{spent:,f}",
                total=f"{year:,f}",
                difference=f"{abs(spent - year):,f}",
            )


def dq32_dates_fit(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """The project ends after it starts, and each line of the plan lies within its time."""
    start, end = goal.start_date, goal.end_date
    if start and end and start > end:
        yield found("dates_reversed", "end_date", start=start, end=end)
        return
    for index, line in enumerate(goal.milestones):
        if line.start and line.end and line.start > line.end:
            yield found("dates_reversed", f"milestones.{index}.end", start=line.start, end=line.end)
            continue
        for column, when in (("start", line.start), ("end", line.end)):
            if when and start and end and not start <= when <= end:
                yield found(
                    "milestone_outside",
                    f"milestones.{index}.{column}",
                    row=index + 1,
                    content=line.content,
                    start=start,
                    end=end,
                )


def dq13_cost_fits_the_money(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """A target for the whole cost stays within the year's money, and is not far from it (S4).

    Which indicators are about the whole cost is told by their names and by a unit that is an amount of money.
    """
    money = goal.annual_amount
    if not money or money <= 0:
        return
    for index, row in goal.numbered:
        cost = _whole_cost(row)
        if cost is None:
            continue
        facts = {"row": index + 1, "name": row.name, "cost": f"{cost:,f}", "amount": f"{money:,f}"}
        at = f"indicators.{index}.target_value"
        if cost > money + thresholds.amount_tolerance:
            yield found("cost_above", at, **facts)
        elif money - cost > money * thresholds.cost_gap:
            percent = round_half_up((money - cost) / money * 100, 2).normalize()
            yield found("cost_apart", at, **facts, percent=f"{percent:f}")


def _whole_cost(row: IndicatorRow) -> Decimal | None:
    """Return a cost indicator's target in 万元 where it is about the whole project; None for any other indicator."""
    factor = vocabulary().money_units.get(row.unit)
    if not row.is_cost or not row.is_quantitative or row.value is None or factor is None:
        return None
    if not any(word in row.name for word in vocabulary().whole_costs):
        return None
    return (row.value if row.value_max is None else row.value_max) * factor
