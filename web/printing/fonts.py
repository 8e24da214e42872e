"""The typeface of printed sheets: one that is embedded, so that paper looks the same on a machine without any Chinese font.

It is WenQuanYi Micro Hei (文泉驿微米黑), which has every character of GBK and comes as a package. Where rarer ones matter,
the setting ``PDF_FONT`` names a TrueType file (.ttf, .ttc) of the county's own. Of either only the characters that a sheet
uses go into its file.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from importlib.resources import files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

log = logging.getLogger(__name__)

_SHIPPED, _OWN = "BihuanShipped", "BihuanOwn"


@lru_cache(maxsize=4)
def typeface(file: str = "") -> str:
    """Return the name of the font to set type in: the one in ``file``, else the one that is installed with Bihuan.

    A file that is no TrueType font is told in the log, and the other one used: a sheet in another type is better than
    none.
    """
    if file:
        try:
            return _family(_OWN, file)
        except (TTFError, OSError) as problem:
            log.error("PDF_FONT %s can't be used: %s", file, problem)
    return _family(_SHIPPED, str(files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc"))


def _family(name: str, file: str) -> str:
    """Register a font; bold and italic are the same type: Chinese has neither."""
    pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)
    return name
