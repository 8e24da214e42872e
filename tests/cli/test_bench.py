"""``python -m bench``: each benchmark runs, and writes the JSON that the contract promises."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench.drawn import drawn
from engine.bpmn.checks import check_files
from engine.plugins import load_plugins
from tests.services import ROOT

FIGURES = {"p50_ms", "p95_ms", "p99_ms", "per_second", "cpu_ms", "clients", "statements"}


def bench(*arguments: str) -> dict:
    command = [sys.executable, "-m", "bench", *arguments, "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_completion_stands_beside_its_three_peers(database: str):
    report = bench("completion", "--database", database)
    assert report["bench"] == "completion"
    rows = [row for row in report["rows"] if row["database"]]
    names = {row["name"] for row in rows if not row["name"].endswith("a second")}
    assert names == {
        "bihuan",
        "raw statements",
        "stock SpiffWorkflow serializer",
        "smallest durable transaction",
    }
    alone = next(row for row in rows if row["name"] == "bihuan" and row["clients"] == 1)
    assert set(alone) >= FIGURES
    assert alone["statements"] <= 12
    assert all(value > 0 for value in report["ratios"].values())


@pytest.mark.long
@pytest.mark.parametrize("name", ["start", "inbox", "bulk"])
def test_the_others_report_rows_and_ratios(name: str):
    report = bench(name, "--database", "sqlite")
    assert report["bench"] == name
    assert {"bihuan"} < {row["name"] for row in report["rows"]}
    assert report["ratios"]
    assert report["machine"]


@pytest.mark.long
def test_laps_report_what_must_not_grow():
    report = bench("laps", "--database", "sqlite")
    rows = {row["name"]: row for row in report["rows"]}
    laps = [row for name, row in rows.items() if name.startswith("rework")]
    assert len(laps) == 4
    assert all(row["state_bytes"] - row["first_bytes"] < 16 for row in laps)
    fork = bench("fork", "--database", "sqlite")
    assert [row["p95_ms"] > 0 for row in fork["rows"]] == [True, True]
    assert len(fork["ratios"]) == 1
    (memory,) = bench("memory", "--database", "sqlite")["rows"]
    assert memory["completions"] == 2_000


def test_an_unknown_benchmark_ends_with_2():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_designers_large_diagram_is_sound_and_as_large_as_it_says():
    source = drawn(300)
    (report,) = check_files({"large.bpmn": source}, load_plugins(entry_points=False))
    assert report.findings == []
    assert source.count(b"<bpmndi:BPMNShape ") == 302
