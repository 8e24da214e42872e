"""The table of the county's indicator library (指标库)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class LibraryIndicator(Base):
    """An indicator that others may take over, for one type of project, with the standard that it refers to."""

    __tablename__ = "budget_library"
    __table_args__ = (Index("ix_budget_library_type", "type", "state"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: The project type, 一级 and 二级指标, the comparison: codes of :mod:`budget.codes`.
    type: Mapped[str] = mapped_column(String(20))
    level1: Mapped[str] = mapped_column(String(20))
    level2: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    #: The name without spaces and punctuation, by which goals that use it are found.
    plain: Mapped[str] = mapped_column(String(60), index=True)
    operator: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(60), default="")
    unit: Mapped[str] = mapped_column(String(12), default="")
    formula: Mapped[str] = mapped_column(Text, default="")
    #: A code of :class:`budget.library.Standard`, empty for none, and its name, number and value.
    standard_kind: Mapped[str] = mapped_column(String(20), default="")
    standard: Mapped[str] = mapped_column(Text, default="")
    #: Where it is from, one phrase.
    source: Mapped[str] = mapped_column(String(200), default="")
    #: A code of :class:`budget.library.LibraryState`.
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer, default=1)
    #: The instance that published it; None for what came with the county.
    instance_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    published_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    retired_by: Mapped[str | None] = mapped_column(String(80))
    retired_for: Mapped[str | None] = mapped_column(String(300))
