"""Checks of single rows of the indicator table: values, units, direction (DQ03, DQ08–DQ10, DQ33)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from budget.answers import GoalAnswers, IndicatorRow
from budget.codes import LEVEL2_OF, Level1, Level2, Operator
from budget.quality.model import found
from budget.quality.thresholds import Thresholds, vocabulary
from budget.quality.words import is_empty, normal
from engine.plugins import Finding

#: The unit under which a quantitative target is a day, and how days are written: 11月30日前, 2027年6月底, 2027-11-30.
DATE_UNIT = "日期"
_DAY = re.compile(
    r"(\d{4}年)?(\d{1,2}月(\d{1,2}日|初|上旬|中旬|下旬|底|末)?|年底|年末)(之?前|以前)?"
    r"|\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?(之?前|以前)?"
)
_PAIR = re.compile(r"\s*\d{1,3}\s*[/／]\s*\d{1,3}\s*")
_SCORE = re.compile(r"\s*\d{1,3}\s*")


def _cell(row: int, column: str) -> str:
    return f"indicators.{row}.{column}"


def _name(row: IndicatorRow) -> str:
    return row.name or (Level2[row.level2].zh if row.level2 in Level2.__members__ else "")


def is_percent(row: IndicatorRow) -> bool:
    """Whether the row's unit is a percentage."""
    return row.unit in vocabulary().percent_units


def is_day(row: IndicatorRow) -> bool:
    """Whether the target is a day or a month by which something is done; it needs no unit."""
    return row.unit == DATE_UNIT or _DAY.fullmatch("".join(row.target.split())) is not None


def f0_level2_belongs_to_level1(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """A 二级 indicator is of a kind that its 一级 indicator has (form F0)."""
    for index, row in goal.numbered:
        if row.level1 not in Level1.__members__ or row.level2 not in Level2.__members__:
            continue
        level1, level2 = Level1[row.level1], Level2[row.level2]
        if level2 not in LEVEL2_OF[level1]:
            yield found(
                "level2_foreign",
                _cell(index, "level2"),
                row=index + 1,
                level1_zh=level1.zh,
                level1_en=level1.en,
                level2_zh=level2.zh,
                level2_en=level2.en,
            )


def dq03_target_is_given(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """Every indicator has a target; a mark like ``/`` is none."""
    for index, row in goal.numbered:
        if is_empty(row.target):
            yield found("target_empty", _cell(index, "target_value"), row=index + 1, name=_name(row))


def dq08_unit_fits(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """A quantitative indicator has a unit, and what counts things is no percentage."""
    for index, row in goal.numbered:
        if not row.is_quantitative or is_day(row):
            continue
        if is_empty(row.unit):
            yield found("unit_missing", _cell(index, "unit"), row=index + 1, name=_name(row))
        elif (
            is_percent(row)
            and row.level2 == Level2.QUANTITY
            and re.sub(r"[（(].*[)）]$", "", row.name).endswith(vocabulary().count_endings)
        ):
            yield found("unit_percent", _cell(index, "unit"), row=index + 1, name=row.name, unit=row.unit)


def dq09_value_is_in_range(goal: GoalAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """A quantitative target is a number (a day where the unit is 日期), a rate lies between 0 and 100 %."""
    for index, row in goal.numbered:
        if not row.is_quantitative or is_empty(row.target):
            continue
        where = {"row": index + 1, "name": _name(row)}
        if row.value is None:
            if not is_day(row) and not _looks_like_a_score(row):
                yield found("not_a_number", _cell(index, "target_value"), value=row.target, **where)
            continue
        if row.operator == Operator.RANGE and (row.value_max is None or row.value_max <= row.value):
            yield found("range_open", _cell(index, "target_value_max"), value=row.target, **where)
        if is_percent(row):
            yield from _percent(index, row, row.value, thresholds.percent_max)


def _percent(index: int, row: IndicatorRow, value: Decimal, maximum: Decimal) -> Iterator[Finding]:
    if any(word in row.name for word in vocabulary().growth):
        return
    params = {
        "row": index + 1,
        "name": _name(row),
        "value": format(value, "f"),
        "maximum": format(maximum, "f"),
    }
    at = _cell(index, "target_value")
    if value > maximum:
        yield found("percent_above", at, **params)
    elif row.operator == Operator.RANGE and row.value_max is not None and row.value_max > maximum:
        params["value"] = format(row.value_max, "f")
        yield found("percent_above", _cell(index, "target_value_max"), **params)
    elif value < 0 or (value == 0 and row.operator == Operator.GE):
        yield found("percent_below", at, **params)
    elif value == maximum and row.operator == Operator.GT:
        yield found("percent_unreachable", at, **params)
    elif value == maximum and row.operator == Operator.GE:
        yield found("percent_full", at, **params)


def _looks_like_a_score(row: IndicatorRow) -> bool:
    if _PAIR.fullmatch(row.target):
        return True
    beside = (row.value_max_text, row.longterm, row.evidence, row.formula, row.standard_note)
    return bool(_SCORE.fullmatch(row.target)) and any(
        _SCORE.fullmatch(other) and int(other) >= int(row.target) for other in beside if other
    )


def dq10_target_is_no_score(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """A row without a name of its own whose target is a pair of whole numbers (88/100) holds a score."""
    labels = {"", normal("数量"), *(normal(level.zh) for level in Level2)}
    labels |= {label.removesuffix("指标") for label in labels}
    for index, row in goal.numbered:
        if normal(row.name) in labels and _looks_like_a_score(row):
            yield found("score_as_target", _cell(index, "target_value"), row=index + 1, value=row.target)


def dq33_direction_fits(goal: GoalAnswers, _: Thresholds) -> Iterator[Finding]:
    """Cost, complaints and duration are at most, satisfaction is at least."""
    words = vocabulary()
    for index, row in goal.numbered:
        if row.operator in (Operator.GE, Operator.GT):
            less = row.is_cost or any(word in row.name for word in words.less)
            if less and not any(word in row.name for word in words.more):
                yield _direction("direction_less", index, row)
        elif row.operator in (Operator.LE, Operator.LT):
            named = any(word in row.name for word in words.satisfaction) and "不满意" not in row.name
            if named or (row.level1 == Level1.SATISFACTION and "不满意" not in row.name):
                yield _direction("direction_more", index, row)


def _direction(key: str, index: int, row: IndicatorRow) -> Finding:
    sign = Operator[row.operator].zh
    return found(key, _cell(index, "operator"), row=index + 1, name=_name(row), operator=sign)
