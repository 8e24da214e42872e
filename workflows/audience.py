"""Who reads what as soon as it is final, besides those whom the files name (the visibility matrix, domain §6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The investment review centre and the supervision, who check; the people's congress, which oversees.
CHECKERS = ("org:INVEST", "org:SUPERVISION")
CONGRESS = ("org:CONGRESS",)


def unit_of(project: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the project's unit and its department, from the variable ``project``."""
    return f"org:{project['unit']}", f"org:{project['department']}"
