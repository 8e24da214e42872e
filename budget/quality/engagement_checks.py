"""Checks of the forms of an engagement: known projects, days of notice, the winner, amounts, points and reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget import draws
from budget.agencies import agencies
from budget.answers import day, number, rows, text
from budget.engagements import concerned_units, conflicts_of, projects_of
from budget.quality.model import found
from engine.calendar import ZONE
from engine.plugins import AnswersRequest, Finding


def _rules(request: AnswersRequest) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = request.variables["profile"]["engagement"]
    return rules


def check_demand(request: AnswersRequest) -> Iterator[Finding]:
    """Every object is a project of the year that is not secret (DQ29)."""
    if request.session is None:
        return
    year = int(request.variables["project"]["year"])
    known = {one.code for one in projects_of(request.session, year, request.answers)}
    for at, row in enumerate(rows(request.answers.get("objects"))):
        code = text(row.get("code"))
        if code and code not in known:
            yield found("engagement_object", f"objects.{at}.code", code=code)


def urn_of(
    session: Session,
    body: Mapping[str, Any],
    demand: Mapping[str, Any],
    year: int,
    today: date,
    conflict_years: int,
) -> draws.Urn:
    """Return the agencies from which may be drawn for a demand: those of the book in whose way nothing stands."""
    projects = projects_of(session, year, demand)
    known = [one.value for one in agencies(session, today)]
    against = conflicts_of(session, known, projects, today, conflict_years)
    return draws.urn(
        session,
        "agency",
        units=concerned_units(session, projects),
        field=text(body.get("draw_field")),
        today=today,
        local_only=body.get("draw_local") is True,
        unfit={agency: one.zh for agency, one in against.items()},
    )


def check_draw(request: AnswersRequest) -> Iterator[Finding]:
    """As many agencies as are to be drawn are in the book, and may be engaged."""
    wanted = number(request.answers.get("draw_number"))
    if request.session is None or wanted is None:
        return
    there = urn_of(
        request.session,
        request.answers,
        request.variables["demand"],
        int(request.variables["project"]["year"]),
        request.now.astimezone(ZONE).date(),
        int(request.variables["profile"]["key_evaluation"]["conflict_years"]),
    )
    if len(there.kept) < wanted:
        why = "；".join(f"{one.title}：{reason}" for one, reason in there.left_out)
        yield found(
            "engagement_draw_few", "draw_number", count=len(there.kept), why=f"（{why}）" if why else ""
        )


def check_award(request: AnswersRequest) -> Iterator[Finding]:
    """The announcement lasted long enough, and the winner is one of those who bid within the budget; where agencies were
    drawn by lot, nobody else bids.
    """
    answers = request.answers
    first, last = day(answers.get("notice_from")), day(answers.get("notice_until"))
    least = int(_rules(request)["notice_days"])
    if first is not None and last is not None and (last - first).days < least:
        yield found("engagement_notice", "notice_until", days=(last - first).days, least=least)
    bids = {text(row.get("bidder")): number(row.get("price")) for row in rows(answers.get("bids"))}
    winner, budget = text(answers.get("winner")), number(request.variables["demand"]["budget"])
    if winner and winner not in bids:
        yield found("engagement_winner", "winner")
    drawn = request.variables.get("drawn")
    if drawn is not None:
        for at, row in enumerate(rows(answers.get("bids"))):
            if text(row.get("bidder")) not in drawn["agencies"]:
                yield found("engagement_not_drawn", f"bids.{at}.bidder", drawn=drawn["zh"])
    price = bids.get(winner)
    if price is not None and budget is not None and price > budget:
        yield found("engagement_above", "bids", amount=f"{price:,f}", budget=f"{budget:,f}")


def check_contract(request: AnswersRequest) -> Iterator[Finding]:
    """The contract's amount is within the budget, and its day comes after the signing."""
    answers = request.answers
    amount, budget = number(answers.get("contract_amount")), number(request.variables["demand"]["budget"])
    if amount is not None and budget is not None and amount > budget:
        yield found("engagement_above", "contract_amount", amount=f"{amount:,f}", budget=f"{budget:,f}")
    signed, due = day(answers.get("signed_on")), day(answers.get("due_on"))
    if signed is not None and due is not None and due <= signed:
        yield found("engagement_due", "due_on")


def check_performance(request: AnswersRequest) -> Iterator[Finding]:
    """The criteria are the county's, no score is above its points, and few points have a reason."""
    given, asked = rows(request.answers.get("scores")), rows(request.variables["scores"])
    if [row.get("criterion") for row in given] != [row.get("criterion") for row in asked]:
        yield found("aspects_changed", "scores")
        return
    below = Decimal(_rules(request)["reason_below"])
    for at, (row, one) in enumerate(zip(given, asked, strict=True)):
        score, points = number(row.get("score")), Decimal(one["points"])
        if score is None:
            continue
        if score > points:
            yield found("aspect_above", f"scores.{at}.score", points=f"{points:f}")
        elif score < points * below and not text(row.get("reason")):
            yield found("aspect_reason", f"scores.{at}.reason", share=f"{below * 100:f}")


def check_settlement(request: AnswersRequest) -> Iterator[Finding]:
    """What is paid is what the contract says, or it is said why it is less."""
    paid = number(request.answers.get("paid"))
    amount = number(request.variables["contract"]["contract_amount"])
    if paid is None or amount is None or paid == amount:
        return
    if paid > amount:
        yield found("engagement_overpaid", "paid", amount=f"{amount:,f}")
    elif not text(request.answers.get("settle_note")):
        yield found("engagement_paid_note", "settle_note", amount=f"{amount:,f}")


#: The checks of each form, by its id.
CHECKS: Mapping[str, Callable[[AnswersRequest], Iterable[Finding]]] = {
    "engagement_demand": check_demand,
    "engagement_draw": check_draw,
    "engagement_award": check_award,
    "engagement_contract": check_contract,
    "engagement_performance": check_performance,
    "engagement_settlement": check_settlement,
}
