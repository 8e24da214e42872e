"""The table of annual reports: the figures as they were computed, the text that a person wrote, who signed when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Moment


class AnnualReport(Base):
    """A county's report on a year's work, one process instance; its figures are a snapshot of what was computed."""

    __tablename__ = "budget_annual_reports"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: The year whose work is told.
    year: Mapped[int] = mapped_column(Integer, index=True)
    #: A code of :class:`budget.annual.ReportState`.
    state: Mapped[str] = mapped_column(String(20))
    #: The figures are as they stood then.
    as_of: Mapped[datetime] = mapped_column(Moment)
    #: The lines and breakdowns (JSON), as :func:`budget.annual.compute` returns them.
    figures: Mapped[str] = mapped_column(Text)
    #: What was written, by field of the form (JSON), and the hash of that document.
    analysis: Mapped[str | None] = mapped_column(Text)
    document_sha256: Mapped[str | None] = mapped_column(String(64))
    written_by: Mapped[str | None] = mapped_column(String(100))
    signed_by: Mapped[str | None] = mapped_column(String(100))
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
