"""How the parts of a printed sheet look: type, spaces, rules of tables."""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 14 * mm, 15 * mm, 17 * mm
WIDTH = A4[0] - 2 * MARGIN_X
RULE = HexColor("#999999")
SHADE = HexColor("#f2f4f8")
MUTED = HexColor("#555e6d")
MARK = HexColor("#8a2408")
PADDING = 1.4 * mm


@dataclass(frozen=True, slots=True)
class Styles:
    """The paragraph styles of a sheet."""

    text: ParagraphStyle
    small: ParagraphStyle
    label: ParagraphStyle
    number: ParagraphStyle
    dense: ParagraphStyle
    dense_number: ParagraphStyle
    title: ParagraphStyle
    office: ParagraphStyle
    subject: ParagraphStyle
    heading: ParagraphStyle
    part: ParagraphStyle
    item: ParagraphStyle


def styles(font: str) -> Styles:
    """Return the styles in a typeface; text breaks between any two Chinese characters."""
    base = ParagraphStyle("text", fontName=font, fontSize=10, leading=15, wordWrap="CJK", splitLongWords=1)

    def style(name: str, **more: object) -> ParagraphStyle:
        return ParagraphStyle(name, parent=base, **more)

    return Styles(
        text=base,
        small=style("small", fontSize=8.5, leading=12, textColor=MUTED),
        label=style("label", fontSize=9, leading=13, textColor=MUTED),
        number=style("number", alignment=TA_RIGHT),
        dense=style("dense", fontSize=8, leading=11),
        dense_number=style("dense number", fontSize=8, leading=11, alignment=TA_RIGHT),
        title=style("title", fontSize=18, leading=26, alignment=TA_CENTER, spaceAfter=3 * mm),
        office=style("office", fontSize=11, leading=16, alignment=TA_CENTER),
        subject=style("subject", fontSize=13, leading=19, spaceAfter=1 * mm),
        heading=style(
            "heading", fontSize=12, leading=18, spaceBefore=4 * mm, spaceAfter=1.5 * mm, keepWithNext=1
        ),
        part=style(
            "part", fontSize=10.5, leading=16, spaceBefore=2.5 * mm, spaceAfter=1 * mm, keepWithNext=1
        ),
        item=style("item", leftIndent=4 * mm, bulletIndent=0),
    )
