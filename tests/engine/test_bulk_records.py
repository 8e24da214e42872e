"""The record of bulk runs: confirmed once, done slice by slice by whoever has time, stopped, tried again, never twice."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine import (
    Conflict,
    Engine,
    NotFound,
    Refused,
    StartRequest,
    Wish,
    tables,
)
from engine.commands import bulk as one_of_many
from engine.commands import bulk_runs
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task
from tests.engine.test_bulk import AGREE, Items, codes, items, reviews

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock


class TestRecord:
    """A run is a record: chosen, confirmed once, done in slices, stopped, tried again."""

    def test_a_preview_says_what_would_be_left_out_and_changes_nothing(self, office: Office) -> None:
        wanted = reviews(office, 3)
        office.engine.claim(wanted[2][0], actor=office.who("zhou"), version=wanted[2][1])
        wang = office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        found = office.engine.preview_bulk(run, actor=wang, wish=AGREE)
        assert [one.refusal is None for one in found] == [True, True, False]
        assert isinstance(found[2].refusal, Conflict)
        assert [one.name for one in found[0].outcomes] == ["同意", "退回补正"]
        assert office.engine.bulks(actor=wang) == []
        assert len(office.rows("wang")) == 2

    def test_confirming_twice_is_once_and_something_else_is_a_conflict(self, office: Office) -> None:
        wanted, wang = reviews(office, 3), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang, request_key="key-1")
        assert office.engine.choose_bulk(wanted, actor=wang, request_key="key-1") == run
        ticked = [item for item, _ in wanted[:2]]
        for _ in range(2):
            office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=ticked)
        office.engine.run_bulks()
        office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=ticked)
        assert office.engine.run_bulks() == 0
        with pytest.raises(Conflict):
            office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[wanted[2][0]])
        found = office.engine.bulk_lines(run, actor=wang)
        assert [(one.state, one.code) for one in found] == [
            ("done", None),
            ("done", None),
            ("left_out", "bulk.not_ticked"),
        ]

    def test_the_same_request_again_doubles_nothing(self, office: Office) -> None:
        wanted, wang = reviews(office, 3), office.who("wang")
        first = office.engine.do_many(wanted, AGREE, actor=wang, request_key="once")
        assert office.engine.do_many(wanted, AGREE, actor=wang, request_key="once") == first
        assert len(office.engine.bulks(actor=wang)) == 1

    def test_nobody_sees_or_moves_anothers_run(self, office: Office) -> None:
        run = office.engine.choose_bulk(reviews(office, 1), actor=office.who("wang"))
        zhou = office.who("zhou")
        for act in (
            lambda: office.engine.preview_bulk(run, actor=zhou),
            lambda: office.engine.confirm_bulk(run, actor=zhou, wish=AGREE, ticked=[1]),
            lambda: office.engine.bulk_run(run, actor=zhou),
            lambda: office.engine.bulk_lines(run, actor=zhou),
            lambda: office.engine.stop_bulk(run, actor=zhou),
            lambda: office.engine.retry_bulk(run, actor=zhou),
        ):
            with pytest.raises(NotFound):
                act()

    def test_a_stopped_run_leaves_the_rest_undone_and_they_can_be_tried_again(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("engine.faces.bulk.GROUP", 2)
        wanted, wang = reviews(office, 5), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[item for item, _ in wanted])
        assert office.engine.run_bulk(run) == 2
        office.engine.stop_bulk(run, actor=wang)
        assert office.engine.run_bulks() == 0
        seen = office.engine.bulk_run(run, actor=wang)
        assert (seen.counts, seen.finished_at is None, seen.stopped_at is None) == (
            {"done": 2, "stopped": 3},
            False,
            False,
        )
        again = office.engine.retry_bulk(run, actor=wang)
        assert office.engine.bulk_run(again, actor=wang).retry_of == run
        assert len(office.engine.preview_bulk(again, actor=wang, wish=AGREE)) == 3

    def test_only_what_is_still_open_is_tried_again_at_its_present_version(self, office: Office) -> None:
        wanted, wang = reviews(office, 2), office.who("wang")
        engine, zhou = office.engine, office.who("zhou")
        engine.complete(wanted[0][0], actor=zhou, version=wanted[0][1], outcome="同意")
        version = engine.claim(wanted[1][0], actor=zhou, version=wanted[1][1])
        run = engine.choose_bulk(wanted, actor=wang)
        engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[item for item, _ in wanted])
        engine.run_bulks()
        version = engine.unclaim(wanted[1][0], actor=zhou, version=version)
        again = engine.retry_bulk(run, actor=wang)
        (left,) = engine.preview_bulk(again, actor=wang, wish=AGREE)
        assert (left.item_id, left.version, left.refusal) == (wanted[1][0], version, None)

    def test_a_run_goes_on_where_a_killed_server_left_it(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("engine.faces.bulk.GROUP", 2)
        wanted, wang = reviews(office, 5), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[item for item, _ in wanted])
        assert office.engine.run_bulk(run) == 2
        done = iter(range(1, 100))
        real = one_of_many.do

        def dying(*arguments: Any) -> None:
            if next(done) == 2:
                raise KeyboardInterrupt  # the process ends between two commands of a transaction
            real(*arguments)

        monkeypatch.setattr(one_of_many, "do", dying)
        with pytest.raises(KeyboardInterrupt):
            office.engine.run_bulk(run)
        monkeypatch.setattr(one_of_many, "do", real)
        assert office.engine.bulk_run(run, actor=wang).counts == {"done": 2, "waiting": 3}
        reborn = Engine(office.engine.database, plugins=office.engine.plugins, clock=office.engine.clock)
        assert reborn.run_bulks() == 3
        assert reborn.bulk_run(run, actor=wang).counts == {"done": 5}
        with office.engine.database.read() as unit:
            kinds = Counter(unit.execute(select(tables.events.c.kind)).scalars())
        assert kinds["item.completed"] == 10  # five of the clerk's, five of the chief's

    def test_whoever_lost_the_post_meanwhile_does_nothing_more(self, office: Office) -> None:
        wanted, wang = reviews(office, 1), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[wanted[0][0]])
        with office.engine.database.write() as unit:
            unit.execute(tables.posts.delete().where(tables.posts.c.person == "wang"))
        office.engine.run_bulks()
        (found,) = office.engine.bulk_lines(run, actor=wang)
        assert found.state == "refused"

    def test_a_substitute_acts_for_whom_they_stand_in(self, office: Office, clock: SteppedClock) -> None:
        (wanted,) = reviews(office, 1)
        office.engine.claim(wanted[0], actor=office.who("wang"), version=wanted[1])
        today = clock.now().date()
        office.engine.substitutions.create("wang", "qian", today, today, actor=office.who("wang"))
        assert codes(office, items(office, "qian"), person="qian") == [None]
        instance = office.engine.task(wanted[0], office.who("wang")).instance_id
        (event,) = [one for one in office.view(instance).timeline if one.element == "review" and one.outcome]
        assert event.data["for"] == "user:wang"

    def test_two_workers_share_a_run_and_do_nothing_twice(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("engine.faces.bulk.GROUP", 3)
        wanted, wang = reviews(office, 12), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        office.engine.confirm_bulk(run, actor=wang, wish=AGREE, ticked=[item for item, _ in wanted])
        engines = [
            Engine(office.engine.database, plugins=office.engine.plugins, clock=office.engine.clock)
            for _ in range(3)
        ]
        failures: list[BaseException] = []

        def work(engine: Engine) -> None:
            try:
                for _ in range(100):
                    engine.run_bulks()
                    if engine.bulk_run(run, actor=wang).finished_at is not None:
                        return
            except BaseException as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert office.engine.bulk_run(run, actor=wang).counts == {"done": 12}

    def test_several_tasks_of_one_case_are_all_done(self, office: Office) -> None:
        fork = process(
            "parallelGateway fork",
            "parallelGateway join",
            task("one", CHIEFS, outcomes="同意"),
            task("two", CHIEFS, outcomes="同意"),
            "s -> fork",
            "fork -> one -> join",
            "fork -> two -> join",
            "join -> e",
        )
        instance = office.run(fork)
        assert codes(office, items(office)) == [None, None]
        assert office.view(instance).state == "ended"

    def test_a_list_that_nobody_confirmed_is_forgotten(self, office: Office, clock: SteppedClock) -> None:
        wanted, wang = reviews(office, 1), office.who("wang")
        run = office.engine.choose_bulk(wanted, actor=wang)
        clock.advance(bulk_runs.FORGOTTEN + timedelta(minutes=1))
        office.engine.choose_bulk(wanted, actor=office.who("wang"))
        with pytest.raises(NotFound):
            office.engine.bulk_run(run, actor=wang)


def test_an_attempt_that_fails_undoes_itself_and_nothing_else(office: Office) -> None:
    put = tables.settings.insert()
    with office.engine.database.write() as unit:
        with unit.attempt():
            unit.execute(put, {"key": "a", "value": "1"})
        with suppress(IntegrityError), unit.attempt():
            unit.execute(put, {"key": "b", "value": "1"})
            unit.execute(put, {"key": "a", "value": "2"})
        with unit.attempt():
            unit.execute(put, {"key": "c", "value": "1"})
    assert [office.engine.setting(key) for key in "abc"] == [1, None, 1]


@pytest.mark.long
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    fates=st.lists(st.sampled_from(["open", "taken", "done", "strange", "absent"]), min_size=1, max_size=8)
)
def test_whatever_happens_to_them_every_task_gets_one_result_and_the_counts_add_up(
    office: Office, fates: list[str]
) -> None:
    engine, zhou, wang = office.engine, office.who("zhou"), office.who("wang")
    wanted: Items = []
    for number, fate in enumerate(fates):
        if fate == "absent":
            wanted.append((1_000_000 + number, 1))
            continue
        office.run(FILL_AND_REVIEW)
        mine = office.rows("li")[-1]
        if fate == "strange":
            wanted.append((mine.item_id, mine.version + 7))
            engine.complete(mine.item_id, actor=office.who("li"), version=mine.version)
            continue
        done = engine.complete(mine.item_id, actor=office.who("li"), version=mine.version)
        item = done.open_items[0].item_id
        wanted.append((item, 1))
        if fate == "taken":
            engine.claim(item, actor=zhou, version=1)
        elif fate == "done":
            engine.complete(item, actor=zhou, version=1, outcome="同意")
    found = engine.do_many(wanted, AGREE, actor=wang)
    assert [one.item_id for one in found] == [item for item, _ in wanted]
    (run, *_) = engine.bulks(actor=wang)
    assert sum(run.counts.values()) == len(wanted) == run.asked
    assert run.counts.get("done", 0) == fates.count("open")
    assert run.finished_at is not None
    for row in office.rows("wang"):
        engine.complete(row.item_id, actor=wang, version=row.version, outcome="同意")


@pytest.mark.long
def test_a_thousand_tasks_are_one_run(office: Office) -> None:
    office.engine.deploy({"p.bpmn": process(task("fill"), "s -> fill -> e")}, actor="user:root")
    office.engine.start_many("p", [StartRequest({}) for _ in range(1000)], actor=office.who("li"))
    with office.engine.database.read() as unit:
        wanted = [(id, 1) for id in unit.execute(select(tables.work_items.c.id)).scalars()]
    results = office.engine.do_many(wanted, Wish("complete"), actor=office.who("li"))
    assert all(one.state == "done" for one in results)
    (run, *_) = office.engine.bulks(actor=office.who("li"))
    assert (run.asked, run.counts) == (1000, {"done": 1000})


class TestListed:
    """What pages of their own list first: a deadline that is moved for many, and what somebody who leaves hands over."""

    DUE = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'

    def test_deadlines_are_moved_by_whoever_has_time_and_each_has_its_result(
        self, office: Office, clock: SteppedClock
    ) -> None:
        for _ in range(3):
            office.run(process(task("fill", extra=self.DUE), "s -> fill -> e"), {})
        li, due = office.who("li"), clock.now() + timedelta(days=30)
        listed = office.engine.due_changes("p", "fill", due, actor=li)
        wanted = [(one.item_id, one.version) for one in listed]
        gone = office.rows("liu")[0]
        office.engine.complete(gone.item_id, actor=office.who("liu"), version=gone.version)
        wish = Wish("change_due", opinion="顺延", due=due.isoformat())
        with pytest.raises(Refused):
            office.engine.begin_listed(wanted, Wish("change_due", due=due.isoformat()), actor=li)
        run = office.engine.begin_listed(wanted, wish, actor=li, request_key="once")
        assert office.engine.begin_listed(wanted, wish, actor=li, request_key="once") == run
        assert office.engine.run_bulks() == 3
        found = office.engine.bulk_run(run, actor=li)
        assert (found.finished_at is not None, found.counts) == (True, {"done": 2, "conflict": 1})
        assert {row.due_at for row in office.rows("li")} == {due}

    def test_who_does_not_own_the_deadline_moves_none(self, office: Office, clock: SteppedClock) -> None:
        office.run(process(task("fill", extra=self.DUE), "s -> fill -> e"), {})
        (row,), before = office.rows("li"), office.rows("li")[0].due_at
        wish = Wish("change_due", opinion="顺延", due=(clock.now() + timedelta(days=30)).isoformat())
        run = office.engine.begin_listed([(row.item_id, row.version)], wish, actor=office.who("wang"))
        office.engine.run_bulks()
        assert office.engine.bulk_run(run, actor=office.who("wang")).counts == {"refused": 1}
        assert office.rows("li")[0].due_at == before

    def test_a_hand_over_gives_each_task_to_whom_it_was_shared_out(self, office: Office) -> None:
        mine = '<zeebe:assignmentDefinition assignee="li"/>'
        for _ in range(2):
            office.run(process(task("fill", mine), "s -> fill -> e"), {})
        first, second = (row.item_id for row in office.rows("li"))
        shares = {str(first): "liu", str(second): "sun"}
        li = office.who("li")
        run = office.engine.begin_listed(
            [(first, 0), (second, 0)], Wish("hand_over", leaving="li", shares=shares), actor=li
        )
        office.engine.run_bulks()
        assert office.engine.bulk_run(run, actor=li).counts == {"done": 2}
        assert [row.item_id for row in office.rows("liu")] == [first]
        assert [row.item_id for row in office.rows("sun")] == [second]

    def test_what_the_preview_of_a_choice_offers_is_not_begun_so(self, office: Office) -> None:
        with pytest.raises(Refused):
            office.engine.begin_listed(reviews(office, 1), AGREE, actor=office.who("wang"))
