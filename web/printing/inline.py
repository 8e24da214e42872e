"""Running text of a page as reportlab's paragraph markup: bold, marks, line breaks; everything else is its words."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from lxml import html

from web.printing.styles import MARK

#: What a printed page leaves out: controls, decoration, what only a screen or only a screen reader is given.
_LEFT_OUT_TAGS = frozenset(
    {"script", "style", "template", "svg", "button", "form", "dialog", "nav", "input", "select"}
)
_LEFT_OUT_CLASSES = frozenset(
    {
        "screen-only",
        "buttons",
        "visually-hidden",
        "f-sr",
        "f-pin",
        "f-bar",
        "f-none-screen",
        "diagram",
        "legend",
        "skip",
    }
)
_MARKUP = {"b": "b", "strong": "b", "del": "strike", "s": "strike", "ins": "u", "u": "u"}
#: What a page sets apart by space that is no character.
_APART = frozenset({"span", "small", "time", "code"})
#: Inside running text these begin a new line.
_BLOCKS = frozenset({"p", "div", "li", "dd", "dt", "ul", "ol", "tr", "blockquote"})
_SPACE = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v]*|[ \t\r\f\v]+")


def printed(element: html.HtmlElement) -> bool:
    """Whether an element is on paper."""
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT_TAGS:
        return False
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return False
    return _LEFT_OUT_CLASSES.isdisjoint(classes(element))


def classes(element: html.HtmlElement) -> set[str]:
    """Return an element's classes."""
    return set((element.get("class") or "").split())


def text_of(element: html.HtmlElement) -> str:
    """Return the words of an element in one line, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", inline(element)).split())


def inline(element: html.HtmlElement, *, keep_lines: bool = False) -> str:
    """Return an element's content as paragraph markup, empty where it has no words.

    ``keep_lines`` keeps the line breaks of the text itself, as ``white-space: pre-line`` does.
    """
    keep = keep_lines or _keeps_lines(element)
    parts = [_words(element.text, keep)]
    for child in element:
        if printed(child):
            inside = inline(child, keep_lines=keep)
            if child.tag == "br":
                parts.append("<br/>")
            elif child.tag in _BLOCKS and inside:
                parts.append(f"<br/>{inside}<br/>")
            elif (mark := _MARKUP.get(child.tag)) and inside:
                parts.append(_marked(mark, inside))
            else:
                parts.append(f" {inside}" if child.tag in _APART else inside)
        parts.append(_words(child.tail, keep))
    joined = re.sub(r"(?:\s*<br/>\s*)+", "<br/>", "".join(parts))
    return re.sub(r"^(?:\s|<br/>)+|(?:\s|<br/>)+$", "", joined) if element.tag in _BLOCKS else joined


def _keeps_lines(element: html.HtmlElement) -> bool:
    return element.tag in ("output", "q", "blockquote", "pre", "textarea") or "said" in classes(element)


def _words(text: str | None, keep_lines: bool) -> str:
    if not text:
        return ""
    if not keep_lines:
        return escape(_SPACE.sub(" ", text))
    lines = [" ".join(line.split()) for line in text.strip("\n").split("\n")]
    return "<br/>".join(map(escape, lines))


def _marked(mark: str, inside: str) -> str:
    if mark in ("strike", "u"):
        return f'<font color="{MARK.hexval().replace("0x", "#")}"><{mark}>{inside}</{mark}></font>'
    return f"<{mark}>{inside}</{mark}>"
