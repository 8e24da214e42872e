"""Carries releases out: deploys what was approved, moves running instances, and goes back to what was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine import tables
from engine.admin.record import Command
from engine.bpmn.checks import check_files
from engine.commands import deploy as deploying
from engine.commands import informing, migrating, migration_runs, notes
from engine.commands.ports import Ports
from engine.database import Unit
from engine.design import current, drafts, releases
from engine.design.checking import groups
from engine.design.current import FileInUse
from engine.design.record import note
from engine.design.releases import Release, ReleasedFile
from engine.errors import BihuanError, Conflict, Refused
from engine.identity import DESIGNER
from engine.monitoring import processes


def bundles(unit: Unit, files: Mapping[str, bytes], plugins: Any) -> list[deploying.Bundle]:
    """Return what is deployed when ``files`` change, everything that uses them included, checked.

    Raises :class:`Refused` with the findings where something isn't sound, and for files that no process uses.
    """
    together = groups({**current.files(unit), **files}, list(files), plugins)
    used = {name for group in together for name in group}
    for name, content in files.items():
        if name not in used:
            raise _unused(name, content, plugins)
    return [deploying.bundle(group, plugins) for group in together]


def deploy(command: Command, ports: Ports, release_id: int) -> Release:
    """Deploy an approved release and close its drafts.

    A draft that was typed on since stays open, on top of what is deployed now. Raises :class:`Conflict` where the release
    isn't approved or a file in use isn't the one that was changed, and :class:`Refused` where it isn't sound.
    """
    unit = command.unit
    found = releases.approved(unit, release_id)
    files = releases.files_of(unit, release_id)
    if found.origin == releases.DRAFTS:
        _still_on_top(unit, files)
    made = [
        deploying.deploy(ports, unit, one, found.asked_by)
        for one in bundles(unit, {file.name: file.content for file in files}, ports.plugins)
    ]
    outcome = {"deployments": [{"id": one.id, "processes": dict(one.processes)} for one in made]}
    values = {"state": releases.DEPLOYED, "deployed_at": command.now, "outcome": outcome}
    releases.change(unit, release_id, **values)
    in_use = current.in_use(unit)
    for file in files:
        if file.draft_id is not None:
            _follow(command, file, in_use[file.name])
    note(command, "release.deployed", release=release_id, **outcome)
    return releases.one(unit, release_id)


def fail(command: Command, release_id: int, error: BihuanError) -> None:
    """Note why a release could not be deployed, and tell who asked for it and who approved it.

    One that isn't approved any more stays as it is: another process has carried it out meanwhile, or it was taken back.
    """
    try:
        found = releases.approved(command.unit, release_id)
    except Conflict:
        return
    findings = getattr(error, "findings", ())
    outcome = {
        "error": {
            "code": error.code,
            "message": {language: error.message(language) for language in ("zh", "en")},
            "findings": [dict(one.message) for one in findings if one.blocks],
        }
    }
    releases.change(command.unit, release_id, state=releases.FAILED, outcome=outcome)
    note(command, "release.failed", release=release_id, code=error.code)
    told = [one for one in (found.asked_by, found.decided_by) if one is not None]
    tell(command, told, "release.told_failed", found)


def tell(command: Command, principals: Sequence[str], code: str, release: Release) -> None:
    """Tell people about a release, all but the one who acts."""
    people = notes.people_of(command.unit, principals, command.now)
    others = [one for one in people if one != command.by]
    params = {"reason": release.reason}
    informing.notice(command.unit, others, code, params, f"/design/releases/{release.id}", command.now)


def tell_reviewers(command: Command, release: Release) -> None:
    """Tell the other designers that a release waits for one of them."""
    told = [f"role:{DESIGNER}"]
    tell(command, told, "release.told_asked", release)


def begin_migrations(command: Command, ports: Ports, release_id: int) -> list[int]:
    """Begin to migrate the running instances of all earlier versions to those that a release deployed; return the runs.

    Of two processes that come to it at once one does it.
    """
    found = releases.to_be_migrated(command.unit, release_id)
    if found is None:
        return []
    runs = []
    for made in found.outcome["deployments"]:
        for process, version in made["processes"].items():
            (row,) = processes.processes(command.unit, command.now, process)
            for earlier in row.versions:
                if earlier.version < version and earlier.running:
                    plan = migrating.plan(ports, command.unit, process, earlier.version, version)
                    runs.append(migration_runs.begin(ports, command.unit, plan, None, found.asked_by))
    releases.change(command.unit, release_id, migrations=runs)
    return runs


def earlier(unit: Unit, deployment_id: int) -> list[ReleasedFile]:
    """Return the files of an earlier deployment that are different now, to be deployed again.

    Raises :class:`Refused` where nothing is different.
    """
    now = current.files(unit)
    before = current.contents(unit, deployment_id)
    found = [
        ReleasedFile(name, None, None, content)
        for name, content in before.items()
        if now.get(name) != content
    ]
    if not found:
        raise Refused("release.nothing_to_roll_back")
    return found


def _unused(name: str, content: bytes, plugins: Any) -> Refused:
    """Return why a file goes into use with no process: it can't be read, or none names it."""
    found = check_files({name: content}, plugins)[0].findings
    errors = sum(one.blocks for one in found)
    return (
        Refused("deploy.refused", tuple(found), count=errors)
        if errors
        else Refused("release.unused", file=name)
    )


def _still_on_top(unit: Unit, files: Sequence[ReleasedFile]) -> None:
    in_use = current.in_use(unit)
    for file in files:
        if file.draft_id is not None:
            draft = drafts.one(unit, file.draft_id)
            if current.changed_since(in_use, file.name, draft.base_sha256):
                raise Refused("release.outdated", file=file.name)


def _follow(command: Command, file: ReleasedFile, deployed: FileInUse) -> None:
    """Close a file's draft, or put it on top of what is deployed now where somebody has typed on."""
    assert file.draft_id is not None
    draft = drafts.one(command.unit, file.draft_id, lock=True)
    if draft.state == "open" and draft.revision == file.revision:
        drafts.close(command, draft.id, "deployed")
        return
    drafts.stand_on(command.unit, draft.id, deployed)


def newest_before(unit: Unit, process_id: str) -> int:
    """Return the deployment of the version of a process before its newest; raises :class:`Refused` where it is the first."""
    table = tables.definitions.c
    query = select(table.deployment_id).where(table.process_id == process_id).order_by(table.version.desc())
    found: list[int] = list(unit.execute(query.limit(2)).scalars())
    if len(found) < 2:
        raise Refused("release.nothing_to_roll_back")
    return found[1]
