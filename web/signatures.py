"""Who has signed a step that several people sign (已签), and who has not (未签): what the task page shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from engine import SignatureView, TaskView
from web.formatting import short_moment
from web.record import called, who


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signer as a line: the outcome where they have signed, else why not."""

    who: str
    state: str
    said: str
    note: str
    opinion: str


def lines(task: TaskView, now: datetime) -> list[SignatureLine]:
    """Return a line for each signer; those who were taken out before they signed are left out."""
    return [_line(one, now) for one in task.signatures if one.state != "cancelled"]


def note(task: TaskView) -> str:
    """Return how it is decided and how many have signed."""
    modes = {
        "all": gettext("会签：都要签署"),
        "any": gettext("或签：一人签署即可"),
        "ratio": gettext("票决"),
        "in order": gettext("依次签署"),
        "condition": gettext("按条件通过"),
    }
    counted: Sequence[SignatureView] = [one for one in task.signatures if one.state != "cancelled"]
    signed = sum(one.state == "completed" for one in counted)
    count = gettext("已签 %(signed)s / %(all)s", signed=signed, all=len(counted))
    return f"{modes[task.signing]} · {count}" if task.signing in modes else count


def _line(one: SignatureView, now: datetime) -> SignatureLine:
    states = {"completed": gettext("已签"), "open": gettext("未签"), "pending": gettext("未签，尚未轮到")}
    notes = [short_moment(one.at, now)] if one.at else []
    if one.lead:
        notes.append(gettext("主办"))
    if one.added:
        notes.append(gettext("加签进来的"))
    if one.mine:
        notes.append(gettext("本人这一份"))
    name = "、".join(map(called, one.names)) if one.by is None else who(one.by)
    return SignatureLine(name, states[one.state], one.outcome, " · ".join(notes), one.opinion or "")
