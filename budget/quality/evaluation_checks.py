"""Checks of the self-evaluation form (DQ12, DQ14, DQ16 … DQ21, DQ40, D10): pure functions on its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budget.answers import number, rows, text
from budget.codes import Level1
from budget.evaluation_answers import Band, EvaluationAnswers, EvaluationRow, Method
from budget.money import round_half_up
from budget.quality.known_checks import Copied
from budget.quality.model import found
from budget.quality.thresholds import Thresholds
from budget.quality.words import normal
from budget.similarity import likeness, pieces
from engine.plugins import Finding

#: What a review by sample is forced by (DQ18).
FORMAL = "DQ18"
#: The columns of the table that are the approved version's.
FROZEN = ("level1", "name", "method", "target", "target_value", "target_upper", "weight")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a county sets for self-evaluations: see the groups ``scoring`` and ``evaluation`` of a profile.

    Shares are fractions of 1, ``basis`` is what the decision D11 said.
    """

    over_limit: Decimal
    formal_from: Decimal
    formal_rate: Decimal
    alike_from: int
    survey_sample: int
    survey_share: Decimal
    basis: Mapping[str, Any]

    @classmethod
    def read(cls, variables: Mapping[str, Any]) -> Rules:
        """Read the variables ``profile`` and ``basis`` of an instance."""
        profile = variables.get("profile") or {}
        given = {**profile.get("scoring", {}), **profile.get("evaluation", {})}
        return cls(
            over_limit=Decimal(given["over_limit"]) / 100,
            formal_from=Decimal(given["formal_from"]),
            formal_rate=Decimal(given["formal_rate"]) / 100,
            alike_from=int(given["alike_from"]),
            survey_sample=int(given["survey_sample"]),
            survey_share=Decimal(given["survey_share"]) / 100,
            basis=variables.get("basis") or {},
        )

    def band(self, band: str) -> tuple[Decimal, Decimal]:
        """Return between which shares of its points a qualitative indicator of that band lies."""
        achieved = Decimal(self.basis.get("achieved_from", 80)) / 100
        partly = Decimal(self.basis.get("partly_from", 60)) / 100
        return {
            Band.ACHIEVED: (achieved, Decimal(1)),
            Band.PARTLY: (partly, achieved),
            Band.MISSED: (Decimal(0), partly),
        }[Band[band]]


def check_evaluation(
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    thresholds: Thresholds,
    copied: Copied | None = None,
) -> list[Finding]:
    """Return what is wrong with a self-evaluation; a warning without a reason is an error.

    ``copied`` is the self-evaluation of another unit that tells most nearly the same, where the records were asked.
    """
    form = EvaluationAnswers.read(answers)
    findings = [
        *found_in(answers, variables, thresholds, copied),
        *dq40_rows_are_approved(answers, variables),
    ]
    return [
        replace(one, severity="error")
        if one.severity == "warning" and reason_for(one, form, thresholds) is None
        else one
        for one in findings
    ]


def found_in(
    answers: Mapping[str, Any],
    variables: Mapping[str, Any],
    thresholds: Thresholds,
    copied: Copied | None = None,
) -> list[Finding]:
    """Return what the checks find in a form, in the order in which it is read."""
    form, rules = EvaluationAnswers.read(answers), Rules.read(variables)
    return [
        *dq14_result_is_not_the_goal(form, text(answers.get("goal_expected")), thresholds),
        *dq14_result_is_not_last_years(form, text(told_before(variables)), thresholds),
        *dq14_result_is_not_anothers(copied, thresholds),
        *dq17_money_is_possible(form, thresholds),
        *d10_points_are_explained(form, rules, thresholds),
        *dq12_surplus_is_explained(form, rules, thresholds),
        *dq16_weights_make_a_hundred(form, rules),
        *dq19_results_differ_from_targets(form, rules),
        *dq20_satisfaction_has_a_survey(form, rules),
        *dq21_output_has_evidence(form),
        *dq18_is_no_formality(form, rules),
    ]


def reason_for(finding: Finding, form: EvaluationAnswers, thresholds: Thresholds) -> str | None:
    """Return the reason that the clerk gave for a warning: in the table of reasons, or the row's own (DQ12)."""
    table, _, rest = (finding.field or "").partition(".")
    at = rest.partition(".")[0] if table == "indicators" else ""
    row = next((row for position, row in form.numbered if str(position) == at), None)
    if finding.code == "DQ12" and row is not None and len(row.cause) >= thresholds.reason_min_length:
        return row.cause
    for given in form.reasons:
        named = given.check == finding.code and given.indicator in ("", row.name if row else "")
        if named and len(given.reason) >= thresholds.reason_min_length:
            return given.reason
    return None


def _cell(row: EvaluationRow, column: str) -> str:
    return f"indicators.{row.position}.{column}"


def dq17_money_is_possible(form: EvaluationAnswers, thresholds: Thresholds) -> Iterator[Finding]:
    """What was spent is at most the year's budget, and its parts make the budget."""
    budget, spent = form.budget_full, form.executed
    if budget is None:
        return
    if spent is not None and spent > budget:
        yield found("executed_over", "executed_full", executed=f"{spent:,f}", budget=f"{budget:,f}")
    total = sum((part for part in form.parts if part is not None), Decimal(0))
    if abs(total - budget) > thresholds.amount_tolerance:
        yield found("budget_parts", "budget_full", sum=f"{total:,f}", budget=f"{budget:,f}")


def d10_points_are_explained(
    form: EvaluationAnswers, rules: Rules, thresholds: Thresholds
) -> Iterator[Finding]:
    """Given points lie within the row's, a band's within the band; what is changed or missed has its cause (S4-14)."""
    for row in form.indicators:
        explained = len(row.cause) >= thresholds.reason_min_length
        if row.given is not None and row.weight is not None and not 0 <= row.given <= row.weight:
            yield found("points_range", _cell(row, "given"), name=row.name, weight=f"{row.weight:f}")
        elif (
            row.given is not None
            and row.weight
            and row.method == Method.QUAL
            and row.band in Band.__members__
        ):
            low, high = rules.band(row.band)
            if not low * row.weight <= row.given <= high * row.weight:
                yield found(
                    "points_band",
                    _cell(row, "given"),
                    name=row.name,
                    low=_short(low * row.weight),
                    high=_short(high * row.weight),
                )
        if row.given is not None and row.given != row.suggested and not explained:
            yield found("points_changed", _cell(row, "cause"), name=row.name)
        elif row.points is not None and row.weight and row.points < row.weight and not explained:
            yield found("points_missed", _cell(row, "cause"), name=row.name)


def _short(value: Decimal) -> str:
    return f"{round_half_up(value, 2):f}"


def dq12_surplus_is_explained(form: EvaluationAnswers, rules: Rules, _: Thresholds) -> Iterator[Finding]:
    """What was reached far above its target is explained in the row."""
    for row in form.indicators:
        if row.ratio is not None and row.ratio > rules.over_limit:
            yield found(
                "surplus",
                _cell(row, "cause"),
                name=row.name,
                percent=_short(row.ratio * 100),
                limit=_short(rules.over_limit * 100),
            )


def dq14_result_is_not_the_goal(
    form: EvaluationAnswers, goal: str, thresholds: Thresholds
) -> Iterator[Finding]:
    """What was achieved is told, and isn't the goal's text once more (S1, 敷衍)."""
    alike = _alike(form.goal_actual, goal)
    if form.goal_actual and alike >= thresholds.copied_from:
        yield found("result_copied", "goal_actual", percent=round_half_up(alike * 100, 0))


def dq14_result_is_not_last_years(
    form: EvaluationAnswers, before: str, thresholds: Thresholds
) -> Iterator[Finding]:
    """What was achieved isn't what the project's self-evaluation of the year before told (S1, 敷衍)."""
    alike = _alike(form.goal_actual, before)
    if before and alike >= thresholds.copied_from:
        yield found("result_as_before", "goal_actual", percent=round_half_up(alike * 100, 0))


def dq14_result_is_not_anothers(copied: Copied | None, thresholds: Thresholds) -> Iterator[Finding]:
    """What was achieved isn't what another unit's self-evaluation told (S1, 敷衍)."""
    if copied is not None and Decimal(str(copied.likeness)) >= thresholds.copied_from:
        yield found(
            "result_as_others",
            "goal_actual",
            percent=round_half_up(Decimal(str(copied.likeness)) * 100, 0),
            unit=copied.unit,
            project=copied.project,
            year=copied.year,
        )


def told_before(variables: Mapping[str, Any]) -> Any:
    """Return what the self-evaluation of the year before told of its goal, as the form began with it."""
    return (variables.get("basis_money") or {}).get("told_before")


def _alike(left: str, right: str) -> Decimal:
    return Decimal(str(likeness(*(Counter(pieces(normal(words))) for words in (left, right)))))


def dq16_weights_make_a_hundred(form: EvaluationAnswers, rules: Rules) -> Iterator[Finding]:
    """All rows with budget execution make 100."""
    execution = Decimal(rules.basis.get("EXECUTION", 0))
    total = sum((row.weight or Decimal(0) for row in form.indicators), Decimal(0))
    if total + execution != 100:
        yield found(
            "weight_total",
            "indicators",
            sum=format(total, "f"),
            execution=format(execution, "f"),
            expected=format(100 - execution, "f"),
        )


def dq19_results_differ_from_targets(form: EvaluationAnswers, rules: Rules) -> Iterator[Finding]:
    """Not every number is exactly its target."""
    counted = [
        row for row in form.indicators if row.target_value is not None and row.method in (*_NUMBERS, "RANGE")
    ]
    if len(counted) >= rules.alike_from and all(row.value == row.target_value for row in counted):
        yield found("all_alike", "indicators", count=len(counted))


_NUMBERS = (Method.POSITIVE, Method.NEGATIVE, Method.EQ)


def dq20_satisfaction_has_a_survey(form: EvaluationAnswers, rules: Rules) -> Iterator[Finding]:
    """A satisfaction indicator rests on a survey that is large enough and attached."""
    if not any(row.level1 == Level1.SATISFACTION for row in form.indicators):
        return
    sample, served = form.survey_sample, form.survey_population
    share = rules.survey_share * served if served is not None else None
    if sample is None or not form.survey_files:
        yield found("survey_missing", "survey_sample")
    elif sample < rules.survey_sample or (share is not None and sample < share):
        yield found(
            "survey_small",
            "survey_sample",
            sample=f"{sample:f}",
            minimum=rules.survey_sample,
            share=_short(rules.survey_share * 100),
        )


def dq21_output_has_evidence(form: EvaluationAnswers) -> Iterator[Finding]:
    """Each output indicator names the papers that prove it."""
    for row in form.indicators:
        if row.level1 == Level1.OUTPUT and not row.evidence:
            yield found("evidence_missing", _cell(row, "evidence"), name=row.name)


def dq18_is_no_formality(form: EvaluationAnswers, rules: Rules) -> Iterator[Finding]:
    """Almost full points beside little spent, no problems or no evidence look like a formality: it is sampled."""
    if form.total is None or form.total < rules.formal_from:
        return
    rate = form.execution_rate
    slow = rate is not None and rate < rules.formal_rate
    bare = not form.evidence_files and not any(row.evidence for row in form.indicators)
    if slow or bare or not form.problems:
        yield found("formality", "problems", total=_short(form.total))


def dq40_rows_are_approved(answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Finding]:
    """The rows are those of the approved goal (variable ``indicators``), each as it was approved."""
    approved: Sequence[Mapping[str, Any]] = variables.get("indicators") or ()
    given = rows(answers.get("indicators"))
    if len(given) != len(approved):
        yield found("evaluated_rows", "indicators", given=len(given), approved=len(approved))
        return
    for position, (mine, theirs) in enumerate(zip(given, approved, strict=True)):
        if any(_differs(mine.get(column), theirs.get(column)) for column in FROZEN):
            yield found(
                "evaluated_drift", f"indicators.{position}.name", row=position + 1, name=theirs.get("name")
            )


def _differs(given: Any, approved: Any) -> bool:
    a, b = number(given), number(approved)
    if a is not None and b is not None:
        return a != b
    return (given or None) != (approved or None)
