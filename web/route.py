"""流程到哪了 as a line of steps: done, open, expected; each with whom to ask and how long it usually takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from engine.tasks.contacts import Contact
from engine.tasks.route import DONE, NOW, Route, RouteStep
from engine.tasks.usual import Usual
from web import context, record, wording
from web.formatting import Badge, due_badge, short_moment, span

#: So many people of one step are named.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Whom one may ask: who in which post, and the office phone."""

    who: str
    phone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step: ``state`` is done, now or next, ``label`` says it; ``mark`` tells that it is only possible, or runs beside."""

    step: str
    state: str
    label: str
    mark: str
    people: Sequence[Person]
    notes: Sequence[str]
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class View:
    """The whole way; ``whole`` tells whether it is shown to its end."""

    lines: Sequence[Line]
    whole: bool


def view(instance_id: int) -> View:
    """Return the way of an instance for the page; raises what :meth:`Engine.route` raises."""
    return shown(context.engine().route(instance_id, context.actor()))


def shown(found: Route) -> View:
    """Return a way for the page."""
    now = context.now()
    return View([_line(step, now) for step in found.steps], found.whole)


def _line(step: RouteStep, now: datetime) -> Line:
    labels = {DONE: gettext("已办"), NOW: gettext("办理中")}
    mark = gettext("视情况") if step.perhaps else gettext("同时办理") if step.beside else ""
    if step.state == DONE:
        by = "" if step.by is None else record.who(step.by)
        notes = [wording.said(step.outcome or ""), short_moment(step.at, now)]
        people = [Person(by, "")]
    else:
        people = _people(step.who) or [Person(gettext("届时确定"), "")]
        since = gettext("%(time)s 起", time=short_moment(step.since, now)) if step.since else ""
        notes = [since, _usual(step.usual)]
    return Line(
        wording.said(step.step),
        step.state,
        labels.get(step.state, gettext("尚未到达")),
        mark,
        people,
        [note for note in notes if note],
        due_badge(step.due_at, now),
    )


def _people(found: Sequence[Contact]) -> list[Person]:
    people = [_person(one) for one in found[:NAMED]]
    if len(found) > NAMED:
        people.append(Person(gettext("等 %(count)s 人", count=len(found)), ""))
    return people


def _person(one: Contact) -> Person:
    post = wording.post(one.post) if one.post is not None else ""
    if one.name:
        who = gettext("%(name)s（%(post)s）", name=one.name, post=post) if post else one.name
    elif one.holders:
        who = gettext("%(post)s（%(count)s 人均可办理）", post=post, count=one.holders)
    else:
        who = gettext("%(post)s（暂无人在岗）", post=post)
    return Person(who, one.phone or "")


def _usual(known: Usual | None) -> str:
    if known is None:
        return ""
    return gettext("通常 %(span)s（按最近 %(count)s 件）", span=span(known.seconds), count=known.count)
