"""The responsibility ledger (责任台账): what a unit failed to do, about which case, since when, and when it was made good.

The functions work on a session inside the command's transaction; none commits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.tables import Case, LedgerEntry


class LedgerEvent(Code):
    """Why there is an entry (domain P16)."""

    NOT_REPORTED = ("NOT_REPORTED", "逾期未报", "not reported in time")
    RECTIFICATION = ("RECTIFICATION", "整改不力", "failed to rectify")
    REFUSED = ("REFUSED", "拒不配合", "refused to cooperate")
    POOR_REPORT = ("POOR_REPORT", "自评报告质量差", "poor report")


def enter(
    session: Session,
    case: Case,
    event: LedgerEvent,
    what: str,
    *,
    since: datetime,
    now: datetime,
) -> LedgerEntry:
    """Enter something about a case into its unit's ledger; the same since the same time is one entry.

    ``what`` is a whole sentence that names no secret.
    """
    query = select(LedgerEntry).where(
        LedgerEntry.instance_id == case.instance_id, LedgerEntry.event == event, LedgerEntry.since == since
    )
    found = session.scalars(query).first()
    if found is None:
        found = LedgerEntry(
            fiscal_year=case.fiscal_year,
            unit=case.unit,
            project_id=case.project_id,
            instance_id=case.instance_id,
            campaign_id=case.campaign_id,
            event=event,
            since=since,
            recorded_at=now,
        )
        session.add(found)
    found.what = what
    session.flush()
    return found


def settle(session: Session, instance_id: int, event: LedgerEvent, now: datetime) -> int:
    """Note that what was entered about a case has been made good; return how many entries that was."""
    query = select(LedgerEntry).where(
        LedgerEntry.instance_id == instance_id, LedgerEntry.event == event, LedgerEntry.settled_at.is_(None)
    )
    entries = session.scalars(query).all()
    for entry in entries:
        entry.settled_at = now
    session.flush()
    return len(entries)


def entries(session: Session, fiscal_year: int, unit: str | None = None) -> list[LedgerEntry]:
    """Return the entries of a year, the newest first; of one unit where it is given."""
    query = select(LedgerEntry).where(LedgerEntry.fiscal_year == fiscal_year)
    if unit is not None:
        query = query.where(LedgerEntry.unit == unit)
    return list(session.scalars(query.order_by(LedgerEntry.recorded_at.desc(), LedgerEntry.id.desc())))
