"""目标表批量填报: all goals that a unit fills in as one workbook, and back as drafts after a trial; nothing is submitted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

import forms
from budget import drafting
from budget.plugin import GOAL_FORM
from engine.engine import TaskView
from engine.errors import BihuanError
from engine.messages import sentence
from engine.tasks.filling import Filling
from engine.tasks.query import InboxQuery
from web import checks, context, errors, xlsx
from web.exchange import form_reading
from web.exchange.files import MOST_BYTES, sheets
from web.exchange.form_writing import Earlier, Filled, book
from web.typed import drafted, kept
from web.views import references

blueprint = Blueprint("goal_workbooks", __name__)

#: So many goals are carried by one workbook.
MOST = 200
_PAGE = 100
#: Which files a browser sends back with the trial's page: base64 is a third longer.
_MOST_KEPT = MOST_BYTES * 3 // 2
#: So many sentences are told about one goal.
_TOLD = 12
READY, CHANGED, WRONG, UNKNOWN = "ready", "changed", "wrong", "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """Something about a cell: where it is, whether it must be mended before the draft can be kept, the sentence, and what
    the sheet calls the cell where the sentence doesn't say it."""

    cell: str
    blocks: bool
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a sheet: of which task, and what is to be said about its cells."""

    name: str
    state: str
    task: TaskView | None
    said: Sequence[Said]
    more: int
    answers: Mapping[str, Any]


@blueprint.get("/goal-workbook")
def page() -> Any:
    """Show which goals the workbook carries, and how it is filled in and brought back."""
    return _page()


def _page(error: str | None = None, status: int = 200) -> Any:
    if not may_use():
        abort(403)
    return render_template(
        "goal_workbooks/page.html", error=error, goals=_goals(), megabytes=MOST_BYTES // 1024 // 1024
    ), status


@blueprint.app_template_global("fills_goals")
def may_use() -> bool:
    """Whether the person fills goals in."""
    return any(post.role == "unit_clerk" for post in context.actor().posts)


@blueprint.get("/goal-workbook.xlsx")
def export() -> Any:
    """Give the workbook: each goal with what is filled in already, and last year's beside it where that is asked for."""
    if not may_use():
        abort(403)
    goals = _goals()
    if not goals:
        abort(404)
    with_last_year = request.args.get("last_year") == "1"
    filled = [_filled(goal, last_year=with_last_year) for goal in goals]
    content = book(filled, _guide())
    context.engine().record_export("goal_workbook", "", len(filled), actor=context.actor())
    year = goals[0].variables["project"]["year"]
    return xlsx.file(f"{year}年度绩效目标申报表（{len(filled)}个项目）.xlsx", content)


@blueprint.post("/goal-workbook")
def upload() -> Any:
    """Try a workbook; nothing is written."""
    if not may_use():
        abort(403)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(gettext("请选择文件。"), 422)
    content = file.stream.read(MOST_BYTES + 1)
    try:
        found = _tried(content)
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    kept = base64.b64encode(content).decode()
    wrong = any(one.state == WRONG for one in found)
    return render_template("goal_workbooks/trial.html", trials=found, kept=kept), 422 if wrong else 200


@blueprint.post("/goal-workbook/apply")
def apply() -> Any:
    """Keep what was tried as drafts; the file is read anew, because the page may say anything.

    A draft that was changed since the export is written over only where its box is ticked.
    """
    if not may_use():
        abort(403)
    request.max_form_memory_size = _MOST_KEPT
    try:
        content = base64.b64decode(request.form.get("file", ""), validate=True)
    except binascii.Error:
        abort(400)
    over = set(request.form.getlist("over"))
    done: list[TaskView] = []
    left: list[tuple[Trial, str]] = []
    try:
        found = _tried(content)
    except BihuanError as refused:
        return _page(errors.explained(refused), errors.status_of(refused))
    for one in found:
        wanted = one.state == READY or (one.state == CHANGED and one.name in over)
        if one.task is None or not wanted:
            left.append((one, ""))
            continue
        try:
            _keep(one.task, one.answers)
            done.append(one.task)
        except BihuanError as refused:
            left.append((one, errors.explained(refused)))
    flash(
        ngettext(
            "已存为 %(num)d 个项目的草稿，还没有送审。",
            "已存为 %(num)d 个项目的草稿，还没有送审。",
            len(done),
        ),
        "success",
    )
    return render_template("goal_workbooks/done.html", done=done, left=left)


def _keep(task: TaskView, answers: Mapping[str, Any]) -> None:
    context.engine().save_draft(
        task.item_id,
        actor=context.actor(),
        answers=answers,
        based_on=task.document_version,
        opinion=task.draft_opinion,
        revision=task.draft_revision,
    )


def _goals() -> list[Filling]:
    """Return the goals that the person fills in now, by their projects' codes; those of secret projects are none."""
    engine, actor = context.engine(), context.actor()
    found: list[Filling] = []
    cursor: str | None = None
    while len(found) < MOST:
        query = InboxQuery(process=GOAL_FORM, element="fill_goal", limit=_PAGE, cursor=cursor)
        rows = engine.inbox(actor, query)
        goals = engine.fillings([row.item_id for row in rows.rows], actor, ("project",))
        found += [one for one in goals if references.is_goal(one.form_id, one.editable, one.variables)]
        cursor = rows.next_cursor
        if cursor is None:
            break
    return sorted(found[:MOST], key=lambda one: str(one.variables["project"]["code"]))


def _filled(goal: Filling, *, last_year: bool) -> Filled:
    project = goal.variables["project"]
    return Filled(
        name=str(project["code"]),
        title=f"{project['year']}年度项目支出绩效目标申报表",
        form=forms.read(goal.form_source),
        answers=kept(goal.answers, goal.opinion).answers or {},
        stamp=f"{project['code']}#{goal.revision}",
        earlier=_earlier(int(project["id"])) if last_year else None,
    )


def _earlier(project: int) -> Earlier | None:
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = drafting.reference(session, project, "").last_year
        if found is None:
            return None
        rows = [
            (
                one.indicator.level3_name,
                one.indicator.target_text,
                one.indicator.unit or "",
                "" if one.actual is None else format(one.actual, "f"),
            )
            for one in found.rows
        ]
        return Earlier(found.goal, rows)


def _tried(content: bytes) -> list[Trial]:
    """Return what would become of each sheet that is a goal's; raises :class:`BihuanError` for what is no workbook."""
    items = {str(goal.variables["project"]["code"]): goal.item_id for goal in _goals()}
    found = [
        _trial(name.strip(), rows, items.get(name.strip()))
        for name, rows in sheets(content, MOST + 1).items()
        if name.strip() != "填写说明"
    ]
    if not found:
        raise BihuanError("goal_workbook.empty")
    return found


def _trial(name: str, rows: form_reading.Cells, item: int | None) -> Trial:
    if item is None:
        return Trial(name, UNKNOWN, None, (), 0, {})
    task = context.engine().task(item, context.actor())
    form = forms.read(task.form_source or b"")
    read = form_reading.read(form, rows)
    said = [
        Said(one.cell, True, sentence(one.code, one.params, context.language()), one.title)
        for one in read.unread
    ]
    if not read.cells or not read.stamp.startswith(f"{name}#"):
        return Trial(name, UNKNOWN, task, (), 0, {})
    base = drafted(task).answers or {}
    answers = form_reading.answers(form, read, base, task.variables)
    findings = checks.check_document(
        task.form_id or "", task.form_source or b"", answers, task.variables, task.element, task.process_id
    )
    said += [
        Said(read.where(one.field), False, context.said(one.message))
        for one in findings
        if one.severity != "info"
    ]
    state = READY if read.stamp == f"{name}#{task.draft_revision}" else CHANGED
    return Trial(
        name,
        WRONG if read.unread else state,
        task,
        said[:_TOLD],
        max(0, len(said) - _TOLD),
        answers,
    )


def _guide() -> list[str]:
    return [
        "一个项目一张表，工作表的名字是项目编码，不要改。带 * 的必填，灰色的由系统带出，改了也不算。",
        "表格的行不够，请在“本表到此为止”那一行的上面插入；不要的行清空即可。",
        "一级指标、二级指标、比较符等请从下拉框里选；金额单位是万元；日期写成 2026-01-31。",
        "填好后在“目标表批量填报”页上传：先逐格试读，说明哪里读不出来、送审前还要改什么，您确认后存为草稿。",
        "上传只存草稿，不送审；附件请在网页上传。导出以后又在网页上改过的，试读时会提醒，不会悄悄覆盖。",
    ]
