"""A document on A4: the flowables of its HTML, page numbers, and what stands at the foot of each page."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import SimpleDocTemplate

from web.printing.fonts import typeface
from web.printing.markup import Setter
from web.printing.styles import MARGIN_BOTTOM, MARGIN_TOP, MARGIN_X, MUTED, styles

_FOOT = 8.5


def pdf(source: str, *, title: str, author: str, foot: str, pages: str, font: str = "") -> bytes:
    """Return HTML as a PDF.

    ``foot`` stands at the foot of each page, ``pages`` beside it, with ``{page}`` and ``{pages}`` filled in; ``font`` is a
    TrueType file to embed.
    """
    face = typeface(font)
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN_X,
        rightMargin=MARGIN_X,
        topMargin=MARGIN_TOP,
        bottomMargin=MARGIN_BOTTOM,
        title=title,
        author=author,
        creator="Bihuan",
    )

    class Numbered(_Numbered):
        """The pages of this document."""

        texts = (face, foot, pages)

    document.build(Setter(styles(face), document.width - 12).set(source), canvasmaker=Numbered)
    return target.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]
    """Pages that are numbered when all of them are known."""

    texts: tuple[str, str, str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._finished: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page until its number among all is known."""
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write each page with its foot."""
        face, foot, pages = self.texts
        for number, page in enumerate(self._finished, 1):
            self.__dict__.update(page)
            self.setFont(face, _FOOT)
            self.setFillColor(MUTED)
            self.drawString(MARGIN_X, MARGIN_BOTTOM - 18, foot)
            text = pages.format(page=number, pages=len(self._finished))
            self.drawRightString(A4[0] - MARGIN_X, MARGIN_BOTTOM - 18, text)
            super().showPage()
        super().save()
