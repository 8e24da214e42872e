"""Marks what was sought in a text, and cuts the piece around it out of a long one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.search.words import Term, fold

#: A piece of a text, and whether it is what was sought.
Piece = tuple[str, bool]
#: How many characters an excerpt has, and how many of them stand before the first mark.
EXCERPT = 80
_BEFORE = 24


def marked(text: str, terms: Sequence[Term]) -> list[Piece]:
    """Return a text in pieces, those that were sought marked."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _spans(text, terms):
        pieces += [(text[at:start], False)] if start > at else []
        pieces.append((text[start:end], True))
        at = end
    return [*pieces, (text[at:], False)] if at < len(text) else pieces


def excerpt(text: str, terms: Sequence[Term]) -> list[Piece] | None:
    """Return the part of a text around the first of ``terms`` in it, in pieces; None where none of them is there."""
    spans = _spans(text, terms)
    if not spans:
        return None
    start = max(0, spans[0][0] - _BEFORE)
    end = min(len(text), start + EXCERPT)
    pieces = marked(" ".join(text[start:end].split()), terms)
    return [*([("…", False)] if start else []), *pieces, *([("…", False)] if end < len(text) else [])]


def missing(terms: Iterable[Term], texts: Iterable[str | None]) -> list[Term]:
    """Return those of ``terms`` that are in none of the texts."""
    folded = [fold(text) for text in texts if text]
    return [term for term in terms if not any(term.text in text for text in folded)]


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return where the terms are in a text, in order, none over another; folding may change a text's length."""
    folded, places = [], []
    for place, character in enumerate(text):
        for one in fold(character):
            folded.append(one)
            places.append(place)
    whole = "".join(folded)
    hit: set[int] = set()
    for term in terms:
        at = whole.find(term.text)
        while at >= 0:
            hit.update(places[at : at + len(term.text)])
            at = whole.find(term.text, at + len(term.text))
    spans: list[tuple[int, int]] = []
    for place in sorted(hit):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans
