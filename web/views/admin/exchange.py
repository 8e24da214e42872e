"""导入导出: workbooks of organisations, people and posts; an import is tried row by row before it is applied."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext

from budget import secrecy
from engine import BihuanError, Conflict, Organisation
from engine.admin.exchange import Line, Plan
from engine.admin.organisations import Also
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.database import Unit
from engine.messages import sentence
from engine.plugins import IdentitySource, SourceUnreadable
from web import administration, context, errors, event_words, wording, xlsx
from web.administration import needs, typed
from web.exchange import reading, writing
from web.exchange.columns import SHEETS
from web.exchange.files import MOST_BYTES
from web.views.admin.units import following

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")
_USES = (Right.ACCOUNTS, Right.GRANTS)
#: The column that an error is about, where it isn't the row's first.
_COLUMNS = {
    "person.bad_name": "name",
    "org.bad_kind": "kind",
    "org.circle": "parent",
    "org.too_deep": "parent",
    "post.bad_role": "role",
    "post.mixed": "role",
    "post.exists": "role",
    "post.auditor": "role",
    "admin.parts_joined": "role",
    "admin.whole_while_separated": "role",
    "dates.order": "last",
    "unit.no_section": "section",
    "unit.unknown_section": "section",
}


def words() -> dict[str, dict[str, str]]:
    """Return the words that cells have, in Chinese whatever the page's language."""
    with force_locale("zh"):
        roles = {role: wording.role(role) for role in wording.known_roles()}
        for role in context.engine().admin.roles(context.actor()):
            roles.setdefault(role, wording.role(role))
        kinds = {code: word for code, word in administration.kind_words().items() if code}
    return {"roles": roles, "kinds": kinds}


def follow(org: Organisation, values: Any) -> Also:
    """Let the budget's record follow an organisation of a row; a change of its secrecy is asked for, not made."""
    keep, wanted = following(org, values.get("section")), {"yes": True, "no": False}.get(values.get("secret"))

    def also(unit: Unit) -> dict[str, Any]:
        changed = dict(keep(unit))
        command = Command(unit, context.actor(), context.now())
        return changed | secrecy.wish(command, org.code, wanted, gettext("导入人员和单位"))

    return also


@blueprint.get("/")
@needs(*_USES)
def index() -> Any:
    """Show what can be exported and imported."""
    return _start()


def _start(error: str | None = None, status: int = 200) -> Any:
    page = render_template(
        "admin/exchange.html",
        error=error,
        megabytes=MOST_BYTES // 1024 // 1024,
        sources=[(type, one.name[context.language()]) for type, one in _sources().items()],
    )
    return page, status


@blueprint.get("/export")
@needs(*_USES)
def export() -> Any:
    """Return all organisations, people and posts as a workbook."""
    return xlsx.download(gettext("人员和单位"), writing.filled(context.engine(), context.actor(), words()))


@blueprint.get("/template")
@needs(*_USES)
def template() -> Any:
    """Return the workbook to fill in."""
    return xlsx.download(gettext("导入模板"), writing.template())


@blueprint.post("/")
@needs(*_USES)
def upload() -> Any:
    """Keep the rows of a workbook and show what importing them would do."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _start(gettext("请选择文件。"), 422)
    try:
        rows = reading.rows(file.stream.read(MOST_BYTES + 1), words())
        number = context.engine().admin.keep_import(file.filename[-100:], rows, actor=context.actor())
    except BihuanError as refused:
        return _start(errors.explained(refused), errors.status_of(refused))
    return redirect(url_for("admin.exchange.trial", number=number))


def _sources() -> dict[str, IdentitySource]:
    """Return where else people can be read from, by type."""
    offers = context.engine().plugins.hook.bihuan_identity_sources()
    return {source.type: source for offer in offers for source in offer}


@blueprint.post("/sources/<source>")
@needs(*_USES)
def read(source: str) -> Any:
    """Read the rows of a source that a plug-in offers, and show what importing them would do."""
    found = _sources().get(source)
    if found is None:
        abort(404)
    name = found.name[context.language()]
    try:
        number = context.engine().admin.keep_import(name, found.read(), actor=context.actor())
    except SourceUnreadable as reason:
        return _start(gettext("从“%(name)s”读取失败：%(reason)s", name=name, reason=str(reason)), 502)
    except BihuanError as refused:
        return _start(errors.explained(refused), errors.status_of(refused))
    return redirect(url_for("admin.exchange.trial", number=number))


@blueprint.get("/<int:number>")
@needs(*_USES)
def trial(number: int) -> Any:
    """Show what an import would do, row by row."""
    return _trial(context.engine().admin.try_import(number, follow, actor=context.actor()))


def _trial(plan: Plan, error: str | None = None, status: int = 200) -> Any:
    wanted = administration.asked("show") or ("error" if plan.counts["error"] else "changes")
    shown = {"changes": ("new", "changed"), "all": ("new", "changed", "unchanged", "error")}.get(
        wanted, (wanted,)
    )
    page = render_template(
        "admin/trial.html",
        plan=plan,
        lines=[_line(line) for line in plan.lines if line.result in shown][:1000],
        wanted=wanted,
        error=error,
        results=_results(),
    )
    return page, status


def _results() -> dict[str, tuple[str, str]]:
    return {
        "new": (gettext("新增"), "ok"),
        "changed": (gettext("修改"), "warn"),
        "unchanged": (gettext("不变"), ""),
        "error": (gettext("错误"), "bad"),
    }


def _line(line: Line) -> dict[str, Any]:
    """Return a row as the page shows it: where, what it says, what becomes of it or which cell is wrong."""
    sheet = next(sheet for sheet in SHEETS if sheet.kind == line.row.kind)
    names = [column.name for column in sheet.columns]
    said, cell = "", ""
    if line.code is not None:
        name = line.row.column or _COLUMNS.get(line.code, names[0])
        if line.code == "org.unknown":
            name = next(
                (one for one in ("org", "parent") if line.row.values.get(one) == line.params.get("org")), name
            )
        cell = f"{chr(65 + names.index(name))}{line.row.number}" if name in names else ""
        said = sentence(line.code, line.params, context.language())
    values = [value for value in (line.row.values.get(name) for name in names) if value]
    orgs: dict[str, str] = {}
    changes = event_words.changes(
        {"changes": {k: v for k, v in line.changes.items() if isinstance(v, list)}}, orgs
    )
    return {
        "sheet": line.row.sheet,
        "number": line.row.number,
        "values": " · ".join(values),
        "result": line.result,
        "said": said,
        "cell": cell,
        "changes": changes,
    }


@blueprint.post("/<int:number>/apply")
@needs(*_USES)
def apply(number: int) -> Any:
    """Do exactly what was tried; the first passwords of new people are shown in the answer, once."""
    engine, actor = context.engine(), context.actor()
    try:
        plan, told = engine.admin.apply_import(
            number, typed("digest", 64), follow, actor=actor, passwords=typed("passwords") == "1"
        )
    except Conflict as changed:
        plan = engine.admin.try_import(number, follow, actor=actor)
        return _trial(plan, errors.explained(changed), 409)
    except BihuanError as refused:
        if refused.code != "import.errors":
            raise
        plan = engine.admin.try_import(number, follow, actor=actor)
        return _trial(plan, errors.explained(refused), 422)
    names = {line.row.values.get("id"): line.row.values.get("name") for line in plan.lines}
    return render_template(
        "admin/imported.html", plan=plan, told=[(id, names.get(id, ""), word) for id, word in told.items()]
    )
