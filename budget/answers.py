"""Reads the goal form's answers (F1 with its rows F0) into typed values and never fails on what was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from budget.codes import FUND_FIELDS, Category, Direction, FundBook, Level1, Level2, Nature, Operator

_FULL_WIDTH = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)} | {"　": " ", "，": ",", "−": "-", "—": "-"}
)


def number(value: Any) -> Decimal | None:
    """Return what was typed as a finite decimal, or None where it is no number.

    Full-width digits and thousands separators are understood: ``１,２００`` is 1200.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, Decimal)):
        result = Decimal(value)
    else:
        typed = str(value).translate(_FULL_WIDTH).strip().replace(",", "")
        if len(typed) > 60:
            return None
        try:
            result = Decimal(typed)
        except InvalidOperation:
            return None
    return result if result.is_finite() and -40 < result.adjusted() < 40 else None


def text(value: Any) -> str:
    """Return what was typed as a stripped string; nothing is the empty string."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).strip()


def day(value: Any) -> date | None:
    """Return an ISO date (the date of an ISO date and time), or None where it is none."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text(value)[:10])
    except ValueError:
        return None


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a table's answers at their positions; whatever is no row counts as an empty one."""
    if not isinstance(value, (list, tuple)):
        return ()
    return [row if isinstance(row, Mapping) else {} for row in value]


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A row of the indicator table, at ``position`` (from 0); a code that was not chosen is the empty string."""

    row_id: str
    level1: str
    level2: str
    name: str
    nature: str
    operator: str
    target: str
    value: Decimal | None
    value_max: Decimal | None
    value_max_text: str
    unit: str
    direction: str
    longterm: str
    weight: Decimal | None
    formula: str
    standard_source: str
    standard_note: str
    evidence: str
    last_year_actual: Decimal | None
    library_id: str
    position: int = 0

    @classmethod
    def read(cls, row: Mapping[str, Any], position: int = 0) -> IndicatorRow:
        """Read one row's answers."""
        operator = text(row.get("operator"))
        nature = text(row.get("nature")) or (Nature.QUAL if operator == Operator.QUAL else Nature.QUANT)
        return cls(
            row_id=text(row.get("_row")),
            level1=text(row.get("level1")),
            level2=text(row.get("level2")),
            name=text(row.get("level3_name")),
            nature=nature,
            operator=operator,
            target=text(row.get("target_value")),
            value=number(row.get("target_value")),
            value_max=number(row.get("target_value_max")),
            value_max_text=text(row.get("target_value_max")),
            unit=text(row.get("unit")),
            direction=text(row.get("direction")) or direction_of(operator),
            longterm=text(row.get("longterm_target")),
            weight=number(row.get("weight_score")),
            formula=text(row.get("formula")),
            standard_source=text(row.get("standard_source")),
            standard_note=text(row.get("standard_note")),
            evidence=text(row.get("evidence_required")),
            last_year_actual=number(row.get("last_year_actual")),
            library_id=text(row.get("library_id")),
            position=position,
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in but what a new row begins with."""
        return not any((self.level1, self.level2, self.name, self.target, self.unit))

    @property
    def is_quantitative(self) -> bool:
        """Whether the target is a number (定量)."""
        return self.nature == Nature.QUANT

    @property
    def is_cost(self) -> bool:
        """Whether the row is about cost, as a 二级 or as a 一级 indicator."""
        return self.level2 == Level2.COST or self.level1 == Level1.COST


def direction_of(operator: str) -> Direction:
    """Return the direction that a comparison suggests: at least is POSITIVE, at most is NEGATIVE."""
    if operator in (Operator.GE, Operator.GT):
        return Direction.POSITIVE
    if operator in (Operator.LE, Operator.LT):
        return Direction.NEGATIVE
    return Direction.NEUTRAL


@dataclass(frozen=True, slots=True)
class ExpenseRow:
    """A line of the year's expenses, in 万元."""

    name: str
    amount: Decimal | None
    basis: str


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A line of the plan."""

    content: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason for what a check found: which check, and for which indicator (empty: wherever it found it)."""

    check: str
    indicator: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoalAnswers:
    """The goal form's answers, amounts in 万元 as typed; rows in which nothing was filled in are left out."""

    category: str
    goal_annual: str
    goal_longterm: str
    start_date: date | None
    end_date: date | None
    total_amount: Decimal | None
    annual_amount: Decimal | None
    funds: Mapping[FundBook, Decimal | None]
    fund_upper: Decimal | None
    fund_carryover: Decimal | None
    satisfaction_na: bool
    satisfaction_na_reason: str
    indicators: tuple[IndicatorRow, ...]
    expenses: tuple[ExpenseRow, ...]
    milestones: tuple[MilestoneRow, ...]
    reasons: tuple[ReasonRow, ...]

    @classmethod
    def read(cls, answers: Mapping[str, Any]) -> GoalAnswers:
        """Read the whole form."""
        return cls(
            category=text(answers.get("project_category")),
            goal_annual=text(answers.get("goal_annual")),
            goal_longterm=text(answers.get("goal_longterm")),
            start_date=day(answers.get("start_date")),
            end_date=day(answers.get("end_date")),
            total_amount=number(answers.get("total_amount")),
            annual_amount=number(answers.get("annual_amount")),
            funds={book: number(answers.get(field)) for book, field in FUND_FIELDS.items()},
            fund_upper=number(answers.get("fund_upper")),
            fund_carryover=number(answers.get("fund_carryover")),
            satisfaction_na=answers.get("satisfaction_na") is True,
            satisfaction_na_reason=text(answers.get("satisfaction_na_reason")),
            indicators=tuple(
                row
                for position, given in enumerate(rows(answers.get("indicators")))
                if not (row := IndicatorRow.read(given, position)).is_blank
            ),
            expenses=tuple(
                ExpenseRow(text(row.get("name")), number(row.get("amount")), text(row.get("basis")))
                for row in rows(answers.get("expense_items"))
            ),
            milestones=tuple(
                MilestoneRow(text(row.get("content")), day(row.get("start")), day(row.get("end")))
                for row in rows(answers.get("milestones"))
            ),
            reasons=tuple(
                ReasonRow(text(row.get("check")), text(row.get("indicator")), text(row.get("reason")))
                for row in rows(answers.get("dq_reasons"))
            ),
        )

    @property
    def numbered(self) -> Iterator[tuple[int, IndicatorRow]]:
        """The indicator rows, each with its position in the table."""
        return ((row.position, row) for row in self.indicators)

    @property
    def is_specific(self) -> bool:
        """Whether it is a 特定目标类 project; an unknown category is treated as one."""
        return self.category not in (Category.PERSONNEL, Category.OPERATION)
