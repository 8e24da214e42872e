"""The year's plan of campaigns as a profile gives it: what opens when, due after how long (domain §5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from budget.cases import CaseKind

#: The settings of the chain of reminders and escalations, each in working days by kind of business; 0 leaves a step out.
STEPS = ("remind_first", "remind_last", "head", "section", "bulletin", "ledger")
#: The key of the kinds that a setting doesn't name.
OTHER = "OTHER"
#: 10 working days, 40 calendar days, or a day of the year.
_RULE = re.compile(r"W(?P<work>[1-9]\d{0,2})|C(?P<calendar>[1-9]\d{0,2})|(?P<day>\d{2}-\d{2})")
_KEYS = {"kind", "period", "year", "opens", "as_of", "due", "source"}
_MOST = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """A campaign of the year's plan, with its days in a calendar year; ``fiscal_year`` is the budget year reported on."""

    kind: CaseKind
    period: str
    fiscal_year: int
    opens: date
    due: date
    as_of: date | None
    source: str

    @property
    def key(self) -> str:
        """The business key of its instance: one a kind, year and period."""
        return f"campaign-{self.kind}-{self.fiscal_year}-{self.period}"


def is_plan(value: Any) -> bool:
    """Whether a value is a list of campaigns, each with ``kind``, ``opens`` (MM-DD), ``due`` and what else it may have.

    ``year`` is the budget year beside the calendar year (1: the next one), ``due`` W10 (working days after the opening),
    C40 (calendar days) or MM-DD, ``as_of`` MM-DD of the data day.
    """
    if not isinstance(value, list) or len(value) > _MOST or not all(map(_is_entry, value)):
        return False
    keys = [(one["kind"], one.get("year", 0), one.get("period", "")) for one in value]
    return len(set(keys)) == len(keys)


def _is_entry(one: Any) -> bool:
    if not isinstance(one, dict) or not {"kind", "opens", "due", "source"} <= one.keys() <= _KEYS:
        return False
    texts = (
        one["kind"],
        one["opens"],
        one["due"],
        one["source"],
        one.get("period", ""),
        one.get("as_of", ""),
    )
    if not all(isinstance(text, str) for text in texts) or one["kind"] not in list(CaseKind):
        return False
    days = [one["opens"], *([one["as_of"]] if one.get("as_of") else [])]
    rule = _RULE.fullmatch(one["due"])
    if rule is None or len(one.get("period", "")) > 20 or one.get("year", 0) not in (-1, 0, 1):
        return False
    if rule["day"]:
        days.append(rule["day"])
    return all(_is_day(day) for day in days)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2027-{text}")
    except ValueError:
        return False
    return True


def are_days_by_kind(value: Any) -> bool:
    """Whether a value gives numbers of working days by kind of business, and one for all others."""
    if not isinstance(value, dict) or OTHER not in value:
        return False
    known = {OTHER, *CaseKind}
    return value.keys() <= known and all(type(days) is int and 0 <= days <= 60 for days in value.values())


def entries(
    plan: Sequence[Mapping[str, Any]], year: int, add: Callable[[date, int], date]
) -> Sequence[Entry]:
    """Return the campaigns of a calendar year in the order of their opening; ``add`` adds working days to a day.

    What would open on a free day opens on the next working day. A data day after the opening is of the year before.
    """
    found = []
    for one in plan:
        opens = add(date.fromisoformat(f"{year}-{one['opens']}"), 0)
        as_of = date.fromisoformat(f"{year}-{one['as_of']}") if one.get("as_of") else None
        if as_of is not None and as_of > opens:
            as_of = as_of.replace(year=year - 1)
        found.append(
            Entry(
                CaseKind(one["kind"]),
                one.get("period", ""),
                year + one.get("year", 0),
                opens,
                _due(one["due"], opens, add),
                as_of,
                one["source"],
            )
        )
    return sorted(found, key=lambda entry: (entry.opens, entry.key))


def _due(rule: str, opens: date, add: Callable[[date, int], date]) -> date:
    found = _RULE.fullmatch(rule)
    if found is None:
        raise ValueError(rule)
    if found["work"]:
        return add(opens, int(found["work"]))
    if found["calendar"]:
        return opens + timedelta(days=int(found["calendar"]))
    due = date.fromisoformat(f"{opens.year}-{found['day']}")
    return due if due > opens else due.replace(year=opens.year + 1)
