"""预算一体化衔接: codes there and here, the file of approved goals, and a reconciliation with each difference's row."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import integration
from budget.integration import LISTS, CodeKind, DifferenceKind, Reconciled
from budget.tables import Unit
from engine.errors import BihuanError
from web import context, errors, xlsx
from web.exchange import projects as exchange
from web.exchange.files import MOST_BYTES
from web.registers.reading import Filters
from web.views.project_import import may_use

blueprint = Blueprint("integration", __name__)

#: So many differences stand on the page.
SHOWN = 500
#: So many rows of a file are compared, more than the largest county has projects (34,261).
MOST_COMPARED = 50_000


def _year() -> int:
    return Filters.read(request.values, context.year()).year


@blueprint.get("/integration")
def page() -> Any:
    """Show the codes, the file to push and the reconciliation."""
    return _shown()


@blueprint.post("/integration/codes")
def name() -> Any:
    """Note what a code of ours is called there."""
    if not may_use():
        abort(403)
    kind, ours = request.form.get("kind", ""), request.form.get("ours", "").strip()
    theirs = request.form.get("theirs", "").strip()[:60]
    if kind not in CodeKind.__members__:
        abort(400)
    with context.engine().database.write() as unit, unit.savepoint() as session:
        known = {code for code, _ in _ours(session, CodeKind[kind])}
        named = ours in known and integration.name_code(session, CodeKind[kind], ours, theirs)
    if not named:
        return _shown(gettext("没有这个代码，或者对方的代码已经对应别的代码。")), 422
    flash(gettext("已登记代码对应。"), "ok")
    return redirect(url_for("integration.page", year=_year()), 303)


@blueprint.get("/integration/goals.json")
def push() -> Any:
    """Give the year's approved goals for the budget system."""
    if not may_use():
        abort(403)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = integration.push(session, _year())
    context.engine().record_export(
        "integration:goals", str(_year()), len(found["goals"]), actor=context.actor()
    )
    body = json.dumps(found, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="goals-{_year()}.json"'}
    return Response(body, mimetype="application/json", headers=headers)


@blueprint.post("/integration")
def reconcile() -> Any:
    """Compare a file of the budget system with what is here; nothing is written."""
    if not may_use():
        abort(403)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _shown(gettext("请选择文件。")), 422
    try:
        given = exchange.read(file.filename, file.stream.read(MOST_BYTES + 1), MOST_COMPARED)
    except BihuanError as refused:
        return _shown(errors.explained(refused)), errors.status_of(refused)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = integration.reconcile(session, _year(), given)
    if request.form.get("as") == "xlsx":
        return _workbook(found)
    return _shown(found=found)


def _workbook(found: Reconciled) -> Any:
    """Give all differences as a workbook: the page lists the first ones."""
    language = context.language()
    headings = [gettext(one) for one in ("行", "编码", "项目", "差异", "本系统", "预算系统")]
    lines = [
        (one.row, one.code, one.name, getattr(one.kind, language), one.ours, one.theirs)
        for one in found.differences
    ]
    title = gettext("核对结果")
    answer = xlsx.download(
        f"{title}_{_year()}", [xlsx.Sheet(title, headings, lines, (8, 22, 36, 14, 24, 24))]
    )
    context.engine().record_export("integration:differences", str(_year()), len(lines), actor=context.actor())
    return answer


def _ours(session: Session, kind: CodeKind) -> list[tuple[str, str]]:
    """Return the codes of ours of a kind with their names."""
    if kind in LISTS:
        return [(one.value, getattr(one, context.language())) for one in LISTS[kind]]
    query = select(Unit.code, Unit.name).where(~Unit.secret_flag).order_by(Unit.code)
    return [(row[0], row[1]) for row in session.execute(query)]


def _shown(error: str = "", found: Reconciled | None = None) -> str:
    if not may_use():
        abort(403)
    language = context.language()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        codes = integration.mapping(session)
        ours = {kind: _ours(session, kind) for kind in CodeKind}
    names = {kind: dict(pairs) for kind, pairs in ours.items()}
    return render_template(
        "integration/page.html",
        year=_year(),
        years=[context.year() + offset for offset in (-1, 0, 1)],
        kinds=[(kind.value, getattr(kind, language), ours[kind]) for kind in CodeKind],
        codes=[
            (getattr(kind, language), kind.value, one, names[kind].get(one, ""), theirs)
            for kind, pairs in codes.items()
            for one, theirs in sorted(pairs.items())
        ],
        found=found,
        shown=SHOWN,
        said=lambda kind: getattr(DifferenceKind[kind], language),
        error=error,
    )
