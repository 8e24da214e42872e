"""Sessions: who is signed in to which county, and when an idle or an old session ends."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.errors import BihuanError
from engine.identity import Actor
from web import context
from web.counties import ENVIRON_KEY

#: Endpoints that need no one to be signed in; everything else does.
PUBLIC = frozenset({"static", "auth.sign_in", "auth.language", "health.healthz"})
#: Where somebody who must change the first password may still go.
BEFORE_PASSWORD = PUBLIC | {"auth.password", "auth.sign_out"}


class Account(UserMixin):  # type: ignore[misc]
    """A person's account in a county."""

    def __init__(self, county: str, person: str) -> None:
        self.county = county
        self.person = person

    def get_id(self) -> str:
        return f"{self.county}:{self.person}"


class CountySessions(SecureCookieSessionInterface):
    """A session cookie for each county, so that one browser may be signed in to several."""

    def get_cookie_name(self, app: Flask) -> str:
        county = request.environ.get(ENVIRON_KEY)
        name = super().get_cookie_name(app)
        return f"{name}-{county}" if county else name

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


def begin(actor: Actor, *, must_change: bool = False) -> None:
    """Sign ``actor`` in; whatever the session held before is gone.

    With ``must_change`` the session can do nothing before the password is changed.
    """
    session.clear()
    session["must_change"] = must_change
    session["stamp"] = actor.stamp
    login_user(Account(context.county_code(), actor.person))
    session["since"] = session["seen"] = int(context.now().timestamp())


def must_change_password() -> bool:
    """Whether the signed-in person must choose a password before anything else."""
    return bool(session.get("must_change"))


def end() -> None:
    """Sign out and forget everything about the session."""
    logout_user()
    session.clear()


def _load(identifier: str) -> Account | None:
    county, _, person = identifier.partition(":")
    return Account(county, person) if county == context.county_code() and person else None


def _expired(app: Flask) -> bool:
    """Whether the session is idle or old; marks it as seen when it is neither."""
    moment = int(context.now().timestamp())
    idle = moment - int(session.get("seen", 0)) > app.config["SESSION_IDLE_MINUTES"] * 60
    old = moment - int(session.get("since", 0)) > app.config["SESSION_HOURS"] * 3600
    if idle or old:
        return True
    session["seen"] = moment
    return False


def sign_in_first() -> Any:
    """Answer somebody who is not signed in: the sign-in page, or 401 for a script."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("auth.sign_in", next=here if here and here != "/" else None)
    if context.wants_json():
        response = Response(status=401)
        response.headers["X-Sign-In"] = url_for("auth.sign_in")
        return response
    return redirect(target)


def install(app: Flask) -> None:
    """Make every endpoint of ``app`` that is not public ask who is there."""
    app.session_interface = CountySessions()
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)

    @app.before_request
    def who_is_there() -> Any:
        if request.endpoint in {None, "static", "health.healthz"}:
            return None
        context.engine()  # an unknown county is told before anything else is asked
        if request.endpoint in PUBLIC:
            return None
        if not current_user.is_authenticated:
            return sign_in_first()
        if _expired(app):
            end()
            flash(gettext("登录已结束，请重新登录。您填写的内容已保存。"), "info")
            return sign_in_first()
        try:
            stamp = context.actor().stamp
        except BihuanError as error:
            end()
            flash(error.message(context.language()), "error")
            return sign_in_first()
        if session.get("stamp") != stamp:
            end()
            flash(gettext("密码已修改，请用新密码重新登录。"), "info")
            return sign_in_first()
        if must_change_password() and request.endpoint not in BEFORE_PASSWORD:
            return redirect(url_for("auth.password"))
        return None
