"""Who proposes indicators for the library, and what a proposal starts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import StartRequest
from engine.identity import Post
from workflows.profiles import Profile

PROCESS = "indicator_library"
GROUPS = ("library", "quality")
PROPOSERS = frozenset({"section_staff", "section_chief", "perf_staff", "perf_chief"})
#: Who takes an indicator out of use.
KEEPERS = frozenset({"perf_chief"})


def office_of(posts: Sequence[Post]) -> str | None:
    """Return the office for which somebody proposes, None for who doesn't."""
    return next((post.org for post in posts if post.role in PROPOSERS), None)


def planned(fiscal_year: int, profile: Profile) -> StartRequest:
    """Return what the yearly update starts with that the year's plan begins, with the performance section."""
    name = f"绩效{profile.value('wording.section')}"
    return start("PERF", name, (), f"{fiscal_year}年度指标库更新", profile)


def start(
    office: str, office_name: str, rows: Sequence[Mapping[str, Any]], source: str, profile: Profile
) -> StartRequest:
    """Return what a proposal starts with; ``rows`` are already in its form."""
    variables = {
        "office": office,
        "office_name": office_name,
        "rows": list(rows),
        "source": source,
        "profile": profile.variables(*GROUPS),
    }
    documents = {"indicators": {"indicators": [dict(row) for row in rows]}} if rows else {}
    return StartRequest(variables, None, documents)
