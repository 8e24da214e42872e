"""Interventions that wait for a second person."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext

from web import context
from web.views.operate.base import attempt, blueprint


def operations() -> dict[str, str]:
    """Return the interventions in words."""
    return {
        "suspend": gettext("挂起"),
        "resume": gettext("恢复办理"),
        "terminate": gettext("终止"),
        "jump": gettext("跳转"),
        "skip": gettext("跳过出错的步骤"),
        "set_variables": gettext("更正流程数据"),
        "suspend_process": gettext("停用流程"),
        "resume_process": gettext("恢复流程"),
        "archive": gettext("归档"),
    }


@blueprint.get("/proposals")
def proposals() -> Any:
    """Show what waits to be confirmed."""
    engine, actor = context.engine(), context.actor()
    found = engine.proposals(actor)
    return render_template(
        "operate/proposals.html",
        proposals=found,
        operations=operations(),
        me=actor.principal,
        names=engine.people.names([one.asked_by for one in found]),
    )


@blueprint.post("/proposals/<int:proposal_id>/confirm")
def confirm(proposal_id: int) -> Any:
    """Carry a proposal out."""

    def act() -> str:
        context.engine().confirm(proposal_id, actor=context.actor())
        return gettext("已确认并执行。")

    return attempt(act, url_for("operate.proposals"))


@blueprint.post("/proposals/<int:proposal_id>/decline")
def decline(proposal_id: int) -> Any:
    """Turn a proposal down, or take one's own back."""

    def act() -> str:
        context.engine().decline(proposal_id, actor=context.actor(), reason=request.form.get("reason", ""))
        return gettext("没有同意，已记录理由。")

    return attempt(act, url_for("operate.proposals"))
