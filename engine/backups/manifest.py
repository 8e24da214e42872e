"""What a backup says about itself, and whether it is whole."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from engine.errors import BihuanError
from engine.values import digest

NAME = "manifest.json"
FORMAT = 1
_CHUNK = 1 << 20

#: Told what is being done (``tables`` or ``attachments``), how much of it is done, and how much there is.
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True)
class Part:
    """One entry: its name in the archive, its sha256 and, of a table, its number of rows."""

    name: str
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: which county, when, at which revisions of the tables, and all parts.

    ``missing`` are the hashes of attachments whose content was gone when the backup was made.
    """

    county: str
    name: str
    made_at: datetime
    revisions: tuple[str, ...]
    tables: tuple[Part, ...]
    attachments: tuple[Part, ...]
    missing: tuple[str, ...] = ()

    def dump(self) -> bytes:
        """Return it as JSON."""
        found = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(found, ensure_ascii=False, indent=1).encode()

    @classmethod
    def load(cls, text: bytes) -> Manifest:
        """Read what :meth:`dump` wrote; raises :class:`BihuanError` for another format."""
        try:
            found: dict[str, Any] = json.loads(text)
            if found.pop("format") != FORMAT:
                raise BihuanError("backup.format")
            return cls(
                found["county"],
                found["name"],
                datetime.fromisoformat(found["made_at"]),
                tuple(found["revisions"]),
                tuple(Part(**part) for part in found["tables"]),
                tuple(Part(**part) for part in found["attachments"]),
                tuple(found["missing"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BihuanError("backup.format") from None

    @property
    def digest(self) -> str:
        """A hash over everything in the backup."""
        return digest(self.dump())


def open_backup(file: Path) -> zipfile.ZipFile:
    """Open a backup's archive; raises :class:`BihuanError` for what is none."""
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise BihuanError("backup.unreadable", file=file.name) from None


def verify(file: Path, progress: Progress | None = None) -> Manifest:
    """Read a whole backup and return its manifest; raises :class:`BihuanError` where a part isn't what it was."""
    with open_backup(file) as archive:
        try:
            manifest = Manifest.load(archive.read(NAME))
        except KeyError:
            raise BihuanError("backup.unreadable", file=file.name) from None
        parts = (*manifest.tables, *manifest.attachments)
        expected = {NAME, *(part.name for part in parts)}
        if set(archive.namelist()) != expected:
            raise BihuanError("backup.damaged", part=sorted(set(archive.namelist()) ^ expected)[0])
        for number, part in enumerate(parts, 1):
            if _hash(archive, part.name) != part.sha256:
                raise BihuanError("backup.damaged", part=part.name)
            if progress is not None:
                progress("verify", number, len(parts))
    return manifest


def copy(source: IO[bytes], write: Callable[[bytes], object]) -> str:
    """Copy a stream in pieces and return its sha256."""
    found = sha256()
    while chunk := source.read(_CHUNK):
        found.update(chunk)
        write(chunk)
    return found.hexdigest()


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as stream:
            return copy(stream, lambda _chunk: None)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        return ""
