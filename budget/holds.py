"""What keeps a project's money back: ordered, told to the treasury section, executed there, and released again.

The money itself moves in the payment system; here stands what was ordered, when the treasury section received it and when
it had done it (V24, S4-11). Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.tables import Hold, TreasuryNotice


class HoldKind(Code):
    """How money is kept back."""

    HOLD = ("HOLD", "暂缓拨付", "held")
    STOP = ("STOP", "停止拨付", "stopped")


class HoldAction(Code):
    """What a notice asks of the treasury section."""

    HOLD = ("HOLD", "暂缓拨付", "hold")
    STOP = ("STOP", "停止拨付", "stop")
    RELEASE = ("RELEASE", "恢复拨付", "release")


class HoldError(Exception):
    """A hold or a notice can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What ordered a hold: a kind of case, its instance, and which of several in a year (05)."""

    kind: str
    instance: int | None = None
    period: str = ""

    @classmethod
    def read(cls, value: Any) -> Origin:
        """Return the origin of a message's variable ``origin``; raises :class:`HoldError` for what is none."""
        if not isinstance(value, Mapping) or not value.get("kind"):
            raise HoldError(f"{value!r} doesn't say what ordered it")
        instance = value.get("instance")
        return cls(
            str(value["kind"]), None if instance is None else int(instance), str(value.get("period") or "")
        )

    @property
    def variable(self) -> dict[str, Any]:
        """The origin as a message carries it."""
        return {"kind": self.kind, "instance": self.instance, "period": self.period}


def in_force(session: Session, project_id: int, now: datetime) -> Sequence[Hold]:
    """Return the holds that keep a project's money back at ``now``, a stop before a hold, the oldest first."""
    found = session.scalars(
        select(Hold)
        .where(Hold.project_id == project_id, Hold.released_at.is_(None))
        .where(or_(Hold.until.is_(None), Hold.until > now))
        .order_by(Hold.id)
    )
    return sorted(found, key=lambda hold: hold.kind != HoldKind.STOP)


def lapse(session: Session, project_id: int, now: datetime) -> datetime | None:
    """Return when the last of what keeps a project's money back lapses by itself; None where something doesn't."""
    found = [hold.until for hold in in_force(session, project_id, now)]
    known = [until for until in found if until is not None]
    return max(known) if known and len(known) == len(found) else None


def of_origin(session: Session, project_id: int, origin: Origin, now: datetime) -> Sequence[Hold]:
    """Return those in force that one origin ordered."""
    return [hold for hold in in_force(session, project_id, now) if _origin(hold) == origin]


def place(
    session: Session,
    project_id: int,
    kind: HoldKind,
    *,
    reason: str,
    origin: Origin,
    now: datetime,
    until: datetime | None = None,
) -> Hold | None:
    """Keep a project's money back; None where the same origin has ordered just that already."""
    if any(hold.kind == kind for hold in of_origin(session, project_id, origin, now)):
        return None
    hold = Hold(
        project_id=project_id,
        kind=kind,
        reason=reason,
        since=now,
        until=until,
        origin_kind=origin.kind,
        origin_instance=origin.instance,
        origin_period=origin.period,
    )
    session.add(hold)
    session.flush()
    return hold


def release(
    session: Session, project_id: int, *, reason: str, origin: Origin, by: int, now: datetime
) -> Sequence[Hold]:
    """Release what one origin ordered; return it, nothing where it was released already."""
    found = of_origin(session, project_id, origin, now)
    for hold in found:
        hold.released_at, hold.released_reason, hold.released_by = now, reason, by
    session.flush()
    return found


def notice_of(session: Session, instance_id: int) -> TreasuryNotice:
    """Return the notice of an instance; raises :class:`HoldError` where it has none."""
    notice = session.get(TreasuryNotice, instance_id)
    if notice is None:
        raise HoldError(f"instance {instance_id} is no notice to the treasury section")
    return notice


def open_notice(
    session: Session,
    instance_id: int,
    project_id: int,
    action: HoldAction,
    *,
    reason: str,
    origin: Origin,
    now: datetime,
    until: datetime | None = None,
) -> TreasuryNotice | None:
    """Order a hold, a stop or a release and write the notice; None where it was ordered before (the message came twice)."""
    hold: Hold | None = None
    if action == HoldAction.RELEASE:
        if not release(session, project_id, reason=reason, origin=origin, by=instance_id, now=now):
            return None
    else:
        hold = place(
            session, project_id, HoldKind[action], reason=reason, origin=origin, now=now, until=until
        )
        if hold is None:
            return None
    notice = TreasuryNotice(
        instance_id=instance_id,
        project_id=project_id,
        action=action,
        hold_id=hold.id if hold is not None else None,
        reason=reason,
        issued_at=now,
    )
    session.add(notice)
    session.flush()
    return notice


def received(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who signed a notice for receipt and when; None takes it back."""
    notice = notice_of(session, instance_id)
    notice.received_by, notice.received_at = by, now
    session.flush()


def executed(
    session: Session, instance_id: int, by: str | None, now: datetime | None, note: str | None = None
) -> None:
    """Note who carried a notice out and when; None takes it back."""
    notice = notice_of(session, instance_id)
    notice.executed_by, notice.executed_at, notice.note = by, now, note
    session.flush()


def _origin(hold: Hold) -> Origin:
    return Origin(hold.origin_kind, hold.origin_instance, hold.origin_period)
