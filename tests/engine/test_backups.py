"""A backup is the county as it was at one moment, whoever works meanwhile; it is restored whole or not at all."""

from __future__ import annotations

import gzip
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import BihuanError, Engine, FolderStore, NewPin, SteppedClock
from engine.backups import backup, restore, rows, verify
from engine.database import Home
from engine.plugins import load_plugins
from tests.conftest import COUNTY, MORNING
from tests.engine.office import CHIEFS, Office, process, service, task
from tests.engine.releases.fill import HERE
from tests.engine.test_releases import RELEASES, go_on
from tests.engine.test_time import timer

if TYPE_CHECKING:
    from engine import Database

CASE = process(
    task("fill", outcomes="提交", document="goal"),
    timer("late", "timeCycle", "R3/P1D", "fill", interrupting=False),
    task("chase", CHIEFS),
    "endEvent e2",
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正", pins="goal"),
    "exclusiveGateway gate",
    service("pay", "pay"),
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> pay: default",
    "pay -> e",
    "late -> chase -> e2",
    subject="=title",
)


def engine_of(home: Home, code: str, clock: SteppedClock) -> Engine:
    store = FolderStore(home.folder(code) / "attachments")
    return Engine(home.open(code), plugins=load_plugins(), clock=clock, store=store)


@pytest.fixture
def office(home: Home, clock: SteppedClock) -> Office:
    """An office with something of everything in it."""
    found = Office.open(engine_of(home, COUNTY, clock))
    found.run(CASE)
    engine, wang = found.engine, found.who("wang")
    found.do("li", answers={"total": "12.50"})
    engine.attach(found.row("wang").item_id, actor=wang, name="清单.txt", stream="清单".encode())
    found.do("wang", "退回补正", opinion="请补充", pins=[NewPin("goal", "total", None, "有误")])
    engine.save_draft(found.row("li").item_id, actor=found.who("li"), answers={"total": "13"}, based_on=1)
    clock.advance(timedelta(days=1))
    engine.run_due()
    return found


def save(office: Office, home: Home, file: Path, **more: Any) -> Any:
    store = FolderStore(home.folder(COUNTY) / "attachments")
    return backup(office.engine.database, store, "测试县", file, office.engine.clock.now(), **more)


def content(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a county, but for the mark of a restore."""
    with database.read() as unit:
        found = {}
        for table in rows.tables(unit.connection, database.namespace):
            query = select(table).order_by(*table.primary_key.columns)
            every = [dict(row) for row in unit.connection.execute(query).mappings()]
            found[table.name] = [row for row in every if row.get("key") != "restored"]
    return found


def test_what_is_restored_is_what_was_and_people_go_on_working(
    office: Office, home: Home, clock: SteppedClock, tmp_path: Path
) -> None:
    file = tmp_path / "county.bihuan"
    made = save(office, home, file)
    assert verify(file).digest == made.digest
    assert len(made.attachments) == 1
    restored = restore(home, file, "copy", load_plugins())
    assert restored.digest == made.digest
    assert home.counties()["copy"] == "测试县"
    copy = Office(engine_of(home, "copy", clock))
    assert content(copy.engine.database) == content(office.engine.database)
    copy.sound()
    (row,) = copy.rows("li")
    view = copy.engine.task(row.item_id, copy.who("li"))
    assert (view.answers, view.pins[0].text) == ({"total": "13"}, "有误")
    case = copy.view(row.instance_id)
    attachment, path = copy.engine.attachment(case.attachments[0].id, copy.who("wang"))
    assert (attachment.name, path.read_bytes()) == ("清单.txt", "清单".encode())
    from engine import Reply

    replies = {view.pins[0].id: Reply("changed", "已改")}
    copy.engine.complete(
        row.item_id, actor=copy.who("li"), version=row.version, answers={"total": "13"}, replies=replies
    )
    copy.run(CASE)
    copy.sound()
    assert len(office.rows("li")) == 1


class Sweeping(FolderStore):
    """A store whose contents are deleted just when somebody has found them."""

    def path(self, sha256: str) -> Path | None:
        found = super().path(sha256)
        if found is not None:
            found.unlink()
        return found


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_attachment_that_is_deleted_meanwhile_is_told_as_missing(
    office: Office, home: Home, tmp_path: Path
) -> None:
    store = Sweeping(home.folder(COUNTY) / "attachments")
    file = tmp_path / "county.bihuan"
    made = backup(office.engine.database, store, "测试县", file, MORNING)
    assert (len(made.attachments), len(made.missing)) == (0, 1)
    assert verify(file).digest == made.digest


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_county_moves_from_one_database_to_the_other_and_back(
    office: Office, home: Home, tmp_path: Path, postgres_server: Any
) -> None:
    first, second = tmp_path / "1.bihuan", tmp_path / "2.bihuan"
    save(office, home, first)
    url = postgres_server.create("moved")
    there = Home(tmp_path / "there", url)
    restore(there, first, plugins=load_plugins())
    moved = there.open(COUNTY)
    assert moved.dialect == "postgresql"
    store = FolderStore(there.folder(COUNTY) / "attachments")
    backup(moved, store, "测试县", second, MORNING)
    back = Home(tmp_path / "back")
    restore(back, second, plugins=load_plugins())
    assert content(back.open(COUNTY)) == content(office.engine.database)
    there.close()
    back.close()
    postgres_server.drop("moved")


@pytest.mark.long
def test_a_backup_sees_one_moment_while_people_work(home: Home, clock: SteppedClock, tmp_path: Path) -> None:
    office = Office.open(engine_of(home, COUNTY, clock))
    for _ in range(20):
        office.run(CASE)
    stop = threading.Event()

    def work() -> None:
        li = office.who("li")
        while not stop.is_set():
            for row in office.engine.inbox(li).rows:
                office.engine.complete(row.item_id, actor=li, version=row.version, answers={"total": "1"})
                if stop.is_set():
                    return
            office.engine.start("p", actor=li, variables={"title": "x"})

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(2):
            save(office, home, tmp_path / f"{number}.bihuan", progress=lambda *_: stop.wait(0.005))
    finally:
        stop.set()
        thread.join()
    counts = []
    for number in range(2):
        restore(home, tmp_path / f"{number}.bihuan", f"copy{number}", load_plugins())
        copy = Office(engine_of(home, f"copy{number}", clock))
        copy.sound()
        counts.append(sum(len(found) for found in content(copy.engine.database).values()))
    assert counts[0] < counts[1] < sum(len(found) for found in content(office.engine.database).values())


def test_a_county_that_exists_is_never_overwritten(office: Office, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "county.bihuan"
    save(office, home, file)
    for act in (lambda: restore(home, file, plugins=load_plugins()), lambda: save(office, home, file)):
        with pytest.raises(BihuanError) as caught:
            act()
        assert caught.value.code in {"county.exists", "backup.exists"}
    home.open(COUNTY)
    with home._control.write() as unit:  # the list was lost; the data are there
        unit.connection.exec_driver_sql("DELETE FROM counties")
    with pytest.raises(BihuanError) as caught:
        restore(home, file, plugins=load_plugins())
    assert caught.value.code == "restore.not_empty"
    office.sound()


@contextmanager
def altered(file: Path) -> Iterator[bytearray]:
    found = bytearray(file.read_bytes())
    yield found
    file.write_bytes(found)


def test_a_damaged_backup_is_refused_before_anything_happens(
    office: Office, home: Home, tmp_path: Path
) -> None:
    file = tmp_path / "county.bihuan"
    save(office, home, file)
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        place = archive.getinfo("tables/events.jsonl").header_offset + 200

    def flipped() -> bytes:
        return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]

    def without_a_table() -> bytes:
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                if name != "tables/pins.jsonl":
                    new.writestr(name, old.read(name))
        return other.read_bytes()

    for damage in (flipped(), without_a_table(), whole[:-2000], b"", b"PK"):
        broken = tmp_path / "broken.bihuan"
        broken.write_bytes(damage)
        with pytest.raises(BihuanError) as caught:
            restore(home, broken, "copy", load_plugins())
        assert caught.value.code in {"backup.damaged", "backup.unreadable"}
    assert "copy" not in home.counties()


def test_a_backup_tells_which_attachments_were_gone(office: Office, home: Home, tmp_path: Path) -> None:
    (content_file,) = [path for path in (home.folder(COUNTY) / "attachments").rglob("*") if path.is_file()]
    content_file.unlink()
    made = save(office, home, tmp_path / "county.bihuan")
    assert made.missing == (content_file.name,)
    assert restore(home, tmp_path / "county.bihuan", "copy", load_plugins()).missing == made.missing


class Cut(Exception):
    """The power goes."""


def cut_at(step: int) -> Callable[[str, int, int], None]:
    left = step

    def progress(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Cut

    return progress


@pytest.mark.long
def test_what_was_cut_off_left_nothing_and_is_done_again(office: Office, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "county.bihuan"
    for step in (1, 9):
        with pytest.raises(Cut):
            save(office, home, file, progress=cut_at(step))
        assert list(tmp_path.iterdir()) == []
    made = save(office, home, file)
    parts = len(made.tables) + len(made.attachments)
    for step in (1, parts + 1, parts + 2, parts + 10, 2 * parts):
        with pytest.raises(Cut):
            restore(home, file, "copy", load_plugins(), progress=cut_at(step))
        assert "copy" not in home.counties()
    restore(home, file, "copy", load_plugins())
    assert content(home.open("copy")) == content(office.engine.database)


def test_a_restore_that_only_lacked_its_place_in_the_list_gets_it(
    office: Office, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "county.bihuan"
    save(office, home, file)

    def cut(*_: Any) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(Home, "enlist", cut)
        with pytest.raises(Cut):
            restore(home, file, "copy", load_plugins())
    restore(home, file, "copy", load_plugins())
    assert content(home.open("copy")) == content(office.engine.database)


@pytest.mark.parametrize("release", RELEASES)
def test_a_backup_of_an_earlier_release_is_restored_and_upgraded(
    release: str, home: Home, tmp_path: Path
) -> None:
    old = Home(tmp_path / "old")
    folder = old.folder("old")
    folder.mkdir(parents=True)
    (folder / "county.db").write_bytes(gzip.decompress((HERE / release).read_bytes()))
    old.enlist("old", "旧县")
    file = tmp_path / "old.bihuan"
    backup(old.open("old"), FolderStore(folder / "attachments"), "旧县", file, MORNING)
    old.close()
    restore(home, file, plugins=load_plugins())
    clock = SteppedClock(MORNING + timedelta(days=1, hours=1))
    go_on(engine_of(home, "old", clock), clock)
