"""Who reads the county's sample goals: everybody of the units and the bureau; experts and agencies read what they review."""

from __future__ import annotations

from collections.abc import Sequence

from engine.identity import Post

_ROLES = ("unit", "section", "budget", "perf", "treasury", "invest", "supervision", "deputy", "bureau")


def may_read(posts: Sequence[Post]) -> bool:
    """Whether somebody with these posts reads the samples."""
    return any(post.role.startswith(_ROLES) for post in posts)
