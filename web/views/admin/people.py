"""人员: accounts with their posts; made, changed, closed, given posts; a new first password is asked for here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from engine import BihuanError, InboxQuery
from engine.admin.listing import PeopleQuery
from engine.admin.logs import LogQuery
from engine.admin.rights import Right
from engine.errors import NotFound
from web import administration, context, errors
from web.administration import asked, day, needs, typed
from web.formatting import capped
from web.views.admin.logs import described

blueprint = Blueprint("people", __name__, url_prefix="/people")
_LOOKS = (Right.ACCOUNTS, Right.GRANTS)


def query() -> PeopleQuery:
    """Return the list's state as the address holds it."""
    return PeopleQuery(asked("text"), asked("org"), asked("role"), asked("state"), asked("after"))


@blueprint.get("/")
@needs(*_LOOKS)
def index() -> Any:
    """Show the people, narrowed as the address says."""
    engine, actor, wanted = context.engine(), context.actor(), query()
    kept = {name: asked(name) for name in ("text", "org", "role", "state") if asked(name)}
    return render_template(
        "admin/people.html",
        page=engine.admin.people(actor, wanted),
        wanted=wanted,
        kept=kept,
        orgs=administration.org_choices(engine.people.orgs()),
        roles=administration.role_words(),
        states=administration.state_words(),
        may_make=Right.ACCOUNTS in administration.rights(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Right.ACCOUNTS)
def new() -> Any:
    """Make an account; its first password is shown in the answer, once."""
    error, status = None, 200
    if request.method == "POST":
        id, name = typed("id", 60), typed("name", 60)
        try:
            first = context.engine().admin.create_person(
                id, name, actor=context.actor(), password=typed("sign_in") != "oidc"
            )
        except BihuanError as refused:
            error, status = errors.explained(refused), errors.status_of(refused)
        else:
            if first is not None:
                return render_template(
                    "admin/first_password.html", id=id, name=name, password=first, done=None
                )
            flash(gettext("已建立账号。"), "ok")
            return redirect(url_for("admin.people.show", id=id))
    return render_template("admin/person_new.html", error=error, form=request.form), status


@blueprint.get("/<id>")
@needs(*_LOOKS)
def show(id: str) -> Any:
    """Show a person: account, posts, what waits for them, and what was changed."""
    return page(id)


def page(id: str, error: str | None = None, status: int = 200) -> Any:
    """Return a person's page, with what was refused on it."""
    engine, actor = context.engine(), context.actor()
    person = engine.admin.person(id, actor)
    rights = administration.rights()
    changed = ()
    if Right.LOGS in rights:
        changed = described(engine.admin.administered(actor, LogQuery(text=f'"person":"{id}"', limit=8)).rows)
    requests = [one for one, _ in engine.admin.approvals(actor) if one.subject == id and one.state == "open"]
    view = render_template(
        "admin/person.html",
        person=person,
        error=error,
        form=request.form,
        orgs=administration.org_choices(engine.people.orgs()),
        roles=administration.role_words(),
        states=administration.state_words(),
        rights={right.value for right in rights},
        oneself=id == actor.person,
        changed=changed,
        waiting=_waiting(id),
        requests=requests,
        kinds=administration.approval_words(),
    )
    return view, status


def _waiting(id: str) -> str:
    """Return how many open tasks wait for a person, as the list of the inbox counts them; nothing for a closed account."""
    engine = context.engine()
    try:
        counts = engine.inbox(engine.actor(id), InboxQuery(limit=1)).counts
    except BihuanError:
        return ""
    return capped(counts.all)


@blueprint.post("/<id>/name")
@needs(Right.ACCOUNTS)
def rename(id: str) -> Any:
    """Change the name."""
    return _done(id, lambda engine: engine.admin.rename_person(id, typed("name"), actor=context.actor()))


@blueprint.post("/<id>/contact")
@needs(Right.ACCOUNTS)
def contact(id: str) -> Any:
    """Change the office phone, and where messages go."""
    given = {name: typed(name, 200) for name in ("phone", "email", "mobile")}
    return _done(id, lambda engine: engine.admin.set_contact(id, given, actor=context.actor()))


@blueprint.post("/<id>/close")
@needs(Right.ACCOUNTS)
def close(id: str) -> Any:
    """Close the account at once."""
    return _done(id, lambda engine: engine.admin.close_person(id, typed("reason"), actor=context.actor()))


@blueprint.post("/<id>/reopen")
@needs(Right.ACCOUNTS)
def reopen(id: str) -> Any:
    """Open the account again."""
    return _done(id, lambda engine: engine.admin.reopen_person(id, typed("reason"), actor=context.actor()))


@blueprint.post("/<id>/posts")
@needs(Right.GRANTS)
def grant(id: str) -> Any:
    """Give the person a post."""
    return _done(
        id,
        lambda engine: engine.admin.grant(
            id,
            typed("role"),
            typed("org"),
            actor=context.actor(),
            first=day(typed("first")),
            last=day(typed("last")),
        ),
    )


@blueprint.post("/<id>/posts/<int:post>")
@needs(Right.GRANTS)
def change_post(id: str, post: int) -> Any:
    """Change the days of one of the person's posts."""
    engine, actor = context.engine(), context.actor()
    if post not in {one.id for one in engine.admin.person(id, actor).posts}:
        raise NotFound("post.unknown")
    return _done(
        id,
        lambda engine: engine.admin.change_post(
            post, actor=actor, first=day(typed("first")), last=day(typed("last"))
        ),
    )


@blueprint.post("/<id>/ask/<kind>")
@needs(Right.ACCOUNTS)
def ask(id: str, kind: str) -> Any:
    """Ask another administrator for a new first password, or for unlocking."""
    if kind not in ("reset_password", "unlock"):
        raise NotFound("operation.unknown", operation=kind)
    said = gettext("已提出申请，请另一位管理员在“待确认”里确认。")
    return _done(id, lambda engine: engine.admin.ask(kind, id, typed("reason"), actor=context.actor()), said)


def _done(id: str, command: Any, said: str | None = None) -> Any:
    """Do a command about a person and show the page again; what is refused is said on it."""
    try:
        changed = command(context.engine())
    except NotFound:
        raise
    except BihuanError as refused:
        return page(id, errors.explained(refused), errors.status_of(refused))
    flash(gettext("没有改动。") if changed is False else said or gettext("已保存。"), "ok")
    return redirect(url_for("admin.people.show", id=id))
