"""``bihuan backup``, ``restore``, ``archive`` and ``prune`` as an administrator runs them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engine import SteppedClock
from engine.database import Home
from tests.cli.conftest import Bihuan
from tests.conftest import COUNTY, MORNING
from tests.engine.office import Office
from tests.engine.test_backups import engine_of
from tests.engine.test_retention import KEPT, finish

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def test_a_county_is_backed_up_verified_and_restored(home: Home, bihuan: Bihuan, tmp_path: Path) -> None:
    office = Office.open(engine_of(home, COUNTY, SteppedClock(MORNING)))
    finish(office)
    made = bihuan("backup", tmp_path / "backups", "--home", home.path)
    assert made.status == 0
    assert "已备份到" in made.told
    (file,) = (tmp_path / "backups").iterdir()
    assert file.name.startswith(f"{COUNTY}-")
    checked = bihuan("restore", file, "--check", "--home", home.path, "--lang", "en")
    assert (checked.status, "is whole" in checked.told) == (0, True)
    again = bihuan("restore", file, "--home", home.path)
    assert (again.status, "已经有了" in again.told) == (2, True)
    restored = bihuan("restore", file, "--home", tmp_path / "other")
    assert (restored.status, "已恢复县" in restored.told) == (0, True)
    assert Home(tmp_path / "other").counties() == {COUNTY: "测试县"}
    assert bihuan("doctor", "--home", tmp_path / "other").status == 0


def test_what_is_no_backup_is_said_to_be_none(home: Home, bihuan: Bihuan, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("not a backup")
    for name in ("x", "nothing"):
        outcome = bihuan("restore", tmp_path / name, "--as", "copy", "--home", home.path)
        assert outcome.status == 2
        assert name in outcome.told


def test_finished_cases_are_archived_and_later_pruned(home: Home, bihuan: Bihuan) -> None:
    clock = SteppedClock(MORNING - timedelta(days=365 * 12))
    office = Office.open(engine_of(home, COUNTY, clock))
    instance = finish(office, KEPT.replace(b"P10Y", b"P1Y"))
    day = f"{MORNING:%Y-%m-%d}"
    assert "归档 1 件" in bihuan("archive", "--before", day, "--home", home.path).told
    assert "归档 0 件" in bihuan("archive", "--before", day, "--home", home.path).told
    assert "清除 1 件" in bihuan("prune", "--home", home.path).told
    assert bihuan("archive", "--before", "tomorrow", "--home", home.path).status == 2
    assert office.view(instance).timeline[-1].kind == "instance.pruned"
    office.sound()
