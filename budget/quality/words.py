"""How the checks compare what was typed: normal form, emptiness, and similarity as an exact fraction."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from fractions import Fraction
from functools import lru_cache

from budget.quality.thresholds import vocabulary

_NOISE = re.compile(r"[\W_]+")


def is_empty(typed: str) -> bool:
    """Whether nothing was meant: empty, or a mark like ``/`` or 无."""
    return not typed.strip() or typed.strip().lower() in vocabulary().empty_marks


@lru_cache(maxsize=4_096)
def normal(typed: str) -> str:
    """Return the normal form for comparing: half-width, no blanks or punctuation, synonyms as one."""
    result = _NOISE.sub("", unicodedata.normalize("NFKC", typed).lower())
    for word, replacement in vocabulary().synonyms:
        # A name that is nothing but the word keeps it, else 数量 would equal 个数 and the empty name.
        if result != word:
            result = result.replace(word, replacement)
    return result


def similarity(left: str, right: str, at_least: Fraction = Fraction(0)) -> Fraction:
    """Return 2·L/(m+n), L the longest common subsequence of texts of m and n characters; 1 for equal texts.

    Below ``at_least`` an upper bound may be returned instead, because it costs less.
    """
    total = len(left) + len(right)
    if total == 0:
        return Fraction(1)
    bound = Fraction(2 * (Counter(left) & Counter(right)).total(), total)
    if bound < at_least:
        return bound
    previous = [0] * (len(right) + 1)
    for character in left:
        current = [0]
        for index, other in enumerate(right):
            if character == other:
                current.append(previous[index] + 1)
            else:
                current.append(max(current[-1], previous[index + 1]))
        previous = current
    return Fraction(2 * previous[-1], total)
