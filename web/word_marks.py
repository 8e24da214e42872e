"""Which words of a text changed: two texts side by side, the differing words of each marked, Chinese by the character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

#: Words of Latin letters and numbers are compared whole, everything else by the character.
_WORD = re.compile(r"[A-Za-z]+|\d[\d,.]*|.", re.S)
#: Texts that differ in more words than this are not compared word by word: it would take long and help nobody.
_MOST = 1_500
#: Texts that have less in common than this are two texts, not one that was edited.
_ALIKE = 0.35
#: So few equal characters between two differences only make them hard to read.
_SHORT = 2


class Part(NamedTuple):
    """A piece of a text, and whether the other text has it not."""

    text: str
    marked: bool


class Marked(NamedTuple):
    """Two texts in pieces."""

    old: Sequence[Part]
    new: Sequence[Part]


def marks(old: str, new: str) -> Marked | None:
    """Return both texts in pieces, the differing ones marked; None where they are too long or have too little in common."""
    first, second = _WORD.findall(old), _WORD.findall(new)
    start = _common(first, second)
    end = _common(first[start:][::-1], second[start:][::-1])
    left, right = first[start : len(first) - end], second[start : len(second) - end]
    if len(left) > _MOST or len(right) > _MOST:
        return None
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= _SHORT]
    same = start + end + sum(block.size for block in blocks)
    if 2 * same < _ALIKE * (len(first) + len(second)):
        return None
    olds, news, i, j = [("".join(first[:start]), False)], [("".join(second[:start]), False)], 0, 0
    for block in blocks:
        olds += [("".join(left[i : block.a]), True), ("".join(left[block.a : block.a + block.size]), False)]
        news += [("".join(right[j : block.b]), True), ("".join(right[block.b : block.b + block.size]), False)]
        i, j = block.a + block.size, block.b + block.size
    olds += [("".join(left[i:]), True), ("".join(first[len(first) - end :]), False)]
    news += [("".join(right[j:]), True), ("".join(second[len(second) - end :]), False)]
    return Marked(_joined(olds), _joined(news))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two texts begin with alike."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _joined(parts: Sequence[tuple[str, bool]]) -> list[Part]:
    """Leave out what is empty, and join neighbours of one kind."""
    found: list[Part] = []
    for text, marked in parts:
        if not text:
            continue
        if found and found[-1].marked == marked:
            found[-1] = Part(found[-1].text + text, marked)
        else:
            found.append(Part(text, marked))
    return found
