"""What is told about an instance wherever it is shown: who holds it, what happened, which points are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from web.formatting import Badge, due_badge, short_moment, span


@dataclass(frozen=True, slots=True)
class HolderView:
    """Who has an open step, since when, and how long such a step usually takes."""

    who: str
    step: str
    badge: Badge | None
    since: str
    usual: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the 办理记录; ``tone`` is now, back, system or empty."""

    tone: str
    iso: str
    at: str
    step: str
    who: str
    what: str
    note: str = ""
    opinion: str = ""


def holders(found: Sequence[Any], now: datetime) -> list[HolderView]:
    """Return the holders for the page."""
    return [
        HolderView(
            who="、".join(holder.names) or gettext("无人可办，请联系管理员"),
            step=holder.step,
            badge=due_badge(holder.due_at, now),
            since=gettext("%(time)s 起", time=short_moment(holder.since, now)),
            usual=gettext("这一步通常 %(span)s", span=span(holder.usual_seconds)) if holder.usual_seconds else "",
        )
        for holder in found
    ]


