"""批量办理: many tasks, one wish, each its own result, and a record that survives everything."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from engine import (
    Conflict,
    Engine,
    Forbidden,
    NewPin,
    NotFound,
    Refused,
    StartRequest,
    Wish,
    hookimpl,
    tables,
)
from engine.commands import bulk as one_of_many
from engine.commands import bulk_runs
from engine.plugins import AnswersRequest, Finding, load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

AGREE = Wish("complete", "同意", "同意")
Items = list[tuple[int, int]]


def items(office: Office, person: str = "wang") -> Items:
    return [(row.item_id, row.version) for row in office.rows(person)]


def reviews(office: Office, number: int = 3, source: bytes = FILL_AND_REVIEW) -> Items:
    """Return so many tasks of the chiefs."""
    for _ in range(number):
        office.run(source)
        office.do("li")
    return items(office)


def codes(
    office: Office, wanted: Items, wish: Wish = AGREE, person: str = "wang", **more: Any
) -> list[str | None]:
    return [one.code for one in office.engine.do_many(wanted, wish, actor=office.who(person), **more)]


class TestResults:
    """Each its own result; nothing blocks the rest."""

    def test_done_refused_and_conflict_stand_side_by_side_and_say_who_was_first(self, office: Office) -> None:
        wanted = reviews(office, 4)
        engine, wang = office.engine, office.who("wang")
        engine.complete(wanted[0][0], actor=office.who("zhou"), version=wanted[0][1], outcome="同意")
        engine.claim(wanted[1][0], actor=office.who("zhou"), version=wanted[1][1])
        seen: list[int] = []
        found = engine.do_many([*wanted, (999_999, 1)], AGREE, actor=wang, progress=seen.append)
        assert [one.state for one in found] == ["conflict", "conflict", "done", "done", "refused"]
        assert "周" in found[0].said["zh"]
        assert "周" in found[1].said["zh"]
        assert found[4].code == "item.unknown"
        assert seen[-1] == 5

    def test_a_task_that_is_not_mine_is_refused_and_tells_nothing_of_itself(self, office: Office) -> None:
        wanted = reviews(office, 2)
        strange, missing = wanted[0], (12_345, 1)
        found = office.engine.do_many([strange, missing], AGREE, actor=office.who("sun"))
        assert [(one.state, one.code) for one in found] == [("refused", "item.unknown")] * 2
        assert {(one.instance_id, one.step, one.subject, one.amount) for one in found} == {
            (None, "", None, None)
        }
        run = office.engine.choose_bulk([strange], actor=office.who("sun"))
        (seen,) = office.engine.preview_bulk(run, actor=office.who("sun"))
        assert (seen.subject, seen.step, seen.instance_id) == (None, "", None)

    def test_what_one_may_see_but_not_do_is_refused_with_the_reason(self, office: Office) -> None:
        wanted = reviews(office, 1)
        (found,) = office.engine.do_many(wanted, AGREE, actor=office.who("li"))
        assert (found.state, found.code) == ("refused", "item.not_candidate")

    def test_a_failing_handler_is_an_incident_of_its_own_case_and_nobody_elses(self, office: Office) -> None:
        files = {
            "good.bpmn": process(task("review", CHIEFS, outcomes="同意"), "s -> review -> e", id="good"),
            "bad.bpmn": process(
                task("review", CHIEFS, outcomes="同意"),
                "scriptTask sum | <bpmn:extensionElements>"
                '<zeebe:script expression="=missing" resultVariable="x"/></bpmn:extensionElements>',
                "s -> review -> sum -> e",
                id="bad",
            ),
        }
        office.engine.deploy(files, actor="user:root")
        started = [
            office.engine.start(name, actor=office.who("li"), variables={}).instance_id
            for name in ("good", "bad", "good")
        ]
        assert codes(office, items(office)) == [None, None, None]
        assert [office.view(one).state for one in started] == ["ended", "incident", "ended"]

    def test_the_events_name_the_run(self, office: Office) -> None:
        wanted = reviews(office, 1)
        instance = office.rows("wang")[0].instance_id
        codes(office, wanted)
        (run,) = office.engine.bulks(actor=office.who("wang"))
        (event,) = [one for one in office.view(instance, "wang").timeline if one.element == "review"]
        assert event.data["bulk"] == run.id
        assert event.opinion == "同意"

    def test_administrators_take_no_part(self, office: Office) -> None:
        with pytest.raises(Forbidden):
            office.engine.choose_bulk([(1, 1)], actor=office.who("root"))

    def test_none_and_too_many_are_refused(self, office: Office) -> None:
        for wanted, code in (([], "bulk.nothing"), ([(n, 1) for n in range(1, 2002)], "bulk.too_many")):
            with pytest.raises(Refused) as caught:
                office.engine.choose_bulk(wanted, actor=office.who("wang"))
            assert caught.value.code == code


class TestLeftOut:
    """What should be seen first is left out until it was opened."""

    def test_a_rejection_needs_an_opinion_of_its_own_unless_the_file_allows_one(self, office: Office) -> None:
        wanted = reviews(office, 1)
        assert codes(office, wanted, Wish("complete", "退回补正", "不行")) == ["bulk.own_opinion"]

    def test_what_came_back(self, office: Office) -> None:
        reviews(office, 1)
        office.do("wang", "退回补正", opinion="补")
        office.do("li")
        assert codes(office, items(office)) == ["bulk.came_back"]
        office.engine.opened(items(office)[0][0], actor=office.who("wang"))
        assert codes(office, items(office)) == [None]

    def test_what_the_file_wants_opened_and_what_it_never_allows(self, office: Office) -> None:
        demanding = process(task("review", CHIEFS, outcomes="同意", bulk="opened"), "s -> review -> e")
        office.run(demanding)
        assert codes(office, items(office)) == ["bulk.must_open"]
        office.engine.opened(items(office)[0][0], actor=office.who("wang"))
        assert codes(office, items(office)) == [None]
        office.run(process(task("review", CHIEFS, outcomes="同意", bulk="no"), "s -> review -> e"))
        office.engine.opened(items(office)[0][0], actor=office.who("wang"))
        assert codes(office, items(office)) == ["bulk.never"]

    def test_what_has_changed_since_it_was_opened(self, office: Office, clock: SteppedClock) -> None:
        source = process(
            task("fill", document="goal"),
            "parallelGateway fork",
            "parallelGateway join",
            task("amend", document="goal"),
            task("review", CHIEFS, outcomes="同意", shows="goal"),
            "s -> fill -> fork",
            "fork -> amend -> join",
            "fork -> review -> join",
            "join -> e",
        )
        office.run(source)
        office.do("li", answers={"amount": 1})
        clock.advance(timedelta(minutes=1))
        wang = office.who("wang")
        (wanted,) = items(office)
        office.engine.opened(wanted[0], actor=wang)
        clock.advance(timedelta(minutes=1))
        office.do("li", answers={"amount": 2})
        assert codes(office, [wanted]) == ["bulk.changed"]
        clock.advance(timedelta(minutes=1))
        office.engine.opened(wanted[0], actor=wang)
        assert codes(office, [wanted]) == [None]

    def test_open_pins_of_what_it_shows(self, office: Office) -> None:
        source = process(
            task("fill", document="goal"),
            task("review", CHIEFS, outcomes="同意", pins="goal", shows="goal"),
            task("sign", CHIEFS, outcomes="同意", shows="goal"),
            "s -> fill -> review -> sign -> e",
        )
        office.run(source)
        office.do("li", answers={"amount": 1})
        office.do("wang", "同意", pins=[NewPin("goal", "amount", None, "请核实")])
        assert codes(office, items(office)) == ["bulk.points"]
        office.engine.opened(items(office)[0][0], actor=office.who("wang"))
        assert codes(office, items(office)) == [None]

    def test_somebody_who_was_only_asked_answers_by_themself(self, office: Office) -> None:
        (wanted,) = reviews(office, 1)
        office.engine.delegate(wanted[0], actor=office.who("wang"), version=wanted[1], to="qian")
        assert codes(office, items(office, "qian"), person="qian") == ["bulk.only_asked"]

    def test_a_form_that_needs_input_is_refused_and_one_that_needs_none_is_filled(
        self, office: Office
    ) -> None:
        form = b"""{"type": "default", "id": "%s", "components": [
            {"type": "number", "key": "score", "id": "f1", "label": "Score"%s}]}"""
        needed, free = form % (b"needed", b', "validate": {"required": true}'), form % (b"free", b"")
        for name, source in (("needed", needed), ("free", free)):
            linked = f'<zeebe:formDefinition formId="{name}"/>'
            file = process(task("review", CHIEFS, linked, outcomes="同意"), "s -> review -> e", id=name)
            office.engine.deploy({f"{name}.bpmn": file, f"{name}.form": source}, actor="user:root")
            office.engine.start(name, actor=office.who("li"), variables={})
        found = office.engine.do_many(items(office), AGREE, actor=office.who("wang"))
        assert [one.state for one in found] == ["refused", "done"]
        assert "Score" in found[0].said["zh"]
        (left,) = office.rows("wang")
        office.engine.save_draft(left.item_id, actor=office.who("wang"), answers={"score": 90}, based_on=None)
        assert codes(office, items(office)) == [None]
        assert office.view(left.instance_id, "wang").documents[0].body == {"score": 90}

    def test_what_staff_handed_in_is_what_is_completed(self, office: Office) -> None:
        drafted = task("review", CHIEFS, drafters="=[&quot;qian&quot;]", document="review")
        office.run(process(drafted, task("after"), "s -> review -> after -> e"), {})
        row = office.row("wang")
        assert codes(office, items(office), Wish("assign_out", to="qian")) == [None]
        row, qian = office.row("qian"), office.who("qian")
        office.engine.save_draft(row.item_id, actor=qian, answers={"score": 92}, based_on=None)
        office.engine.hand_in(row.item_id, actor=qian, version=row.version)
        assert codes(office, items(office), Wish("complete")) == [None]
        assert [one.body for one in office.view(row.instance_id).documents] == [{"score": 92}]


class _Critic:
    """A plug-in that finds something in every document with ``red``, and something wrong with ``broken``."""

    @hookimpl
    def bihuan_check_answers(self, request: AnswersRequest) -> list[Finding]:
        if request.answers.get("broken"):
            raise ZeroDivisionError("a plug-in's own mistake")
        said = {"zh": "偏大", "en": "too large"}
        return [Finding("warning", "X1", said)] if request.answers.get("red") else []


class TestChecks:
    """Red lights: what the checks find in what the page shows."""

    FORM = b"""{"type": "default", "id": "goal", "components": [
        {"type": "checkbox", "key": "red", "id": "f1", "label": "Red"}]}"""

    def office(self, office: Office) -> Office:
        plugins = load_plugins()
        plugins.register(_Critic())
        engine = Engine(office.engine.database, plugins=plugins, clock=office.engine.clock)
        linked = '<zeebe:formDefinition formId="goal"/>'
        file = process(
            task("fill", extra=linked, document="goal"),
            task("review", CHIEFS, outcomes="同意", shows="goal"),
            "s -> fill -> review -> e",
        )
        engine.deploy({"p.bpmn": file, "goal.form": self.FORM}, actor="user:root")
        return Office(engine)

    def start(self, office: Office, **answers: Any) -> None:
        office.engine.start("p", actor=office.who("li"), variables={})
        office.do("li", answers=answers)

    def test_a_document_with_findings_is_opened_first(self, office: Office) -> None:
        mine = self.office(office)
        self.start(mine, red=True)
        self.start(mine, red=False)
        found = mine.engine.do_many(items(mine), AGREE, actor=mine.who("wang"))
        assert [one.code for one in found] == ["bulk.lights", None]
        mine.engine.opened(items(mine)[0][0], actor=mine.who("wang"))
        assert codes(mine, items(mine)) == [None]

    def test_a_check_that_breaks_blocks_nobody_else(self, office: Office) -> None:
        mine = self.office(office)
        self.start(mine, red=False)
        self.start(mine, red=False)
        with mine.engine.database.write() as unit:
            broken = unit.execute(select(func.min(tables.documents.c.id))).scalar_one()
            body = '{"broken": true}'
            unit.execute(tables.documents.update().where(tables.documents.c.id == broken).values(body=body))
        assert sorted(codes(mine, items(mine)), key=str) == [None, "bulk.failed"]
        with mine.engine.database.write() as unit:  # the hash of what was saved, for the doctor at the end
            body = '{"red":false}'
            unit.execute(tables.documents.update().where(tables.documents.c.id == broken).values(body=body))


class TestOtherOperations:
    """Return, assigning out, transfer and urging follow the same rules."""

    def test_transfer_refuses_alone_what_the_receiver_may_not_have(self, office: Office) -> None:
        apart = task("after", CHIEFS, separate_from="review")
        office.run(process(task("review", CHIEFS), apart, "s -> review -> after -> e"))
        office.do("zhou")
        wanted = reviews(office, 1)
        found = codes(office, wanted, Wish("transfer", to="zhou", opinion="出差"))
        assert sorted(found, key=str) == [None, "item.to_separated"]
        assert {row.assignee for row in office.rows("zhou") if row.assignee} == {"user:zhou"}

    def test_urging_is_for_what_others_have_and_once_in_four_hours(self, office: Office) -> None:
        reviews(office, 2)
        wanted = items(office)
        assert codes(office, wanted, Wish("urge", opinion="请尽快"), "li") == [None, None]
        assert codes(office, wanted, Wish("urge"), "li") == ["urge.again"] * 2
        assert codes(office, wanted, Wish("urge")) == ["urge.oneself"] * 2
        assert [note.text for note in office.engine.notes(office.who("wang"), "urge")] == ["请尽快"] * 2

    @pytest.mark.parametrize(
        ("wish", "code"),
        [
            (Wish("erase"), "bulk.no_operation"),
            (Wish("complete"), "bulk.no_outcome"),
            (Wish("complete", "退回补正"), "bulk.no_opinion"),
            (Wish("return"), "operation.no_reason"),
            (Wish("transfer", to=" "), "bulk.to_nobody"),
        ],
    )
    def test_a_wish_that_lacks_something_is_refused_as_a_whole(
        self, office: Office, wish: Wish, code: str
    ) -> None:
        run = office.engine.choose_bulk(reviews(office, 1), actor=office.who("wang"))
        with pytest.raises(Refused) as caught:
            office.engine.confirm_bulk(run, actor=office.who("wang"), wish=wish, ticked=[items(office)[0][0]])
        assert caught.value.code == code
        assert office.engine.run_bulks() == 0


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
def test_a_thousand_take_two_seconds_of_the_servers_time(office: Office) -> None:
    office.engine.deploy({"p.bpmn": process(task("fill"), "s -> fill -> e")}, actor="user:root")
    office.engine.start_many("p", [StartRequest({}) for _ in range(1000)], actor=office.who("li"))
    with office.engine.database.read() as unit:
        wanted = [(id, 1) for id in unit.execute(select(tables.work_items.c.id)).scalars()]
    began = time.process_time()
    results = office.engine.do_many(wanted, Wish("complete"), actor=office.who("li"))
    spent = time.process_time() - began
    assert all(one.state == "done" for one in results)
    assert spent < 2
