"""消息: what a person was told, what they want to be told outside the pages, and where they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from engine import BihuanError
from engine.notify.bell import Told
from engine.notify.kinds import HOWS, INCIDENT, KINDS, NEVER
from engine.notify.ports import Channel
from engine.tasks.inbox import moment_at, number_at
from web import context, errors
from web.extensions import limiter
from web.formatting import capped

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
#: The icon of each kind of message.
ICONS = {
    "task": "inbox",
    "returned": "arrow-back-up",
    "urge": "hand-stop",
    "near": "clock",
    "overdue": "alert-triangle",
    "mention": "users",
    "copy": "copy",
    "withdrawal": "arrow-back-up",
    "extension": "calendar",
    "finished": "checks",
    "notice": "bell",
    "incident": "alert-triangle",
}
_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the list shows it."""

    href: str
    icon: str
    kind: str
    sentence: str
    told: Told


@blueprint.get("/")
def index() -> Any:
    """Show what the person was told, the newest first; with ``unread`` only what is new."""
    only_unread = request.args.get("unread") == "1"
    page = context.engine().told(context.actor(), before=_before(), limit=_PER_PAGE, only_unread=only_unread)
    return render_template(
        "messages/list.html",
        lines=[_line(told) for told in page.rows],
        only_unread=only_unread,
        next_cursor=None if page.before is None else number_at(page.before),
        now=context.now(),
    )


def _before() -> datetime | None:
    text = request.args.get("before", "")
    try:
        return moment_at(int(text)) if text.isdecimal() and len(text) <= 18 else None
    except OverflowError:
        return None


def _line(told: Told) -> Line:
    language = context.language()
    href = url_for("messages.open", note_id=told.note_id) if told.note_id is not None else _local(told.path)
    return Line(href, ICONS[told.kind], KINDS[told.kind][language], told.sentence(language), told)


def _local(path: str) -> str:
    """Return the address of a path inside the county's site."""
    return f"{request.script_root}{path}" if path else url_for("messages.index")


@blueprint.get("/count")
def count() -> Response:
    """Say how much is new to the person, with an ETag: a page asks again and again."""
    number = context.engine().unread(context.actor())
    answer = jsonify(count=number, shown=capped(number))
    answer.set_etag(f"{number}")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.get("/<int:note_id>")
def open(note_id: int) -> Any:
    """Open a message: it is read from now on, and leads to what it is about."""
    return redirect(_local(context.engine().open_note(note_id, actor=context.actor())))


@blueprint.post("/read")
def read_all() -> Any:
    """Take everything as read."""
    context.engine().catch_up(context.actor())
    flash(gettext("已全部标为已读。"), "ok")
    return redirect(url_for("messages.index"))


@blueprint.get("/settings")
def settings() -> Any:
    """Show what the person is told through which channel, and where they are reached."""
    return _settings()


def _settings(error: str | None = None, at: str = "", status: int = 200) -> Any:
    engine, actor = context.engine(), context.actor()
    channels = engine.my_channels(actor)
    kinds = [kind for kind in KINDS if kind != INCIDENT or actor.is_operator]
    view = render_template(
        "messages/settings.html",
        channels=channels,
        channel_names=named(channels),
        kinds=[(kind, KINDS[kind][context.language()]) for kind in kinds],
        hows=[(how, texts[context.language()]) for how, texts in HOWS.items()],
        wishes=engine.wishes(actor),
        contacts=engine.contacts(actor.person),
        general=engine.telling_settings(),
        error=error,
        at=at,
    )
    return view, status


def named(channels: Sequence[Any]) -> dict[str, str]:
    """Return what channels are called: their kind, and their own name where two are of one kind."""
    language = context.language()
    kinds: list[Channel] = [one.channel for one in channels]
    found = {}
    for one in channels:
        title = one.channel.name[language]
        several = sum(kind.type == one.channel.type for kind in kinds) > 1
        found[one.name] = f"{title} {one.name}" if several else title
    return found


@blueprint.post("/settings")
def choose() -> Any:
    """Keep what the person chose."""
    engine, actor = context.engine(), context.actor()
    chosen = {
        (channel.name, kind): request.form.get(f"{channel.name}.{kind}", NEVER)
        for channel in engine.my_channels(actor)
        for kind in KINDS
    }
    try:
        engine.choose(actor, chosen)
    except BihuanError as refused:
        return _settings(errors.explained(refused), "wishes", errors.status_of(refused))
    flash(gettext("已保存。"), "ok")
    return redirect(url_for("messages.settings"))


@blueprint.post("/settings/<any(email,mobile):kind>")
@limiter.limit("10 per hour", key_func=lambda: current_user.get_id())
def ask(kind: str) -> Any:
    """Send a code to an address that the person names."""
    try:
        context.engine().ask_address(kind, request.form.get("address", ""), actor=context.actor())
    except BihuanError as refused:
        return _settings(errors.explained(refused), kind, errors.status_of(refused))
    flash(gettext("验证码已发出，10 分钟内有效。"), "ok")
    return redirect(url_for("messages.settings") + f"#{kind}")


@blueprint.post("/settings/<any(email,mobile):kind>/confirm")
def confirm(kind: str) -> Any:
    """Take over the address to which the code was sent."""
    try:
        context.engine().confirm_address(kind, request.form.get("code", ""), actor=context.actor())
    except BihuanError as refused:
        return _settings(errors.explained(refused), kind, errors.status_of(refused))
    flash(gettext("已验证并启用。"), "ok")
    return redirect(url_for("messages.settings") + f"#{kind}")


@blueprint.post("/settings/<any(email,mobile):kind>/remove")
def remove(kind: str) -> Any:
    """Forget an address of the person's."""
    context.engine().set_contact(context.actor().person, kind, "", actor=context.actor())
    flash(gettext("已删除。"), "ok")
    return redirect(url_for("messages.settings") + f"#{kind}")
