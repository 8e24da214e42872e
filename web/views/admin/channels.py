"""通知渠道: mail, SMS and robots of the county, what failed in their outbox, and when digests go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError
from engine.admin.rights import Right
from engine.faces.telling import ChannelView
from engine.notify.gate import KNOWN_HOSTS
from engine.notify.kinds import HOWS, KINDS, NEVER
from engine.notify.ports import Channel
from web import context, errors
from web.administration import needs, typed
from web.views.messages import named

blueprint = Blueprint("channels", __name__, url_prefix="/channels")
_LONGEST = 4_000


@blueprint.get("/")
@needs(Right.SETTINGS)
def index() -> Any:
    """Show the channels, what holds for all of them, and the messages that failed."""
    return _index()


def _index(error: str | None = None, status: int = 200) -> Any:
    engine, language = context.engine(), context.language()
    views = engine.channels(context.actor())
    words = {kind: texts[language] for kind, texts in KINDS.items()}
    view = render_template(
        "admin/channels.html",
        channels=views,
        names=named([one.configured for one in views]),
        types=[(type, channel.name[language]) for type, channel in engine.channel_types().items()],
        general=engine.telling_settings(),
        hosts=[*sorted(KNOWN_HOSTS), *engine.allowed_hosts()],
        failed=engine.deliveries(context.actor(), limit=50),
        kinds=list(words.items()),
        kind_words={**words, "digest": gettext("每日汇总")},
        hows=[(how, texts[language]) for how, texts in HOWS.items()],
        error=error,
    )
    return view, status


@blueprint.post("/")
@needs(Right.SETTINGS)
def change() -> Any:
    """Change what holds for all channels."""
    engine = context.engine()
    channels = [one.configured.name for one in engine.channels(context.actor())]
    defaults = {
        channel: {kind: request.form.get(f"{channel}.{kind}", NEVER) for kind in KINDS}
        for channel in channels
    }
    said = {name: typed(name) for name in ("digest_at", "near_days", "url", "sender")}
    try:
        engine.set_telling({**said, "defaults": defaults}, actor=context.actor())
    except BihuanError as refused:
        return _index(errors.explained(refused), errors.status_of(refused))
    flash(gettext("已保存。"), "ok")
    return redirect(url_for("admin.channels.index"))


@blueprint.get("/new")
@needs(Right.SETTINGS)
def new() -> Any:
    """Show the empty form of a new channel of the type that the address names."""
    channel = context.engine().channel_types().get(request.args.get("type", ""))
    return abort(404) if channel is None else _form(channel, None)


@blueprint.post("/new")
@needs(Right.SETTINGS)
def create() -> Any:
    """Make a new channel."""
    channel = context.engine().channel_types().get(typed("type"))
    return abort(404) if channel is None else _saved(channel, typed("name"), None)


@blueprint.get("/<name>")
@needs(Right.SETTINGS)
def show(name: str) -> Any:
    """Show a channel's settings; of its secrets only since when they are kept."""
    view = _view(name)
    return _form(view.configured.channel, view)


@blueprint.post("/<name>")
@needs(Right.SETTINGS)
def save(name: str) -> Any:
    """Change a channel's settings; a secret that is left empty stays as it is."""
    view = _view(name)
    return _saved(view.configured.channel, name, view)


@blueprint.post("/<name>/test")
@needs(Right.SETTINGS)
def test(name: str) -> Any:
    """Send a test message to the administrator at once, and say what came of it."""
    view = _view(name)
    try:
        reason = context.engine().try_channel(name, actor=context.actor())
    except BihuanError as refused:
        return _form(view.configured.channel, view, errors.explained(refused), errors.status_of(refused))
    if reason is not None:
        said = gettext("没有发出去：%(reason)s", reason=reason)
        return _form(view.configured.channel, view, said, 422)
    flash(gettext("已发出，请查收。"), "ok")
    return redirect(url_for("admin.channels.show", name=name))


@blueprint.post("/<name>/remove")
@needs(Right.SETTINGS)
def remove(name: str) -> Any:
    """Remove a channel with its secrets."""
    _view(name)
    context.engine().remove_channel(name, actor=context.actor())
    flash(gettext("已删除。"), "ok")
    return redirect(url_for("admin.channels.index"))


@blueprint.post("/messages/<int:number>/again")
@needs(Right.SETTINGS)
def again(number: int) -> Any:
    """Let a message that failed be tried anew."""
    context.engine().send_again(number, actor=context.actor())
    flash(gettext("已重新排队，稍后发送。"), "ok")
    return redirect(url_for("admin.channels.index") + "#failed")


def _view(name: str) -> ChannelView:
    found = next(
        (one for one in context.engine().channels(context.actor()) if one.configured.name == name), None
    )
    if found is None:
        abort(404)
    return found


def _form(channel: Channel, view: ChannelView | None, error: str | None = None, status: int = 200) -> Any:
    """Return the form of a channel, filled with what is kept or with what was typed."""
    language = context.language()
    configured = view.configured if view else None
    values: Mapping[str, Any] = (
        configured.options if configured else {option.name: option.default for option in channel.options}
    )
    quiet = configured.quiet if configured else None
    shown = {
        "name": configured.name if configured else channel.type,
        "on": configured.on if configured else True,
        "discreet": configured.discreet if configured else channel.discreet,
        "quiet_from": quiet[0].strftime("%H:%M") if quiet else "",
        "quiet_to": quiet[1].strftime("%H:%M") if quiet else "",
        "audience": "\n".join(configured.audience) if configured else "",
    }
    if error is not None and request.form.get("type"):
        values = {**values, **{name: request.form.get(name, "") for name in values}}
        shown = {name: request.form.get(f"_{name}", "") for name in shown}
    page = render_template(
        "admin/channel.html",
        channel=channel,
        view=view,
        title=channel.name[language],
        values=values,
        shown=shown,
        error=error,
        language_code=language,
    )
    return page, status


def _saved(channel: Channel, name: str, view: ChannelView | None) -> Any:
    """Keep what was typed; show the form again with what is wrong about it."""
    wanted = name if view else typed("_name")
    said = {
        "type": channel.type,
        "on": bool(request.form.get("_on")),
        "discreet": bool(request.form.get("_discreet")),
        "quiet": (typed("_quiet_from"), typed("_quiet_to")),
        "audience": typed("_audience", _LONGEST).splitlines(),
        "options": {
            option.name: typed(option.name, _LONGEST) for option in channel.options if option.kind != "secret"
        },
    }
    secrets = {
        option.name: typed(option.name, _LONGEST)
        for option in channel.options
        if option.kind == "secret" and typed(option.name)
    }
    secrets |= dict.fromkeys(request.form.getlist("_forget"), "")
    try:
        context.engine().save_channel(wanted, said, actor=context.actor(), secrets=secrets, new=view is None)
    except BihuanError as refused:
        return _form(channel, view, errors.explained(refused), errors.status_of(refused))
    flash(gettext("已保存。"), "ok")
    return redirect(url_for("admin.channels.show", name=wanted))
