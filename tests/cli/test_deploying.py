"""``bihuan deploy`` as designers run it: folders and zips, sound and broken, with a second person where the county asks."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from engine import SteppedClock
from engine.database import Home
from engine.identity import DESIGNER
from tests.cli.conftest import Bihuan
from tests.conftest import COUNTY, MORNING
from tests.engine.office import FILL_AND_REVIEW
from tests.engine.test_backups import engine_of

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def at(home: Home) -> tuple[object, ...]:
    """The home of a county with two designers and a clerk."""
    people = engine_of(home, COUNTY, SteppedClock(MORNING)).people
    people.add_org("SYSTEM", "系统管理", "bureau")
    for person in ("lu", "ji"):
        people.create_person(person, person)
        people.add_post(person, DESIGNER, "SYSTEM")
    people.create_person("wang", "wang")
    return ("--home", home.path)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_folder_and_a_zip_go_into_use_when_another_designer_agrees(
    at: tuple[object, ...], bihuan: Bihuan, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "p.bpmn").write_bytes(FILL_AND_REVIEW)
    (folder / "notes.txt").write_text("ignored")
    asked = bihuan("deploy", folder, "--reason", "第一版", "--by", "lu", *at)
    assert (asked.status, "--review 1" in asked.told) == (0, True)
    own = bihuan("deploy", "--review", "1", "--by", "lu", *at)
    assert own.status == 2
    assert "Traceback" not in own.told
    done = bihuan("deploy", "--review", "1", "--by", "ji", *at)
    assert (done.status, done.output) == (0, "已部署：p v1\n")
    again = bihuan("deploy", folder, "--reason", "没有改", "--by", "lu", *at)
    assert (again.status, "没有要部署的改动" in again.told) == (2, True)
    (tmp_path / "files.zip").write_bytes(zipped({"a/p.bpmn": FILL_AND_REVIEW + b"\n", "a/readme.md": b"x"}))
    dated = bihuan(
        "deploy", tmp_path / "files.zip", "--reason", "定时", "--at", "2099-01-05T08:00", "--by", "lu", *at
    )
    assert dated.status == 0
    assert "2099-01-05T08:00:00+08:00" in bihuan("deploy", "--review", "2", "--by", "ji", *at).told
    refused = bihuan("deploy", folder, "--reason", "x", "--by", "wang", *at)
    assert (refused.status, "流程设计人员" in refused.told) == (2, True)


def test_what_cannot_be_deployed_is_told_in_a_sentence(
    at: tuple[object, ...], bihuan: Bihuan, tmp_path: Path
) -> None:
    def told(path: Path, *more: str) -> str:
        found = bihuan("deploy", path, "--reason", "试", "--by", "lu", *more, *at)
        assert found.status == 2, found
        assert "Traceback" not in found.told
        return found.told

    sound = zipped({"p.bpmn": FILL_AND_REVIEW})
    flag = sound.find(b"PK\x03\x04") + 6
    central = sound.find(b"PK\x01\x02") + 8
    locked = bytearray(sound)
    for place in (flag, central):
        locked[place : place + 2] = struct.pack("<H", 1)
    unknown = bytearray(sound)
    for place in (flag + 2, central + 2):
        unknown[place : place + 2] = struct.pack("<H", 77)
    wrong = bytearray(zipped({"p.bpmn": FILL_AND_REVIEW}, zipfile.ZIP_STORED))
    wrong[wrong.find(b"userTask")] ^= 1
    broken = {
        "none": b"PK",
        "text": b"no zip at all",
        "cut": sound[: len(sound) // 2],
        "locked": bytes(locked),
        "unknown": bytes(unknown),
        "wrong": bytes(wrong),
        "garbled": sound[:60] + b"\xff" * 40 + sound[100:],
    }
    for name, content in broken.items():
        archive = tmp_path / f"{name}.zip"
        archive.write_bytes(content)
        assert "不是可读的 zip" in told(archive), name
    twice = tmp_path / "twice.zip"
    twice.write_bytes(zipped({"a/p.bpmn": FILL_AND_REVIEW, "b/p.bpmn": FILL_AND_REVIEW}))
    assert "两个“p.bpmn”" in told(twice)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert "没有流程、决策或表单文件" in told(nothing)
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(zipped({f"{number}.bpmn": b" " * 9_000_000 for number in range(6)}))
    assert "太大或文件太多" in told(bomb)
    unsound = tmp_path / "unsound"
    unsound.mkdir()
    (unsound / "p.bpmn").write_bytes(FILL_AND_REVIEW.replace(b'targetRef="', b'targetRef="no_', 1))
    assert "连线“f1”没有终点" in told(unsound)
    (unsound / "p.bpmn").write_bytes(b"\x00\xff no text")
    unread = told(unsound)
    assert "没有流程用到" not in unread
    assert "p.bpmn" in unread or "XML" in unread, unread
    (unsound / "p.bpmn").write_bytes(b"")
    assert "没有流程用到" not in told(unsound)
    assert "“明天”不是日期" in told(unsound, "--at", "明天")
    assert "不是可读的 zip" in told(tmp_path / "missing")
    assert bihuan("deploy", "--by", "lu", *at).status == 2
