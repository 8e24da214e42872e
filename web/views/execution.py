"""执行数据: execution figures by file with a trial, by another system with a token, and where units say otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import number, rows, text
from budget.money import fen_from_wan
from budget.monitoring import figures, imports, queries
from budget.monitoring.codes import FigureSource
from budget.monitoring.imports import WAN, YUAN, Given, Plan
from budget.tables import Unit
from engine.errors import BihuanError
from web import context, errors, tokens, xlsx
from web.exchange import figures as reading
from web.exchange.files import MOST_BYTES, MOST_ROWS
from web.extensions import csrf, limiter
from web.navigation import may_import
from workflows import profiles

blueprint = Blueprint("execution", __name__)

#: Who lets other systems send figures.
CHIEFS = frozenset({"budget_chief", "perf_chief", "treasury_chief"})
_SHOWN = 500
#: How another system says in what amounts are given.
_UNITS = {"wan": WAN, "yuan": YUAN}
_LONGEST_NAME = 60


def _may_grant() -> bool:
    return any(post.role in CHIEFS for post in context.actor().posts)


def _year(given: Any) -> int:
    value = number(given)
    return (
        int(value) if value is not None and value == int(value) and 2000 <= value <= 2100 else context.year()
    )


@blueprint.get("/execution")
def page() -> Any:
    """Show the months that are known, the differences to what units reported, and how figures come in."""
    if not may_import():
        abort(403)
    return _page()


def _page(error: str | None = None, token: str | None = None, status: int = 200) -> Any:
    year = _year(request.args.get("year"))
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        months = queries.months(session, year)
        tolerance = fen_from_wan(Decimal(profiles.of(context.engine()).value("quality.amount_tolerance")))
        differences = figures.differences(session, year, tolerance=tolerance)
        units = {row.code: row.name for row in session.execute(select(Unit.code, Unit.name))}
    answer = render_template(
        "execution/page.html",
        year=year,
        years=[context.year() + offset for offset in (-1, 0, 1)],
        month=min(12, max(1, context.now().month - 1)),
        months=months,
        differences=differences[:_SHOWN],
        difference_count=len(differences),
        units=units,
        error=error,
        token=token,
        tokens=sorted(tokens.known(context.engine()).items()) if _may_grant() else None,
        megabytes=MOST_BYTES // 1024 // 1024,
    )
    return answer, status


@blueprint.get("/execution/template.xlsx")
def template() -> Any:
    """Give the workbook to fill in."""
    if not may_import():
        abort(403)
    sheet = xlsx.Sheet(
        "执行数据",
        [reading.CODE, reading.BOOK, reading.MONTH, f"累计执行数（{WAN}）"],
        [],
        [24, 18, 8, 20],
        [
            "项目编码：项目库里的编码。预算：可以不填，不填为全部预算合计；填的写一般公共预算、政府性基金等。",
            "月份：可以不填，不填按上传时选的月份。累计执行数：从1月起累计到该月底；以元计的把标题改为“累计执行数（元）”。",
        ],
    )
    return xlsx.download("执行数据模板", [sheet])


@blueprint.post("/execution")
def upload() -> Any:
    """Try a file row by row and show what importing it would do; nothing is written."""
    if not may_import():
        abort(403)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(gettext("请选择文件。"), status=422)
    try:
        found = reading.read(file.filename, file.stream.read(MOST_BYTES + 1))
    except BihuanError as refused:
        return _page(errors.explained(refused), status=errors.status_of(refused))
    return _trial(file.filename[-100:], _asked_month(), found.unit, found.rows)


def _asked_month() -> int:
    month = number(request.form.get("month"))
    if month is None or month != int(month) or not 1 <= month <= 12:
        abort(400)
    return int(month)


def _trial(name: str, month: int, unit_of_money: str, given: Sequence[Given]) -> Any:
    year = _year(request.form.get("year"))
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        plan = imports.examine(session, year, month, given, unit_of_money)
    order = {imports.ERROR: 0, imports.CHANGED: 1, imports.NEW: 2, imports.UNCHANGED: 3}
    lines = sorted(plan.lines, key=lambda line: (order[line.result], not line.said, line.given.row))
    return render_template(
        "execution/trial.html",
        name=name,
        plan=plan,
        lines=lines[:_SHOWN],
        month=month,
        unit_of_money=unit_of_money,
        kept=json.dumps([_kept(one) for one in given], ensure_ascii=False),
        english=context.language() == "en",
        results={
            imports.NEW: (gettext("新增"), "ok"),
            imports.CHANGED: (gettext("修改"), "warn"),
            imports.UNCHANGED: (gettext("不变"), ""),
            imports.ERROR: (gettext("错误"), "bad"),
        },
    ), 422 if plan.counts.get(imports.ERROR) else 200


def _kept(given: Given) -> list[Any]:
    return [given.row, given.code, text(given.amount), given.book, given.month]


@blueprint.post("/execution/apply")
def apply() -> Any:
    """Register the rows that were tried; they are examined anew, because the page may say anything."""
    if not may_import():
        abort(403)
    try:
        kept = json.loads(request.form.get("rows", ""))
        given = [
            Given(int(row), str(code), amount, str(book), month) for row, code, amount, book, month in kept
        ]
    except (ValueError, TypeError):
        abort(400)
    month, unit_of_money = _asked_month(), request.form.get("unit", "")
    if unit_of_money not in (WAN, YUAN) or len(given) > MOST_ROWS:
        abort(400)
    name = request.form.get("name", "")[-100:]
    plan, changed = _register(
        _year(request.form.get("year")),
        month,
        given,
        unit_of_money,
        source=FigureSource.FILE,
        by=f"user:{context.actor().person}",
        note=name,
    )
    if not plan.is_sound:
        return _trial(name, month, unit_of_money, given)
    flash(gettext("已登记 %(count)s 条执行数。", count=changed), "ok")
    return redirect(url_for("execution.page", year=plan.year), 303)


def _register(
    year: int,
    month: int,
    given: Sequence[Given],
    unit_of_money: str,
    *,
    source: FigureSource,
    by: str,
    note: str,
) -> tuple[Plan, int]:
    """Examine and, where the plan is sound, register in one transaction."""

    def command(unit: Any) -> tuple[Plan, int]:
        with unit.savepoint() as session:
            plan = imports.examine(session, year, month, given, unit_of_money)
            if not plan.is_sound:
                return plan, 0
            return plan, imports.apply(session, plan, source=source, by=by, now=context.now(), note=note)

    return context.engine().database.retry(command)


@blueprint.post("/api/v1/execution")
@csrf.exempt
@limiter.limit("60 per minute")
def receive() -> Any:
    """Take figures from another system as JSON: all rows or none; ``dry_run`` only examines them.

    Who sends gives a token (``Authorization: Bearer …``), or is signed in with a role that imports, and then the CSRF token
    too. The shape is in docs/execution-api.md.
    """
    by = _sender()
    if by is None:
        return jsonify(message=gettext("没有有效的接口口令。")), 401
    body = request.get_json(silent=True)
    problem, given, month = _body(body)
    if problem is not None or not isinstance(body, Mapping):
        return jsonify(message=problem), 400
    year, money = _year(body.get("year")), _UNITS[body.get("unit", "wan")]
    if body.get("dry_run") is True:
        with context.engine().database.read() as unit, Session(unit.connection) as session:
            plan, changed = imports.examine(session, year, month, given, money), 0
    else:
        note = text(body.get("note"))[:200]
        plan, changed = _register(year, month, given, money, source=FigureSource.REST, by=by, note=note)
    said = [
        {"row": line.given.row, "project": line.given.code, "result": line.result}
        | {"zh": [zh for zh, _ in line.said], "en": [en for _, en in line.said]}
        for line in plan.lines
        if line.said
    ]
    return jsonify(
        year=plan.year, counts=dict(plan.counts), registered=changed, lines=said
    ), 200 if plan.is_sound else 422


def _sender() -> str | None:
    """Return who sends: a token's name, or the signed-in person; None for neither."""
    header = request.headers.get("Authorization", "")
    if header:
        name = tokens.holder(context.engine(), header)
        return None if name is None else f"token:{name}"
    if not current_user.is_authenticated:
        return None
    csrf.protect()
    if not may_import():
        abort(403)
    return f"user:{context.actor().person}"


def _body(body: Any) -> tuple[str | None, Sequence[Given], int]:
    """Return what is wrong with a request's shape, else its rows and their month."""
    if not isinstance(body, Mapping) or not isinstance(body.get("figures"), list):
        return gettext("请求须是 JSON，含 figures 列表。"), (), 0
    month = number(body.get("month"))
    if month is None or month != int(month) or not 1 <= month <= 12:
        return gettext("month 须是1至12。"), (), 0
    if body.get("unit", "wan") not in _UNITS:
        return gettext("unit 须是 wan（万元）或 yuan（元）。"), (), 0
    found = rows(body["figures"])
    if not found or len(found) > MOST_ROWS:
        return gettext("figures 须有1至%(most)s行。", most=MOST_ROWS), (), 0
    given = [
        Given(
            at,
            text(row.get("project")),
            row.get("amount"),
            text(row.get("book")),
            text(row.get("month")) or None,
        )
        for at, row in enumerate(found, 1)
    ]
    return None, given, int(month)


@blueprint.post("/execution/tokens")
def make_token() -> Any:
    """Make a token for another system and show it once."""
    if not _may_grant():
        abort(403)
    name = request.form.get("name", "").strip()[:_LONGEST_NAME]
    if not name:
        return _page(gettext("请写明口令给哪个系统用。"), status=422)
    made = tokens.make(context.engine(), name, by=f"user:{context.actor().person}")
    return _page(token=made)


@blueprint.post("/execution/tokens/revoke")
def revoke_token() -> Any:
    """Let a token count no more."""
    if not _may_grant():
        abort(403)
    name = request.form.get("name", "")
    if not tokens.revoke(context.engine(), name, by=f"user:{context.actor().person}"):
        abort(404)
    flash(gettext("已停用接口口令“%(name)s”。", name=name), "ok")
    return redirect(url_for("execution.page"), 303)
