"""What is checked in the list of projects chosen for key evaluation besides what its form demands."""

from __future__ import annotations

from budget.quality.key_checks import check_selection

CHECKS = {"key_selection": check_selection}
