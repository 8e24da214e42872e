"""Drafts of files: everything that is saved is a revision, and nobody writes over what they haven't seen."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine import tables
from engine.admin.record import Command
from engine.bpmn.checks import kind_of
from engine.bpmn.xml import MAX_BYTES
from engine.database import Unit
from engine.design.current import FileInUse
from engine.design.record import note
from engine.errors import Conflict, NotFound, Refused
from engine.identity import called
from engine.values import digest, dump_json, load_plain

#: Who asked for a draft so long ago at most has it open.
PRESENT = timedelta(minutes=2)
_NAME = re.compile(r"[\w\-.]{1,180}\.(?:bpmn|bpmn20|dmn|form)", re.IGNORECASE)
_ENCODING = re.compile(rb"""(<\?xml[^>]*?encoding\s*=\s*["'])([\w.\-]+)""")
_DECLARED = re.compile(r"""(<\?xml[^>]*?encoding\s*=\s*["'])[\w.\-]+""")
_drafts, _revisions, _editors = tables.design_drafts.c, tables.design_revisions.c, tables.design_editors.c
#: Revisions without their contents.
_heads = select(
    _revisions.number, _revisions.sha256, _revisions.restored, _revisions.saved_by, _revisions.saved_at
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft without its content: the file, its state, the deployment that it was begun from, and its newest revision.

    ``converted`` tells of a diagram of another engine which one, and what became of what (``notes``).
    """

    id: int
    name: str
    kind: str
    state: str
    base_id: int | None
    base_sha256: str | None
    revision: int
    converted: Mapping[str, Any] | None
    created_by: str
    created_at: datetime
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """A content that was saved: its number, who saved it when, and the revision that it took up again."""

    number: int
    sha256: str
    restored: int | None
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who has the draft open."""

    person: str
    seen_at: datetime


def begin(
    command: Command,
    name: str,
    content: bytes,
    base_id: int | None = None,
    converted: Mapping[str, Any] | None = None,
) -> int:
    """Begin a draft of a file and return its id; ``converted`` is kept with it.

    Raises :class:`Refused` for a name that can't be used or a file that is too large, and :class:`Conflict` with the
    draft's id where one is open.
    """
    if not _NAME.fullmatch(name):
        raise Refused("design.bad_name", file=name)
    source = as_utf8(_sized(content))
    found = open_of(command.unit, name)
    if found is not None:
        who = called(command.unit, found.saved_by)
        raise Conflict("design.open_already", file=name, draft=found.id, by=who, at=found.saved_at)
    by, now = command.by, command.now
    row = {
        "name": name,
        "kind": kind_of(name),
        "state": "open",
        "base_id": base_id,
        "base_sha256": None if base_id is None else digest(content),
        "revision": 1,
        "converted": None if converted is None else dump_json(converted),
        "created_by": by,
        "created_at": now,
        "saved_by": by,
        "saved_at": now,
    }
    id: int = command.unit.execute(insert(tables.design_drafts).returning(_drafts.id), row).scalar_one()
    _keep(command, id, 1, source, None)
    note(command, "draft.begun", draft=id, file=name, base=base_id)
    return id


def save(command: Command, draft_id: int, content: bytes, base: int, restored: int | None = None) -> Draft:
    """Save a content on top of revision ``base``; the same content again is no new revision.

    Raises :class:`NotFound`, and :class:`Conflict` where the draft is no longer open or somebody has saved another
    revision since.
    """
    found = _at(command.unit, draft_id, base)
    source = _sized(content)
    if digest(source) == revision(command.unit, draft_id, base).sha256:
        return found
    number = base + 1
    _keep(command, draft_id, number, source, restored)
    newest = {"revision": number, "saved_by": command.by, "saved_at": command.now}
    command.unit.execute(update(tables.design_drafts).where(_drafts.id == draft_id).values(newest))
    return one(command.unit, draft_id)


def restore(command: Command, draft_id: int, number: int, base: int) -> Draft:
    """Take the content of an earlier revision up again, as a new revision on top of ``base``."""
    return save(command, draft_id, content_of(command.unit, draft_id, number), base, restored=number)


def drop(command: Command, draft_id: int, base: int) -> None:
    """Give a draft up; its revisions stay. Raises :class:`Conflict` where somebody has saved since ``base``."""
    found = _at(command.unit, draft_id, base)
    close(command, draft_id, "dropped")
    note(command, "draft.dropped", draft=draft_id, file=found.name, revision=found.revision)


def changed(unit: Unit, draft: Draft, base: int) -> Conflict:
    """Return the error of who works on revision ``base`` while somebody has saved a newer one."""
    by = called(unit, draft.saved_by)
    told = {"file": draft.name, "by": by, "at": draft.saved_at, "revision": draft.revision, "base": base}
    return Conflict("design.changed", **told)


def take_over(command: Command, draft_id: int, base: int, deployed: FileInUse | None) -> Draft:
    """Let a draft stand on what is deployed now, after somebody has compared the two."""
    found = _at(command.unit, draft_id, base)
    stand_on(command.unit, draft_id, deployed)
    note(
        command,
        "draft.taken_over",
        draft=draft_id,
        file=found.name,
        base=None if deployed is None else deployed.deployment_id,
    )
    return one(command.unit, draft_id)


def stand_on(unit: Unit, draft_id: int, deployed: FileInUse | None) -> None:
    """Write which deployment a draft goes on from."""
    id, sha256 = (None, None) if deployed is None else (deployed.deployment_id, deployed.sha256)
    values = {"base_id": id, "base_sha256": sha256}
    unit.execute(update(tables.design_drafts).where(_drafts.id == draft_id).values(values))


def close(command: Command, draft_id: int, state: str) -> None:
    """End a draft as ``deployed`` or ``dropped``."""
    command.unit.execute(update(tables.design_drafts).where(_drafts.id == draft_id).values(state=state))


def one(unit: Unit, draft_id: int, *, lock: bool = False) -> Draft:
    """Return a draft; raises :class:`NotFound`."""
    query = select(tables.design_drafts).where(_drafts.id == draft_id)
    row = unit.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("design.no_draft", draft=draft_id)
    return _draft(row)


def open_of(unit: Unit, name: str) -> Draft | None:
    """Return the open draft of a file."""
    query = select(tables.design_drafts).where(_drafts.name == name, _drafts.state == "open")
    row = unit.execute(query).first()
    return None if row is None else _draft(row)


def all_open(unit: Unit) -> list[Draft]:
    """Return the open drafts by the file's name."""
    query = select(tables.design_drafts).where(_drafts.state == "open").order_by(_drafts.name)
    return [_draft(row) for row in unit.execute(query)]


def content_of(unit: Unit, draft_id: int, number: int) -> bytes:
    """Return the content of a revision; raises :class:`NotFound`."""
    query = select(_revisions.packed).where(_revisions.draft_id == draft_id, _revisions.number == number)
    packed: bytes | None = unit.execute(query).scalar()
    if packed is None:
        raise NotFound("design.no_revision", revision=number)
    return zlib.decompress(packed)


def revision(unit: Unit, draft_id: int, number: int) -> Revision:
    """Return a revision without its content; raises :class:`NotFound`."""
    row = unit.execute(_heads.where(_revisions.draft_id == draft_id, _revisions.number == number)).first()
    if row is None:
        raise NotFound("design.no_revision", revision=number)
    return _revision(row)


def revisions(unit: Unit, draft_id: int) -> Sequence[Revision]:
    """Return the revisions of a draft, the newest first."""
    query = _heads.where(_revisions.draft_id == draft_id).order_by(_revisions.number.desc())
    return [_revision(row) for row in unit.execute(query)]


def see(command: Command, draft_id: int) -> Sequence[Editor]:
    """Note that the person has the draft open, and return who else has."""
    mine = (_editors.draft_id == draft_id) & (_editors.person == command.by)
    command.unit.execute(delete(tables.design_editors).where(mine))
    row = {"draft_id": draft_id, "person": command.by, "seen_at": command.now}
    command.unit.execute(insert(tables.design_editors), row)
    query = select(_editors.person, _editors.seen_at).where(
        _editors.draft_id == draft_id,
        _editors.person != command.by,
        _editors.seen_at >= command.now - PRESENT,
    )
    rows = command.unit.execute(query.order_by(_editors.person))
    return [Editor(row.person, row.seen_at) for row in rows]


def leave(command: Command, draft_id: int) -> None:
    """Note that the person has closed the draft."""
    mine = (_editors.draft_id == draft_id) & (_editors.person == command.by)
    command.unit.execute(delete(tables.design_editors).where(mine))


def as_utf8(source: bytes) -> bytes:
    """Return a file in UTF-8, as an editor in the browser takes it; XML that declares another encoding is converted.

    Also where all of it is ASCII: what is typed into it later would be read as the declaration says.
    """
    wide = source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    declared = _ENCODING.match(source)
    try:
        text = source.decode("utf-16" if wide else declared[2].decode() if declared else "utf-8")
    except (UnicodeDecodeError, LookupError):
        raise Refused("design.not_text") from None
    if not wide and (declared is None or declared[2].lower() in (b"utf-8", b"utf8")):
        return source
    return _DECLARED.sub(r"\g<1>UTF-8", text, count=1).encode()


def _at(unit: Unit, draft_id: int, base: int) -> Draft:
    """Lock and return an open draft whose newest revision is ``base``; raises what :func:`save` raises."""
    found = one(unit, draft_id, lock=True)
    if found.state != "open":
        raise Conflict("design.closed", file=found.name)
    if found.revision != base:
        raise changed(unit, found, base)
    return found


def _keep(command: Command, draft_id: int, number: int, source: bytes, restored: int | None) -> None:
    row: dict[str, Any] = {
        "draft_id": draft_id,
        "number": number,
        "packed": zlib.compress(source),
        "sha256": digest(source),
        "restored": restored,
        "saved_by": command.by,
        "saved_at": command.now,
    }
    command.unit.execute(insert(tables.design_revisions), row)


def _revision(row: Any) -> Revision:
    return Revision(row.number, row.sha256, row.restored, row.saved_by, row.saved_at)


def _sized(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise Refused("design.too_large", size=f"{len(content) / 1e6:.1f}", limit=f"{MAX_BYTES / 1e6:.0f}")
    return content


def _draft(row: Any) -> Draft:
    values = {name: getattr(row, name) for name in Draft.__slots__}
    return Draft(**{**values, "converted": None if row.converted is None else load_plain(row.converted)})
