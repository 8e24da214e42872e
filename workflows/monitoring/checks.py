"""What is checked in the commission of a third party besides what its form demands."""

from __future__ import annotations

from collections.abc import Iterator

from budget.quality.model import found
from engine.plugins import AnswersRequest, Finding


def check_commission(request: AnswersRequest) -> Iterator[Finding]:
    """Who advised on the project doesn't check it (domain §3.4, §6.5)."""
    chosen = request.answers.get("agency")
    known = {one["value"]: one["advised"] for one in request.variables["agencies"]}
    if known.get(chosen) is not None:
        years = request.variables["profile"]["monitoring"]["third_party_years"]
        yield found("agency_conflict", "agency", day=known[chosen], years=years)


CHECKS = {"monitoring_commission": check_commission}
