"""The tables of who and what there is: the bureau's sections, the budget units, their projects."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from budget.tables.base import Base, Key


class Section(Base):
    """A section of the finance bureau (业务股室); its code is the organisation's code in the engine."""

    __tablename__ = "budget_sections"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    #: What it is in charge of, one sentence.
    duties: Mapped[str] = mapped_column(Text, default="")


class Unit(Base):
    """A budget unit (预算单位); its code is the organisation's code in the engine."""

    __tablename__ = "budget_units"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    #: 1 is a first-level unit (its own department), 2 belongs to ``parent``.
    level: Mapped[int] = mapped_column(Integer, default=1)
    parent: Mapped[str | None] = mapped_column(ForeignKey("budget_units.code"), index=True)
    #: The section in charge (归口业务股室).
    section: Mapped[str] = mapped_column(ForeignKey("budget_sections.code"), index=True)
    #: A secret unit keeps only done or not done here (domain §6.4).
    secret_flag: Mapped[bool] = mapped_column(Boolean, default=False)
    established_at: Mapped[date | None] = mapped_column(Date)
    in_campaign: Mapped[bool] = mapped_column(Boolean, default=True)
    #: 单位职能概述, offered to every goal of the unit.
    function: Mapped[str] = mapped_column(Text, default="")

    @property
    def department(self) -> str:
        """The code of the first-level unit that the unit belongs to."""
        return self.parent or self.code


class Project(Base):
    """A project of one budget year, as the budget system gives it; amounts in 分."""

    __tablename__ = "budget_projects"
    __table_args__ = (UniqueConstraint("fiscal_year", "code"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(20))
    attr: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(4))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    #: The same project of the year before, where it is continued.
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("budget_projects.id"), index=True)
    unit: Mapped[str] = mapped_column(ForeignKey("budget_units.code"), index=True)
    section: Mapped[str] = mapped_column(ForeignKey("budget_sections.code"), index=True)
    leader: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    start_date: Mapped[date] = mapped_column(Date)
    end_date: Mapped[date] = mapped_column(Date)
    total_amount: Mapped[int] = mapped_column(BigInteger)
    annual_amount: Mapped[int] = mapped_column(BigInteger)
    #: The budget that the money comes from, a code of :class:`budget.codes.FundBook`.
    fund_book: Mapped[str] = mapped_column(String(20))
    #: How much of the year's money is transferred from above (其中上级转移支付).
    upper_amount: Mapped[int] = mapped_column(BigInteger, default=0)
    #: How much of it is carried over from last year (上年结转).
    carryover_amount: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: Whether it relieves poverty (扶贫, 衔接推进乡村振兴), which is told apart in the figures of the year.
    poverty_flag: Mapped[bool] = mapped_column(Boolean, default=False)
    #: The grade of last year's evaluation, where there is one.
    prior_grade: Mapped[str | None] = mapped_column(String(4))
    secret_flag: Mapped[bool] = mapped_column(Boolean, default=False)
