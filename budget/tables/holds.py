"""The tables of what keeps a project's money back, and of the notices by which the treasury section learns of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Key, Moment


class Hold(Base):
    """A project's money is held (暂缓拨付) or stopped (停止拨付), from the day it was ordered to that of its release.

    ``origin_kind``, ``origin_instance`` and ``origin_period`` name what ordered it: a monitoring of May, a rectification.
    """

    __tablename__ = "budget_holds"
    __table_args__ = (
        Index("ix_budget_holds_project", "project_id", "released_at"),
        Index("ix_budget_holds_origin", "origin_instance", "origin_kind"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"))
    #: A code of :class:`budget.holds.HoldKind`.
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Moment)
    #: When it ends by itself, None where only a release ends it.
    until: Mapped[datetime | None] = mapped_column(Moment)
    origin_kind: Mapped[str] = mapped_column(String(20))
    origin_instance: Mapped[int | None] = mapped_column(BigInteger)
    origin_period: Mapped[str] = mapped_column(String(20), default="")
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    released_reason: Mapped[str | None] = mapped_column(Text)
    #: The instance that released it.
    released_by: Mapped[int | None] = mapped_column(BigInteger)


class TreasuryNotice(Base):
    """A notice to the treasury section, which moves the money: to hold, stop or release it, with its two receipts."""

    __tablename__ = "budget_treasury_notices"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: HOLD, STOP or RELEASE; a code of :class:`budget.holds.HoldAction`.
    action: Mapped[str] = mapped_column(String(10))
    #: The hold that it orders; a release has none, it ends all of its origin.
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("budget_holds.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    received_by: Mapped[str | None] = mapped_column(String(100))
    executed_at: Mapped[datetime | None] = mapped_column(Moment)
    executed_by: Mapped[str | None] = mapped_column(String(100))
    #: What the treasury section wrote when it executed it.
    note: Mapped[str | None] = mapped_column(Text)
    hold: Mapped[Hold | None] = relationship()
