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


def newest_deployments(unit: Unit) -> list[int]:
    """Return the deployments that hold the newest version of some process, the oldest first."""
    top = select(func.max(_definitions.id)).group_by(_definitions.process_id)
    query = select(_definitions.deployment_id).where(_definitions.id.in_(top)).distinct()
    return list(unit.execute(query.order_by(_definitions.deployment_id)).scalars())


def files(unit: Unit) -> dict[str, bytes]:
    """Return the content of every file in use, by name; of one that several deployments hold, the newest's."""
    found: dict[str, bytes] = {}
    for deployment in newest_deployments(unit):
        found |= contents(unit, deployment)
    return found


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
    in_use = set(newest_deployments(unit))
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
        .where(_files.name.not_like(f"%{_INSIDE}%"))
        .order_by(_files.name, _files.deployment_id)
    )
    versions: dict[str, list[FileVersion]] = {}
    newest: dict[str, tuple[str, str | None, int]] = {}
    for row in unit.execute(query):
        known = versions.setdefault(row.name, [])
        if not known or known[-1].sha256 != row.sha256:
            number = len(known) + 1
            known.append(FileVersion(number, row.deployment_id, row.sha256, row.deployed_at, row.deployed_by))
        if row.deployment_id in in_use:
            newest[row.name] = row.kind, row.key, row.deployment_id
    return [
        DeployedFile(name, kind, key, deployment, tuple(reversed(versions[name])))
        for name, (kind, key, deployment) in newest.items()
    ]


def process_files(unit: Unit) -> Mapping[str, str]:
    """Return the file of each process's newest version: process id → name."""
    top = select(func.max(_definitions.id)).group_by(_definitions.process_id)
    query = (
        select(_definitions.process_id, _files.name)
        .join(tables.resources, _files.id == _definitions.resource_id)
        .where(_definitions.id.in_(top))
    )
    return {row.process_id: row.name for row in unit.execute(query)}
