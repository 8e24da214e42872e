"""Which settings a profile has, and what each accepts: a test of the value by the setting's dotted name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from budget.quality.thresholds import Thresholds, defaults


def _words(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 20


def _days(value: Any) -> bool:
    return type(value) is int and 0 < value <= 250


def _month_and_day(value: Any) -> bool:
    try:
        date.fromisoformat(f"2027-{value}")
    except ValueError:
        return False
    return True


def _number_pattern(value: Any) -> bool:
    """Whether the pattern holds the running number and nothing that isn't known."""
    if not isinstance(value, str) or "{number" not in value or len(value) > 40:
        return False
    return not re.search("[{}]", re.sub(r"\{(fiscal_year|section|unit|number(:0[1-9]d)?)\}", "", value))


def _threshold(name: str) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            Thresholds.read({name: value})
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            return False
        return True

    return accepts


#: Every profile gives every one of them.
SETTINGS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("wording.county", "wording.section", "wording.bureau"), _words),
    "campaign.goal_deadline": _month_and_day,
    **dict.fromkeys(
        (
            f"days.{name}"
            for name in (
                *("sign", "review", "decision", "correction", "confirm"),
                *("remind_first", "remind_last", "remind_correction"),
            )
        ),
        _days,
    ),
    "goal.number": _number_pattern,
    **{f"quality.{name}": _threshold(name) for name in defaults()},
    # of P18 the yearly campaigns and escalation
    # of P03, P02, P05 joint review, overall goals, approval
    # of P06 monitoring
    # of P07, P09 rectification and disbursement
    # of P10, P08 self-evaluation and adjustment
    # of P12, P14 key evaluation and application of results
    # of P17 statistics and publication
}
