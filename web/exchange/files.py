"""Opens workbooks that strangers made: small, no bomb, no sheet that claims a million empty columns."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from engine.errors import BihuanError

#: Limits of a file, of what it unpacks to, and of how often more that may be (bombs are a thousand times).
MOST_BYTES, MOST_UNPACKED, MOST_RATIO, MOST_PARTS = 5 * 1024 * 1024, 30 * 1024 * 1024, 200, 500
MOST_ROWS, MOST_COLUMNS = 6000, 60
_BLOCK = 1 << 16
#: What an archive that is none, or a broken one, makes the libraries raise.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
#: Where a cell or row says that it stands, in whatever quotes: the reader makes room for all that lies before it.
_PLACE = re.compile(rb"""[\s]r\s*=\s*["']([^"']{0,40})["']""")
_TAG = re.compile(rb"<(?:[\w.\-]+:)?(c|row)(?=[\s/>])[^>]*>")
_CELL = re.compile(rb"([A-Z]{1,3})?([0-9]{1,7})")


def sheets(content: bytes, most: int = 20, *, rows: int = MOST_ROWS) -> Mapping[str, Sequence[Sequence[Any]]]:
    """Return the first ``most`` sheets of a workbook by name, each a list of at most ``rows`` rows of plain values.

    Raises :class:`BihuanError` ``import.not_xlsx`` and ``import.too_large``.
    """
    if len(content) > MOST_BYTES:
        raise BihuanError("import.too_large")
    _examine(content, rows)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names[:most]
        }
    except (CalamineError, ValueError, OSError, IndexError) as error:
        raise BihuanError("import.not_xlsx") from error
    return found


def _examine(content: bytes, rows: int) -> None:
    """Read every part once, within limits, before a library takes it into memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise BihuanError("import.not_xlsx")
            claimed = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_PARTS
                or claimed > MOST_UNPACKED
                or claimed > MOST_RATIO * max(len(content), 4096)
            ):
                raise BihuanError("import.too_large")
            left = MOST_UNPACKED
            for part in parts:
                left -= _part(archive, part, left, rows)
    except BROKEN_ARCHIVE as error:
        raise BihuanError("import.not_xlsx") from error
    except MemoryError as error:
        raise BihuanError("import.too_large") from error


def _part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, rows: int) -> int:
    """Read one part; return its true size. A sheet's cells must lie within the limits."""
    blocks: list[bytes] = []
    size = 0
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > left:
                raise BihuanError("import.too_large")
            blocks.append(block)
    text = b"".join(blocks)
    if part.filename.endswith((".xml", ".rels")) and (
        b"\x00" in text or b"<!ENTITY" in text or b"<!DOCTYPE" in text
    ):
        raise BihuanError("import.not_xlsx")  # another encoding than UTF-8 hides what is looked for
    if b"sheetData" in text:
        _places(text, rows)
    return size


def _places(text: bytes, most: int) -> None:
    """Refuse a sheet whose cells don't say where they stand, or stand beyond the limits."""
    rows = 0
    for tag in _TAG.finditer(text):
        rows += tag[1] == b"row"
        found = _PLACE.search(tag[0])
        place = _CELL.fullmatch(found[1]) if found else None
        beyond = place is not None and (int(place[2]) > most or _column(place[1] or b"A") > MOST_COLUMNS)
        if beyond or rows > most or (place is None and tag[1] == b"c"):
            raise BihuanError("import.too_large")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
