"""What passes between us and the budget system (预算一体化): codes, approved goals that are pushed, and reconciliation.

Plain functions on a session; none commits. Nothing secret is pushed or named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import number
from budget.codes import Category, Code, FundBook, ProjectType, VersionState
from budget.money import MoneyError, fen_from_wan, yuan_from_fen
from budget.project_imports import Given
from budget.tables import Goal, GoalVersion, Project, SystemCode, Unit


class CodeKind(Code):
    """What has a code of its own there."""

    UNIT = ("UNIT", "预算单位", "unit")
    FUND_BOOK = ("FUND_BOOK", "预算本", "budget")
    CATEGORY = ("CATEGORY", "项目类别", "category")
    TYPE = ("TYPE", "项目类型", "type")


#: The codes of ours that are no records.
LISTS: Mapping[CodeKind, type[Code]] = {
    CodeKind.FUND_BOOK: FundBook,
    CodeKind.CATEGORY: Category,
    CodeKind.TYPE: ProjectType,
}


class DifferenceKind(Code):
    """How we and the budget system differ."""

    ONLY_THERE = ("ONLY_THERE", "本系统没有", "not here")
    ONLY_HERE = ("ONLY_HERE", "预算系统没有", "not there")
    TWICE = ("TWICE", "文件里重复", "twice in the file")
    NAME = ("NAME", "名称不同", "another name")
    UNIT = ("UNIT", "单位不同", "another unit")
    FUND_BOOK = ("FUND_BOOK", "预算本不同", "another budget")
    AMOUNT = ("AMOUNT", "年度预算不同", "another amount")
    UNREADABLE = ("UNREADABLE", "读不出", "unreadable")
    NO_CODE = ("NO_CODE", "没有项目编码", "without a code")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, with the row of their file (None where they have none) and both values."""

    kind: DifferenceKind
    row: int | None
    code: str
    name: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was compared: how many agree, and the differences by row."""

    agree: int
    differences: Sequence[Difference]


def mapping(session: Session) -> Mapping[CodeKind, Mapping[str, str]]:
    """Return their code of each of ours that has another."""
    found: dict[CodeKind, dict[str, str]] = {kind: {} for kind in CodeKind}
    for one in session.scalars(select(SystemCode)):
        found[CodeKind[one.kind]][one.ours] = one.theirs
    return found


def codes_of(session: Session, kind: CodeKind) -> Sequence[str]:
    """Return the codes of ours of a kind."""
    if kind in LISTS:
        return [one.value for one in LISTS[kind]]
    return session.scalars(select(Unit.code).order_by(Unit.code)).all()


def name_code(session: Session, kind: CodeKind, ours: str, theirs: str) -> bool:
    """Note what they call a code of ours; an empty one means ours.

    False where another of ours is called so there already, by what was noted or because it has the same code there as here.
    """
    known = mapping(session)[kind]
    there = theirs or ours
    others = (known.get(code, code) for code in {*known, *codes_of(session, kind)} - {ours})
    if there in others:
        return False
    one = session.get(SystemCode, (kind.value, ours))
    if not theirs:
        if one is not None:
            session.delete(one)
    elif one is None:
        session.add(SystemCode(kind=kind.value, ours=ours, theirs=theirs))
    else:
        one.theirs = theirs
    session.flush()
    return True


def push(session: Session, year: int) -> dict[str, Any]:
    """Return a year's approved goals in the budget system's codes, amounts in yuan as text, for a file of JSON."""
    codes = mapping(session)
    query = (
        select(GoalVersion, Project)
        .join(Goal, Goal.id == GoalVersion.goal_id)
        .join(Project, Project.id == Goal.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(GoalVersion.state == VersionState.FROZEN, Project.fiscal_year == year)
        .where(~Project.secret_flag, ~Unit.secret_flag)
        .order_by(Project.code, GoalVersion.version)
    )
    newest = {project.code: (version, project) for version, project in session.execute(query)}
    return {
        "format": "bihuan-goals-1",
        "fiscal_year": year,
        "goals": [_goal(version, project, codes) for version, project in newest.values()],
    }


def _goal(
    version: GoalVersion, project: Project, codes: Mapping[CodeKind, Mapping[str, str]]
) -> dict[str, Any]:
    def theirs(kind: CodeKind, ours: str) -> str:
        return codes[kind].get(ours, ours)

    return {
        "project_code": project.code,
        "project_name": project.name,
        "unit": theirs(CodeKind.UNIT, project.unit),
        "fund_book": theirs(CodeKind.FUND_BOOK, project.fund_book),
        "category": theirs(CodeKind.CATEGORY, project.category),
        "type": theirs(CodeKind.TYPE, project.type),
        "goal_no": version.number,
        "version": version.version,
        "annual_amount": str(yuan_from_fen(version.annual_amount)),
        "goal": version.goal_annual,
        "indicators": [
            {
                "level1": one.level1,
                "level2": one.level2,
                "name": one.level3_name,
                "operator": one.operator,
                "target": one.target_text,
                "unit": one.unit or "",
            }
            for one in version.indicators
        ],
    }


def reconcile(session: Session, year: int, given: Sequence[Given]) -> Reconciled:
    """Compare a file of the budget system with the year's projects, in the columns of the import of projects.

    A column that the file lacks is not compared. Secret projects are in neither list; a row without a code is named.
    """
    query = (
        select(Project)
        .join(Unit, Unit.code == Project.unit)
        .where(Project.fiscal_year == year)
        .order_by(Project.code)
    )
    all_here = {one.code: one for one in session.scalars(query)}
    secret_units = set(session.scalars(select(Unit.code).where(Unit.secret_flag)))
    secret = {code for code, one in all_here.items() if one.secret_flag or one.unit in secret_units}
    back = {kind: {theirs: ours for ours, theirs in one.items()} for kind, one in mapping(session).items()}
    found: list[Difference] = []
    seen: set[str] = set()
    agree = 0
    for row in given:
        code, name = row.values.get("code", ""), row.values.get("name", "")
        if not code:
            amount = row.values.get("annual_amount", "")
            found.append(Difference(DifferenceKind.NO_CODE, row.row, "", name, "", amount))
            continue
        if code in secret:
            continue
        if code in seen:
            found.append(Difference(DifferenceKind.TWICE, row.row, code, name, "", ""))
            continue
        seen.add(code)
        project = all_here.get(code)
        if project is None:
            amount = row.values.get("annual_amount", "")
            found.append(Difference(DifferenceKind.ONLY_THERE, row.row, code, name, "", amount))
            continue
        differences = list(_differences(row, project, back))
        found.extend(differences)
        agree += not differences
    for code, project in all_here.items():
        if code not in seen and code not in secret:
            found.append(
                Difference(
                    DifferenceKind.ONLY_HERE, None, code, project.name, _wan(project.annual_amount), ""
                )
            )
    return Reconciled(agree, found)


def _differences(
    row: Given, project: Project, back: Mapping[CodeKind, Mapping[str, str]]
) -> Iterator[Difference]:
    def differs(kind: DifferenceKind, ours: str, theirs: str) -> Difference:
        return Difference(kind, row.row, project.code, project.name, ours, theirs)

    values = row.values
    if values.get("name") and values["name"] != project.name:
        yield differs(DifferenceKind.NAME, project.name, values["name"])
    unit = values.get("unit")
    if unit and back[CodeKind.UNIT].get(unit, unit) != project.unit:
        yield differs(DifferenceKind.UNIT, project.unit, unit)
    book = values.get("fund_book")
    if book and project.fund_book not in (_book(book), back[CodeKind.FUND_BOOK].get(book)):
        yield differs(DifferenceKind.FUND_BOOK, FundBook[project.fund_book].zh, book)
    typed = values.get("annual_amount", "")
    amount = _fen(typed)
    if amount is None:
        yield differs(DifferenceKind.UNREADABLE, _wan(project.annual_amount), typed)
    elif amount != project.annual_amount:
        yield differs(DifferenceKind.AMOUNT, _wan(project.annual_amount), typed)


def _fen(typed: str) -> int | None:
    """Return an amount of 万元 as it was typed, in full-width digits or with separators, in 分; None for what is none."""
    amount = number(typed)
    try:
        return None if amount is None else fen_from_wan(amount)
    except MoneyError:
        return None


def _book(word: str) -> str | None:
    return next((one.value for one in FundBook if word in (one.value, one.zh)), None)


def _wan(fen: int) -> str:
    return f"{Decimal(fen) / 1_000_000:,.2f}"
