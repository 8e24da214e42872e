"""The operators' blueprint, its door, and what its pages share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext

from engine.commands.interventions import Intervened
from engine.errors import BihuanError, Forbidden
from web import context
from web.errors import explained

blueprint = Blueprint("operate", __name__, url_prefix="/operate")

_LONGEST = 200


@blueprint.before_request
def operators_only() -> None:
    """Let in who holds the role of an operator."""
    if not context.actor().is_operator:
        raise Forbidden("operator.only")


@blueprint.context_processor
def shared() -> dict[str, Any]:
    """Give every page a key for the request that its forms make."""
    return {"request_key": lambda: secrets.token_urlsafe(18)}


def argument(name: str) -> str:
    """Return an argument of the address without the white space around it."""
    return request.args.get(name, "").strip()[:_LONGEST]


def number(text: str | None) -> int | None:
    """Return a whole number that a page sent; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def attempt(act: Callable[[], str], target: str) -> Any:
    """Do something, say what came of it, refusals included, and lead to ``target``."""
    try:
        flash(act(), "ok")
    except BihuanError as error:
        flash(explained(error), "error")
    return redirect(target, 303)


def outcome(answer: Intervened, done: str) -> str:
    """Say what came of an intervention: ``done``, or that a second person must confirm it."""
    return done if answer.done else gettext("已提交，须另一名运行干预人员在“待确认”里确认后才执行。")
