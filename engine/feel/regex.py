"""XPath regular expressions on RE2, whose time is linear in the text; it has no back-references or look-around."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import re2

from engine.feel.regex_translation import translate

MAX_PATTERN = 2_000
"""Characters that a pattern may have."""

CACHE_SIZE = 512
Charge = Callable[[int], None]


class Regex:
    """A compiled pattern."""

    def __init__(self, pattern: Any, groups: int, size: int, literal: bool) -> None:
        self._pattern = pattern
        self._size = size
        self._groups = groups
        self._literal = literal

    def _pay(self, text: str, charge: Charge) -> None:
        """Charge for a search, whose worst time is the text's length times the pattern's size."""
        charge(20 + len(text) // 4 + len(text) * self._size // 100)

    def search(self, text: str, charge: Charge) -> bool:
        """Whether the pattern matches somewhere in the text."""
        self._pay(text, charge)
        return self._pattern.search(text) is not None

    def replace(self, text: str, replacement: str, charge: Charge) -> str | None:
        """Replace every match; None for a pattern that matches nothing at all, or a bad replacement."""
        pieces = [replacement] if self._literal else _replacement(replacement, self._groups)
        if pieces is None or self._pattern.search("") is not None:
            return None
        self._pay(text, charge)
        results: list[str] = []
        end = 0
        for match in self._pattern.finditer(text):
            filled = "".join(
                piece if isinstance(piece, str) else (match.group(piece) or "") for piece in pieces
            )
            results.extend((text[end : match.start()], filled))
            charge(2 + len(filled) // 8)
            end = match.end()
        return "".join((*results, text[end:]))

    def split(self, text: str, charge: Charge) -> list[str] | None:
        """Return the pieces between matches; None for a pattern that matches nothing at all."""
        if self._pattern.search("") is not None:
            return None
        self._pay(text, charge)
        pieces: list[str] = []
        end = 0
        for match in self._pattern.finditer(text):
            pieces.append(text[end : match.start()])
            charge(2)
            end = match.end()
        return [*pieces, text[end:]]


_cache: dict[tuple[str, str], Regex | None] = {}


def compile(pattern: str, flags: str, charge: Charge) -> Regex | None:
    """Return the pattern compiled with XPath's flags (s m i x q), or None if it can't be.

    A pattern that was not used lately is charged for.
    """
    key = (pattern, flags)
    if key in _cache:
        return _cache[key]
    charge(2_000 + 10 * len(pattern))
    compiled = _compiled(pattern, flags)
    if len(_cache) >= CACHE_SIZE:
        _cache.clear()
    _cache[key] = compiled
    return compiled


def _compiled(pattern: str, flags: str) -> Regex | None:
    if len(pattern) > MAX_PATTERN or not set(flags) <= set("smixq"):
        return None
    literal = "q" in flags
    source = re.escape(pattern) if literal else translate(pattern, flags)
    if source is None:
        return None
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = "i" not in flags
    options.dot_nl = "s" in flags
    options.one_line = False
    options.max_mem = 4 << 20
    try:
        compiled = re2.compile(("(?m)" if "m" in flags and not literal else "") + source, options)
    except re2.error:
        return None
    return Regex(compiled, compiled.groups, compiled.programsize, literal)


def _replacement(text: str, groups: int) -> list[str | int] | None:
    r"""Return the pieces of ``a$1b``: strings and group numbers; ``\$`` and ``\\`` are the characters."""
    pieces: list[str | int] = []
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\":
            if text[index + 1 : index + 2] not in ("\\", "$"):
                return None
            pieces.append(text[index + 1])
            index += 2
        elif character == "$":
            digits = re.match(r"[0-9]+", text[index + 1 :])
            if digits is None:
                return None
            number = digits[0]
            while int(number) > groups and len(number) > 1:
                number = number[:-1]
            pieces.append(int(number) if int(number) <= groups else "")
            index += 1 + len(number)
        else:
            pieces.append(character)
            index += 1
    return pieces
