"""Sessions: who is signed in to which county, and when an idle or an old session ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from engine.admin import reads
from engine.admin.settings import SESSIONS
from engine.errors import BihuanError
from engine.identity import Actor
from web import context
from web.administration import place
from web.counties import ENVIRON_KEY

#: Endpoints that need no one to be signed in; everything else does.
PUBLIC = frozenset(
    {"static", "oidc.start", "oidc.callback", "auth.sign_in", "auth.language", "health.healthz"}
    # Asks for a token, or for a session itself.
    | {"execution.receive"}
    # What was published for everybody.
    | {"public.index", "public.show", "public.file", "public.object_to", "public.objection"}
)
#: What pages ask for by themselves: it doesn't say that anybody is there.
UNATTENDED = frozenset({"messages.count", "refresh.badges", "refresh.changes"})
#: Where somebody who must change the first password may still go.
BEFORE_PASSWORD = PUBLIC | {"auth.password", "auth.sign_out"}


#: For so long the county's limits aren't asked for again.
_LIMITS_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """After how many minutes without a request, and after how many hours at most, a session ends."""

    idle_minutes: int
    hours: int
    read_at: float


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

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep no session with what everybody may read: it is the same for all, and proxies keep it."""
        if request.blueprint != "public":
            super().save_session(app, session, response)


def begin(actor: Actor, *, must_change: bool = False, how: str = "password") -> None:
    """Sign ``actor`` in; whatever the session held before is gone, and an earlier one in this browser ended.

    With ``must_change`` the session can do nothing before the password is changed.
    """
    _leave("out")
    session.clear()
    session["token"] = context.engine().sessions.begin(actor.person, place(), how)
    session["must_change"] = must_change
    session["stamp"] = actor.stamp
    login_user(Account(context.county_code(), actor.person))
    session["since"] = session["seen"] = int(context.now().timestamp())


def must_change_password() -> bool:
    """Whether the signed-in person must choose a password before anything else."""
    return bool(session.get("must_change"))


def end(ending: str = "out") -> None:
    """Sign out and forget everything about the session, here and on the server; ``expired`` says that nobody did it."""
    _leave(ending)
    logout_user()
    session.clear()


def token() -> str:
    """Return the secret of this session."""
    return str(session.get("token", ""))


def how() -> str:
    """Return how the present session was signed in to: ``password`` or ``oidc``."""
    found = context.engine().sessions.find(token())
    return found.how if found is not None else "password"


def _leave(ending: str) -> None:
    if session.get("token"):
        context.engine().sessions.end(token(), ending)


def _load(identifier: str) -> Account | None:
    county, _, person = identifier.partition(":")
    return Account(county, person) if county == context.county_code() and person else None


def limits() -> Limits:
    """Return how long a session lasts: as the county has set, else as the installation has."""
    app = current_app
    known: dict[str, Limits] = app.extensions.setdefault("bihuan.session_limits", {})
    code = context.county_code()
    found = known.get(code)
    if found is None or time.monotonic() - found.read_at > _LIMITS_SECONDS:
        own = context.engine().setting(SESSIONS, {})
        idle = int(own.get("idle_minutes", app.config["SESSION_IDLE_MINUTES"]))
        hours = int(own.get("hours", app.config["SESSION_HOURS"]))
        found = known[code] = Limits(idle, hours, time.monotonic())
    return found


def forget_limits() -> None:
    """Read the limits again at the next request: somebody has changed them."""
    current_app.extensions.get("bihuan.session_limits", {}).pop(context.county_code(), None)


def _expired() -> bool:
    """Whether the session is idle or old; marks it as seen when it is neither and somebody is there."""
    moment, allowed = int(context.now().timestamp()), limits()
    idle = moment - int(session.get("seen", 0)) > allowed.idle_minutes * 60
    old = moment - int(session.get("since", 0)) > allowed.hours * 3600
    if idle or old:
        return True
    if request.endpoint not in UNATTENDED:
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
        reads.FROM.set(request.remote_addr or "")
        if request.endpoint in PUBLIC:
            return None
        if not current_user.is_authenticated:
            return sign_in_first()
        if _expired():
            end("expired")
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
        if context.engine().sessions.find(token()) is None:
            end()
            flash(gettext("这次登录已经结束，请重新登录。您填写的内容已保存。"), "info")
            return sign_in_first()
        if must_change_password() and request.endpoint not in BEFORE_PASSWORD:
            return redirect(url_for("auth.password"))
        return None
