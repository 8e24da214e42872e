"""Reads the monitoring form (F3) into typed values with their rates and deviations; never fails on what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget.answers import number, rows, text
from budget.codes import FundBook, Nature
from budget.monitoring.codes import Cause, FundIssue, Likelihood
from budget.monitoring.progress import ONE, Rules, completion, deviation, is_limit, planned_of_limit, rate_of


def chosen(value: Any) -> tuple[str, ...]:
    """Return the codes that were ticked in a checklist."""
    return tuple(text(one) for one in value) if isinstance(value, (list, tuple)) else ()


@dataclass(frozen=True, slots=True)
class MonitoringRow:
    """A row of the monitoring form at ``position`` (from 0): an approved indicator, and how far it has come."""

    row_id: str
    name: str
    level1: str
    nature: str
    operator: str
    direction: str
    target: str
    unit: str
    actual: str
    #: Nothing can be measured yet; the reason is in ``remark``.
    not_due: bool
    completion: Decimal | None
    planned: Decimal | None
    deviation: Decimal | None
    previous: Decimal | None
    forecast: str
    causes: tuple[str, ...]
    cause_note: str
    likelihood: str
    remark: str
    position: int = 0

    @classmethod
    def read(cls, row: Mapping[str, Any], rules: Rules, position: int = 0) -> MonitoringRow:
        """Read one row's answers; rates are worked out anew, not taken from what the page computed."""
        operator, direction = text(row.get("operator")), text(row.get("direction"))
        nature = text(row.get("nature"))
        not_due = row.get("not_due") is True
        done: Decimal | None = None
        if nature != Nature.QUAL and not not_due:
            done = completion(
                number(row.get("target_value")),
                number(row.get("actual_to_date")),
                operator=operator,
                direction=direction,
                target_max=number(row.get("target_value_max")),
            )
        plan = planned_of_limit(rate_of(number(row.get("plan_rate"))), operator, direction)
        behind = deviation(plan, done, rules) if done is not None and plan is not None else None
        return cls(
            row_id=text(row.get("_row")),
            name=text(row.get("level3_name")),
            level1=text(row.get("level1")),
            nature=nature,
            operator=operator,
            direction=direction,
            target=text(row.get("target_value")),
            unit=text(row.get("unit")),
            actual=text(row.get("actual_to_date")),
            not_due=not_due,
            completion=done,
            planned=plan,
            deviation=behind,
            previous=number(row.get("previous_actual")),
            forecast=text(row.get("forecast_value")),
            causes=chosen(row.get("cause")),
            cause_note=text(row.get("cause_note")),
            likelihood=text(row.get("likelihood")),
            remark=text(row.get("remark")),
            position=position,
        )

    @property
    def value(self) -> Decimal | None:
        """What was reached, where it is a number."""
        return number(self.actual)

    @property
    def is_measured(self) -> bool:
        """Whether a number is asked for: the target is one, and it can be measured by now."""
        return self.nature != Nature.QUAL and number(self.target) is not None and not self.not_due

    @property
    def is_cumulative(self) -> bool:
        """Whether what was reached can only grow: a count, not a percentage and no limit."""
        percentage = self.unit in ("%", "％")
        return self.is_measured and not percentage and not is_limit(self.operator, self.direction)


@dataclass(frozen=True, slots=True)
class MonitoringAnswers:
    """The monitoring form's answers, amounts in 万元 as typed, rates as fractions of 1."""

    budget_initial: Decimal | None
    budget_adjusted: Decimal | None
    executed: Decimal | None
    forecast: Decimal | None
    previous_executed: Decimal | None
    books: Mapping[FundBook, Decimal | None]
    work_progress: Decimal | None
    goal_progress: str
    plan: Decimal
    statement: str
    statement_files: tuple[str, ...]
    measures: str
    fund_issues: tuple[str, ...]
    excused: bool
    excuse_basis: str
    correction: str
    rows: tuple[MonitoringRow, ...]

    @classmethod
    def read(cls, answers: Mapping[str, Any], rules: Rules) -> MonitoringAnswers:
        """Read the whole form."""
        return cls(
            budget_initial=number(answers.get("budget_initial")),
            budget_adjusted=number(answers.get("budget_adjusted")),
            executed=number(answers.get("executed")),
            forecast=number(answers.get("forecast_exec")),
            previous_executed=number(answers.get("previous_executed")),
            books={
                FundBook[book]: number(row.get("amount"))
                for row in rows(answers.get("exec_by_book"))
                if (book := text(row.get("book"))) in FundBook.__members__
            },
            work_progress=number(answers.get("work_progress_pct")),
            goal_progress=text(answers.get("goal_progress")),
            plan=rate_of(number(answers.get("plan_rate"))) or Decimal(0),
            statement=text(answers.get("deviation_statement")),
            statement_files=chosen(answers.get("deviation_files")),
            measures=text(answers.get("corrective_measures")),
            fund_issues=tuple(
                one for one in chosen(answers.get("fund_issue")) if one in FundIssue.__members__
            ),
            excused=answers.get("excused") is True,
            excuse_basis=text(answers.get("excuse_basis")),
            correction=text(answers.get("correction_note")),
            rows=tuple(
                MonitoringRow.read(row, rules, position)
                for position, row in enumerate(rows(answers.get("indicators")))
            ),
        )

    @property
    def spent(self) -> Decimal | None:
        """The share of the year's money that was spent; None where there is no money."""
        if not self.budget_adjusted or self.executed is None:
            return None
        return completion(self.budget_adjusted, self.executed)

    def money_deviation(self, rules: Rules) -> Decimal:
        """Return how far the spending is behind its plan."""
        return Decimal(0) if self.spent is None else deviation(self.plan, self.spent, rules)

    @property
    def goal_deviation(self) -> Decimal:
        """The largest deviation of an indicator."""
        return max((row.deviation for row in self.rows if row.deviation is not None), default=Decimal(0))

    @property
    def goal_actual(self) -> Decimal | None:
        """The mean completion rate of the indicators that have one, each counted up to 1."""
        rates = [min(row.completion, ONE) for row in self.rows if row.completion is not None]
        return sum(rates, Decimal(0)) / len(rates) if rates else None

    def worst(self, rules: Rules) -> Decimal:
        """Return the deviation of the project: the larger of money's and the goal's (D03)."""
        return max(self.money_deviation(rules), self.goal_deviation)

    @property
    def likelihood(self) -> str:
        """The least likelihood that any row has."""
        order = (Likelihood.IMPOSSIBLE, Likelihood.POSSIBLE)
        said = {row.likelihood for row in self.rows}
        return next((one.value for one in order if one in said), Likelihood.CERTAIN.value)

    @property
    def misused(self) -> bool:
        """Whether the unit reports that money was misused."""
        return FundIssue.MISUSE in self.fund_issues

    def needs_statement(self, rules: Rules) -> bool:
        """Whether a statement of the deviation and measures must be given (S4-10: more than the limit)."""
        return self.worst(rules) > rules.limit or self.likelihood == Likelihood.IMPOSSIBLE or self.misused


def known_causes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the ticked causes that there are."""
    return tuple(code for code in codes if code in Cause.__members__)
