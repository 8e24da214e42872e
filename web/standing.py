"""In words where a case stands: with whom, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext

from engine.tasks.standing import Standing, Who
from web import wording
from web.formatting import span
from web.lists import joined


def told(steps: Sequence[Standing], now: datetime) -> dict[str, str]:
    """Return the columns of a case's open steps: ``holder``, and ``waiting``, the time since the first of them opened."""
    if not steps:
        return {"holder": "", "waiting": ""}
    first = steps[0]
    others = gettext("等 %(count)s 处", count=len(steps)) if len(steps) > 1 else ""
    return {
        "holder": joined(holders(first), wording.said(first.step), others),
        "waiting": span(now - first.since),
    }


def holders(step: Standing) -> str:
    """Return the names of who has a step."""
    names = "、".join(_called(one) for one in step.who)
    return gettext("%(names)s等", names=names) if step.more else names


def _called(who: Who) -> str:
    """Return a person's name, or an organisation's with the role there; some roles have the organisation in theirs."""
    title = wording.role(who.role) if who.role else ""
    if not title or title.startswith(who.name):
        return title or who.name
    return gettext("%(org)s%(title)s", org=who.name, title=title)
