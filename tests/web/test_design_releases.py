"""流程设计 as JSON and on the command line: a change is asked for, reviewed, deployed and gone back from."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tests.web.conftest import Site
from tests.web.test_design_drafts import DESIGNER, FILE, SECOND, send
from web.cli import run


def test_a_change_is_reviewed_deployed_and_rolled_back(site: Site) -> None:
    first, second = site.browser(DESIGNER), site.browser(SECOND)
    draft = send(first, "POST", "/drafts", {"file": FILE}, 201)
    content = draft["content"].replace('name="', 'name="改·', 1)
    saved = send(first, "PUT", f"/drafts/{draft['id']}", {"content": content, "base": 1})
    wish = {"drafts": [{"id": draft["id"], "revision": saved["revision"]}], "reason": "改名"}
    assert send(first, "POST", "/releases", {**wish, "at": "soon"}, 400)
    asked = send(first, "POST", "/releases", wish, 201)
    assert (asked["state"], asked["files"][0]["file"]) == ("review", FILE)
    path = f"/releases/{asked['id']}"
    assert send(second, "GET", f"{path}/files/{FILE}")["content"] == content
    assert send(second, "GET", f"{path}/files/none.bpmn", status=404)["code"] == "design.no_file"
    assert send(first, "POST", f"{path}/decide", {"agree": True}, 403)["code"] == "release.own"
    done = send(second, "POST", f"{path}/decide", {"agree": True, "opinion": "可以"})
    assert done["state"] == "deployed"
    assert done["decided_by"]["name"] == "纪文清"
    (process,) = [one for one in send(first, "GET", "/files")["processes"] if one["file"] == FILE]
    assert process["versions"][0]["deployed_by"]["name"] == "卢思远"
    assert process["draft"] is None
    back = send(first, "POST", f"/processes/{process['id']}/roll-back", {"reason": "改错了"}, 201)
    assert (back["state"], back["origin"]) == ("deployed", "rollback")
    listed = send(second, "GET", "/releases")
    assert listed["review"] is True
    assert [one["id"] for one in listed["releases"]] == [back["id"], asked["id"]]
    assert send(first, "POST", f"{path}/withdraw", status=409)["code"] == "release.is_deployed"


def test_a_folder_or_a_zip_is_deployed_on_the_command_line(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = site.engine.design.listing(site.engine.actor(DESIGNER))
    (file,) = [one for one in found.files if one.name == FILE]
    source = site.engine.design.deployed_files(file.deployment_id, site.engine.actor(DESIGNER))[FILE]
    folder = tmp_path / "files" / "inside"
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(source + b"\n")
    (folder / "readme.txt").write_text("ignored")
    home = ["--home", str(next(tmp_path.glob("home-*")))]
    by = ["--by", DESIGNER, *home]
    assert (
        run(["deploy", str(tmp_path / "files"), "--reason", "从文件夹", "--at", "2099-04-01T08:00", *by]) == 0
    )
    assert "--review 1" in capsys.readouterr().err
    assert run(["deploy", "--review", "1", "--by", SECOND, "--decline", "先等等", *home]) == 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"a/{FILE}", source + b"\n\n")
    (tmp_path / "files.zip").write_bytes(packed.getvalue())
    assert run(["deploy", str(tmp_path / "files.zip"), "--reason", "从 zip", *by]) == 0
    assert run(["deploy", "--review", "2", "--by", SECOND, *home]) == 0
    assert "disbursement v2" in capsys.readouterr().out
    assert run(["deploy", *by]) == 2
    assert run(["deploy", str(tmp_path / "none.zip"), *by]) == 2
    assert run(["deploy", str(folder / "readme.txt"), "--reason", "x", *by]) == 2
