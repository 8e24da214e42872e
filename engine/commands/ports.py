"""What a command may use besides its transaction: the catalogue, the clock, FEEL functions, working days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from engine import feel, identity
from engine.calendar import ZONE, Clock, WorkingDays, load_working_days
from engine.catalogue import Catalogue
from engine.database import Unit

#: How long another process's change of the calendar may go unnoticed.
CALENDAR_AGE = timedelta(minutes=1)


def role(name: Any, org: Any = None) -> str | None:
    """FEEL ``role(name, org)``: the principal of a role at an organisation; null where either is."""
    if name is None or org is None:
        return None
    return f"role:{name}@{org}"


def org(code: Any) -> str | None:
    """FEEL ``org(code)``: the principal of everybody with a post at an organisation; null for null."""
    return None if code is None else f"org:{code}"


class Ports:
    """The engine's services, shared by all commands of a county."""

    def __init__(self, catalogue: Catalogue, clock: Clock, plugins: Any) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self.plugins = plugins
        #: The FEEL functions that plug-ins offer: pure, so that forms have them too.
        self.functions: Mapping[str, Callable[..., Any]] = {
            name: function
            for offer in plugins.hook.bihuan_feel_functions()
            for name, function in offer.items()
        }
        #: The usual durations of steps, as :mod:`engine.tasks.usual` keeps them.
        self.usual: dict[Any, Any] = {}
        self._days: WorkingDays | None = None
        self._days_read: datetime | None = None

    def working_days(self, unit: Unit) -> WorkingDays:
        """Return the county's calendar, at most a minute old."""
        now = self.clock.now()
        if self._days is None or self._days_read is None or abs(now - self._days_read) > CALENDAR_AGE:
            self._days, self._days_read = load_working_days(unit), now
        return self._days

    def forget_working_days(self) -> None:
        """Read the calendar anew at the next use."""
        self._days = None

    def environment(self, unit: Unit, now: datetime) -> feel.Environment:
        """Return what FEEL is given inside a transaction: the time, and functions that ask the database."""

        def members(role: Any, org: Any = None) -> list[str]:
            return identity.members(unit, str(role), org, now.astimezone(ZONE).date())

        def calendar(name: str) -> Callable[..., Any]:
            return lambda *arguments: self.working_days(unit).functions()[name](*arguments)

        functions: Mapping[str, Callable[..., Any]] = {
            "role": role,
            "org": org,
            **self.functions,
            "members": members,
            "working days": calendar("working days"),
            "next working day": calendar("next working day"),
            "is working day": calendar("is working day"),
        }
        return feel.Environment(now=lambda: now, zone=ZONE.key, functions=functions)
