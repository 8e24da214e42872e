"""The built scripts, styles and icons: their hashed names, and the SVG that shows an icon."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import url_for
from markupsafe import Markup

DIST = Path(__file__).parent / "static" / "dist"


class NotBuilt(RuntimeError):
    """The pages' scripts and styles were not built."""


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Return the built file's name for each source name; raises :class:`NotBuilt`."""
    try:
        return dict(json.loads((DIST / "manifest.json").read_text("utf-8")))
    except FileNotFoundError:
        raise NotBuilt("run `make assets` first: web/static/dist is missing") from None


def built_url(name: str) -> str:
    """Return the address of the built file ``name``, the same in every county so that it is fetched once."""
    return url_for("static", filename=f"dist/{manifest()[name]}")


def icon(name: str, size: str = "") -> Markup:
    """Return the sprite's icon ``name`` as decoration that a screen reader skips; ``size`` is "" or "s"."""
    return Markup('<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        size, built_url("icons.svg"), name
    )
