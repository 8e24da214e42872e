"""A dossier verifies offline with the standard library alone, and a single changed byte in any of its files is found."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from engine import NotFound
from engine.dossier import MANIFEST, VERIFIER
from tests.engine.test_retention import TEN_YEARS, age_files, finish

if TYPE_CHECKING:
    from pathlib import Path

    from engine import SteppedClock
    from tests.engine.office import Office


def verify(path: Path, *arguments: str, script: bytes | None = None) -> tuple[int, str]:
    """Run the verifier without any package, as somebody outside would: the dossier's own, or one that was kept."""
    if script is None:
        with zipfile.ZipFile(path) as archive:
            script = archive.read(VERIFIER)
    kept = path.parent / "kept.py"
    kept.write_bytes(script)
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(kept), str(path), *arguments]
    run = subprocess.run(command, capture_output=True, check=False)
    return run.returncode, run.stdout.decode("utf-8")


def rewritten(content: bytes, name: str, body: bytes | None) -> bytes:
    """Return a zip with one file replaced, or left out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
            elif body is not None:
                new.writestr(entry, body)
    return stream.getvalue()


def changed(body: bytes) -> bytes:
    """Return the body with one letter or digit changed, so that JSON stays JSON."""
    letters = [place for place, byte in enumerate(body) if byte < 128 and chr(byte).isalnum()]
    at = letters[-1] if letters else len(body) - 1
    return body[:at] + (b"8" if body[at : at + 1] != b"8" else b"9") + body[at + 1 :]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_dossier_is_whole_and_every_change_is_found(office: Office, tmp_path: Path) -> None:
    cases = [finish(office), finish(office, text=b"another file")]
    made = office.engine.dossier(cases, title="两件", actor="system")
    assert office.engine.dossier(cases, title="两件", actor="system").content == made.content
    path = tmp_path / "卷宗.zip"
    path.write_bytes(made.content)
    assert verify(path, made.sha256) == (0, "核对无误：卷宗完整，没有改动。\n")
    assert verify(path, "0" * 64)[0] == 1
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        contents = {name: archive.read(name) for name in names}
        archive.extractall(tmp_path / "unpacked")
    manifest = json.loads(contents[MANIFEST])
    for case in manifest["cases"]:
        assert len(case["documents"]) == 2
        assert len(case["attachments"]) == 1
        opinions = json.loads(contents[f"{case['folder']}opinions.json"])
        assert "请补充材料" in str(opinions)
        assert opinions["pins"][0]["text"] == "有误"
    inside = subprocess.run([sys.executable, "-I", "-S", VERIFIER], cwd=tmp_path / "unpacked", check=False)
    assert inside.returncode == 0, "it runs where it was unpacked, too"

    for name in names:
        if name == MANIFEST:
            continue
        path.write_bytes(rewritten(made.content, name, changed(contents[name])))
        code, said = verify(path, made.sha256, script=contents[VERIFIER])
        assert (code, name in said) == (1, True), name
        path.write_bytes(rewritten(made.content, name, None))
        assert verify(path, script=contents[VERIFIER])[0] == 1, name
    path.write_bytes(rewritten(made.content, MANIFEST, changed(contents[MANIFEST])))
    assert verify(path, made.sha256)[0] == 1

    # Whoever changes an event and the list of hashes with it is betrayed by the chain.
    events = f"{cases[0]}/events.json"
    body = contents[events].replace(b"wang", b"wong", 1)
    forged = json.loads(contents[MANIFEST])
    forged["files"][events] = sha256(body).hexdigest()
    content = rewritten(made.content, events, body)
    path.write_bytes(rewritten(content, MANIFEST, json.dumps(forged).encode()))
    code, said = verify(path)
    assert code == 1
    assert "办理记录" in said
    path.write_bytes(b"no zip")
    assert verify(path, script=contents[VERIFIER])[0] == 2


def test_what_retention_deleted_is_missing_and_the_rest_still_verifies(
    office: Office, clock: SteppedClock, tmp_path: Path
) -> None:
    case = finish(office)
    clock.set(clock.now() + TEN_YEARS)
    assert office.engine.prune(actor="system") == [], "nothing is deleted before it is archived"
    office.engine.archive(case, actor="system")
    age_files(office)
    assert office.engine.prune(actor="system")
    made = office.engine.dossier([case], title="已清除", actor="system")
    path = tmp_path / "d.zip"
    path.write_bytes(made.content)
    assert verify(path, made.sha256)[0] == 0
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.startswith(("documents/", "attachments/"))]
        assert "已按保管期限清除" in archive.read("目录.txt").decode()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_who_may_not_see_a_case_gets_no_dossier_of_it(office: Office) -> None:
    case = finish(office)
    with pytest.raises(NotFound):
        office.engine.dossier([case], title="x", actor=office.who("sun"))
    with pytest.raises(NotFound):
        office.engine.dossier([case, 999], title="x", actor="system")
