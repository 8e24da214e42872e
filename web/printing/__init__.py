"""Pages as PDF: the same HTML that a browser prints, set on A4 paper."""

from __future__ import annotations

from typing import Any


def pdf(source: str, **settings: Any) -> bytes:
    """Return HTML as a PDF; ``settings`` as :func:`web.printing.paper.pdf` takes them."""
    from web.printing import paper  # ReportLab is large, and a server should be there before anybody prints

    return paper.pdf(source, **settings)
