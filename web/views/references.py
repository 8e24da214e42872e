"""参考样本与上年: while a clerk fills a goal in, last year's goal beside this one's, samples and the library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget import drafting
from budget.codes import Level1, Level2, Operator
from budget.library import Standard
from budget.plugin import GOAL_FORM
from engine.engine import TaskView
from web import context, leading
from web.typed import drafted

blueprint = Blueprint("references", __name__)


def offers(task: TaskView) -> bool:
    """Whether a task is a goal that the person fills in now; of a secret project nothing is offered."""
    return task.can["save_draft"] is None and is_goal(task.form_id, task.editable, task.variables)


def is_goal(form_id: str | None, editable: str | None, variables: Mapping[str, Any]) -> bool:
    """Whether a form that somebody fills in is the whole goal of a project that isn't secret."""
    project = variables.get("project")
    whole = form_id == GOAL_FORM and editable != "pinned"
    return whole and project is not None and project.get("secret") is not True


@blueprint.app_template_global("reference_address")
def address(task: TaskView) -> str | None:
    """Return where a task's last year and samples are; None where nothing is offered."""
    return url_for("references.show", item_id=task.item_id) if offers(task) else None


@blueprint.get("/tasks/<int:item_id>/reference")
def show(item_id: int) -> Any:
    """Show what may be looked at and taken."""
    task = _task(item_id)
    answers, sought = drafted(task).answers or {}, _sought()
    found = _reference(task, sought)
    beside = [] if found.last_year is None else drafting.beside(found.last_year.rows, answers)
    return render_template(
        "references/page.html",
        task=task,
        last_year=found.last_year,
        beside=beside,
        samples=found.samples,
        library=found.library,
        sought=sought,
        said=_said,
    )


@blueprint.post("/tasks/<int:item_id>/reference")
def take(item_id: int) -> Any:
    """Put the rows that are ticked into the draft and lead back to the form."""
    task = _task(item_id)
    answers = drafted(task).answers or {}
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        project = int(task.variables["project"]["id"])
        offered = drafting.reference(session, project, _words(task), _sought())
        filled = drafting.take_rows(session, project, answers, request.form.getlist("row"), offered=offered)
    added = len(filled["indicators"]) - len([row for row in answers.get("indicators") or () if row])
    return _kept(task, filled, gettext("已取用 %(count)s 条指标，请填写指标值。", count=max(0, added)))


@blueprint.post("/tasks/<int:item_id>/reference/last-year")
def copy_last_year(item_id: int) -> Any:
    """Put last year's texts and indicators into the draft (复制上年) and lead back to the form."""
    task = _task(item_id)
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = drafting.last_year_form(session, int(task.variables["project"]["id"]))
    if not found:
        abort(404)
    filled = dict(drafted(task).answers or {}) | found
    return _kept(task, filled, gettext("已复制上年批复的内容，请按今年的任务修改。"))


def _task(item_id: int) -> TaskView:
    task = context.engine().task(item_id, context.actor())
    if not offers(task):
        abort(404)
    return task


def _words(task: TaskView) -> str:
    answers = drafted(task).answers or {}
    return f"{answers.get('goal_annual') or ''}{task.variables['project']['name']}"


def _sought() -> str:
    return request.values.get("text", "").strip()[:100]


def _reference(task: TaskView, sought: str) -> drafting.Reference:
    with (
        context.engine().database.read() as unit,
        Session(unit.connection, expire_on_commit=False) as session,
    ):
        return drafting.reference(session, int(task.variables["project"]["id"]), _words(task), sought)


def _kept(task: TaskView, answers: dict[str, Any], sentence: str) -> Any:
    context.engine().save_draft(
        task.item_id,
        actor=context.actor(),
        answers=answers,
        based_on=task.document_version,
        opinion=task.draft_opinion,
        revision=task.draft_revision,
    )
    flash(sentence, "success")
    return leading.go(leading.here(task.item_id))


def _said(code: str, kind: str) -> str:
    """Return a code's word in the page's language: 产出指标, 数量指标, ≥."""
    known: dict[str, Any] = {
        "level1": Level1,
        "level2": Level2,
        "operator": Operator,
        "standard": Standard,
    }
    if code not in known[kind].__members__:
        return code
    one = known[kind][code]
    return str(one.en if context.language() == "en" else one.zh)
