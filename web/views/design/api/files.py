"""What is deployed: the list of processes, decisions and forms, and every version as files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, send_file

from engine.design.current import DeployedFile
from engine.design.drafts import Draft
from engine.errors import NotFound
from engine.monitoring.processes import ProcessRow, VersionRow
from web import context
from web.views.design.api.base import People, answer, blueprint, moment


@blueprint.get("/files")
def files() -> Response:
    """Return everything that can be designed."""
    found = context.engine().design.listing(context.actor())
    by = [version.deployed_by for row in found.processes for version in row.versions]
    by += [version.deployed_by for file in found.files for version in file.versions]
    people = People([*by, *(draft.saved_by for draft in found.drafts)])
    open_drafts = {draft.name: _draft(draft, people) for draft in found.drafts}
    known = {file.name for file in found.files}
    return answer(
        {
            "processes": [
                _process(row, found.homes[row.process_id], open_drafts, people) for row in found.processes
            ],
            "decisions": [_file(one, open_drafts, people) for one in found.files if one.kind == "dmn"],
            "forms": [_file(one, open_drafts, people) for one in found.files if one.kind == "form"],
            "new": [draft for name, draft in open_drafts.items() if name not in known],
        }
    )


@blueprint.get("/deployments/<int:deployment_id>.zip")
def archive(deployment_id: int) -> Response:
    """Return the files of a deployment as one zip."""
    found = context.engine().design.deployed_files(deployment_id, context.actor())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in found.items():
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), source, zipfile.ZIP_DEFLATED)
    packed.seek(0)
    return send_file(
        packed, "application/zip", as_attachment=True, download_name=f"deployment-{deployment_id}.zip"
    )


@blueprint.get("/deployments/<int:deployment_id>/files/<name>")
def file(deployment_id: int, name: str) -> Response:
    """Return one file of a deployment, byte by byte."""
    found = context.engine().design.deployed_files(deployment_id, context.actor())
    if name not in found:
        raise NotFound("design.no_file", file=name)
    response = current_app.response_class(found[name], mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _process(row: ProcessRow, file: str, open_drafts: Mapping[str, Any], people: People) -> dict[str, Any]:
    return {
        "id": row.process_id,
        "name": row.name,
        "file": file,
        "running": row.running,
        "suspended_at": moment(row.suspended_at),
        "versions": [_version(version, people) for version in row.versions],
        "draft": open_drafts.get(file),
    }


def _version(version: VersionRow, people: People) -> dict[str, Any]:
    return {
        "version": version.version,
        "deployment": version.deployment_id,
        "name": version.name,
        "deployed_at": moment(version.deployed_at),
        "deployed_by": people(version.deployed_by),
        "running": version.running,
        "incidents": version.incident,
        "ended": version.ended + version.terminated,
    }


def _file(found: DeployedFile, open_drafts: Mapping[str, Any], people: People) -> dict[str, Any]:
    return {
        "file": found.name,
        "id": found.key,
        "deployment": found.deployment_id,
        "versions": [
            {
                "version": version.number,
                "deployment": version.deployment_id,
                "deployed_at": moment(version.deployed_at),
                "deployed_by": people(version.deployed_by),
            }
            for version in found.versions
        ],
        "draft": open_drafts.get(found.name),
    }


def _draft(draft: Draft, people: People) -> dict[str, Any]:
    return {
        "id": draft.id,
        "file": draft.name,
        "kind": draft.kind,
        "revision": draft.revision,
        "saved_by": people(draft.saved_by),
        "saved_at": moment(draft.saved_at),
    }
