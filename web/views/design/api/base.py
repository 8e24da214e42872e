"""What the designers' JSON routes share: their blueprint, how they read a request, and how they say what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, HTTPException

from engine.bpmn.checks import finding_as_json
from engine.design.importing import Note
from engine.errors import BihuanError, Refused
from engine.messages import sentence
from engine.plugins import Finding
from engine.values import dump_json, iso, load_json
from web import context
from web.errors import sentence_for, stale, status_of

blueprint = Blueprint("api", __name__, url_prefix="/api")


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """Return JSON; numbers that are ``Decimal`` stay exact."""
    return current_app.response_class(dump_json(body), status, mimetype="application/json")


def asked() -> dict[str, Any]:
    """Return the JSON object of the request, empty where it has no body; anything else is a bad request."""
    text = request.get_data()
    try:
        body = load_json(text) if text.strip() else {}
    except ValueError:
        raise BadRequest from None
    if not isinstance(body, dict):
        raise BadRequest
    return body


def text(body: Mapping[str, Any], name: str) -> str:
    """Return a text of the request's object; anything else is a bad request."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadRequest
    return value


def whole(body: Mapping[str, Any], name: str) -> int:
    """Return a whole number of the request's object; anything else is a bad request."""
    value = body.get(name)
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise BadRequest
    if value != int(value) or not 0 <= value < 10**18:
        raise BadRequest
    return int(value)


def wholes(body: Mapping[str, Any], name: str) -> list[int]:
    """Return a list of whole numbers of the request's object, empty where it is missing."""
    values = body.get(name, [])
    if not isinstance(values, list):
        raise BadRequest
    return [whole({name: value}, name) for value in values]


class People:
    """The names of those who did something, asked for once."""

    def __init__(self, principals: Iterable[str | None]) -> None:
        self._names = context.engine().people.names({one for one in principals if one})

    def __call__(self, principal: str | None) -> dict[str, str] | None:
        """Return a person as JSON: principal and name; None stays."""
        if not principal:
            return None
        return {"id": principal, "name": self._names.get(principal, principal.removeprefix("user:"))}


def moment(at: datetime | None) -> str | None:
    """Return a moment as JSON, in the county's zone."""
    return iso(at)


def findings(found: Iterable[Finding], file: str | None = None) -> list[dict[str, Any]]:
    """Return findings as ``bihuan check --json`` has them, with the file where it isn't clear."""
    told = [finding_as_json(one, context.language()) for one in found]
    return [{"file": file, **one} for one in told] if file else told


def notes(found: Iterable[Note]) -> list[dict[str, Any]]:
    """Return what became of the parts of another engine's diagram, each at its element."""
    return [
        {
            "code": one.code,
            "element": one.element,
            "message": sentence(one.code, {"what": one.what, "now": one.now}, context.language()),
        }
        for one in found
    ]


@blueprint.errorhandler(BihuanError)
def refused(error: BihuanError) -> Response:
    """Say what is in the way: code, sentence, what it is about, and findings where a check refused it."""
    body: dict[str, Any] = {"code": error.code, "message": error.message(context.language())}
    body["params"] = {
        name: iso(value) if isinstance(value, datetime) else value for name, value in error.params.items()
    }
    if isinstance(error, Refused):
        body["findings"] = findings(error.findings)
    return answer(body, status_of(error))


@blueprint.errorhandler(CSRFError)
def forged(_: CSRFError) -> Response:
    """Say that the page is too old to be written from."""
    return answer({"code": "http.400", "message": stale(), "params": {}}, 400)


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """Say in a sentence what HTTP has against the request."""
    status = error.code or 500
    _, sentence = sentence_for(status)
    return answer({"code": f"http.{status}", "message": sentence, "params": {}}, status)
