"""What the budget's tables share: amounts are integers of 分, other values exact decimals, times aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

#: SQLite counts rows only in INTEGER keys; elsewhere 64 bits.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as its text, so that 99.50 stays 99.50 everywhere (SQLite's NUMERIC is a float)."""

    impl = String(120)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """The registry of the budget's tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SeatColumns:
    """What the seats of all reviews have: who is asked, and the total once they have signed, or when they were absent."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    #: Counts how often the same was handed in to be reviewed.
    round: Mapped[int] = mapped_column(Integer)
    #: The principal who is asked: ``user:…`` for a person, ``role:…@org`` for an office.
    principal: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    absent_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    total: Mapped[Decimal | None] = mapped_column(Exact)
    opinion: Mapped[str] = mapped_column(Text, default="")


class Counter(Base):
    """The last number given out in a series, for example the approved goals of a year."""

    __tablename__ = "budget_counters"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)
