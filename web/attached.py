"""Attachments as pages list them and as form fields name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from engine.store import MAX_BYTES, OFD, PDF, SHEET, SLIDES, TEXT, WORD, ZIP
from web.formatting import short_moment

MEGABYTE = 1024 * 1024
LIMIT = MAX_BYTES
#: What the file dialog offers; the store decides by the content.
ACCEPT = (
    ".pdf,.ofd,.doc,.docx,.wps,.xls,.xlsx,.et,.ppt,.pptx,.dps,"
    ".png,.jpg,.jpeg,.gif,.bmp,.tif,.tiff,.webp,.zip,.txt,.csv"
)


@dataclass(frozen=True, slots=True)
class FileView:
    """One attachment in a list."""

    id: int
    name: str
    size: str
    by: str
    at: str
    icon: str
    kind: str


def file_size(size: int) -> str:
    """Return a file's size as people say it."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024)):,} kB"
    return f"{size / 1024 / 1024:,.1f} MB"


def listed(found: Sequence[Any], now: datetime) -> list[FileView]:
    """Return the attachments for a list."""
    return [shown(one, now) for one in found]


def shown(one: Any, now: datetime) -> FileView:
    """Return an attachment for a list: with the icon and the word for what it is."""
    icon, kind = kind_of(one.type)
    return FileView(
        one.id, one.name, file_size(one.size), one.author_name, short_moment(one.added_at, now), icon, kind
    )


def kind_of(type: str) -> tuple[str, str]:
    """Return the icon and the word for a type of content."""
    if type.startswith("image/"):
        return "photo", gettext("图片")
    known = {
        PDF: ("file-type-pdf", "PDF"),
        OFD: ("file-description", "OFD"),
        WORD: ("file-text", gettext("文档")),
        SHEET: ("file-spreadsheet", gettext("表格")),
        SLIDES: ("file-description", gettext("演示")),
        ZIP: ("file-zip", gettext("压缩包")),
        TEXT: ("file-text", gettext("文本")),
        "application/vnd.ms-excel": ("file-spreadsheet", gettext("表格")),
    }
    return known.get(type, ("file-text", gettext("文档")))


def named(found: Sequence[Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return name, size and address of each attachment by its id, for the file fields of forms."""
    return {
        str(one.id): {
            "name": one.name,
            "size": one.size,
            "url": url_for("attachments.download", attachment_id=one.id),
        }
        for one in found
    }
