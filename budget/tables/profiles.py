"""The table of a county's own rules: each version whole, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key, Moment


class ProfileVersion(Base):
    """A version of the rules that administrators made; the one that comes with the package is no row."""

    __tablename__ = "budget_profile_versions"
    __table_args__ = (UniqueConstraint("code", "version"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    #: The whole profile as JSON, as a profile's file has it.
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    #: Who asked for the change and who confirmed it, as principals, and why.
    asked_by: Mapped[str] = mapped_column(String(80))
    confirmed_by: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[datetime] = mapped_column(Moment)
