"""What is checked in the commission of a third party besides what its form demands."""

from __future__ import annotations

from collections.abc import Iterator

from budget.quality.key_checks import stays_out
from engine.plugins import AnswersRequest, Finding


def check_commission(request: AnswersRequest) -> Iterator[Finding]:
    """Who advised on the project, or is kept out by its credit, doesn't check it (domain §3.4, §6.5)."""
    yield from stays_out(request, int(request.variables["profile"]["monitoring"]["third_party_years"]))


CHECKS = {"monitoring_commission": check_commission}
