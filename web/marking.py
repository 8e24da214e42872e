"""Marks Chinese on English pages as such: names, titles and what people wrote keep their language, whoever says them.

Templates mark what is wholly business content; this marks what a sentence takes in, such as the name of who holds a task,
so that a screen reader speaks it as Chinese.
"""

from __future__ import annotations

import re

from flask import Flask, Response

from web import context

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
#: A run of Chinese, with the digits and signs between its characters.
_RUN = re.compile(rf"[{_HAN}](?:[\w·、，。；：（）《》“”\-/%]*[{_HAN}）》”。])?")
#: What may hold text but no elements: its own tag is marked.
_PLAIN = frozenset({"option", "textarea", "title"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)


#: The pieces of a page as our templates write it: what holds no text of the page, a tag, and text.
_PIECE = re.compile(
    r"(?P<whole><!--.*?-->|<![^>]*>|<(?:script|style)\b.*?</(?:script|style)\s*>)"
    r"|<(?P<end>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
    r"|[^<]+|<",
    re.DOTALL | re.IGNORECASE,
)
_LANGUAGE = re.compile(r"""\slang=["']?([\w-]*)""")


def marked(page: str) -> str:
    """Return a page, or a part of one, with what is Chinese in it marked ``lang="zh"``; the rest stays as it is."""
    parts: list[str] = []
    #: The open elements: name, whether what is in them is Chinese, and where their tag stands in ``parts``.
    inside: list[tuple[str, bool, int]] = []
    for piece in _PIECE.finditer(page):
        text, tag = piece[0], piece["tag"]
        parts.append(text)
        if tag is None:
            if piece["whole"] is None and _RUN.search(text) and not (inside and inside[-1][1]):
                _mark(parts, inside)
        elif piece["end"]:
            _leave(inside, tag.lower())
        elif tag.lower() not in _VOID and not text.endswith("/>"):
            said = _LANGUAGE.search(piece["rest"])
            chinese = bool(inside and inside[-1][1]) if said is None else said[1].startswith("zh")
            inside.append((tag.lower(), chinese, len(parts) - 1))
    return "".join(parts)


def _mark(parts: list[str], inside: list[tuple[str, bool, int]]) -> None:
    """Mark the Chinese in the last of ``parts``, which is text: itself, or the tag of an element that holds only text."""
    name, _, at = inside[-1] if inside else ("", False, 0)
    if name in _PLAIN:
        inside[-1] = (name, True, at)
        parts[at] = f'{parts[at][: len(name) + 1]} lang="zh"{parts[at][len(name) + 1 :]}'
    else:
        parts[-1] = _RUN.sub(r'<span lang="zh">\g<0></span>', parts[-1])


def _leave(inside: list[tuple[str, bool, int]], tag: str) -> None:
    """Leave the innermost element of that name, with all that is open in it."""
    for index in range(len(inside) - 1, -1, -1):
        if inside[index][0] == tag:
            del inside[index:]
            return


def install(app: Flask) -> None:
    """Mark every page of ``app`` that is sent in English."""

    @app.after_request
    def mark(response: Response) -> Response:
        if response.mimetype == "text/html" and not response.is_streamed and context.language() == "en":
            response.set_data(marked(response.get_data(as_text=True)))
        return response
