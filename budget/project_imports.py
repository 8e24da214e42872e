"""Projects and their budgets from the budget system: examined row by row, then written all together or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import Category, Code, FundBook, GoalState, ProjectAttr, ProjectLevel, ProjectType
from budget.money import MoneyError, fen_from_wan
from budget.tables import BudgetYear, Goal, Project, Unit

NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"
#: The columns that hold a code of a list.
CODES: Mapping[str, type[Code]] = {
    "category": Category,
    "type": ProjectType,
    "attr": ProjectAttr,
    "level": ProjectLevel,
    "fund_book": FundBook,
}
_NEEDED = ("code", "name", "unit", "category", "type", "attr", "start_date", "end_date", "annual_amount")
#: What a row that leaves a column out means.
_DEFAULTS: Mapping[str, str] = {
    "level": "L1",
    "fund_book": "GENERAL",
    "secret_flag": "否",
    "poverty_flag": "否",
}
_YES, _NO = "是", "否"
#: The columns that hold amounts.
AMOUNTS = ("annual_amount", "total_amount", "upper_amount", "carryover_amount")


@dataclass(frozen=True, slots=True)
class Given:
    """A row of a file: its number, and its cells as text by the column's name; amounts in 万元."""

    row: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a row: its project's values, what they were, and what is wrong, in both languages."""

    given: Given
    result: str
    values: Mapping[str, Any] = field(default_factory=dict)
    before: int | None = None
    project_id: int | None = None
    said: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do."""

    year: int
    lines: Sequence[Line]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows have which result."""
        return Counter(line.result for line in self.lines)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with any row."""
        return not any(line.result == ERROR for line in self.lines)


def examine(session: Session, year: int, given: Sequence[Given]) -> Plan:
    """Return what importing rows into a budget year would do; nothing is written."""
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    known = {one.code: one for one in session.scalars(select(Project).where(Project.fiscal_year == year))}
    before = {
        one.code: one.id for one in session.scalars(select(Project).where(Project.fiscal_year == year - 1))
    }
    approved = set(session.scalars(select(Goal.project_id).where(Goal.state == GoalState.APPROVED)))
    closed = session.get(BudgetYear, year) is not None
    codes = Counter(one.values.get("code", "") for one in given)
    lines = []
    for one in given:
        known_already = one.values.get("code", "") in known
        values, said = _values(one.values, units, before, new=not known_already)
        if closed:
            said.append((f"{year}年度已经结转，不能导入", f"The year {year} is closed"))
        if codes[one.values.get("code", "")] > 1:
            said.append(
                ("同一项目编码在文件里出现多次", "The project's code occurs several times in the file")
            )
        project = known.get(values.get("code", ""))
        said += _disagreements(values, project)
        lines.append(_line(one, project, values, said, approved))
    return Plan(year, lines)


def _line(
    one: Given,
    project: Project | None,
    values: dict[str, Any],
    said: list[tuple[str, str]],
    approved: set[int],
) -> Line:
    amount = None if project is None else project.annual_amount
    moved = project is not None and values.get("annual_amount") not in (None, amount)
    if project is not None and project.id in approved and moved:
        said.append(
            (
                "绩效目标已经批复，预算变动请走预算调整（与目标同报同审）",
                "The goal is approved: a change of the budget needs an adjustment, with the goal",
            )
        )
    id = project.id if project is not None else None
    if said:
        return Line(one, ERROR, values, amount, id, said)
    if project is None:
        return Line(one, NEW, values)
    same = all(getattr(project, name) == value for name, value in values.items())
    return Line(one, UNCHANGED if same else CHANGED, values, amount, id)


def _values(
    given: Mapping[str, str], units: Mapping[str, Unit], before: Mapping[str, int], *, new: bool
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return a project's values of a row's cells, and what is wrong with them.

    Only a ``new`` project must have all that is needed, and has defaults for what its row leaves out.
    """
    cells = {**(_DEFAULTS if new else {}), **{name: text for name, text in given.items() if text}}
    said: list[tuple[str, str]] = []
    for name in _NEEDED if new else ():
        if not cells.get(name):
            said.append((f"缺少“{TITLES[name]}”", f"{TITLES[name]} is missing"))
    values: dict[str, Any] = {
        name: cells[name] for name in ("code", "name", "leader", "phone") if name in cells
    }
    unit = units.get(cells.get("unit", ""))
    if unit is not None:
        values |= {"unit": unit.code, "section": unit.section}
    elif cells.get("unit"):
        said.append((f"没有预算单位“{cells['unit']}”", f"There is no budget unit {cells['unit']}"))
    for name, codes in CODES.items():
        word = cells.get(name, "")
        found = next((one for one in codes if word in (one.value, one.zh)), None)
        if found is not None:
            values[name] = found.value
        elif word:
            offered = "、".join(one.zh for one in codes)
            said.append((f"“{TITLES[name]}”只能是{offered}", f"{TITLES[name]} is one of {offered}"))
    for name in ("start_date", "end_date"):
        try:
            if cells.get(name):
                values[name] = date.fromisoformat(cells[name])
        except ValueError:
            said.append((f"“{TITLES[name]}”写成 2026-01-31", f"{TITLES[name]} is written 2026-01-31"))
    said += _amounts(cells, values, new=new)
    for name in ("secret_flag", "poverty_flag"):
        if name not in cells:
            continue
        if cells[name] not in (_YES, _NO):
            said.append((f"“{TITLES[name]}”只能是“是”或“否”", f"{TITLES[name]} is 是 or 否"))
        values[name] = cells[name] == _YES
    if cells.get("previous"):
        if cells["previous"] in before:
            values["previous_id"] = before[cells["previous"]]
        else:
            said.append(("上年没有这个项目编码", "There was no such project in the year before"))
    return values, said


def _amounts(cells: Mapping[str, str], values: dict[str, Any], *, new: bool) -> list[tuple[str, str]]:
    said = []
    for name in AMOUNTS:
        try:
            if cells.get(name):
                values[name] = fen_from_wan(Decimal(cells[name].replace(",", "")))
        except (InvalidOperation, MoneyError):
            said.append((f"“{TITLES[name]}”不是金额", f"{TITLES[name]} is no amount"))
    if any(values.get(name, 0) < 0 for name in AMOUNTS):
        said.append(("金额不能小于零", "An amount is not less than nothing"))
    if "annual_amount" in values and new:
        values.setdefault("total_amount", values["annual_amount"])
    return said


def _disagreements(values: Mapping[str, Any], project: Project | None) -> list[tuple[str, str]]:
    """Return what doesn't fit together in what a project would be: its row, and what its record says besides."""

    def of(name: str, otherwise: Any) -> Any:
        return values.get(name, otherwise if project is None else getattr(project, name))

    said = []
    annual = of("annual_amount", 0)
    if of("start_date", date.min) > of("end_date", date.max):
        said.append(("结束日期早于开始日期", "It ends before it begins"))
    if of("upper_amount", 0) > annual:
        said.append(("上级转移支付大于年度预算", "More comes from above than the year's budget"))
    if of("carryover_amount", 0) > annual:
        said.append(("上年结转大于年度预算", "More is carried over than the year's budget"))
    if "annual_amount" in values and of("total_amount", annual) < annual:
        said.append(("项目总额小于年度预算", "The total is less than the year's budget"))
    if project is not None and project.secret_flag and values.get("secret_flag") is False:
        said.append(
            (
                "涉密项目不能从文件里改为不涉密；解密后另立编码登记",
                "A secret project is not made open by a file; once declassified it is entered under another code",
            )
        )
    return said


def apply(session: Session, plan: Plan) -> int:
    """Write what a sound plan says; return how many projects are new or changed."""
    changed = 0
    for line in plan.lines:
        if line.result == NEW:
            session.add(Project(fiscal_year=plan.year, **line.values))
        elif line.result == CHANGED:
            project = session.get_one(Project, line.project_id)
            for name, value in line.values.items():
                setattr(project, name, value)
        else:
            continue
        changed += 1
    session.flush()
    return changed


#: The headings of the columns, by name.
TITLES: Mapping[str, str] = {
    "code": "项目编码",
    "name": "项目名称",
    "unit": "单位代码",
    "category": "项目类别",
    "type": "项目类型",
    "attr": "项目属性",
    "level": "项目级次",
    "fund_book": "预算本",
    "annual_amount": "年度预算（万元）",
    "total_amount": "项目总额（万元）",
    "upper_amount": "其中上级转移支付（万元）",
    "carryover_amount": "其中上年结转（万元）",
    "start_date": "开始日期",
    "end_date": "结束日期",
    "leader": "项目负责人",
    "phone": "联系电话",
    "previous": "上年项目编码",
    "poverty_flag": "扶贫（衔接）项目",
    "secret_flag": "涉密",
}
