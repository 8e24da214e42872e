"""HTML as reportlab's flowables: headings, facts, form fields, tables, lists; whatever else holds these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import html
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, Paragraph, Spacer, Table, TableStyle

from web.printing.inline import classes, inline, printed, text_of
from web.printing.styles import PADDING, RULE, SHADE, WIDTH, Styles

_HEADINGS = {"h1": "subject", "h2": "title", "h3": "heading", "h4": "part"}
#: A column is at least so wide, and asks for no more than that, in points.
_NARROWEST, _WIDEST = 26.0, 210.0
#: A table with more columns than this is set small.
_MANY_COLUMNS = 10
#: A cell with more characters than this may not fit on a page: its row is then split.
_LONG_CELL = 700
#: The columns of a form's grid.
_GRID = 16
_GRID_LINES = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), PADDING * 0.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), PADDING),
    ]
)


class Setter:
    """Sets one page's HTML; ``width`` is that of the text on the paper, in points."""

    def __init__(self, styles: Styles, width: float = WIDTH) -> None:
        self.styles = styles
        self.width = width

    def set(self, source: str) -> list[Flowable]:
        """Return the flowables of a piece of HTML."""
        return list(self._children(html.fragment_fromstring(source, create_parent="div")))

    def _children(self, element: html.HtmlElement) -> Iterator[Flowable]:
        loose = html.Element("p")
        loose.text = element.text
        for child in element:
            if not printed(child):
                loose.text = (loose.text or "") + (child.tail or "")
                continue
            yield from self._paragraph(loose)
            yield from self._block(child)
            loose = html.Element("p")
            loose.text = child.tail
        yield from self._paragraph(loose)

    def _block(self, element: html.HtmlElement) -> Iterator[Flowable]:
        tag, kind = element.tag, classes(element)
        if tag in _HEADINGS:
            style = "office" if "office" in kind else _HEADINGS[tag]
            if text := inline(element).strip():
                yield Paragraph(text, getattr(self.styles, style))
        elif tag == "table":
            yield from self._table(element)
        elif tag == "dl":
            yield from self._facts(element)
        elif "f-row16" in kind:
            yield from self._fields(element)
        elif tag in ("ul", "ol"):
            yield from self._list(element)
        elif tag == "summary":
            if text := inline(element).strip():
                yield Paragraph(text, self.styles.part)
        elif tag == "hr":
            yield Spacer(1, 4)
        elif self._is_text(element):
            yield from self._paragraph(element)
        else:
            yield from self._children(element)

    def _is_text(self, element: html.HtmlElement) -> bool:
        """Whether an element is running text: it has none of the blocks that are set by themselves."""
        blocks = {
            *_HEADINGS,
            "table",
            "dl",
            "ul",
            "ol",
            "section",
            "article",
            "details",
            "div",
            "p",
            "header",
        }
        return not any(isinstance(one.tag, str) and one.tag in blocks for one in element.iterdescendants())

    def _paragraph(self, element: html.HtmlElement) -> Iterator[Flowable]:
        text = inline(element).strip()
        if not text:
            return
        kind = classes(element)
        if "office" in kind:
            yield Paragraph(text, self.styles.office)
        elif kind & {"small", "muted", "f-hint", "sub"}:
            yield Paragraph(text, self.styles.small)
        else:
            yield Paragraph(text, self.styles.text)

    def _list(self, element: html.HtmlElement) -> Iterator[Flowable]:
        ordered = element.tag == "ol"
        for number, item in enumerate((one for one in element if printed(one)), 1):
            if text := inline(item).strip():
                yield Paragraph(text, self.styles.item, bulletText=f"{number}." if ordered else "·")

    # -- facts and fields --------------------------------------------------------------------------------------------

    def _facts(self, element: html.HtmlElement) -> Iterator[Flowable]:
        """Set a list of terms as a grid of two pairs a line."""
        pairs = [
            (inline(term).strip(), inline(value).strip())
            for term, value in zip(element.iter("dt"), element.iter("dd"), strict=False)
        ]
        cells = [self._cell_of(label, text) for label, text in pairs]
        if len(cells) % 2:
            cells.append("")
        rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
        if rows:
            yield self._grid(rows, [self.width / 2] * 2)

    def _cell_of(self, label: str, text: str) -> list[Flowable]:
        return [Paragraph(label, self.styles.label), Paragraph(text or "—", self.styles.text)]

    def _fields(self, row: html.HtmlElement) -> Iterator[Flowable]:
        """Set a row of a form: its fields side by side; a table or a group among them by itself."""
        boxes = [box for box in row if printed(box)]
        fields = [box for box in boxes if self._is_field(box)]
        if fields and len(fields) == len(boxes):
            spans = [_span(box) for box in boxes]
            whole = max(sum(spans), _GRID)
            widths = [self.width * span / whole for span in spans]
            widths[-1] += self.width - sum(widths)
            yield self._grid([[self._field(box) for box in boxes]], widths)
            return
        for box in boxes:
            if self._is_field(box):
                yield self._grid([[self._field(box)]], [self.width])
            else:
                yield from self._block(box)

    def _is_field(self, box: html.HtmlElement) -> bool:
        return "f-field" in classes(box) and not classes(box) & {"f-table", "f-list"}

    def _field(self, box: html.HtmlElement) -> list[Flowable]:
        """Return a field's label, its value, and what is noted under it."""
        label, rest = "", html.Element("div")
        for child in box:
            if not printed(child):
                continue
            if "f-label" in classes(child):
                label = inline(child).strip()
            else:
                rest.append(html.fromstring(html.tostring(child, encoding="unicode", with_tail=False)))
        return self._cell_of(label, inline(rest).strip())

    # -- tables ------------------------------------------------------------------------------------------------------

    def _table(self, element: html.HtmlElement) -> Iterator[Flowable]:
        rows = [row for row in element.iter("tr") if printed(row) and printed(row.getparent())]
        heads = sum(row.getparent().tag == "thead" for row in rows)
        grid, spans = _laid_out(rows)
        if not grid:
            return
        wanted = [0.0] * max(map(len, grid))
        for line in grid:
            for at, cell in enumerate(line):
                if cell is not None and int(cell.get("colspan") or 1) == 1:
                    wanted[at] = max(wanted[at], self._natural(cell))
        dense = len(wanted) > _MANY_COLUMNS
        cells = [["" if cell is None else self._cell(cell, dense) for cell in line] for line in grid]
        yield self._grid(cells, _widths(wanted, self.width), heads, spans)

    def _cell(self, cell: html.HtmlElement, dense: bool) -> Flowable:
        number = "num" in classes(cell) or any(
            "num" in classes(one) for one in cell.iterdescendants("output")
        )
        if dense:
            style = self.styles.dense_number if number else self.styles.dense
        else:
            style = self.styles.number if number else self.styles.text
        return Paragraph(inline(cell).strip(), style)

    def _natural(self, cell: html.HtmlElement) -> float:
        """Return the width that a cell's longest line would like to have."""
        style = self.styles.text
        return max(
            (
                pdfmetrics.stringWidth(line, style.fontName, style.fontSize)
                for line in text_of(cell).split("\n")
            ),
            default=0.0,
        )

    def _grid(
        self,
        rows: Sequence[Sequence[object]],
        widths: Sequence[float],
        heads: int = 0,
        spans: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    ) -> Table:
        """Return a table with rules; its head is repeated on each page, a long row goes on over the page's end."""
        long = any(len(text) > _LONG_CELL for row in rows for cell in row for text in _texts(cell))
        table = Table(rows, colWidths=widths, repeatRows=heads, splitInRow=int(long), hAlign="LEFT")
        table.setStyle(_GRID_LINES)
        if heads:
            table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, heads - 1), SHADE)]))
        table.setStyle(TableStyle([("SPAN", start, end) for start, end in spans]))
        return table


def _texts(cell: object) -> list[str]:
    """Return the texts of a cell."""
    parts = cell if isinstance(cell, list) else [cell]
    return [part.getPlainText() for part in parts if isinstance(part, Paragraph)]


def _laid_out(
    rows: Sequence[html.HtmlElement],
) -> tuple[list[list[html.HtmlElement | None]], list[tuple[tuple[int, int], tuple[int, int]]]]:
    """Return the cells of rows by column, None where another one spans, and the spans as corners (column, row)."""
    grid: list[list[html.HtmlElement | None]] = []
    taken: set[tuple[int, int]] = set()
    spans = []
    for y, row in enumerate(rows):
        line: list[html.HtmlElement | None] = []
        for cell in (one for one in row if one.tag in ("td", "th") and printed(one)):
            while (len(line), y) in taken:
                line.append(None)
            x, across, down = len(line), int(cell.get("colspan") or 1), int(cell.get("rowspan") or 1)
            down = min(down, len(rows) - y)
            line += [cell, *[None] * (across - 1)]
            taken |= {(x + dx, y + dy) for dx in range(across) for dy in range(1, down)}
            if across > 1 or down > 1:
                spans.append(((x, y), (x + across - 1, y + down - 1)))
        grid.append(line)
    most = max((len(line) for line in grid), default=0)
    return [line + [None] * (most - len(line)) for line in grid], spans


def _widths(wanted: Sequence[float], width: float) -> list[float]:
    """Share the width among columns by what they want, none so narrow that nothing fits in."""
    asked = [min(max(one + 3 * PADDING, _NARROWEST), _WIDEST) for one in wanted]
    narrowest = min(_NARROWEST, width / len(asked))
    spare, more = width - narrowest * len(asked), sum(asked) - narrowest * len(asked)
    if more <= 0:
        return [width / len(asked)] * len(asked)
    return [narrowest + spare * (one - narrowest) / more for one in asked]


def _span(box: html.HtmlElement) -> int:
    """Return how many of the sixteen columns a field has."""
    for one in classes(box):
        if one.startswith("f-w") and one[3:].isdigit():
            return int(one[3:])
    return _GRID
