"""Sign-in, sign-out, passwords and the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from engine.admin.settings import OIDC
from engine.errors import BihuanError
from web import administration, context, i18n, oidc, session
from web.extensions import limiter

blueprint = Blueprint("auth", __name__)


def local_address(address: str | None) -> str | None:
    """Return ``address`` when it is a path of this site, None for anything that leads away."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    return address if address.isprintable() else None


def _demo() -> tuple[Sequence[tuple[str, str, str, str]], str]:
    """Return the demo county's accounts and their password, nothing for a real county."""
    if not context.engine().setting("demo", False):
        return (), ""
    from workflows import demo

    return demo.ACCOUNTS, demo.PASSWORD


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(lambda: current_app.config["SIGN_IN_RATE"], methods=["POST"])
@limiter.limit(
    lambda: current_app.config["SIGN_IN_RATE"],
    methods=["GET"],
    exempt_when=lambda: request.args.get("left") != "oidc",  # only there something is asked of the provider
)
def sign_in() -> Any:
    """Show the sign-in page; let somebody in whose password is right."""
    target = local_address(request.values.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target or url_for("workbench.show"))
    error, status = None, 200
    account = request.form.get("account", "").strip()
    if request.method == "POST":
        try:
            people = context.engine().people
            actor = people.authenticate(account, request.form.get("password", ""))
        except BihuanError as refused:
            error, status = refused.message(context.language()), 403
            what = {"login.wrong": "wrong", "login.locked": "locked"}.get(refused.code, "refused")
            context.engine().sessions.turned_away(account, what, administration.place())
        else:
            session.begin(actor, must_change=people.must_change_password(actor.person))
            return redirect(target or url_for("workbench.show"))
    accounts, password = _demo()
    page = render_template(
        "auth/sign_in.html",
        county=context.county_name(),
        account=account,
        next=target or "",
        error=error,
        accounts=accounts,
        demo_password=password,
        rules=context.engine().people.rules(),
        provider=_provider(),
        leaving=_leaving(),
    )
    return page, status


def _provider() -> str | None:
    """Return what the button of single sign-on says, None for a county without it."""
    settings = context.engine().admin.setting(OIDC)
    return (settings["label"] or gettext("统一认证登录")) if settings["enabled"] else None


def _leaving() -> str | None:
    """Return where one signs out of the provider, too, for somebody who has just signed out here."""
    provider = oidc.provider() if request.args.get("left") == "oidc" else None
    return provider.leaving() if provider is not None else None


@blueprint.post("/sign-out")
def sign_out() -> Any:
    """End the session."""
    how = session.how()
    session.end()
    flash(gettext("您已退出登录。"), "ok")
    return redirect(url_for("auth.sign_in", left="oidc" if how == "oidc" else None))


@blueprint.post("/stay")
def stay() -> Any:
    """Keep the session: its person said to still be there."""
    return "", 204


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Any:
    """Change the own password; the first one must be changed before anything else."""
    error = None
    if request.method == "POST":
        new = request.form.get("new", "")
        if new != request.form.get("again", ""):
            error = gettext("两次输入的新密码不一样。")
        else:
            person, engine = context.actor().person, context.engine()
            try:
                engine.people.change_password(person, request.form.get("current", ""), new)
            except BihuanError as refused:
                error = refused.message(context.language())
            else:
                engine.sessions.end_others(person, session.token(), "password")
                session.begin(engine.actor(person))
                flash(gettext("密码已修改。"), "ok")
                return redirect(url_for("workbench.show"))
    page = render_template(
        "auth/password.html",
        error=error,
        forced=session.must_change_password(),
        rules=context.engine().people.rules(),
    )
    return page, 422 if error else 200


@blueprint.post("/language")
def language() -> Any:
    """Choose the page's language, kept in a cookie for a year."""
    chosen = request.form.get("language", "zh")
    response = make_response(redirect(local_address(request.form.get("back")) or url_for("workbench.show")))
    response.set_cookie(
        i18n.COOKIE,
        chosen if chosen in i18n.LANGUAGES else "zh",
        max_age=365 * 24 * 3600,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return response
