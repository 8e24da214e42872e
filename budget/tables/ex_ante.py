"""The tables of ex-ante evaluations (P04, form F6): each evaluation, who scored it, the points of each item."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from budget.tables.base import Base, Exact, Key, Moment, SeatColumns


class ExAnteEvaluation(Base):
    """An ex-ante evaluation, one process instance; score and conclusion are of its newest round. Amounts in 分.

    What came of it stands as :class:`budget.tables.ExAnte`, a row a round.
    """

    __tablename__ = "budget_ex_ante_evaluations"
    instance_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: Of a project, or of a policy (:class:`budget.tables.Policy`): one of both.
    project_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("budget_policies.id"), index=True)
    #: The budget year for which money is asked.
    fiscal_year: Mapped[int] = mapped_column(Integer, index=True)
    #: How often it was applied for; a return for correction is no other round.
    round: Mapped[int] = mapped_column(Integer, default=1)
    #: What was asked for at first.
    amount: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    #: The mean of the five aspects' totals, of the second review where there was one; not rounded.
    score: Mapped[Decimal | None] = mapped_column(Exact)
    #: What the investment review came to, where there was one (双表, S5-17).
    invest_score: Mapped[Decimal | None] = mapped_column(Exact)
    qualified: Mapped[bool | None] = mapped_column(Boolean)
    cut_amount: Mapped[int] = mapped_column(BigInteger, default=0)
    rereviewed: Mapped[bool] = mapped_column(Boolean, default=False)
    #: A code of :class:`budget.ex_ante.Conclusion`.
    conclusion: Mapped[str | None] = mapped_column(String(20))
    #: The number of the newest result.
    number: Mapped[str | None] = mapped_column(String(40))
    concluded_at: Mapped[datetime | None] = mapped_column(Moment)
    seats: Mapped[list[ExAnteSeat]] = relationship(order_by="ExAnteSeat.id", cascade="all, delete-orphan")


class ExAnteSeat(SeatColumns, Base):
    """Who is asked to score a project, the first time or in the second review."""

    __tablename__ = "budget_ex_ante_seats"
    evaluation_id: Mapped[int] = mapped_column(
        ForeignKey("budget_ex_ante_evaluations.instance_id", ondelete="CASCADE"), index=True
    )
    #: Whether it is a seat of the second review.
    again: Mapped[bool] = mapped_column(Boolean, default=False)
    points: Mapped[list[ExAntePoint]] = relationship(
        order_by="ExAntePoint.position", cascade="all, delete-orphan"
    )


class ExAntePoint(Base):
    """What a reviewer gave for an item."""

    __tablename__ = "budget_ex_ante_points"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    seat_id: Mapped[int] = mapped_column(
        ForeignKey("budget_ex_ante_seats.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(Integer)
    #: The item of :data:`budget.ex_ante.ITEMS`, and a code of :class:`budget.ex_ante.Level`.
    item: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(20))
    score: Mapped[Decimal] = mapped_column(Exact)
