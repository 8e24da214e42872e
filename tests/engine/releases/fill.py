"""Fills a SQLite county with something of everything: ``python -m tests.engine.releases.fill NAME`` keeps it for good.

Every release keeps such a file; the tests upgrade it and go on working in it. A file once kept is never made again.
"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from engine import Engine, NewPin, SteppedClock, load_plugins
from engine.database import Database, upgrade
from engine.store import FolderStore
from tests.conftest import MORNING
from tests.engine.office import CHIEFS, Office, process, service, task

HERE = Path(__file__).parent

REVIEW = process(
    task("fill", outcomes="提交", document="goal"),
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正", pins="goal"),
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> e: default",
    id="review_line",
    subject="=title",
)
TIMED = process(
    task("fill"),
    "boundaryEvent nudge attachedToRef=fill cancelActivity=false | "
    "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>",
    task("chase", CHIEFS),
    "endEvent e2",
    "s -> fill -> e",
    "nudge -> chase -> e2",
    id="timed",
)
PAID = process(service("pay", "pay"), "s -> pay -> e", id="paid")
BROKEN = process(
    "exclusiveGateway gate", task("fill"), "s -> gate", "gate -> fill: amont > 5", "gate -> e: default", "fill -> e",
    id="broken",
)  # fmt: skip


def fill(folder: Path) -> Path:
    """Fill ``folder/county.db`` and return it: rounds with pins, drafts, timers, jobs, incidents, an attachment."""
    file = folder / "county.db"
    database = Database(f"sqlite:///{file}")
    plugins, clock = load_plugins(), SteppedClock(MORNING)
    upgrade(database, plugins)
    engine = Engine(database, plugins=plugins, clock=clock, store=FolderStore(folder / "attachments"))
    office = Office.open(engine)
    for source in (REVIEW, TIMED, PAID, BROKEN):
        engine.deploy({"p.bpmn": source}, actor="user:root")
    li = office.who("li")

    engine.start("review_line", actor=li, variables={"title": "路灯改造"})
    office.do("li", answers={"total": "12.50"})
    engine.attach(office.row("wang").item_id, actor=office.who("wang"), name="x.txt", stream="清单".encode())
    office.do("wang", "退回补正", opinion="请补充", pins=[NewPin("goal", "total", None, "有误")])
    row = office.row("li")
    engine.save_draft(row.item_id, actor=li, answers={"total": "13"}, based_on=1)
    clock.advance(timedelta(hours=1))
    engine.start("paid", actor=li, variables={"sum": 5})
    engine.start("paid", actor=li, variables={"sum": 7})
    first, second = engine.activate_jobs("pay", "worker-a", seconds=30)
    for _ in range(3):
        engine.fail_job(first.id, None, "connection lost")
    engine.fail_job(second.id, None, "connection lost")
    engine.start("broken", actor=li, variables={})
    engine.start("timed", actor=li, variables={})
    clock.advance(timedelta(days=1))
    engine.run_due()
    engine.daily_root()
    database.close()
    return file


def main(name: str) -> None:
    """Keep the file of this release under ``name``."""
    with tempfile.TemporaryDirectory() as folder:
        file = fill(Path(folder))
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.isolation_level = None
            connection.execute("VACUUM")
        connection.close()
        (HERE / f"{name}.db.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
