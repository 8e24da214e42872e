"""Finished cases are archived; later their contents are deleted, and what happened can still be verified."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from engine import Conflict, Forbidden, NewPin, tables
from engine.bpmn.checks import check_files
from engine.commands.retention import BLANK
from engine.plugins import load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

KEPT = process(
    task("fill", outcomes="提交", document="goal"),
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正", pins="goal"),
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> e: default",
    subject="=title",
    inputs="title",
    retention="P10Y",
)
TEN_YEARS = timedelta(days=3653)


def finish(office: Office, source: bytes = KEPT, text: bytes = "清单".encode()) -> int:
    """Run a case through a round with a pin and an attachment."""
    instance = office.run(source)
    office.engine.attach(office.row("li").item_id, actor=office.who("li"), name="x.txt", stream=text)
    office.do("li", answers={"total": "12"})
    office.do("wang", "退回补正", opinion="请补充材料", pins=[NewPin("goal", "total", None, "有误")])
    (pin,) = office.view(instance).pins
    from engine import Reply

    office.do("li", answers={"total": "13"}, replies={pin.id: Reply("changed", "已改")})
    office.do("wang")
    assert office.view(instance).state == "ended"
    return instance


def age_files(office: Office) -> None:
    """Let all contents look old, for the clock of a test isn't that of the file system."""
    assert office.engine.store is not None
    for file in office.engine.store.folder.rglob("*"):  # type: ignore[attr-defined]
        if file.is_file():
            os.utime(file, (0, 0))


def test_contents_are_deleted_when_their_time_is_over_and_the_history_verifies(
    office: Office, clock: SteppedClock
) -> None:
    instance, wu = finish(office), office.who("wu")
    due = office.engine.archive(instance, actor=wu)
    assert due is not None
    assert due.year == clock.now().year + 10
    clock.advance(TEN_YEARS - timedelta(days=10))
    assert office.engine.prune(actor=wu) == []
    (attachment,) = office.view(instance).attachments
    clock.advance(timedelta(days=20))
    age_files(office)
    (pruned,) = office.engine.prune(actor=wu)
    assert (pruned.instance_id, pruned.documents) == (instance, 2)
    assert pruned.events > 5
    assert office.engine.prune(actor=wu) == []
    office.sound()
    view = office.view(instance)
    assert (view.state, view.subject) == ("ended", "路灯改造")
    kinds = [event.kind for event in view.timeline]
    assert kinds.count("item.completed") == 4
    assert kinds[-2:] == ["instance.archived", "instance.pruned"]
    assert [event.opinion for event in view.timeline if event.opinion] == []
    assert office.engine.store is not None
    assert office.engine.store.path(attachment.sha256) is None
    with office.engine.database.read() as unit:
        text = str(
            [tuple(row) for table in tables.metadata.sorted_tables for row in unit.execute(select(table))]
        )
    for word in ("请补充材料", "有误", "已改"):
        assert word not in text


#: Tables that say of a case only that something was there: who, when, how often, under which name.
HEADS = {
    "archives",
    "attachments",  # the contents lie outside
    "business_keys",
    "correlations",
    "follows",
    "inbox",  # gone with the end of their case
    "jobs",  # gone with the end of their case
    "messages",  # gone when their time to live is over
    "openings",
    "reads",
    "subscriptions",
    "work_items",
}


def test_every_table_of_cases_is_blanked_or_holds_no_contents() -> None:
    of_cases = {table.name for table in tables.metadata.sorted_tables if "instance_id" in table.columns}
    assert of_cases == {table.name for table in BLANK} | (HEADS & of_cases)


def test_what_was_said_about_a_case_goes_too(office: Office, clock: SteppedClock) -> None:
    instance, wu = office.run(KEPT), office.who("wu")
    office.engine.comment(instance, actor=office.who("li"), text="领导说再等等")
    office.engine.set_setting("second_person", ["suspend"], "user:root")
    office.engine.suspend(instance, actor=wu, reason="有人举报")
    office.engine.terminate(instance, actor=wu, reason="查实作废")
    office.engine.archive(instance, actor=wu)
    clock.advance(TEN_YEARS)
    assert len(office.engine.prune(actor=wu)) == 1
    with office.engine.database.read() as unit:
        found = [tuple(row) for table in tables.metadata.sorted_tables for row in unit.execute(select(table))]
    for word in ("领导说再等等", "有人举报", "查实作废"):
        assert word not in str(found)
    office.sound()


def test_a_content_that_another_case_still_has_stays(office: Office, clock: SteppedClock) -> None:
    first, second = finish(office), finish(office)
    office.engine.archive(first, actor=office.who("wu"))
    clock.advance(TEN_YEARS + timedelta(days=1))
    age_files(office)
    assert len(office.engine.prune(actor="system")) == 1
    (kept,) = office.view(second).attachments
    assert office.engine.store is not None
    assert office.engine.store.path(kept.sha256) is not None


def test_what_is_not_archived_or_has_no_term_is_kept(office: Office, clock: SteppedClock) -> None:
    finish(office)
    forever = finish(office, KEPT.replace(b'"retention" value="P10Y"', b'"unit" value="=title"'))
    assert office.engine.archive(forever, actor=office.who("wu")) is None
    clock.advance(TEN_YEARS * 9)
    assert office.engine.prune(actor=office.who("wu")) == []


def test_only_finished_cases_are_archived_once_and_by_operators(office: Office) -> None:
    running, ended = office.run(FILL_AND_REVIEW), None
    office.engine.terminate(running, actor=office.who("wu"), reason="x")
    waiting = office.run(FILL_AND_REVIEW)
    ended = running
    with pytest.raises(Conflict) as caught:
        office.engine.archive(waiting, actor=office.who("wu"))
    assert caught.value.code == "archive.running"
    with pytest.raises(Forbidden):
        office.engine.archive(ended, actor=office.who("li"))
    office.engine.archive(ended, actor=office.who("wu"))
    with pytest.raises(Conflict) as again:
        office.engine.archive(ended, actor=office.who("wu"))
    assert again.value.code == "archive.already"
    assert office.view(ended).state == "terminated"


def test_all_that_ended_before_a_day_are_archived(office: Office, clock: SteppedClock) -> None:
    old = [finish(office) for _ in range(2)]
    clock.advance(timedelta(days=30))
    finish(office)
    seen: list[int] = []
    before = clock.now() - timedelta(days=1)
    done = office.engine.archive_ended(before, actor="system", process_id="p", progress=seen.append)
    assert (done, seen) == (2, [1, 2])
    assert office.engine.archive_ended(before, actor="system") == 0
    with office.engine.database.read() as unit:
        assert list(unit.execute(select(tables.archives.c.instance_id)).scalars()) == old


def test_a_term_that_is_no_duration_is_refused_at_deployment() -> None:
    source = KEPT.replace(b"P10Y", b"ten years")
    (report,) = check_files({"p.bpmn": source}, load_plugins(entry_points=False))
    assert "process.bad_retention" in [found.code for found in report.findings if found.blocks]
