"""What a batch of approvals starts with, from the page; the budget system starts one by the message BudgetApproved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from engine import StartRequest
from workflows.profiles import Profile

PROCESS = "goal_approval"
#: What the process and the letters that it sends read of the profile.
GROUPS = ("goal_approval",)
#: Who draws batches up; the others of the bureau read them.
DRAWERS = frozenset({"budget_staff", "budget_chief"})
READERS = DRAWERS | {
    *("perf_staff", "perf_chief", "section_staff", "section_chief"),
    *("deputy_leader", "bureau_leader"),
}
#: So many units one batch has at most: its letters are sent by one step.
MOST_UNITS = 400


def planned(fiscal_year: int, approved_on: date, profile: Profile) -> StartRequest:
    """Return what a batch for all units starts with that the year's plan begins; its draft is told the budget's number."""
    return StartRequest(
        {
            "fy": fiscal_year,
            "doc_no": "",
            "approved_on": approved_on.isoformat(),
            "units": None,
            "profile": profile.variables(*GROUPS),
        }
    )


def start(
    fiscal_year: int, doc_no: str, approved_on: date, units: Iterable[str], profile: Profile
) -> StartRequest:
    """Return what a batch for some units starts with."""
    return StartRequest(
        {
            "fy": fiscal_year,
            "doc_no": doc_no,
            "approved_on": approved_on.isoformat(),
            "units": sorted(units),
            "profile": profile.variables(*GROUPS),
        }
    )
