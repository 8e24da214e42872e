"""卷宗: one file of a case or of several, with everything that is kept of them and a verifier that runs offline.

The hashes of events, documents and attachments are the engine's own (:mod:`engine.history`), so what the dossier proves
is what the database proved when it was made. What retention has deleted is missing in it, and its hash is there.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.database import Unit
from engine.errors import NotFound
from engine.history import chain_of
from engine.store import Store
from engine.values import digest, load_plain, stamp

MANIFEST, VERIFIER = "manifest.json", "verify.py"
_BAD = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST = 80
#: What stands in the list of contents for what retention has deleted.
_GONE = "（已按保管期限清除）"
#: What a zip says of when a file was put in: the same dossier is the same file.
_FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier: its file, and the hash of its manifest, which is noted elsewhere and proves all the rest."""

    content: bytes
    sha256: str


def make(
    unit: Unit,
    store: Store | None,
    instances: Sequence[int],
    *,
    title: str,
    made_at: datetime,
    made_by: str,
    progress: Callable[[int, int], None] | None = None,
) -> Dossier:
    """Return the dossier of some cases, whole; who may have it is the caller's to check. Raises :class:`NotFound`.

    ``progress`` is told how many cases are in it, and how many there will be.
    """
    contents: dict[str, bytes] = {}
    cases = []
    for number, id in enumerate(instances, 1):
        cases.append(_case(unit, store, id, contents, len(instances) > 1))
        if progress is not None:
            progress(number, len(instances))
    contents["目录.txt"] = _index(title, cases, made_at)
    contents[VERIFIER] = files(__package__).joinpath("verifier.py").read_bytes()
    manifest = {
        "title": title,
        "made_at": stamp(made_at),
        "made_by": made_by,
        "files": {name: digest(body) for name, body in sorted(contents.items())},
        "cases": cases,
    }
    said = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, body in [(MANIFEST, said), *sorted(contents.items())]:
            archive.writestr(zipfile.ZipInfo(name, _FIXED), body, zipfile.ZIP_DEFLATED)
    return Dossier(stream.getvalue(), digest(said))


def _case(
    unit: Unit, store: Store | None, id: int, contents: dict[str, bytes], several: bool
) -> dict[str, Any]:
    """Put what is kept of a case into ``contents``; return what the manifest says of it."""
    instances, definitions = tables.instances, tables.definitions
    row = unit.execute(
        select(instances, definitions.c.process_id, definitions.c.version.label("process_version"))
        .join(definitions, definitions.c.id == instances.c.definition_id)
        .where(instances.c.id == id)
    ).first()
    if row is None:
        raise NotFound("instance.unknown", instance=id)
    place = f"{id}/" if several else ""
    case: dict[str, Any] = {
        "instance": id,
        "folder": place,
        "chain": chain_of(id),
        "head": row.history_head,
        "events": row.history_seq,
        "process": row.process_id,
        "process_version": row.process_version,
        "subject": row.subject,
        "unit": row.unit,
        "reference": row.reference,
        "state": row.state,
        "started_at": stamp(row.started_at),
        "ended_at": None if row.ended_at is None else stamp(row.ended_at),
    }
    contents[f"{place}events.json"] = _json([_event(one) for one in _events(unit, id)])
    case["documents"] = [_document(one, place, contents) for one in _documents(unit, id)]
    case["attachments"] = [_attachment(one, place, contents, store) for one in _attachments(unit, id)]
    contents[f"{place}opinions.json"] = _json(_opinions(unit, id))
    return case


def _events(unit: Unit, id: int) -> Sequence[Any]:
    events = tables.events
    return unit.execute(select(events).where(events.c.chain == chain_of(id)).order_by(events.c.seq)).all()


def _event(row: Any) -> dict[str, Any]:
    names = ("seq", "actor", "kind", "element", "body", "body_sha256", "previous", "hash")
    return {"at": stamp(row.at), **{name: getattr(row, name) for name in names}}


def _documents(unit: Unit, id: int) -> Sequence[Any]:
    table = tables.documents
    return unit.execute(select(table).where(table.c.instance_id == id).order_by(table.c.id)).all()


def _document(row: Any, place: str, contents: dict[str, bytes]) -> dict[str, Any]:
    name = f"documents/{row.id}-{_safe(row.name)}-v{row.version}.json"
    if row.body is not None:
        contents[place + name] = row.body.encode("utf-8")
    return {
        "file": name if row.body is not None else None,
        "name": row.name,
        "version": row.version,
        "element": row.element,
        "author": row.author,
        "saved_at": stamp(row.saved_at),
        "sha256": row.sha256,
    }


def _attachments(unit: Unit, id: int) -> Sequence[Any]:
    table = tables.attachments
    return unit.execute(select(table).where(table.c.instance_id == id).order_by(table.c.id)).all()


def _attachment(row: Any, place: str, contents: dict[str, bytes], store: Store | None) -> dict[str, Any]:
    path = store.path(row.sha256) if store is not None else None
    name = f"attachments/{row.id}-{_safe(row.name)}"
    if path is not None:
        contents[place + name] = path.read_bytes()
    return {
        "file": name if path is not None else None,
        "name": row.name,
        "type": row.type,
        "author": row.author,
        "added_at": stamp(row.added_at),
        "sha256": row.sha256,
    }


def _opinions(unit: Unit, id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the opinions that were given with an outcome, as the events have them, and those pinned to fields."""
    given = []
    for row in _events(unit, id):
        body = load_plain(row.body) if row.body else {}
        if isinstance(body, dict) and body.get("opinion"):
            said = {"outcome": body.get("outcome"), "opinion": body["opinion"]}
            given.append(
                {"seq": row.seq, "at": stamp(row.at), "actor": row.actor, "element": row.element, **said}
            )
    pins = tables.pins
    rows = unit.execute(select(pins).where(pins.c.instance_id == id).order_by(pins.c.id))
    return {"given": given, "pins": [_plain(row._asdict()) for row in rows]}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: stamp(value) if isinstance(value, datetime) else value for name, value in sorted(row.items())
    }
    return {
        name: load_plain(value) if name == "audience" and value else value for name, value in found.items()
    }


def _index(title: str, cases: Sequence[Mapping[str, Any]], made_at: datetime) -> bytes:
    lines = [title, f"形成时间 {stamp(made_at)}", ""]
    for place, case in enumerate(cases, 1):
        lines.append(
            f"{place}. {case['subject'] or case['process']} {case['unit'] or ''} {case['reference'] or ''}"
        )
        lines += [
            f"   文书 {one['name']} 第{one['version']}版 {one['file'] or '（已按保管期限清除）'}"
            for one in case["documents"]
        ]
        lines += [
            f"   附件 {one['name']} {one['file'] or '（已按保管期限清除）'}" for one in case["attachments"]
        ]
        lines.append(
            f"   意见 {case['folder']}opinions.json；办理记录 {case['folder']}events.json，{case['events']} 条"
        )
    lines += ["", f"核对：python3 {VERIFIER}（不需要网络和其他软件）"]
    return "\n".join(lines).encode("utf-8")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")


def _safe(name: str) -> str:
    return _BAD.sub("_", name)[-_LONGEST:]
