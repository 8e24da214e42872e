"""项目和预算导入: a file of the budget system is tried row by row, then written as a whole; and given back as one."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import project_imports as imports
from budget.project_imports import TITLES, Given, Plan
from engine.errors import BihuanError
from web import context, errors, xlsx
from web.exchange import projects as exchange
from web.exchange.files import MOST_BYTES, MOST_ROWS
from web.registers.reading import Filters

blueprint = Blueprint("project_import", __name__)

#: Who brings in what the budget system says.
ROLES = frozenset({"budget_staff", "budget_chief"})
_SHOWN = 500


def may_use() -> bool:
    """Whether the person imports projects."""
    return any(post.role in ROLES for post in context.actor().posts)


def _year() -> int:
    return Filters.read(request.values, context.year()).year


@blueprint.get("/project-import")
def page() -> Any:
    """Show how projects come in, and give the template and the year's projects."""
    return _page()


def _page(error: str | None = None, status: int = 200) -> Any:
    if not may_use():
        abort(403)
    years = [context.year() + offset for offset in (-1, 0, 1)]
    answer = render_template(
        "projects/import.html", error=error, year=_year(), years=years, megabytes=MOST_BYTES // 1024 // 1024
    )
    return answer, status


@blueprint.get("/project-import/<any(template,projects):what>.xlsx")
def workbook(what: str) -> Any:
    """Give the workbook to fill in, or the year's projects in the same columns."""
    if not may_use():
        abort(403)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        sheet, guide = exchange.book(session, _year(), empty=what == "template")
        answer = xlsx.download(
            "项目导入模板" if what == "template" else f"{_year()}年度项目库", [sheet, guide]
        )
    if what == "projects":
        context.engine().record_export("projects", str(_year()), len(list(sheet.rows)), actor=context.actor())
    return answer


@blueprint.post("/project-import")
def upload() -> Any:
    """Try a file; nothing is written."""
    if not may_use():
        abort(403)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(gettext("请选择文件。"), 422)
    try:
        given = exchange.read(file.filename, file.stream.read(MOST_BYTES + 1))
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        return _trial(imports.examine(session, _year(), given))


def _trial(plan: Plan) -> Any:
    order = {imports.ERROR: 0, imports.CHANGED: 1, imports.NEW: 2, imports.UNCHANGED: 3}
    lines = sorted(plan.lines, key=lambda line: (order[line.result], line.given.row))
    kept = [[line.given.row, dict(line.given.values)] for line in plan.lines]
    answer = render_template(
        "projects/trial.html",
        plan=plan,
        lines=lines[:_SHOWN],
        kept=json.dumps(kept, ensure_ascii=False),
        english=context.language() == "en",
        results={
            imports.NEW: (gettext("新增"), "ok"),
            imports.CHANGED: (gettext("修改"), "warn"),
            imports.UNCHANGED: (gettext("不变"), ""),
            imports.ERROR: (gettext("错误"), "bad"),
        },
    )
    return answer, 200 if plan.is_sound else 422


@blueprint.post("/project-import/apply")
def apply() -> Any:
    """Write the rows that were tried; they are examined anew, because the page may say anything."""
    if not may_use():
        abort(403)
    try:
        kept = json.loads(request.form.get("rows", ""))
        given = [
            Given(int(row), {name: str(cells[name])[:200] for name in TITLES if name in cells})
            for row, cells in kept
        ]
    except (ValueError, TypeError):
        abort(400)
    if not given or len(given) > MOST_ROWS:
        abort(400)
    year = _year()

    def command(unit: Any) -> tuple[Plan, int]:
        with unit.savepoint() as session:
            plan = imports.examine(session, year, given)
            return plan, imports.apply(session, plan) if plan.is_sound else 0

    plan, changed = context.engine().database.retry(command)
    if not plan.is_sound:
        return _trial(plan)
    flash(gettext("已导入 %(count)s 个项目。", count=changed), "ok")
    return redirect(url_for("goals.register_page", year=year), 303)
