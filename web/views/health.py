"""Whether the server can serve: for load balancers and service managers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from engine.errors import BihuanError
from web import context

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Any:
    """Answer 200 when every county's database answers, 503 with the codes of those that do not."""
    broken = []
    codes = list(context.counties().home.counties())
    for code in codes:
        try:
            context.counties().engine(code).setting("demo", None)
        except (BihuanError, OSError, RuntimeError):
            broken.append(code)
    return jsonify(
        status="broken" if broken else "ok", counties=len(codes), broken=broken
    ), 503 if broken else 200
