"""统一认证: to the county's provider and back, signed in as the person whom it recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask import session as cookie

from engine import BihuanError
from engine.identity import SYSTEM, Actor
from web import administration, context, oidc, session
from web.extensions import limiter
from web.views.auth import local_address

if TYPE_CHECKING:
    from web.oidc_provider import Known, Provider

blueprint = Blueprint("oidc", __name__)
_KEY = "oidc"


@blueprint.get("/sign-in/oidc")
@limiter.limit(lambda: current_app.config["SIGN_IN_RATE"])
def start() -> Any:
    """Send the browser to the provider."""
    provider = oidc.provider() or abort(404)
    try:
        address, started = provider.begin(_back(), _now())
    except BihuanError as refused:
        return _sorry(refused)
    cookie[_KEY] = {**started.as_dict(), "next": local_address(request.args.get("next"))}
    return redirect(address)


@blueprint.get("/sign-in/oidc/callback")
@limiter.limit(lambda: current_app.config["SIGN_IN_RATE"])
def callback() -> Any:
    """Sign in whom the provider recognised; each begun sign-in is good for one answer."""
    provider = oidc.provider() or abort(404)
    started = cookie.pop(_KEY, None)
    account = ""
    try:
        known = provider.finish(started, request.args.to_dict(), _back(), _now())
        account = known.account
        actor = _person(provider, known)
    except BihuanError as refused:
        context.engine().sessions.turned_away(account or "?", "refused", administration.place(), "oidc")
        return _sorry(refused)
    session.begin(actor, how="oidc")
    return redirect((started or {}).get("next") or url_for("workbench.show"))


def _person(provider: Provider, known: Known) -> Actor:
    """Return the person of the recognised account, made now where the county wants that."""
    engine = context.engine()
    try:
        return engine.actor(known.account)
    except BihuanError as refused:
        if refused.code != "person.unknown":
            raise
        if not provider.create:
            raise BihuanError("oidc.unknown", account=known.account) from None
    engine.admin.create_person(known.account, known.name[:60], actor=SYSTEM, password=False)
    return engine.actor(known.account)


def _back() -> str:
    return url_for("oidc.callback", _external=True)


def _now() -> int:
    return int(context.now().timestamp())


def _sorry(refused: BihuanError) -> Any:
    flash(refused.message(context.language()), "error")
    return redirect(url_for("auth.sign_in"))
