"""Backing up and restoring are killed in the middle: there is a whole backup or none, a whole county or none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.backups import restore, verify
from engine.calendar import SteppedClock
from engine.database import Home
from engine.plugins import load_plugins
from tests.conftest import COUNTY, MORNING
from tests.engine.office import FILL_AND_REVIEW, Office
from tests.engine.test_backups import content, engine_of
from tests.services import ROOT


def run(what: str, home: Home, file: Path, kill_after: int | None = None) -> bool:
    """Run it in a process of its own, which is killed after so many steps; tell whether it came to its end."""
    command = [sys.executable, "-m", "tests.reliability.backing", what, str(home.path)]
    with subprocess.Popen(
        [*command, home.database_url or "", str(file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for steps, line in enumerate(child.stdout, 1):
            if line == b"done\n":
                return True
            if steps == kill_after:
                child.kill()
                return False
            child.stdin.write(b"\n")
            child.stdin.flush()
    return False


@pytest.mark.long
def test_what_is_killed_in_the_middle_leaves_all_or_nothing(home: Home, tmp_path: Path) -> None:
    office = Office.open(engine_of(home, COUNTY, SteppedClock(MORNING)))
    office.run(FILL_AND_REVIEW)
    row = office.row("li")
    office.engine.attach(row.item_id, actor=office.who("li"), name="x.txt", stream="清单".encode())
    office.do("li")
    file = tmp_path / "county.bihuan"
    assert not run("backup", home, file, kill_after=12)
    assert not file.exists()
    assert run("backup", home, file)
    parts = len(verify(file).tables) + len(verify(file).attachments)
    for steps in (
        parts + 1,
        parts + 15,
        2 * parts,
    ):  # with the attachments in place, in the tables, before the commit
        assert not run("restore", home, file, kill_after=steps)
        assert "copy" not in home.counties()
    restore(home, file, "copy", load_plugins())
    assert content(home.open("copy")) == content(office.engine.database)
    Office(engine_of(home, "copy", SteppedClock(MORNING))).sound()
    office.sound()
