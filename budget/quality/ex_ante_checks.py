"""Checks of the forms of an ex-ante evaluation: the reckoning, the levels and their points, the second review."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from budget.answers import number, rows, text
from budget.ex_ante import Level
from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding


def check_report(request: AnswersRequest) -> Iterator[Finding]:
    """The costs add up to what is asked for, and each aspect is argued, not only ticked off."""
    rules, asked = (
        request.variables["profile"]["exante"],
        number(request.variables["project"]["annual_amount"]),
    )
    costs = [number(row.get("cost")) or Decimal(0) for row in rows(request.answers.get("costs"))]
    if asked is not None and costs and sum(costs, Decimal(0)) != asked:
        yield found("exante_costs", "costs", total=f"{sum(costs, Decimal(0)):,f}", asked=f"{asked:,f}")
    least = int(rules["min_words"])
    for field in ("necessity", "economy", "goal_rational", "plan_feasible", "funding_legal"):
        there = len("".join(text(request.answers.get(field)).split()))
        if 0 < there < least:
            yield found("exante_short", field, there=there, wanted=least)


def check_score(request: AnswersRequest) -> Iterator[Finding]:
    """All items of the sheet are scored, each within the points of its level (the profile's ``level_points``)."""
    given = rows(request.answers.get("scores"))
    if [row.get("item") for row in given] != [row["item"] for row in request.variables["scores"]]:
        yield found("exante_items", "scores")
        return
    most = {
        level: Decimal(points)
        for level, points in request.variables["profile"]["exante"]["level_points"].items()
    }
    levels = [one.value for one in Level]
    for at, row in enumerate(given):
        level, score = text(row.get("level")), number(row.get("score"))
        if level not in most or score is None:
            continue
        place = levels.index(level)
        above = most[levels[place + 1]] if place + 1 < len(levels) else Decimal(-1)
        if not above < score <= most[level]:
            yield found("exante_level", f"scores.{at}.score", level=Level[level].zh, most=f"{most[level]:f}")


def check_invest(request: AnswersRequest) -> Iterator[Finding]:
    """The second sheet of a policy is scored item by item, and its score is what they add up to."""
    asked = request.variables.get("affordability") or []
    given = rows(request.answers.get("affordability"))
    if not asked:
        return
    if [row.get("item") for row in given] != [row["item"] for row in asked]:
        yield found("exante_items", "affordability")
        return
    for at, (row, one) in enumerate(zip(given, asked, strict=True)):
        score, points = number(row.get("score")), Decimal(one["points"])
        if score is not None and score > points:
            yield found("aspect_above", f"affordability.{at}.score", points=f"{points:f}")
    total = sum((number(row.get("score")) or Decimal(0) for row in given), Decimal(0))
    if number(request.answers.get("invest_score")) != total:
        yield found("exante_second_total", "invest_score", total=f"{total:f}")


def check_result(request: AnswersRequest) -> Iterator[Finding]:
    """A second review has its experts, and is asked for once."""
    if request.outcome != "提请专家复评":
        return
    if request.variables.get("rereviewed") is True:
        yield found("exante_again", None)
    elif not request.answers.get("rereviewers"):
        yield found("exante_rereviewers", "rereviewers")
