"""Checks of the monitoring form (DQ17, DQ22, DQ23, DQ26, DQ30, DQ40): pure functions on its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget.answers import number, rows
from budget.monitoring.answers import MonitoringAnswers
from budget.monitoring.codes import Cause, Likelihood
from budget.monitoring.progress import Rules, percent
from budget.quality.model import found
from budget.quality.thresholds import Thresholds
from engine.calendar import ZONE
from engine.plugins import Finding

#: The columns of the indicator table that are the approved version's.
FROZEN = (
    "level1",
    "level3_name",
    "nature",
    "operator",
    "target_value",
    "target_value_max",
    "unit",
    "direction",
)


def _cell(position: int, column: str) -> str:
    return f"indicators.{position}.{column}"


def dq17_money_is_possible(form: MonitoringAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """What was spent is at most the budget, the forecast at least what was spent, and the budgets' parts add up."""
    spent, budget, forecast = form.executed, form.budget_adjusted, form.forecast
    tolerance = thresholds.amount_tolerance
    if spent is not None and budget is not None and spent > budget + tolerance:
        yield found("executed_beyond", "executed", executed=f"{spent:,f}", budget=f"{budget:,f}")
    if spent is not None and forecast is not None and forecast + tolerance < spent:
        yield found("forecast_below", "forecast_exec", forecast=f"{forecast:,f}", executed=f"{spent:,f}")
    given = [amount for amount in form.books.values() if amount is not None]
    if spent is not None and given and abs(sum(given, Decimal(0)) - spent) > tolerance:
        total = sum(given, Decimal(0))
        yield found(
            "books_total",
            "exec_by_book",
            sum=f"{total:,f}",
            executed=f"{spent:,f}",
            difference=f"{abs(total - spent):,f}",
        )


def dq22_deviation_is_explained(form: MonitoringAnswers, rules: Rules, minimum: int) -> Iterator[Finding]:
    """Beyond the limit, or where success is not certain, the unit names causes; a project beyond it states why (S4-10)."""
    for row in form.rows:
        beyond = row.deviation is not None and row.deviation > rules.limit
        unsure = row.likelihood in (Likelihood.POSSIBLE, Likelihood.IMPOSSIBLE)
        if not row.causes and beyond:
            yield found(
                "cause_missing",
                _cell(row.position, "cause"),
                row=row.position + 1,
                name=row.name,
                deviation=percent(row.deviation),
                limit=percent(rules.limit),
            )
        elif not row.causes and unsure:
            yield found(
                "cause_unsure",
                _cell(row.position, "cause"),
                row=row.position + 1,
                name=row.name,
                likelihood_zh=Likelihood[row.likelihood].zh,
                likelihood_en=Likelihood[row.likelihood].en,
            )
        if row.causes and len(row.cause_note) < (minimum if Cause.OTHER in row.causes else 1):
            yield found(
                "cause_note_missing",
                _cell(row.position, "cause_note"),
                row=row.position + 1,
                name=row.name,
                minimum=minimum,
            )
    if not form.needs_statement(rules):
        return
    worst = percent(form.worst(rules))
    if len(form.statement) < minimum and not form.statement_files:
        yield found("statement_missing", "deviation_statement", deviation=worst, limit=percent(rules.limit))
    if len(form.measures) < minimum:
        yield found("measures_missing", "corrective_measures", deviation=worst, limit=percent(rules.limit))


def dq23_nothing_goes_back(form: MonitoringAnswers, minimum: int) -> Iterator[Finding]:
    """What accumulates is not less than the time before, unless the unit says what was corrected."""
    if len(form.correction) >= minimum:
        return
    if (
        form.executed is not None
        and form.previous_executed is not None
        and form.executed < form.previous_executed
    ):
        yield found(
            "executed_back", "executed", now=f"{form.executed:,f}", before=f"{form.previous_executed:,f}"
        )
    for row in form.rows:
        if (
            row.is_cumulative
            and row.value is not None
            and row.previous is not None
            and row.value < row.previous
        ):
            yield found(
                "actual_back",
                _cell(row.position, "actual_to_date"),
                row=row.position + 1,
                name=row.name,
                now=row.actual,
                before=f"{row.previous:,f}",
            )


def actual_is_a_number(form: MonitoringAnswers, minimum: int) -> Iterator[Finding]:
    """A quantitative indicator is answered by a number, or by why it can't be measured yet (form F3)."""
    for row in form.rows:
        if row.is_measured and row.value is None:
            yield found(
                "actual_no_number", _cell(row.position, "actual_to_date"), row=row.position + 1, name=row.name
            )
        if row.not_due and len(row.remark) < minimum:
            yield found(
                "not_due_reason",
                _cell(row.position, "remark"),
                row=row.position + 1,
                name=row.name,
                minimum=minimum,
            )


def dq30_amount_is_no_slip(
    form: MonitoringAnswers, usual: Decimal | None, factor: Decimal, minimum: int
) -> Iterator[Finding]:
    """No amount is many times what the unit's projects usually have: perhaps 元 were typed as 万元.

    ``usual`` is their median in 万元. Without a word about it in the note of correction it can't be submitted.
    """
    if not usual:
        return
    for field, amount in (("executed", form.executed), ("forecast_exec", form.forecast)):
        if amount is not None and amount > usual * factor:
            finding = found(
                "reported_slip", field, value=f"{amount:,f}", median=f"{usual:,f}", factor=f"{factor:f}"
            )
            yield finding if len(form.correction) >= minimum else replace(finding, severity="error")


def dq26_report_is_in_time(deadline: Any, now: datetime) -> Iterator[Finding]:
    """Tell that the report is late; nothing stops it."""
    try:
        due = datetime.fromisoformat(str(deadline))
    except ValueError:
        return
    if now > due:
        yield found("report_late", None, due=due.astimezone(ZONE).strftime("%Y-%m-%d %H:%M"))


def dq40_goal_is_the_approved_one(
    answers: Mapping[str, Any], indicators: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    """The rows are those of the approved version, in its order, and say what it says."""
    given = rows(answers.get("indicators"))
    if len(given) != len(indicators):
        yield found("goal_rows", "indicators", given=len(given), approved=len(indicators))
        return
    for position, (row, approved) in enumerate(zip(given, indicators, strict=True)):
        for column in FROZEN:
            if _same(row.get(column), approved.get(column)):
                continue
            yield found("goal_drift", _cell(position, column), row=position + 1, name=approved["level3_name"])
            break


def _same(given: Any, approved: Any) -> bool:
    if given in (None, "") and approved in (None, ""):
        return True
    left, right = number(given), number(approved)
    return left == right if left is not None and right is not None else given == approved


def check_monitoring(
    answers: Mapping[str, Any], variables: Mapping[str, Any], thresholds: Thresholds, now: datetime
) -> list[Finding]:
    """Run all checks on the monitoring form's answers, by the rules of the profile that the instance started with."""
    rules = Rules.read(variables)
    form = MonitoringAnswers.read(answers, rules)
    given = variables.get("baseline")
    baseline: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    minimum = thresholds.reason_min_length
    return [
        *dq40_goal_is_the_approved_one(answers, rows(variables.get("indicators"))),
        *dq17_money_is_possible(form, thresholds),
        *dq30_amount_is_no_slip(form, number(baseline.get("usual_amount")), rules.slip_factor, minimum),
        *actual_is_a_number(form, minimum),
        *dq23_nothing_goes_back(form, minimum),
        *dq22_deviation_is_explained(form, rules, minimum),
        *dq26_report_is_in_time(variables.get("deadline"), now),
    ]
