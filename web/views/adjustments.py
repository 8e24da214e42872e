"""预算调整: a unit asks for the adjustment of one of its projects; the budget section enters projects that come new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.adjustments import AdjustmentError, adjustable
from budget.answers import day, number
from budget.cases import CaseKind, CaseState
from budget.codes import Category, FundBook, GoalState, ProjectType
from budget.money import MoneyError, fen_from_wan
from budget.tables import Case, Goal, Project, Unit
from engine.errors import Refused
from web import context
from web.errors import explained
from web.formatting import SHANGHAI, local
from workflows.midyear import NewProject, add_project, start_adjustment

blueprint = Blueprint("adjustments", __name__)

_CLERK = "unit_clerk"
_BUDGET = frozenset({"budget_staff", "budget_chief"})
_OPEN = (CaseState.OPEN, CaseState.SUBMITTED, CaseState.RETURNED)


@dataclass(frozen=True, slots=True)
class Line:
    """A project whose goal is approved, and the adjustment that is under way, where there is one."""

    project: Project
    unit: str
    under_way: int | None


def may_ask() -> bool:
    """Whether the person fills in forms for a unit."""
    return bool(_own_units())


def may_add() -> bool:
    """Whether the person keeps the register of projects: the budget section."""
    return any(post.role in _BUDGET for post in context.actor().posts)


def _own_units() -> Sequence[str]:
    return [post.org for post in context.actor().posts if post.role == _CLERK and post.org]


@blueprint.get("/adjustments")
def choose() -> Any:
    """Show the unit's own projects of the year with an approved goal, each with what may be begun."""
    if not may_ask():
        abort(403)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        query = (
            select(Project, Unit.name)
            .join(Unit, Unit.code == Project.unit)
            .join(Goal, Goal.project_id == Project.id)
            .where(
                Project.unit.in_(_own_units()),
                Project.fiscal_year == context.year(),
                Goal.state == GoalState.APPROVED,
                ~Project.secret_flag,
                ~Unit.secret_flag,
            )
            .order_by(Project.code)
        )
        found = session.execute(query).all()
        under_way = select(Case.project_id, Case.instance_id).where(
            Case.project_id.in_([project.id for project, _ in found]),
            Case.kind == CaseKind.ADJUSTMENT,
            Case.state.in_(_OPEN),
        )
        open_ = {row.project_id: row.instance_id for row in session.execute(under_way)}
        lines = [Line(project, name, open_.get(project.id)) for project, name in found]
        return render_template("adjustments/choose.html", lines=lines, year=context.year())


@blueprint.post("/adjustments/<int:project_id>")
def start(project_id: int) -> Any:
    """Begin the adjustment of one of the person's own unit's projects, and open its form."""
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        project = session.get(Project, project_id)
        if project is None or project.unit not in _own_units():
            abort(404)
        try:
            adjustable(session, project_id)
        except AdjustmentError:
            flash(gettext("这个项目现在不能申请调整：目标还没有批复，或已有一件调整在办。"), "error")
            return redirect(url_for("adjustments.choose"), 303)
    try:
        instance = start_adjustment(context.engine(), project_id, context.actor())
    except Refused as refused:
        flash(explained(refused), "error")
        return redirect(url_for("adjustments.choose"), 303)
    holders = context.engine().instance(instance, context.actor()).holders
    return redirect(url_for("tasks.show", item_id=holders[0].item_id), 303)


@blueprint.get("/projects/new")
def new() -> Any:
    """Show the form for a project that comes new during the year."""
    if not may_add():
        abort(403)
    return _form({}, ())


@blueprint.post("/projects/new")
def create() -> Any:
    """Enter the project and begin its goal's declaration; what is wrong is said beside what was typed."""
    if not may_add():
        abort(403)
    typed = {name: value.strip() for name, value in request.form.items()}
    project, problems = _read(typed)
    if project is None:
        return _form(typed, problems), 422
    due = datetime.combine(day(typed["due"]) or date.max, time(18), tzinfo=SHANGHAI)
    try:
        project_id, _ = add_project(context.engine(), project, due)
    except Refused as refused:
        return _form(typed, [explained(refused)]), 409
    flash(gettext("已登记新增项目，并请单位申报绩效目标；批复后从下一次监控起纳入。"), "ok")
    return redirect(url_for("projects.show", project_id=project_id), 303)


def _read(typed: Mapping[str, str]) -> tuple[NewProject | None, Sequence[str]]:
    """Return the project that was typed, or the sentences that say what is wrong."""
    problems: list[str] = []
    start, end, due = (day(typed.get(name)) for name in ("start", "end", "due"))
    amount = number(typed.get("amount"))
    fen = 0
    try:
        fen = fen_from_wan(amount) if amount is not None else 0
    except MoneyError:
        amount = None
    if not 4 <= len(typed.get("name", "")) <= 100:
        problems.append(gettext("项目名称写4到100个字。"))
    if amount is None or fen <= 0:
        problems.append(gettext("年度资金填大于0的数，单位万元。"))
    if start is None or end is None or end < start:
        problems.append(gettext("起止日期要填全，结束不早于开始。"))
    if due is None or due < local(context.now()).date():
        problems.append(gettext("目标申报截止日填今天或以后的日期。"))
    units = {code for code, _ in _units()}
    if typed.get("unit") not in units:
        problems.append(gettext("请选择预算单位。"))
    kinds = (("category", Category), ("type", ProjectType), ("fund_book", FundBook))
    if any(typed.get(name) not in codes.__members__ for name, codes in kinds):
        problems.append(gettext("请选择项目类别、类型和资金来源。"))
    if problems or start is None or end is None:
        return None, problems
    return (
        NewProject(
            year=context.year(),
            name=typed["name"],
            unit=typed["unit"],
            category=typed["category"],
            type=typed["type"],
            fund_book=typed["fund_book"],
            amount=fen,
            leader=typed.get("leader", "")[:60],
            phone=typed.get("phone", "")[:40],
            start=start,
            end=end,
        ),
        (),
    )


def _units() -> list[tuple[str, str]]:
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        query = select(Unit.code, Unit.name).where(~Unit.secret_flag, Unit.in_campaign).order_by(Unit.code)
        return [(code, name) for code, name in session.execute(query)]


def _form(typed: Mapping[str, str], problems: Sequence[str]) -> str:
    language = context.language()
    return render_template(
        "adjustments/new.html",
        typed=typed,
        problems=problems,
        year=context.year(),
        units=_units(),
        choices=[
            (name, label, [(one.value, getattr(one, language)) for one in codes])
            for name, label, codes in (
                ("category", gettext("项目类别"), Category),
                ("type", gettext("项目类型"), ProjectType),
                ("fund_book", gettext("资金来源"), FundBook),
            )
        ],
    )
