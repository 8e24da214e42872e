"""Execution figures from outside, by file or by another system: tried row by row first, then registered as a whole.

A row with a mistake stops the whole import, because half a month's figures are worse than none; what is only odd is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import number, text
from budget.codes import FundBook
from budget.money import MoneyError, fen_from_wan, fen_from_yuan, wan_from_fen
from budget.monitoring.codes import FigureSource, FigureState
from budget.monitoring.figures import Figure, register
from budget.tables import ExecutionFigure, Project, Unit

#: How amounts are given: in 万元 or in 元.
WAN, YUAN = "万元", "元"
NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"

#: What is said of a row, in both languages.
_SAID: Mapping[str, tuple[str, str]] = {
    "unknown": ("{year}年度项目库里没有编码“{code}”", "There is no project “{code}” in {year}"),
    "secret": ("“{code}”涉密，执行数不得导入", "“{code}” is secret: its figures may not be imported"),
    "twice": (
        "同一项目、同一预算在文件里出现了{count}次",
        "The same project and budget stand {count} times in the file",
    ),
    "amount": ("累计执行数“{amount}”不是数字", "“{amount}” is no amount"),
    "negative": ("累计执行数{amount}不能小于零", "{amount} can't be less than zero"),
    "book": ("没有“{book}”这本预算", "There is no budget “{book}”"),
    "month": ("月份“{month}”须是1至12", "The month “{month}” must be 1 to 12"),
    "beyond": ("超过全年预算{budget}万元，请核对", "More than the year's budget of {budget} (10,000 yuan)"),
    "less": (
        "小于{month}月的{before}万元，累计数倒退，请核对",
        "Less than the {before} (10,000 yuan) of month {month}",
    ),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A row as it was given: ``row`` says where (1-based), the others what was typed."""

    row: int
    code: str
    amount: Any
    book: str = ""
    month: Any = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what importing it would do; amounts in 分, ``said`` sentences (Chinese, English) about it."""

    given: Given
    result: str
    name: str = ""
    unit: str = ""
    before: int | None = None
    figure: Figure | None = None
    said: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do."""

    year: int
    lines: Sequence[Line]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether it may be applied: there are rows, and none has a mistake."""
        return bool(self.lines) and not self.counts.get(ERROR)

    @property
    def figures(self) -> list[Figure]:
        """The figures that it would register."""
        return [line.figure for line in self.lines if line.figure is not None]


def _say(key: str, **params: object) -> tuple[str, str]:
    zh, en = _SAID[key]
    return zh.format(**params), en.format(**params)


def examine(session: Session, year: int, month: int, rows: Sequence[Given], unit_of_money: str = WAN) -> Plan:
    """Return what importing rows would do; ``month`` holds for those that name none."""
    codes = {row.code for row in rows}
    projects: dict[str, tuple[Project, Unit]] = {}
    wanted = sorted(codes)
    for start in range(0, len(wanted), 500):
        query = (
            select(Project, Unit)
            .join(Unit, Unit.code == Project.unit)
            .where(Project.fiscal_year == year, Project.code.in_(wanted[start : start + 500]))
        )
        projects |= {project.code: (project, unit) for project, unit in session.execute(query)}
    known = _known(session, [project.id for project, _ in projects.values()])
    times = Counter((row.code, row.book, text(row.month)) for row in rows)
    lines = [_line(row, projects.get(row.code), known, times, year, month, unit_of_money) for row in rows]
    return Plan(year, lines, Counter(line.result for line in lines))


def _known(session: Session, projects: Sequence[int]) -> Mapping[tuple[int, str], Mapping[int, int]]:
    """Return the figures that count, by project and budget: month → 分."""
    found: dict[tuple[int, str], dict[int, int]] = {}
    for start in range(0, len(projects), 500):
        query = select(ExecutionFigure).where(
            ExecutionFigure.project_id.in_(projects[start : start + 500]),
            ExecutionFigure.state == FigureState.CURRENT,
        )
        for row in session.scalars(query):
            found.setdefault((row.project_id, row.book), {})[row.month] = row.amount
    return found


def _line(
    row: Given,
    about: tuple[Project, Unit] | None,
    known: Mapping[tuple[int, str], Mapping[int, int]],
    times: Mapping[tuple[str, str, str], int],
    year: int,
    month: int,
    unit_of_money: str,
) -> Line:
    if about is None:
        return Line(row, ERROR, said=(_say("unknown", code=row.code, year=year),))
    project, unit = about
    if project.secret_flag or unit.secret_flag:
        return Line(row, ERROR, unit=unit.name, said=(_say("secret", code=row.code),))
    said: list[tuple[str, str]] = []
    named = number(row.month) if text(row.month) else Decimal(month)
    if named is None or named != int(named) or not 1 <= named <= 12:
        said.append(_say("month", month=text(row.month)))
    if row.book and row.book not in FundBook.__members__:
        said.append(_say("book", book=row.book))
    count = times[row.code, row.book, text(row.month)]
    if count > 1:
        said.append(_say("twice", count=count))
    amount = number(row.amount)
    fen: int | None = None
    if amount is None:
        said.append(_say("amount", amount=text(row.amount)))
    elif amount < 0:
        said.append(_say("negative", amount=text(row.amount)))
    else:
        try:
            fen = fen_from_yuan(amount) if unit_of_money == YUAN else fen_from_wan(amount)
        except MoneyError:
            said.append(_say("amount", amount=text(row.amount)))
    if said or fen is None or named is None:
        return Line(row, ERROR, project.name, unit.name, said=tuple(said))
    figure = Figure(project.id, int(named), fen, row.book)
    months = known.get((project.id, row.book), {})
    before = months.get(figure.month)
    result = NEW if before is None else UNCHANGED if before == fen else CHANGED
    return Line(row, result, project.name, unit.name, before, figure, _odd(figure, project, months))


def _odd(figure: Figure, project: Project, months: Mapping[int, int]) -> tuple[tuple[str, str], ...]:
    """Return what is odd about a sound figure: more than the budget, less than an earlier month."""
    found = []
    if figure.amount > project.annual_amount:
        found.append(_say("beyond", budget=f"{wan_from_fen(project.annual_amount):,f}"))
    earlier = max((month for month in months if month < figure.month), default=None)
    if earlier is not None and months[earlier] > figure.amount:
        found.append(_say("less", month=earlier, before=f"{wan_from_fen(months[earlier]):,f}"))
    return tuple(found)


def apply(
    session: Session, plan: Plan, *, source: FigureSource, by: str, now: datetime, note: str = ""
) -> int:
    """Register a sound plan's figures and return how many are new or changed; raises ValueError for another."""
    if not plan.is_sound:
        raise ValueError("a plan with mistakes can't be applied")
    return register(session, plan.figures, source=source, by=by, now=now, note=note)
