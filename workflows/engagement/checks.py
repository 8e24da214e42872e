"""What is checked in the forms of an engagement besides what the forms demand."""

from __future__ import annotations

from budget.quality.engagement_checks import CHECKS

__all__ = ["CHECKS"]
