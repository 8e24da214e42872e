"""The form of a task: how it is drawn, as a whole and where a part of it is refreshed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup

import forms
from engine import TaskView
from engine.plugins import Finding
from forms.evaluation import State
from forms.model import Form
from web import context
from web.typed import Typed


def form_options(task: TaskView, files: Mapping[str, Mapping[str, Any]], typed: Typed) -> dict[str, Any]:
    """Return what :func:`forms.view` takes for the task's own form, when it is drawn and when a part is refreshed."""
    own = [pin for pin in task.pins if pin.document == task.document]
    pinned_only = task.editable == "pinned"
    return {
        "editable": forms.editable_of(own) if pinned_only else None,
        "previous": task.previous,
        "pins": own,
        "replying": bool(own),
        "replies": typed.replies,
        "attachments": files,
        "upload_url": url_for("attachments.upload", item_id=task.item_id)
        if task.can.get("attach", "") is None
        else "",
        "refresh_url": url_for("drafts.refresh", item_id=task.item_id),
        "prefix": "f",
    }


def drawn(
    form: Form,
    task: TaskView,
    files: Mapping[str, Mapping[str, Any]],
    typed: Typed,
    findings: Sequence[Finding],
    *,
    editable: bool,
    state: State | None = None,
) -> Markup:
    """Return the task's own form with what was typed and what was found in it; ``state`` is what a check evaluated of it."""
    view = forms.view(
        form,
        typed.answers or {},
        task.variables,
        context.environment(),
        findings=findings,
        readonly=not editable,
        state=state,
        **form_options(task, files, typed),
    )
    return forms.render(view, context.language())
