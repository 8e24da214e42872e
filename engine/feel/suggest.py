"""Finds the name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

ALIKE = 0.6
"""How alike two names must be, from 0 to 1."""
_LONGEST = 100
"""Longer names are left alone: comparing them costs the product of their lengths."""


def closest(name: str, candidates: Iterable[str], alike: float = ALIKE) -> str:
    """Return the candidate that is most like the name, whatever its case; empty where none is like it."""
    best, found = 0.0, ""
    folded = name.casefold()
    if len(folded) > _LONGEST:
        return ""
    matcher = SequenceMatcher(b=folded, autojunk=False)
    for candidate in sorted(set(candidates)):
        if candidate == name or not 0 < len(candidate) <= _LONGEST:
            continue
        matcher.set_seq1(candidate.casefold())
        if matcher.real_quick_ratio() > best and (score := matcher.ratio()) >= alike and score > best:
            best, found = score, candidate
    return found
