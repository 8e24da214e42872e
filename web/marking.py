"""Marks Chinese on English pages as such: names, titles and what people wrote keep their language, whoever says them.

Templates mark what is wholly business content; this marks what a sentence takes in, such as the name of who holds a task,
so that a screen reader speaks it as Chinese.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

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
_CODE = frozenset({"script", "style"})


class _Marker(HTMLParser):
    """Copies a page piece by piece; what isn't Chinese in an element of another language stays as it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        #: The open elements: name, whether what is in them is Chinese, and where their tag stands in ``parts``.
        self.open: list[tuple[str, bool, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(self.get_starttag_text() or "")
        if tag in _VOID:
            return
        said = dict(attrs).get("lang")
        chinese = self._chinese() if said is None else said.startswith("zh")
        self.open.append((tag, chinese, len(self.parts) - 1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.parts.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        within = self.open[-1] if self.open else ("", False, 0)
        if within[0] in _CODE or self._chinese() or not _RUN.search(data):
            self.parts.append(data)
        elif within[0] in _PLAIN:
            name, _, at = within
            self.open[-1] = (name, True, at)
            self.parts[at] = f'{self.parts[at][: len(name) + 1]} lang="zh"{self.parts[at][len(name) + 1 :]}'
            self.parts.append(data)
        else:
            self.parts.append(_RUN.sub(r'<span lang="zh">\g<0></span>', data))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def _chinese(self) -> bool:
        return bool(self.open) and self.open[-1][1]


def marked(page: str) -> str:
    """Return a page, or a part of one, with what is Chinese in it marked ``lang="zh"``."""
    marker = _Marker()
    marker.feed(page)
    marker.close()
    return "".join(marker.parts)


def install(app: Flask) -> None:
    """Mark every page of ``app`` that is sent in English."""

    @app.after_request
    def mark(response: Response) -> Response:
        if response.mimetype == "text/html" and not response.is_streamed and context.language() == "en":
            response.set_data(marked(response.get_data(as_text=True)))
        return response
