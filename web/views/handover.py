"""工作交接: what somebody who leaves has in hand, who takes which of it, and what became of each task."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import Wish
from engine.commands.bulk import HAND_OVER
from engine.errors import Forbidden, NotFound, Refused
from engine.tasks.leaving import InHand, Leaving
from web import context, leading, people, wording
from web.views.bulk import AT_ONCE

blueprint = Blueprint("handover", __name__)

#: A part of the tasks goes to all receivers in turn, or stays.
TURN, KEEP = "", "-"


@dataclass(frozen=True, slots=True)
class Part:
    """The tasks of one step and unit: the field that says who gets them, and how many there are."""

    field: str
    process: str
    step: str
    unit: str
    kinds: str
    count: int
    chosen: str


@blueprint.get("/handover")
def page() -> Any:
    """Show what is to be handed over, with the receivers chosen so far."""
    person = _person(request.args.get("person", ""))
    receivers = _receivers(request.args.getlist("to"), person)
    try:
        found = context.engine().leaving(person, context.actor())
    except (NotFound, Forbidden):
        abort(404)
    return _page(found, receivers)


@blueprint.post("/handover")
def run() -> Any:
    """Let what was chosen be handed over, each task with its own result, and lead to how far that is."""
    engine, actor, form = context.engine(), context.actor(), request.form
    person = _person(form.get("person", ""))
    receivers = _receivers(form.getlist("to"), person)
    try:
        found = engine.leaving(person, actor)
    except (NotFound, Forbidden):
        abort(404)
    shares = _shares(found, receivers, form)
    if not shares:
        return _page(found, receivers, gettext("请先选择接手人。")), 422
    wish = Wish(
        HAND_OVER,
        opinion=form.get("reason", "").strip()[:500],
        leaving=person,
        shares={str(item): to for item, to in shares.items()},
    )
    try:
        handed = engine.begin_listed(
            [(item, 0) for item in shares], wish, actor=actor, request_key=leading.request_key()
        )
    except Refused as refused:
        return _page(found, receivers, refused.message(context.language())), 422
    engine.run_bulk(handed, seconds=AT_ONCE)
    return redirect(url_for("bulk.show", run=handed), code=303)


def _page(
    found: Leaving,
    receivers: Sequence[str],
    error: str = "",
) -> str:
    engine, actor = context.engine(), context.actor()
    chosen = [f"user:{one}" for one in receivers]
    names = engine.people.names(chosen)
    return render_template(
        "handover/page.html",
        error=error,
        found=found,
        own=found.person == actor.person,
        person=_asked(found.person),
        others=actor.is_admin or actor.is_operator or bool(engine.heads_of(actor)),
        who=people.picker(
            "person",
            gettext("交接人"),
            people.Scope(),
            chosen=() if found.person == actor.person else [f"user:{found.person}"],
            required=False,
            hint=gettext("不选就是您自己。"),
        ),
        to=people.picker(
            "to",
            gettext("接手人（可选几位）"),
            people.Scope(),
            chosen=chosen,
            multiple=True,
            query=request.args.get("q", ""),
        ),
        receivers=[(one.removeprefix("user:"), names.get(one, one)) for one in chosen],
        parts=_parts(found, request.form),
        orphaned=[(wording.post(one.post), one.waiting) for one in found.orphaned],
        request_key=secrets.token_urlsafe(18),
    )


def _person(asked: str) -> str:
    return asked.removeprefix("user:") or context.actor().person


def _asked(person: str) -> str:
    return "" if person == context.actor().person else person


def _receivers(asked: Sequence[str], person: str) -> list[str]:
    """Return the people who take over, each once; whoever isn't there or leaves themself is left out."""
    known = context.engine().people.names([one for one in asked if one.startswith("user:")])
    found = dict.fromkeys(one.removeprefix("user:") for one in asked if one in known)
    return [one for one in found if one != person]


def _field(one: InHand) -> str:
    return f"part:{one.process}:{one.element}:{one.unit or ''}"


def _grouped(found: Leaving) -> Mapping[str, list[InHand]]:
    groups: dict[str, list[InHand]] = {}
    for one in found.items:
        groups.setdefault(_field(one), []).append(one)
    return groups


def _parts(found: Leaving, form: Mapping[str, str]) -> list[Part]:
    kinds = {
        "held": gettext("待办理"),
        "drafting": gettext("起草中"),
        "named": gettext("点名参与"),
        "pending": gettext("尚未轮到"),
        "asked": gettext("征求意见中"),
    }
    parts = []
    for field, items in _grouped(found).items():
        counts: dict[str, int] = {}
        for one in items:
            counts[one.kind] = counts.get(one.kind, 0) + 1
        told = gettext("、").join(f"{kinds[kind]} {count}" for kind, count in counts.items())
        first = items[0]
        parts.append(
            Part(
                field,
                wording.said(first.process_name),
                wording.said(first.step),
                first.unit or "",
                told,
                len(items),
                form.get(field, TURN),
            )
        )
    return parts


def _shares(found: Leaving, receivers: Sequence[str], form: Mapping[str, str]) -> dict[int, str]:
    """Return who gets which task: as chosen for its part, else all receivers in turn."""
    shares: dict[int, str] = {}
    turn = cycle(receivers)
    for field, items in _grouped(found).items():
        wanted = form.get(field, TURN)
        for one in items:
            if wanted in receivers:
                shares[one.item_id] = wanted
            elif wanted != KEEP and receivers:
                shares[one.item_id] = next(turn)
    return shares
