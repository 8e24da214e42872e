"""Reads the self-evaluation form's answers (F4) into typed values and never fails on what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from budget.answers import ReasonRow, day, number, rows, text
from budget.codes import Code, Direction, Nature, Operator
from budget.tables import Indicator

_DAY = re.compile(r"(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})")


class Method(Code):
    """计分方式: how an indicator's points follow from what was reached (D10)."""

    POSITIVE = ("POSITIVE", "正向", "more is better")
    NEGATIVE = ("NEGATIVE", "反向", "less is better")
    EQ = ("EQ", "等于", "equal")
    RANGE = ("RANGE", "区间", "between")
    DATE = ("DATE", "按期", "by a day")
    QUAL = ("QUAL", "定性", "qualitative")


class Band(Code):
    """定性三档: how far a qualitative indicator was reached."""

    ACHIEVED = ("ACHIEVED", "达成预期", "reached")
    PARTLY = ("PARTLY", "部分达成", "partly reached")
    MISSED = ("MISSED", "未达成", "missed")


#: 超额原因: the target had been set low, so that the points are reduced by the profile's factor (D10).
TARGET_LOW = "TARGET_LOW"


def day_in(value: Any) -> date | None:
    """Return the day that a text names (2026-11-30, 2026年11月30日前), None where it names none."""
    found = _DAY.search(text(value))
    if found is None:
        return day(value)
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def method_of(indicator: Indicator) -> Method:
    """Return how an approved indicator is scored: by its comparison, its direction, or the day in its target."""
    if day_in(indicator.target_text) is not None:
        return Method.DATE
    if indicator.nature == Nature.QUAL or indicator.target_value is None:
        return Method.QUAL
    if indicator.operator == Operator.EQ:
        return Method.EQ
    if indicator.operator == Operator.RANGE:
        return Method.RANGE
    return Method.NEGATIVE if indicator.direction == Direction.NEGATIVE else Method.POSITIVE


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A row of the self-evaluation, at ``position`` (from 0): an approved indicator and what was reached."""

    row_id: str
    level1: str
    level2: str
    name: str
    method: str
    target: str
    target_value: Decimal | None
    target_upper: Decimal | None
    weight: Decimal | None
    actual: str
    band: str
    over_cause: str
    suggested: Decimal | None
    given: Decimal | None
    points: Decimal | None
    cause: str
    evidence: str
    position: int = 0

    @classmethod
    def read(cls, row: Mapping[str, Any], position: int = 0) -> EvaluationRow:
        """Read one row's answers."""
        return cls(
            row_id=text(row.get("_row")),
            level1=text(row.get("level1")),
            level2=text(row.get("level2")),
            name=text(row.get("name")),
            method=text(row.get("method")),
            target=text(row.get("target")),
            target_value=number(row.get("target_value")),
            target_upper=number(row.get("target_upper")),
            weight=number(row.get("weight")),
            actual=text(row.get("actual")),
            band=text(row.get("band")),
            over_cause=text(row.get("over_cause")),
            suggested=number(row.get("suggested")),
            given=number(row.get("given")),
            points=number(row.get("points")),
            cause=text(row.get("cause")),
            evidence=text(row.get("evidence")),
            position=position,
        )

    @property
    def value(self) -> Decimal | None:
        """What was reached as a number, None where it is none."""
        return number(self.actual)

    @property
    def ratio(self) -> Decimal | None:
        """What was reached ÷ the target, of a target above zero where more is better; None otherwise."""
        target, value = self.target_value, self.value
        if self.method != Method.POSITIVE or target is None or target <= 0 or value is None:
            return None
        return value / target


def decided(row: EvaluationRow) -> Mapping[str, Any]:
    """Return a row as the decision D10 takes it: numbers, and how many days late what had a day was."""
    late: int | None = None
    if row.method == Method.DATE:
        due, done = day_in(row.target), day_in(row.actual)
        late = (done - due).days if due is not None and done is not None else None
    return {
        "method": row.method,
        "weight": row.weight,
        "target": row.target_value,
        "upper": row.target_upper,
        "actual": row.value,
        "late": late,
        "band": row.band or None,
        "low": row.over_cause == TARGET_LOW,
    }


@dataclass(frozen=True, slots=True)
class EvaluationAnswers:
    """The self-evaluation's answers, amounts in 万元 as typed."""

    budget_initial: Decimal | None
    budget_full: Decimal | None
    parts: tuple[Decimal | None, ...]
    executed: Decimal | None
    execution_points: Decimal | None
    goal_actual: str
    indicators: tuple[EvaluationRow, ...]
    total: Decimal | None
    grade: str
    problems: str
    improvement: str
    survey_sample: Decimal | None
    survey_population: Decimal | None
    survey_files: bool
    evidence_files: bool
    reasons: tuple[ReasonRow, ...]

    @classmethod
    def read(cls, answers: Mapping[str, Any]) -> EvaluationAnswers:
        """Read the whole form."""
        return cls(
            budget_initial=number(answers.get("budget_initial")),
            budget_full=number(answers.get("budget_full")),
            parts=tuple(
                number(answers.get(field)) for field in ("fund_fiscal", "fund_carryover", "fund_other")
            ),
            executed=number(answers.get("executed_full")),
            execution_points=number(answers.get("exec_score")),
            goal_actual=text(answers.get("goal_actual")),
            indicators=tuple(
                EvaluationRow.read(row, position)
                for position, row in enumerate(rows(answers.get("indicators")))
            ),
            total=number(answers.get("total_score")),
            grade=text(answers.get("grade")),
            problems=text(answers.get("problems")),
            improvement=text(answers.get("improvement")),
            survey_sample=number(answers.get("survey_sample")),
            survey_population=number(answers.get("survey_population")),
            survey_files=bool(answers.get("survey_files")),
            evidence_files=bool(answers.get("evidence_files")),
            reasons=tuple(
                ReasonRow(text(row.get("check")), text(row.get("indicator")), text(row.get("reason")))
                for row in rows(answers.get("dq_reasons"))
            ),
        )

    @property
    def numbered(self) -> Iterator[tuple[int, EvaluationRow]]:
        """The rows, each with its position in the table."""
        return ((row.position, row) for row in self.indicators)

    @property
    def execution_rate(self) -> Decimal | None:
        """Executed ÷ the year's budget, None where either is unknown or there is no budget."""
        if self.executed is None or not self.budget_full:
            return None
        return self.executed / self.budget_full
