"""What is deployed now: each file at its newest, its earlier versions, and the files of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine import tables
from engine.database import Unit
from engine.errors import NotFound

_files, _deployments, _definitions = tables.resources.c, tables.deployments.c, tables.definitions.c
#: A form inside a diagram is stored as a file of its own under a name with this sign; it is no file that anybody gave.
_INSIDE = "#"


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A content that a file had: the first deployment with it, who deployed it when, and the file's own number for it."""

    number: int
    deployment_id: int
    sha256: str
    deployed_at: datetime
    deployed_by: str


@dataclass(frozen=True, slots=True)
class DeployedFile:
    """A deployed file by its name: its kind, the id of a form, the newest deployment with it, and its versions, the newest
    first.
    """

    name: str
    kind: str
    key: str | None
    deployment_id: int
    versions: tuple[FileVersion, ...]

    @property
    def sha256(self) -> str:
        """The hash of the newest content."""
        return self.versions[0].sha256


@dataclass(frozen=True, slots=True)
class FileInUse:
    """The newest deployment that holds a file in use, and the hash of its content there."""

    deployment_id: int
    sha256: str


#: The definitions that are the newest of their process, and the deployments that hold one of them.
_newest = select(func.max(_definitions.id)).group_by(_definitions.process_id)
_holding = select(_definitions.deployment_id).where(_definitions.id.in_(_newest))
#: Of a name that several of these deployments hold, the last row counts.
_in_use = _files.deployment_id.in_(_holding) & _files.name.not_like(f"%{_INSIDE}%")


def files(unit: Unit) -> dict[str, bytes]:
    """Return the content of every file in use, by name."""
    query = select(_files.name, _files.content).where(_in_use).order_by(_files.deployment_id, _files.name)
    return {row.name: row.content for row in unit.execute(query)}


def in_use(unit: Unit) -> dict[str, FileInUse]:
    """Return where the files in use come from, by name."""
    named = (_files.name, _files.deployment_id, _files.sha256)
    query = select(*named).where(_in_use).order_by(_files.deployment_id)
    return {row.name: FileInUse(row.deployment_id, row.sha256) for row in unit.execute(query)}


def newest(unit: Unit, name: str) -> dict[str, bytes]:
    """Return a file's content as it is in use, by its name; nothing where it isn't."""
    query = select(_files.content).where(_in_use, _files.name == name).order_by(_files.deployment_id.desc())
    found: bytes | None = unit.execute(query.limit(1)).scalar()
    return {} if found is None else {name: found}


def changed_since(used: Mapping[str, FileInUse], name: str, sha256: str | None) -> bool:
    """Whether a file in use is another one than that with this hash (None: it was not in use)."""
    known = used.get(name)
    return (None if known is None else known.sha256) != sha256


def contents(unit: Unit, deployment_id: int) -> dict[str, bytes]:
    """Return the files of a deployment as they were given; raises :class:`NotFound`."""
    query = select(_files.name, _files.content).where(_files.deployment_id == deployment_id)
    rows = unit.execute(query.order_by(_files.name)).all()
    if not rows:
        raise NotFound("design.no_deployment", deployment=deployment_id)
    return {row.name: row.content for row in rows if _INSIDE not in row.name}


def content(unit: Unit, deployment_id: int, name: str) -> bytes:
    """Return a file of a deployment; raises :class:`NotFound`."""
    query = select(_files.content).where(_files.deployment_id == deployment_id, _files.name == name)
    found: bytes | None = unit.execute(query).scalar()
    if found is None:
        raise NotFound("design.no_file", file=name)
    return found


def listing(unit: Unit) -> list[DeployedFile]:
    """Return the files in use with their versions, by name."""
    used = in_use(unit)
    query = (
        select(
            _files.name,
            _files.kind,
            _files.key,
            _files.sha256,
            _files.deployment_id,
            _deployments.deployed_at,
            _deployments.deployed_by,
        )
        .join(tables.deployments, _deployments.id == _files.deployment_id)
        .where(_files.name.in_(list(used)))
        .order_by(_files.name, _files.deployment_id)
    )
    versions: dict[str, list[FileVersion]] = {}
    newest: dict[str, tuple[str, str | None]] = {}
    for row in unit.execute(query):
        known = versions.setdefault(row.name, [])
        if not known or known[-1].sha256 != row.sha256:
            number = len(known) + 1
            known.append(FileVersion(number, row.deployment_id, row.sha256, row.deployed_at, row.deployed_by))
        if row.deployment_id == used[row.name].deployment_id:
            newest[row.name] = row.kind, row.key
    return [
        DeployedFile(name, kind, key, used[name].deployment_id, tuple(reversed(versions[name])))
        for name, (kind, key) in newest.items()
    ]


def process_files(unit: Unit) -> Mapping[str, str]:
    """Return the file of each process's newest version: process id → name."""
    query = (
        select(_definitions.process_id, _files.name)
        .join(tables.resources, _files.id == _definitions.resource_id)
        .where(_definitions.id.in_(_newest))
    )
    return {row.process_id: row.name for row in unit.execute(query)}
