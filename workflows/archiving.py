"""How long what is archived is kept (归档，保管期限): the county's classes, and which business belongs to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workflows

if TYPE_CHECKING:
    from workflows.profiles import Profile

#: The class of a process that the county's rules don't name.
OTHER = "OTHER"


def retention(profile: Profile, process: str) -> str | None:
    """Return how long the contents of a process's cases are kept after their end; ``""`` is for ever.

    None for a process that doesn't come with the package and has no class of its own: its file says it.
    """
    classes, of = profile.value("archive.classes"), profile.value("archive.of")
    if process not in of and process not in workflows.processes():
        return None
    lasting: str = classes[of.get(process, of[OTHER])]
    return lasting
