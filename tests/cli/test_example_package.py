"""The package of examples/ installs beside Bihuan, is found through its entry point, and keeps its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "bihuan-example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the package is installed, without network."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(folder), str(EXAMPLE)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(installed), str(ROOT)))
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=180,
        cwd=ROOT,
    )


@pytest.mark.long
def test_the_examples_own_tests_pass_with_what_is_installed(installed: Path) -> None:
    done = run(installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_an_administrator_reads_people_from_the_source_and_the_check_knows_the_function(
    installed: Path, tmp_path: Path
) -> None:
    """In one process of its own: the entry point is read where an application is made."""
    file = installed / "bihuan_example" / "receipt.bpmn"
    done = run(installed, "-m", "web.cli", "check", str(file))
    assert (done.returncode, "可以部署" in done.stdout) == (0, True), done.stdout + done.stderr
    without = run(tmp_path, "-m", "web.cli", "check", str(file))
    assert without.returncode == 1 or "example.check_receipt" in without.stdout
