"""What a selection starts with: the picked candidates as rows of its form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget.key_candidates import Candidate, candidates
from budget.money import fen_from_wan, wan_from_fen
from engine import StartRequest
from workflows.profiles import Profile

PROCESS = "key_selection"
#: What the process and the evaluations that it orders read of the profile.
GROUPS = ("key_evaluation", "grades")
#: Who chooses; the leaders read what is chosen.
CHOOSERS = frozenset({"perf_staff", "perf_chief"})
READERS = CHOOSERS | {"deputy_leader", "bureau_leader"}


def offered(session: Session, fiscal_year: int, profile: Profile) -> Sequence[Candidate]:
    """Return the year's candidates by the profile's rules."""
    return candidates(
        session,
        fiscal_year,
        books=profile.value("key_evaluation.books"),
        amount_from=fen_from_wan(Decimal(profile.value("key_evaluation.candidate_amount"))),
    )


def planned(session: Session, fiscal_year: int, profile: Profile) -> StartRequest:
    """Return what the selection starts with that the year's plan begins: the first of the candidates, as many as the
    county evaluates; the performance section changes the list.
    """
    count = int(profile.value("key_evaluation.count"))
    return start(fiscal_year, offered(session, fiscal_year, profile)[:count], profile)


def start(fiscal_year: int, picked: Iterable[Candidate], profile: Profile) -> StartRequest:
    """Return what the selection of a year starts with; one at a time, by its key."""
    rows: list[dict[str, Any]] = [
        {
            "code": one.code,
            "name": one.name,
            "unit_name": one.unit_name,
            "amount": wan_from_fen(one.amount),
            "reason": str(one.reasons[0]) if one.reasons else None,
        }
        for one in picked
    ]
    variables = {"year": fiscal_year, "picked": rows, "profile": profile.variables(*GROUPS)}
    return StartRequest(variables, f"key-selection-{fiscal_year}")
