"""The built scripts, styles and icons: their hashed names, how they are sent, and the SVG that shows an icon."""

from __future__ import annotations

import json
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, g, request, url_for
from markupsafe import Markup, escape

DIST = Path(__file__).parent / "static" / "dist"


class NotBuilt(RuntimeError):
    """The pages' scripts and styles were not built."""


def manifest() -> dict[str, str]:
    """Return the built file's name for each source name; raises :class:`NotBuilt`."""
    file = DIST / "manifest.json"
    try:
        return _read(file.stat().st_mtime_ns)
    except FileNotFoundError:
        raise NotBuilt(f"{file} is missing: build the pages' assets first (`make build`)") from None


@lru_cache(maxsize=1)
def _read(_built_at: int) -> dict[str, str]:
    return dict(json.loads((DIST / "manifest.json").read_text("utf-8")))


def built_url(name: str) -> str:
    """Return the address of the built file ``name``; its hash lets browsers keep it for a year."""
    return url_for("static", filename=f"dist/{manifest()[name]}")


def install(app: Flask) -> None:
    """Let ``app`` send the built files compressed, as the build left them, to browsers that say they can read that."""

    def send(filename: str) -> Response:
        compressed = DIST / f"{Path(filename).name}.gz"
        if Path(filename).parent.name != DIST.name or not compressed.is_file():
            return app.send_static_file(filename)
        wanted = "gzip" in request.accept_encodings
        response = app.send_static_file(f"{filename}.gz" if wanted else filename)
        response.vary.add("Accept-Encoding")
        if wanted:
            response.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            response.content_encoding = "gzip"
        return response

    app.view_functions["static"] = send


def icon(name: str, size: str = "") -> Markup:
    """Return the sprite's icon ``name`` as decoration that a screen reader skips; ``size`` is "" or "s"."""
    if "sprite" not in g:  # a page shows dozens of them
        g.sprite = escape(built_url("icons.svg"))
    return Markup(
        f'<svg class="icon {escape(size)}" aria-hidden="true" focusable="false">'
        f'<use href="{g.sprite}#{escape(name)}"></use></svg>'
    )
