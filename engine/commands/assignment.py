"""Who a user task is for: principals out of what the file says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

_PREFIXES = ("user:", "role:", "org:")


def principals(value: Any, prefix: str) -> list[str]:
    """Return the principals that a text (comma-separated) or a list names, each once; plain names get ``prefix``.

    Files from elsewhere write ``groups = "sales"``; with the prefix ``role:`` that is everybody with that role. Raises
    :class:`TypeError` for anything but texts and nulls.
    """
    if value is None:
        return []
    if isinstance(value, str):
        parts: Iterable[Any] = value.replace("，", ",").split(",")
    elif isinstance(value, (list, tuple)):
        parts = (inner for part in value for inner in (part if isinstance(part, (list, tuple)) else (part,)))
    else:
        raise TypeError(type(value).__name__)
    found: dict[str, None] = {}
    for part in parts:
        if part is None:
            continue
        if not isinstance(part, str):
            raise TypeError(type(part).__name__)
        name = part.strip()
        if name:
            found[name if name.startswith(_PREFIXES) else prefix + name] = None
    return list(found)


def seen_by(
    candidates: Sequence[str], assignee: str | None, drafter: str | None, handed_in: bool
) -> list[str]:
    """Return in whose inbox an open item stands: its holder's, or all candidates' while nobody holds it; and, until the
    draft is handed in, the drafter's.
    """
    found = [assignee] if assignee else list(candidates)
    if drafter and not handed_in and drafter not in found:
        found.append(drafter)
    return found
