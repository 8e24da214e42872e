"""The words of a text: every Chinese character and every two neighbouring ones, Latin words and numbers.

Text is folded first: full-width letters are half-width ones, capitals are small. A word of one character is found by the
character, one of two by the pair, a longer one by all its pairs together. Words in Latin letters and numbers are found
from their beginning; those of a ``name`` (a reference, a subject) from any place in them.

The single characters cost a third of the index, and are worth it: found by the beginnings of pairs instead, a common
character takes twenty times as long, and one at the end of a text is not found at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Longer runs of letters and digits are cut; nobody searches for more.
MAX_WORD = 40
#: So many words of a search are looked at.
MAX_TERMS = 8
#: Scripts written without spaces: Chinese with its extensions, kana, hangul.
_DENSE = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"(?P<dense>[{_DENSE}]+)|(?P<word>[^\\W_{_DENSE}]+)")


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is asked for, folded: ``whole`` must be there as it is, ``prefix`` as the beginning of a word."""

    text: str
    whole: tuple[str, ...]
    prefix: str | None = None


def fold(text: str) -> str:
    """Return a text in which full-width and half-width, capital and small letters are the same."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, as often as they occur."""
    for run in _RUNS.finditer(fold(text)):
        found = run.group()
        if run.lastgroup == "dense":
            yield from found
            yield from map("".join, pairwise(found))
        else:
            yield found[:MAX_WORD]


def name_words(text: str) -> Iterator[str]:
    """Yield the words of a name, and of its Latin words and numbers the endings too, so that any part is found."""
    for word in words(text):
        yield word
        if word.isascii():
            yield from (word[start:] for start in range(1, len(word)))


def terms(text: str) -> tuple[Term, ...]:
    """Return what is asked for by ``text``, the words of which all must be there; none where it has no letter or digit."""
    found: dict[Term, None] = {}
    for asked in text.split():
        runs = [(run.lastgroup, run.group()) for run in _RUNS.finditer(fold(asked))]
        for number, (kind, run) in enumerate(runs, 1):
            if kind == "dense":
                found[Term(run, tuple(_pairs(run)))] = None
            elif number == len(runs):
                found[Term(run, (), run[:MAX_WORD])] = None
            else:
                found[Term(run, (run[:MAX_WORD],))] = None
    return tuple(found)[:MAX_TERMS]


def _pairs(run: str) -> Sequence[str]:
    return [run] if len(run) == 1 else list(dict.fromkeys(map("".join, pairwise(run))))
