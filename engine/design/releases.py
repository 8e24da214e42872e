"""Releases: drafts that go into use together, after a second person has looked at them, at once or at a date.

What is released is frozen when it is asked for: what is typed in the drafts meanwhile waits for the next release.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from engine import tables
from engine.admin.record import Command
from engine.database import Unit
from engine.design import current, drafts
from engine.design.drafts import Draft
from engine.design.record import note
from engine.errors import Conflict, Forbidden, NotFound, Refused
from engine.identity import called
from engine.values import dump_json, load_plain

REVIEW, APPROVED, DEPLOYED, DECLINED, WITHDRAWN, FAILED = (
    "review",
    "approved",
    "deployed",
    "declined",
    "withdrawn",
    "failed",
)
#: Where the release is not over.
PENDING = (REVIEW, APPROVED)
FINISH, MIGRATE = "finish", "migrate"
#: Where a release's files come from.
DRAFTS, FILES, ROLLBACK = "drafts", "files", "rollback"
_LONGEST_REASON = 500
_releases, _files = tables.design_releases.c, tables.design_release_files.c


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """A file of a release: the draft's revision that it is (None where it was brought), and its content."""

    name: str
    draft_id: int | None
    revision: int | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Release:
    """A release without its files; ``outcome`` and ``migrations`` as :mod:`engine.tables.designing` describes them."""

    id: int
    state: str
    origin: str
    reason: str
    running: str
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    opinion: str | None
    deployed_at: datetime | None
    outcome: Mapping[str, Any]
    migrations: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a release is to happen: why, when (None: as soon as it may), and what becomes of running instances."""

    reason: str
    due_at: datetime | None = None
    running: str = FINISH
    origin: str = DRAFTS


def frozen(unit: Unit, wanted: Mapping[int, int]) -> list[ReleasedFile]:
    """Return the newest revisions of drafts, as files to be released; ``wanted`` gives the revision that was looked at.

    Raises :class:`Conflict` where one has been saved since, is not open, goes with another release, or was begun from a
    version that is no longer the one in use.
    """
    in_use = current.in_use(unit)
    found = []
    for id, number in sorted(wanted.items()):
        draft = drafts.one(unit, id, lock=True)
        if draft.state != "open":
            raise Conflict("design.closed", file=draft.name)
        if draft.revision != number:
            raise drafts.changed(unit, draft, number)
        _not_pending(unit, draft)
        if current.changed_since(in_use, draft.name, draft.base_sha256):
            raise Conflict("release.outdated", file=draft.name)
        found.append(ReleasedFile(draft.name, id, number, drafts.content_of(unit, id, number)))
    return found


def ask(command: Command, files: Sequence[ReleasedFile], wish: Wish, *, review: bool) -> int:
    """Ask for a release of ``files`` and return its id; without ``review`` it is approved at once."""
    if not files:
        raise Refused("release.empty")
    reason = wish.reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise Refused("release.reason", limit=_LONGEST_REASON)
    if wish.running not in (FINISH, MIGRATE):
        raise Refused("release.running", running=wish.running)
    if wish.due_at is not None and wish.due_at <= command.now:
        raise Refused("release.past", at=wish.due_at)
    row = {
        "state": REVIEW if review else APPROVED,
        "origin": wish.origin,
        "reason": reason,
        "running": wish.running,
        "asked_by": command.by,
        "asked_at": command.now,
        "due_at": wish.due_at,
    }
    id: int = command.unit.execute(insert(tables.design_releases).returning(_releases.id), row).scalar_one()
    rows = [
        {
            "release_id": id,
            "name": one.name,
            "draft_id": one.draft_id,
            "revision": one.revision,
            "packed": zlib.compress(one.content),
        }
        for one in files
    ]
    command.unit.execute(insert(tables.design_release_files), rows)
    names = {one.name: [one.draft_id, one.revision] for one in files}
    note(command, "release.asked", release=id, reason=reason, files=names, review=review, origin=wish.origin)
    return id


def decide(command: Command, release_id: int, agree: bool, opinion: str) -> Release:
    """Approve a release or decline it, with the reason.

    Raises :class:`Forbidden` for who asked for it or typed what is released, and :class:`Conflict` where it is decided.
    """
    found = _lock(command.unit, release_id, REVIEW)
    if command.by == found.asked_by:
        raise Forbidden("release.own")
    for file in files_of(command.unit, release_id):
        if file.draft_id is not None and file.revision is not None:
            typed = drafts.revision(command.unit, file.draft_id, file.revision)
            if typed.saved_by == command.by:
                raise Forbidden("release.own_file", file=file.name)
    said = opinion.strip()[:_LONGEST_REASON]
    if not agree and not said:
        raise Refused("operation.no_reason")
    state = APPROVED if agree else DECLINED
    change(command.unit, release_id, state=state, decided_by=command.by, decided_at=command.now, opinion=said)
    note(command, f"release.{state}", release=release_id, opinion=said)
    return one(command.unit, release_id)


def withdraw(command: Command, release_id: int) -> None:
    """Take a release back that isn't deployed; raises :class:`Forbidden` for who didn't ask for it or approve it."""
    found = _lock(command.unit, release_id, *PENDING)
    if command.by not in (found.asked_by, found.decided_by):
        raise Forbidden("release.not_yours", by=called(command.unit, found.asked_by))
    change(command.unit, release_id, state=WITHDRAWN)
    note(command, "release.withdrawn", release=release_id)


def one(unit: Unit, release_id: int) -> Release:
    """Return a release; raises :class:`NotFound`."""
    row = unit.execute(select(tables.design_releases).where(_releases.id == release_id)).first()
    if row is None:
        raise NotFound("release.unknown", release=release_id)
    return _release(row)


def recent(unit: Unit, limit: int = 100) -> list[Release]:
    """Return the releases, those that wait first, then the newest."""
    waits = _releases.state.in_(PENDING)
    query = select(tables.design_releases).order_by(waits.desc(), _releases.id.desc()).limit(limit)
    return [_release(row) for row in unit.execute(query)]


def due(unit: Unit, now: datetime) -> list[int]:
    """Return the approved releases whose time has come, the oldest first."""
    query = select(_releases.id).where(
        _releases.state == APPROVED, _releases.due_at.is_(None) | (_releases.due_at <= now)
    )
    return list(unit.execute(query.order_by(_releases.due_at, _releases.id)).scalars())


def to_migrate(unit: Unit) -> list[int]:
    """Return the deployed releases that are to migrate running instances and haven't begun to."""
    query = select(_releases.id).where(
        _releases.state == DEPLOYED, _releases.running == MIGRATE, _releases.migrations.is_(None)
    )
    return list(unit.execute(query.order_by(_releases.id)).scalars())


def files_of(unit: Unit, release_id: int) -> list[ReleasedFile]:
    """Return the files of a release by name."""
    query = select(tables.design_release_files).where(_files.release_id == release_id).order_by(_files.name)
    return [
        ReleasedFile(row.name, row.draft_id, row.revision, zlib.decompress(row.packed))
        for row in unit.execute(query)
    ]


def change(unit: Unit, release_id: int, **values: Any) -> None:
    """Write what became of a release."""
    for name in ("outcome", "migrations"):
        if values.get(name) is not None:
            values[name] = dump_json(values[name])
    unit.execute(update(tables.design_releases).where(_releases.id == release_id).values(**values))


def approved(unit: Unit, release_id: int) -> Release:
    """Return an approved release, locked; raises :class:`Conflict` where it is another state's by now."""
    return _lock(unit, release_id, APPROVED)


def to_be_migrated(unit: Unit, release_id: int) -> Release | None:
    """Return a deployed release, locked, whose running instances wait for their migration; None where that has begun."""
    found = _lock(unit, release_id, DEPLOYED)
    return found if found.migrations is None and found.running == MIGRATE else None


def _lock(unit: Unit, release_id: int, *states: str) -> Release:
    query = select(tables.design_releases).where(_releases.id == release_id).with_for_update()
    row = unit.execute(query).first()
    if row is None:
        raise NotFound("release.unknown", release=release_id)
    if row.state not in states:
        raise Conflict(f"release.is_{row.state}")
    return _release(row)


def _not_pending(unit: Unit, draft: Draft) -> None:
    query = (
        select(_releases.id, _releases.asked_by)
        .join(tables.design_release_files, _files.release_id == _releases.id)
        .where(_files.draft_id == draft.id, _releases.state.in_(PENDING))
    )
    row = unit.execute(query).first()
    if row is not None:
        raise Conflict("release.pending", file=draft.name, release=row.id, by=called(unit, row.asked_by))


def _release(row: Any) -> Release:
    return Release(
        row.id,
        row.state,
        row.origin,
        row.reason,
        row.running,
        row.asked_by,
        row.asked_at,
        row.due_at,
        row.decided_by,
        row.decided_at,
        row.opinion,
        row.deployed_at,
        {} if row.outcome is None else load_plain(row.outcome),
        None if row.migrations is None else load_plain(row.migrations),
    )
