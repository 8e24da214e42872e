"""Where the content of attachments lies: outside the database, by its hash; and what an uploaded content is."""

from __future__ import annotations

import os
import tempfile
import zipfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from engine.errors import BihuanError

MAX_BYTES = 20 * 1024 * 1024
_CHUNK = 1024 * 1024

PDF, ZIP, OFD, TEXT = "application/pdf", "application/zip", "application/ofd", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."
WORD, SHEET = f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}spreadsheetml.sheet"
SLIDES = f"{_OFFICE}presentationml.presentation"
OLD_OFFICE = {
    ".doc": "application/msword",
    ".wps": "application/vnd.ms-works",
    ".xls": "application/vnd.ms-excel",
    ".et": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".dps": "application/vnd.ms-powerpoint",
}
#: What contents begin with.
_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: The endings that a name may have for a content.
_ENDINGS = {
    PDF: {".pdf"},
    "image/png": {".png"},
    "image/jpeg": {".jpg", ".jpeg"},
    "image/gif": {".gif"},
    "image/bmp": {".bmp"},
    "image/tiff": {".tif", ".tiff"},
    "image/webp": {".webp"},
    WORD: {".docx", ".wps"},
    SHEET: {".xlsx", ".xlsm", ".et"},
    SLIDES: {".pptx", ".dps"},
    OFD: {".ofd"},
    ZIP: {".zip"},
    TEXT: {".txt", ".csv", ".md"},
}


class Stored(NamedTuple):
    """A content that a store has: its hash, its size in bytes, its type by content."""

    sha256: str
    size: int
    type: str


class Store(Protocol):
    """A place for contents, each kept once under its hash."""

    def put(self, name: str, stream: IO[bytes]) -> Stored:
        """Keep a content; raises :class:`BihuanError` for what may not be stored."""

    def path(self, sha256: str) -> Path | None:
        """Return the file with a content, None where it is gone."""

    def remove(self, sha256: str, older_than: datetime) -> bool:
        """Delete a content that was last put before a moment; tell whether it was there."""


class FolderStore:
    """Contents as files in a folder, named by their hash; a content appears whole or not at all."""

    def __init__(self, folder: str | Path, limit: int = MAX_BYTES) -> None:
        self.folder = Path(folder)
        self.limit = limit

    def put(self, name: str, stream: IO[bytes]) -> Stored:
        """Keep a content under its hash; raises :class:`BihuanError` ``attachment.*`` where size or type are wrong."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            partial = Path(file.name)
            try:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > self.limit:
                        limit = self.limit // (1024 * 1024)
                        raise BihuanError("attachment.too_large", name=name, size=f"> {limit}", limit=limit)
                    digest.update(chunk)
                    file.write(chunk)
                if not size:
                    raise BihuanError("attachment.empty", name=name)
                file.flush()
                os.fsync(file.fileno())
                type = content_type(name, partial)
                target = self._file(digest.hexdigest())
                target.parent.mkdir(exist_ok=True)
                partial.replace(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        return Stored(digest.hexdigest(), size, type)

    def adopt(self, content: str, stream: IO[bytes]) -> None:
        """Keep a content that another store kept under the hash ``content``.

        Raises :class:`BihuanError` where it isn't that content.
        """
        target = self._file(content)
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = sha256()
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".new-", delete=False) as file:
            partial = Path(file.name)
            try:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                if digest.hexdigest() != content:
                    raise BihuanError("backup.damaged", part=content)
                partial.replace(target)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise

    def path(self, sha256: str) -> Path | None:
        """Return the file with a content, None where it is gone."""
        file = self._file(sha256)
        return file if file.is_file() else None

    def remove(self, sha256: str, older_than: datetime) -> bool:
        """Delete a content that was last put before a moment; tell whether it was there."""
        file = self._file(sha256)
        if not file.is_file() or file.stat().st_mtime >= older_than.timestamp():
            return False
        file.unlink(missing_ok=True)
        return True

    def _file(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def content_type(name: str, file: Path) -> str:
    """Return the type of a content, found in the content itself.

    Raises :class:`BihuanError` where it is none that may be attached, or where the name's ending promises another.
    """
    ending = Path(name).suffix.lower()
    with file.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(_OLE):
        found = OLD_OFFICE.get(ending)
        if found is None:
            raise BihuanError("attachment.other_type", name=name, found=" / ".join(sorted(OLD_OFFICE)))
        return found
    found = next((type for start, type in _BEGINNINGS if head.startswith(start)), None)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = "image/webp"
    if head.startswith(b"PK\x03\x04"):
        found = _zip_type(file)
    if found is None and _is_text(head):
        found = TEXT
    if found is None:
        raise BihuanError("attachment.type", name=name)
    if ending not in _ENDINGS[found]:
        raise BihuanError("attachment.other_type", name=name, found=" / ".join(sorted(_ENDINGS[found])))
    return found


def _zip_type(file: Path) -> str | None:
    """Return what kind of archive it is by the names in it; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" in names:
        for folder, type in (("word/", WORD), ("xl/", SHEET), ("ppt/", SLIDES)):
            if any(name.startswith(folder) for name in names):
                return type
    return ZIP


def _is_text(head: bytes) -> bool:
    """Tell text from binary data: UTF-8 or GB 18030 without control characters; a cut last character is forgiven."""
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not any(ord(character) < 32 and character not in "\t\n\r\f" for character in text)
    return False
