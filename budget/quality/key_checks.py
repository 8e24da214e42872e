"""Checks of the forms of a key evaluation: who may evaluate, the indicator system, the evidence, the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget.answers import text
from budget.key_codes import Dimension, Method, PaperType
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding

_HUNDRED = Decimal(100)
_ZERO = Decimal(0)


def check_selection(request: AnswersRequest) -> Iterator[Finding]:
    """The list names only projects that were picked among the candidates, none of them secret (DQ29), each once."""
    rows = _rows(request.answers, "choices")
    picked = {row["code"] for row in _rows(request.variables, "picked")}
    if not rows:
        yield found("choices_none", "choices")
    seen: set[str] = set()
    for at, row in enumerate(rows):
        code = text(row.get("code"))
        if code not in picked or code in seen:
            yield found("choice_unknown", f"choices.{at}.name")
        seen.add(code)


def check_assignment(request: AnswersRequest) -> Iterator[Finding]:
    """A third party that advised on the project, or is kept out by its credit, may not evaluate it (§3.4, §6.5, P13)."""
    if request.answers.get("evaluator") == "THIRD_PARTY":
        yield from stays_out(request, int(_rules(request)["conflict_years"]))


def stays_out(request: AnswersRequest, years: int) -> Iterator[Finding]:
    """Say why the agency that was chosen may not work for the project; ``years`` are those in which advice counts."""
    chosen: Mapping[str, Any] = next(
        (one for one in request.variables["agencies"] if one["value"] == request.answers.get("agency")), {}
    )
    if chosen.get("advised") is not None:
        yield found("agency_conflict", "agency", day=chosen["advised"], years=years)
    if chosen.get("restricted") is not None:
        yield found("agency_restricted", "agency", until=chosen["restricted"])
    if chosen.get("barred") is not None:
        yield found("agency_barred", "agency")


def check_plan(request: AnswersRequest) -> Iterator[Finding]:
    """The indicator system has enough levels and rows, 100 points, and enough of them for output and benefit (§3.1)."""
    rules, rows = _rules(request), _rows(request.answers, "indicators")
    used = rules.get("methods")
    for method in request.answers.get("methods") or ():
        if used is not None and method not in used and method in Method.__members__:
            yield found("key_method", "methods", method=Method[method].zh, method_en=Method[method].en)
    counts = (
        ("level1", len({row.get("level1") for row in rows}), int(rules["level1"])),
        (
            "level2",
            len({(row.get("level1"), text(row.get("level2"))) for row in rows}),
            int(rules["level2_min"]),
        ),
        ("level3", len(rows), int(rules["level3_min"])),
    )
    for level, there, wanted in counts:
        if there < wanted:
            yield found(f"key_{level}_few", "indicators", there=there, wanted=wanted)
    total = sum((_number(row.get("points")) for row in rows), _ZERO)
    if total != _HUNDRED:
        yield found("key_points", "indicators", total=f"{total:f}")
    share = sum(
        (
            _number(row.get("points"))
            for row in rows
            if row.get("level1") in (Dimension.OUTPUT, Dimension.BENEFIT)
        ),
        _ZERO,
    )
    if share < Decimal(rules["output_benefit_min"]):
        yield found(
            "key_output_benefit", "indicators", share=f"{share:f}", wanted=rules["output_benefit_min"]
        )
    seen: set[str] = set()
    for at, row in enumerate(rows):
        name = text(row.get("level3"))
        if name and name in seen:
            yield found("key_name_twice", f"indicators.{at}.level3", name=name)
        seen.add(name)


def check_papers(request: AnswersRequest) -> Iterator[Finding]:
    """Every kind of working paper that the county asks for is there before a draft (§3.4); DQ20 of the survey.

    Where the unit refused to the end (variable ``refused``), what it withheld can't be asked for.
    """
    rules, rows = _rules(request), _rows(request.answers, "papers")
    refused = request.variables.get("refused") is True
    there = {row.get("type") for row in rows}
    missing = [one for one in PaperType if one in rules["paper_types"] and one not in there]
    if missing and not refused:
        yield found(
            "papers_missing",
            "papers",
            kinds_zh="、".join(one.zh for one in missing),
            kinds_en=", ".join(one.en for one in missing),
        )
    if refused and missing and not text(request.answers.get("missing_note")):
        yield found("papers_missing_note", "missing_note")
    surveyed = request.answers.get("surveyed") is True
    if PaperType.SURVEY in there and not surveyed:
        yield found("survey_unregistered", "surveyed")
    if surveyed:
        yield from _survey(request.answers, rules)


def _survey(answers: Mapping[str, Any], rules: Mapping[str, Any]) -> Iterator[Finding]:
    issued, back, valid = (_number(answers.get(name)) for name in ("issued", "returned", "valid"))
    if back > issued:
        yield found("survey_order", "returned")
    if valid > back:
        yield found("survey_order", "valid")
    if valid < int(rules["sample_min"]):
        yield found("survey_small", "valid", valid=f"{valid:f}", wanted=rules["sample_min"])
        return
    served = _number(answers.get("served"))
    if served and valid * _HUNDRED < served * Decimal(rules["sample_share"]):
        yield found(
            "survey_share", "valid", valid=f"{valid:f}", share=rules["sample_share"], served=f"{served:f}"
        )


def check_scores(request: AnswersRequest) -> Iterator[Finding]:
    """No score above its points, none without evidence, and exactly the indicators of the approved plan."""
    rows = _rows(request.answers, "scores")
    plan = request.variables.get("plan")
    planned = _rows(plan, "indicators") if isinstance(plan, Mapping) else rows
    if [_identity(row) for row in rows] != [_identity(row) for row in planned]:
        yield found("scores_changed", "scores")
        return
    for at, row in enumerate(rows):
        score, points = _number(row.get("score")), _number(row.get("points"))
        if score > points:
            yield found("score_above", f"scores.{at}.score", points=f"{points:f}")
        if row.get("missing") is True and score:
            yield found("score_without_evidence", f"scores.{at}.score")


def check_opinions(request: AnswersRequest) -> Iterator[Finding]:
    """Who objects says to what."""
    if request.outcome == "提出意见" and not _rows(request.answers, "opinions"):
        yield found("opinions_missing", "opinions")


def _identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row.get("level1"), text(row.get("level2")), text(row.get("level3")), _number(row.get("points")))


def _rules(request: AnswersRequest) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = request.variables["profile"]["key_evaluation"]
    return rules


def _rows(answers: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]]:
    rows = answers.get(path)
    return rows if isinstance(rows, (list, tuple)) else ()


def _number(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else _ZERO


#: The checks of each form, by its id.
CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {
    "key_assign": check_assignment,
    "key_plan": check_plan,
    "key_papers": check_papers,
    "key_draft": check_scores,
    "key_opinions": check_opinions,
}
