"""Databases that earlier releases filled are upgraded, are sound, and people go on working in them."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from engine import Database, Engine, SteppedClock, load_plugins
from engine.database import upgrade
from engine.migrations import current
from engine.store import FolderStore
from tests.conftest import MORNING
from tests.engine.office import Office
from tests.engine.releases.fill import HERE

RELEASES = sorted(path.name for path in HERE.glob("*.db.gz"))


def unpack(release: str, folder: Path) -> Database:
    file = folder / "county.db"
    file.write_bytes(gzip.decompress((HERE / release).read_bytes()))
    return Database(f"sqlite:///{file}")


def go_on(engine: Engine, clock: SteppedClock) -> None:
    """Do what was left to do in a database that :mod:`tests.engine.releases.fill` filled."""
    office = Office(engine)
    office.sound()
    (row,) = [row for row in office.rows("li") if row.process == "review_line"]
    li = office.who("li")
    view = engine.task(row.item_id, li)
    assert view.answers == {"total": "13"}
    (pin,) = view.pins
    assert pin.text == "有误"
    clock.advance(timedelta(hours=2))
    (job,) = engine.activate_jobs("pay", "worker-b")
    assert (job.attempts, job.retries) == (1, 2)
    engine.complete_job(job.id, "worker-b", {"paid": True})
    paid = [row.instance_id for row in office.engine.started_by(li).rows if row.process == "paid"]
    states = {instance: office.view(instance) for instance in paid}
    (failed,) = [view for view in states.values() if view.state == "incident"]
    engine.retry(failed.incidents[0].id, "system")
    (job,) = engine.activate_jobs("pay", "worker-b")
    engine.complete_job(job.id, "worker-b")
    assert {office.view(instance).state for instance in paid} == {"ended"}
    clock.advance(timedelta(days=1))
    assert engine.run_due() == 1
    office.sound()


@pytest.mark.parametrize("release", RELEASES)
def test_a_database_of_an_earlier_release_is_upgraded_and_goes_on(release: str, tmp_path: Path) -> None:
    database, plugins = unpack(release, tmp_path), load_plugins()
    before = current(database)
    copy = upgrade(database, plugins)
    assert (copy is None) == (set(before) == set(current(database)))
    assert copy is None or copy.exists()
    clock = SteppedClock(MORNING + timedelta(days=1, hours=1))
    go_on(Engine(database, plugins=plugins, clock=clock, store=FolderStore(tmp_path / "attachments")), clock)
    database.close()
