"""What :mod:`bench.web` and the people whom it lets in agree on."""

from __future__ import annotations

PASSWORD = "bench-password-2026"
INBOX, TASK = "inbox", "task page, 130 rows"
#: Somebody looks at a page for so many seconds, at least and at most.
READING = (10, 30)


def person(number: int) -> str:
    """Return the account of one of the people."""
    return f"p{number}"
