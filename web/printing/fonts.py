"""The typeface of printed sheets: Chinese without anything to install, or a font file of the county's choice.

STSong-Light is one of the fonts that every PDF reader brings or replaces by the system's own, so nothing need be
installed and the file stays small. Where rare characters matter, the setting ``PDF_FONT`` names a TrueType file (.ttf,
.ttc), which is then embedded.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

log = logging.getLogger(__name__)

STANDARD = "STSong-Light"
_OWN = "BihuanSheet"


@lru_cache(maxsize=4)
def typeface(file: str = "") -> str:
    """Return the name of the font to set type in: the one in ``file``, else the standard one.

    A file that is no TrueType font is told in the log, and the standard one used: a sheet in another type is better than
    none.
    """
    if file:
        try:
            pdfmetrics.registerFont(TTFont(_OWN, file))
            return _family(_OWN)
        except (TTFError, OSError) as problem:
            log.error("PDF_FONT %s can't be used: %s", file, problem)
    pdfmetrics.registerFont(UnicodeCIDFont(STANDARD))
    return _family(STANDARD)


def _family(name: str) -> str:
    """Let bold and italic be the same type: Chinese has neither."""
    pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)
    return name
