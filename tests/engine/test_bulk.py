"""批量办理: many tasks, one wish, each its own result, and a record that survives everything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from engine import (
    Engine,
    Forbidden,
    NewPin,
    Refused,
    Wish,
    hookimpl,
    tables,
)
from engine.plugins import AnswersRequest, Finding, load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

pytestmark = pytest.mark.quick_on_sqlite

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
