"""``bihuan check``: the shape of its JSON, its exit status, and files that nobody should have to survive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Bihuan

ROOT = Path(__file__).resolve().parents[2]
GOAL = ROOT / "workflows" / "goal_declaration" / "goal_declaration.bpmn"
SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t" id="d">
  <bpmn:process id="small" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:userTask id="look"><bpmn:extensionElements><zeebe:userTask />
      <zeebe:assignmentDefinition candidateGroups="role:unit_clerk@U01" />{more}</bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="look" />
    <bpmn:sequenceFlow id="f2" sourceRef="look" targetRef="{target}" />
  </bpmn:process>
</bpmn:definitions>
"""
KEYS = {"severity", "code", "element", "line", "column", "message", "remedy", "path"}
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><d>&i;</d>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.bpmn").write_text(SMALL.format(target="end", more=""), encoding="utf-8")
    (tmp_path / "bad.bpmn").write_text(SMALL.format(target="nowhere", more=""), encoding="utf-8")
    return tmp_path


def test_a_good_file_is_accepted_with_status_0(bihuan: Bihuan, folder: Path):
    outcome = bihuan("check", folder / "good.bpmn", "--json")
    assert outcome.status == 0
    [report] = json.loads(outcome.output)["files"]
    assert {key: report[key] for key in ("file", "kind", "verdict", "findings")} == {
        "file": str(folder / "good.bpmn"),
        "kind": "bpmn",
        "verdict": "accepted",
        "findings": [],
    }
    assert 0 <= report["seconds"] < 5


def test_a_dangling_flow_is_refused_with_status_1_element_and_remedy(bihuan: Bihuan, folder: Path):
    outcome = bihuan("check", folder / "bad.bpmn", "--json", "--lang", "en")
    assert outcome.status == 1
    [report] = json.loads(outcome.output)["files"]
    assert report["verdict"] == "refused"
    errors = [found for found in report["findings"] if found["severity"] == "error"]
    assert errors
    for found in errors:
        assert set(found) == KEYS
        assert found["code"]
        assert found["message"]
        assert found["remedy"]
    assert "f2" in {found["element"] for found in errors}


def test_one_refused_file_among_good_ones_decides_the_status(bihuan: Bihuan, folder: Path):
    outcome = bihuan("check", folder / "good.bpmn", folder / "bad.bpmn", "--json")
    assert outcome.status == 1
    verdicts = [report["verdict"] for report in json.loads(outcome.output)["files"]]
    assert verdicts == ["accepted", "refused"]


def test_a_file_that_is_not_there_ends_with_2(bihuan: Bihuan, folder: Path):
    outcome = bihuan("check", folder / "absent.bpmn", "--json")
    assert (outcome.status, outcome.output) == (2, "")
    assert "absent.bpmn" in outcome.told


def test_two_files_with_the_same_process_id_don_t_refuse_each_other(bihuan: Bihuan, folder: Path):
    (folder / "copy.bpmn").write_bytes((folder / "good.bpmn").read_bytes())
    assert bihuan("check", folder / "good.bpmn", folder / "copy.bpmn").status == 0


def test_a_form_beside_the_process_is_found(bihuan: Bihuan, folder: Path):
    named = folder / "named.bpmn"
    named.write_text(
        SMALL.format(target="end", more='<zeebe:formDefinition formId="sheet" />'), encoding="utf-8"
    )
    assert "form.missing" in bihuan("check", named).output
    form = {"id": "sheet", "type": "default", "schemaVersion": 18, "components": []}
    (folder / "sheet.form").write_text(json.dumps(form), encoding="utf-8")
    assert "form.missing" not in bihuan("check", named).output


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe\x00", b"<bpmn:definitions", BOMB.encode(), b"<a>" * 100_000, b"[" * 100_000],
    ids=["empty", "binary", "torn", "entity bomb", "deep", "brackets"],
)
@pytest.mark.parametrize("suffix", ["bpmn", "dmn", "form", "txt"])
def test_a_hostile_file_is_refused_in_one_second(bihuan: Bihuan, tmp_path: Path, content: bytes, suffix: str):
    file = tmp_path / f"hostile.{suffix}"
    file.write_bytes(content)
    outcome = bihuan("check", file, "--json")
    [report] = json.loads(outcome.output)["files"]
    assert (outcome.status, report["verdict"]) == (1, "refused")
    assert report["seconds"] < 1


def test_a_file_of_50_mb_is_refused_for_its_size(bihuan: Bihuan, tmp_path: Path):
    file = tmp_path / "huge.bpmn"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    outcome = bihuan("check", file, "--json")
    assert outcome.status == 1
    [report] = json.loads(outcome.output)["files"]
    assert "file.too_large" in {found["code"] for found in report["findings"]}


def test_the_files_that_come_with_bihuan_are_accepted(bihuan: Bihuan):
    forms = sorted((ROOT / "forms").glob("*.form"))
    decisions = sorted((ROOT / "workflows").glob("*/*.dmn"))
    outcome = bihuan("check", GOAL, *decisions, *forms, "--json")
    assert outcome.status == 0
    for report in json.loads(outcome.output)["files"]:
        assert [found for found in report["findings"] if found["severity"] == "error"] == []
