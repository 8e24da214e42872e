"""How long what is archived is kept (归档，保管期限): the county's classes, and which business belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import workflows

if TYPE_CHECKING:
    from workflows.profiles import Profile

#: The class of a process that the county's rules don't name.
OTHER = "OTHER"
#: The classes of official archives in words.
CLASSES: Mapping[str, Mapping[str, str]] = {
    "SHORT": {"zh": "短期", "en": "short"},
    "LONG": {"zh": "长期", "en": "long"},
    "PERMANENT": {"zh": "永久", "en": "for ever"},
}


def class_of(profile: Profile, process: str) -> str | None:
    """Return the class of a process's cases; None for one of the county's own that its rules don't name."""
    of = profile.value("archive.of")
    if process not in of and process not in workflows.processes():
        return None
    found: str = of.get(process, of[OTHER])
    return found


def retention(profile: Profile, process: str) -> str | None:
    """Return how long the contents of a process's cases are kept after their end; ``""`` is for ever.

    None for a process that doesn't come with the package and has no class of its own: its file says it.
    """
    found = class_of(profile, process)
    if found is None:
        return None
    lasting: str = profile.value("archive.classes")[found]
    return lasting
