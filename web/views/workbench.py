"""工作台: the page after signing in, with what is due, what waits on others, what is new, and what was begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from budget.codes import GoalState
from engine import InboxQuery
from engine.errors import Refused
from web import context, navigation, rosters, standing, wording
from web.formatting import Badge, due_badge, span, today_sentence
from web.lists import Row, joined
from web.preferences import opening
from web.registers import goal
from web.registers.model import NO_STATE
from web.registers.reading import Filters, totals
from web.views.inbox import counters

blueprint = Blueprint("workbench", __name__)

#: So many lines each part of the page has; its list has the others.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step that somebody else has: who, for how long already, and whether it is late."""

    href: str
    item_id: int
    subject: str
    under: str
    who: str
    waited: str
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class News:
    """Something that somebody told the person: a copy, a mention, an urge."""

    href: str
    icon: str
    subject: str
    what: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GoalsView:
    """The year's projects that the person may see: how many, their money in 分, and how many are in each state."""

    year: int
    projects: int
    amount: int
    states: Sequence[tuple[str, str, int]]


@blueprint.get("/")
def show() -> Any:
    """Show the workbench."""
    engine, actor, now = context.engine(), context.actor(), context.now()
    page = engine.inbox(actor, InboxQuery(limit=SHOWN))
    drafts = engine.drafts(actor, InboxQuery(limit=SHOWN, sort="newest"))
    line = rosters.ROSTERS["inbox"].line
    return render_template(
        "workbench/page.html",
        now=now,
        today=today_sentence(now),
        name=actor.name,
        counters=counters(page.counts),
        urgent=[line(row, page, now) for row in page.rows],
        others=_others(now),
        news=_news(),
        drafts=_drafts(drafts, now),
        inbox_args=opening("inbox"),
        goals=_goals() if navigation.has_business() and not navigation.only_asked_in() else None,
    )


@blueprint.post("/urge/<int:item_id>")
def urge(item_id: int) -> Any:
    """Nudge whoever has a step that the person waits for."""
    try:
        context.engine().urge(item_id, actor=context.actor())
    except Refused as error:
        flash(error.message(context.language()), "warning")
    else:
        flash(gettext("已催办。"), "ok")
    return redirect(url_for("workbench.show"), code=303)


def _goals() -> GoalsView:
    year = context.year()
    with context.engine().database.read() as unit, Session(unit.connection) as session:
        found = totals(session, goal.REGISTER, context.actor(), Filters(year))
    language = context.language()
    names = {state.value: getattr(state, language) for state in GoalState}
    states = [(code, name, found.states[code]) for code, name in names.items() if code in found.states]
    if NO_STATE in found.states:
        states.insert(0, (NO_STATE, gettext("未布置"), found.states[NO_STATE]))
    return GoalsView(year, found.count, found.amount, states)


def _others(now: datetime) -> Sequence[Waiting]:
    return [
        Waiting(
            url_for("instances.show", instance_id=one.standing.instance_id),
            one.standing.item_id,
            one.subject or wording.said(one.process_name),
            joined(one.unit, wording.said(one.standing.step), gettext("征求意见中") if one.asked else ""),
            standing.holders(one.standing) or gettext("无人可办，请联系管理员"),
            gettext("已等 %(span)s", span=span(now - one.standing.since)),
            due_badge(one.standing.due_at, now),
        )
        for one in context.engine().outstanding(context.actor(), SHOWN)
    ]


def _news() -> Sequence[News]:
    kinds = {
        "copy": ("copy", lambda name: gettext("%(name)s 抄送给您", name=name)),
        "mention": ("at", lambda name: gettext("%(name)s 在评论里提到您", name=name)),
        "urge": ("bell-ringing", lambda name: gettext("%(name)s 催您办理", name=name)),
    }
    found = context.engine().notes(context.actor(), unread=True, limit=SHOWN)
    return [
        News(
            url_for("own.open_note", note_id=note.id),
            kinds[note.kind][0],
            note.subject or wording.said(note.process_name),
            kinds[note.kind][1](note.sender_name),
            note.text,
            note.sent_at,
        )
        for note in found
        if note.kind in kinds
    ]


def _drafts(page: Any, now: datetime) -> Sequence[Row]:
    line = rosters.ROSTERS["drafts"].line
    return [line(row, page, now) for row in page.rows]
