"""What may not stand in published text (脱敏, domain §8.2): phone numbers, identity cards, accounts, named words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

#: What stands where something was taken out.
MARK = "〔已隐去〕"
#: By the name that the profile's setting ``publication.redact`` uses; identity cards before accounts, which are longer runs.
PATTERNS: dict[str, re.Pattern[str]] = {
    "ID": re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d\d{3}[0-9Xx](?![0-9A-Za-z])"),
    "ACCOUNT": re.compile(r"(?<![0-9.])\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9.])"),
    "PHONE": re.compile(
        r"(?<![0-9.])(?:1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[- ]\d{7,8}|\(0\d{2,3}\)\d{7,8})(?![0-9.])"
    ),
}
#: The words of a row that its unit names are parted by these.
_PARTS = re.compile(r"[、，,；;\s]+")
_SHORTEST = 2


def words_of(text: str) -> list[str]:
    """Return the words that a unit names, the longest first; a single character would take out too much."""
    return sorted({one for one in _PARTS.split(text) if len(one) >= _SHORTEST}, key=len, reverse=True)


def redacted(text: str, kinds: Collection[str], words: Iterable[str] = ()) -> str:
    """Return a text without what ``kinds`` names (keys of :data:`PATTERNS`) and without ``words``."""
    for kind, pattern in PATTERNS.items():
        if kind in kinds:
            text = pattern.sub(MARK, text)
    for word in words:
        text = text.replace(word, MARK)
    return text
