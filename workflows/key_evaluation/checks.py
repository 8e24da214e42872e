"""What is checked in the answers of a key evaluation's forms besides what the forms themselves demand."""

from __future__ import annotations

from budget.quality.key_checks import CHECKS

__all__ = ["CHECKS"]
