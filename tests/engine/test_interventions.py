"""Operators suspend, resume and terminate, alone or by two; what is suspended waits, and loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import BihuanError, Conflict, Forbidden, NotFound, tables
from engine.play import play
from engine.plugins import load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, service, task
from tests.engine.test_correlation import waits
from tests.engine.test_repairs import GATE, events, seen
from tests.engine.test_time import timer

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import SteppedClock

DUE = '<zeebe:taskSchedule dueDate="P10D"/>'
TIMED = process(
    task("fill", extra=DUE),
    timer("late", "timeDuration", "P3D", "fill", interrupting=False),
    service("pay", "pay"),
    task("chase", CHIEFS),
    "parallelGateway fork",
    "endEvent e2",
    "endEvent e3",
    "s -> fork -> fill -> e",
    "fork -> pay -> e2",
    "late -> chase -> e3",
)


def suspend(office: Office, instance: int) -> None:
    assert office.engine.suspend(instance, actor=office.who("wu"), reason="审计调查").done


def resume(office: Office, instance: int) -> None:
    assert office.engine.resume(instance, actor=office.who("wu"), reason="调查结束").done


class TestSuspended:
    """A case that is suspended."""

    def test_nobody_decides_anything_and_what_was_typed_is_kept(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        row, li = office.row("li"), office.who("li")
        suspend(office, instance)
        office.sound()
        assert office.view(instance).state == "suspended"
        assert office.engine.task(row.item_id, li).can["complete"] == "instance.suspended"
        for act in (
            lambda: office.engine.complete(row.item_id, actor=li, version=row.version, answers={"a": "b"}),
            lambda: office.engine.claim(row.item_id, actor=li, version=row.version),
        ):
            with pytest.raises(Conflict) as caught:
                act()
            assert caught.value.code == "instance.suspended"
            assert "审计调查" in caught.value.message("zh")
        assert office.engine.task(row.item_id, li).answers == {"a": "b"}
        resume(office, instance)
        office.do("li")
        assert office.row("wang").step == "review"
        told = [(event.kind, event.data.get("reason")) for event in office.view(instance).timeline]
        assert ("instance.suspended", "审计调查") in told
        assert ("instance.resumed", "调查结束") in told

    def test_nothing_moves_in_it_by_any_operation(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        done = office.row("li").item_id
        office.do("li")
        suspend(office, instance)
        row, wang = office.row("wang"), office.who("wang")
        can = office.engine.task(row.item_id, wang).can
        still = {"save_draft", "comment", "copy", "follow"}  # nothing moves by these
        assert {name for name, reason in can.items() if reason is None} == still
        for act in (
            lambda: office.engine.withdraw(done, actor=office.who("li")),
            lambda: office.engine.jump(
                instance, actor=office.who("wu"), source="review", to="fill", reason="x"
            ),
        ):
            with pytest.raises(Conflict) as caught:
                act()
            assert caught.value.code == "instance.suspended"
        resume(office, instance)
        office.engine.withdraw(done, actor=office.who("li"))
        assert office.row("li").step == "fill"

    def test_its_timers_and_jobs_wait_and_its_dates_stay(self, office: Office, clock: SteppedClock) -> None:
        instance = office.run(TIMED, {})
        due = office.row("li").due_at
        (job,) = office.engine.activate_jobs("pay", "one", seconds=3600)
        suspend(office, instance)
        with pytest.raises(Conflict) as caught:
            office.engine.complete_job(job.id, "one")
        assert caught.value.code == "instance.suspended"
        clock.advance(timedelta(days=5))
        assert office.engine.run_due() == 0
        assert office.engine.activate_jobs("pay", "two") == []
        resume(office, instance)
        assert office.engine.run_due() == 1
        assert office.row("wang").step == "chase"
        assert office.row("li").due_at == due
        (again,) = office.engine.activate_jobs("pay", "two")
        office.engine.complete_job(again.id, "two")

    def test_its_incidents_are_repaired_after_it_is_resumed(self, office: Office) -> None:
        instance = office.run(GATE, {})
        wu = office.who("wu")
        suspend(office, instance)
        (incident,) = office.view(instance).incidents
        for repair in (
            lambda: office.engine.retry(incident.id, wu),
            lambda: office.engine.skip(incident.id, wu, reason="x"),
        ):
            with pytest.raises(Conflict):
                repair()
        office.engine.set_variables(instance, {"amount": 9}, actor=wu, reason="补数据")
        resume(office, instance)
        assert office.view(instance).state == "incident"
        office.engine.retry(incident.id, wu)
        assert office.row("wang").step == "review"

    def test_messages_and_signals_wait_for_it_while_they_live(
        self, office: Office, clock: SteppedClock
    ) -> None:
        instance = waits(office)
        suspend(office, instance)
        office.engine.publish("Paid", 7, {"amount": 12}, time_to_live=timedelta(days=2))
        office.engine.publish("Paid", 7, {"amount": 13}, time_to_live=timedelta(0))
        clock.advance(timedelta(days=1))
        office.engine.run_due()
        assert office.rows("li") == []
        resume(office, instance)
        assert office.engine.run_due() == 1
        assert seen(office, "li")["amount"] == 12

    def test_a_signal_reaches_it_when_it_is_resumed(self, office: Office) -> None:
        roots = '<bpmn:signal id="closed" name="Closed"/>'
        catch = 'intermediateCatchEvent wait | <bpmn:signalEventDefinition signalRef="closed"/>'
        instance = office.run(process(catch, task("last"), "s -> wait -> last -> e", roots=roots), {})
        suspend(office, instance)
        assert office.engine.signal("Closed") == 1
        office.engine.run_due()
        assert office.rows("li") == []
        resume(office, instance)
        assert office.engine.run_due() == 1
        assert office.row("li").step == "last"

    def test_it_is_suspended_once_and_resumed_once(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        with pytest.raises(Conflict) as caught:
            office.engine.resume(instance, actor=office.who("wu"), reason="x")
        assert caught.value.code == "instance.not_suspended"
        suspend(office, instance)
        with pytest.raises(Conflict) as caught:
            office.engine.suspend(instance, actor=office.who("wu"), reason="x")
        assert caught.value.code == "instance.suspended"

    def test_it_can_be_terminated(self, office: Office) -> None:
        instance = office.run(GATE, {})
        suspend(office, instance)
        assert office.engine.terminate(instance, actor=office.who("wu"), reason="作废").done
        assert office.view(instance).state == "terminated"
        assert office.view(instance).incidents == []


def test_terminating_ends_all_that_is_open_with_a_reason(office: Office, clock: SteppedClock) -> None:
    instance = office.run(TIMED, {})
    row, li = office.row("li"), office.who("li")
    office.engine.terminate(instance, actor=office.who("wu"), reason="重复申报")
    assert office.rows("li") == []
    assert office.engine.activate_jobs("pay", "one") == []
    clock.advance(timedelta(days=5))
    assert office.engine.run_due() == 0
    with pytest.raises(Conflict):
        office.engine.complete(row.item_id, actor=li, version=row.version)
    (ended,) = events(office, instance, "instance.terminated")
    assert (ended["actor"], ended["reason"]) == ("user:wu", "重复申报")
    with pytest.raises(Conflict) as caught:
        office.engine.terminate(instance, actor=office.who("wu"), reason="x")
    assert caught.value.code == "instance.over"


@pytest.mark.parametrize("person", ["li", "wang", "root"])
def test_only_operators_intervene(office: Office, person: str) -> None:
    instance = office.run(FILL_AND_REVIEW)
    who: Any = office.who(person)
    for operation in ("suspend", "resume", "terminate"):
        with pytest.raises(Forbidden):
            office.engine.intervene(operation, actor=who, reason="x", instance_id=instance)
    with pytest.raises(Forbidden):
        office.engine.suspend_process("p", actor=who, reason="x")
    with pytest.raises(Forbidden):
        office.engine.proposals(who)
    assert office.view(instance).state == "waiting"


def test_a_repeated_request_is_answered_as_the_first_was(office: Office) -> None:
    instance, wu = office.run(FILL_AND_REVIEW), office.who("wu")
    for _ in range(2):
        done = office.engine.suspend(instance, actor=wu, reason="审计", request_key="once")
        assert done.done
    assert len(events(office, instance, "instance.suspended")) == 1
    with pytest.raises(Conflict) as caught:
        office.engine.suspend(instance, actor=wu, reason="别的", request_key="once")
    assert caught.value.code == "request.reused"


def test_a_reason_is_asked_for_and_the_operation_must_be_known(office: Office) -> None:
    instance, wu = office.run(FILL_AND_REVIEW), office.who("wu")
    with pytest.raises(BihuanError) as caught:
        office.engine.suspend(instance, actor=wu, reason=" ")
    assert caught.value.code == "operation.no_reason"
    with pytest.raises(NotFound):
        office.engine.intervene("erase", actor=wu, reason="x", instance_id=instance)


class TestSecondPerson:
    """Operations that the county lets only two people do together."""

    @pytest.fixture
    def instance(self, office: Office) -> int:
        office.engine.set_setting("second_person", ["terminate", "suspend_process"], "user:root")
        return office.run(FILL_AND_REVIEW)

    def test_one_asks_and_another_confirms(self, office: Office, instance: int) -> None:
        wu, zheng = office.who("wu"), office.who("zheng")
        asked = office.engine.terminate(instance, actor=wu, reason="重复申报")
        assert (asked.done, office.view(instance).state) == (False, "waiting")
        (proposal,) = office.engine.proposals(zheng)
        assert (proposal.operation, proposal.instance_id, proposal.asked_by) == (
            "terminate",
            instance,
            "user:wu",
        )
        with pytest.raises(Forbidden) as caught:
            office.engine.confirm(proposal.id, actor=wu)
        assert caught.value.code == "proposal.same_person"
        office.engine.confirm(proposal.id, actor=zheng)
        assert office.view(instance).state == "terminated"
        (ended,) = events(office, instance, "instance.terminated")
        assert (ended["actor"], ended["confirmed_by"], ended["reason"]) == (
            "user:wu",
            "user:zheng",
            "重复申报",
        )
        assert office.engine.proposals(wu) == []
        with pytest.raises(Conflict) as decided:
            office.engine.confirm(proposal.id, actor=zheng)
        assert decided.value.code == "proposal.decided"
        assert decided.value.params["by"] == zheng.name

    def test_what_is_declined_does_not_happen(self, office: Office, instance: int) -> None:
        asked = office.engine.terminate(instance, actor=office.who("wu"), reason="重复申报")
        assert asked.proposal_id is not None
        office.engine.decline(asked.proposal_id, actor=office.who("zheng"), reason="并不重复")
        with pytest.raises(Conflict):
            office.engine.confirm(asked.proposal_id, actor=office.who("zheng"))
        assert office.view(instance).state == "waiting"
        (declined,) = events(office, instance, "proposal.declined")
        assert (declined["actor"], declined["reason"]) == ("user:zheng", "并不重复")

    def test_what_can_not_be_done_any_more_is_refused_at_the_confirmation(
        self, office: Office, instance: int
    ) -> None:
        asked = office.engine.terminate(instance, actor=office.who("wu"), reason="重复申报")
        assert asked.proposal_id is not None
        office.do("li")
        office.do("wang")
        with pytest.raises(Conflict) as caught:
            office.engine.confirm(asked.proposal_id, actor=office.who("zheng"))
        assert caught.value.code == "instance.over"

    def test_jumps_skips_and_edits_are_proposed_with_what_they_need(self, office: Office) -> None:
        operations = ["jump", "skip", "set_variables"]
        office.engine.set_setting("second_person", operations, "user:root")
        wu, zheng = office.who("wu"), office.who("zheng")
        stuck, moving = office.run(GATE, {}), office.run(FILL_AND_REVIEW)
        (incident,) = office.view(stuck).incidents
        alone = (
            lambda: office.engine.jump(moving, actor=wu, source="fill", to="review", reason="x"),
            lambda: office.engine.skip(incident.id, wu, reason="x"),
            lambda: office.engine.set_variables(stuck, {"amount": 9}, actor=wu, reason="x"),
        )
        for act in alone:
            with pytest.raises(Forbidden) as caught:
                act()
            assert caught.value.code == "operation.second_person"
        for operation, instance, params in (
            ("jump", moving, {"source": "fill", "to": "review"}),
            ("set_variables", stuck, {"values": {"amount": 9}}),
        ):
            asked = office.engine.intervene(
                operation, actor=wu, reason="改错", instance_id=instance, params=params
            )
            assert asked.proposal_id is not None
            office.engine.confirm(asked.proposal_id, actor=zheng)
        (jumped,) = events(office, moving, "instance.jumped")
        (edited,) = events(office, stuck, "variables.edited")
        for event in (jumped, edited):
            assert (event["actor"], event["confirmed_by"], event["reason"]) == (
                "user:wu",
                "user:zheng",
                "改错",
            )
        office.engine.retry(incident.id, wu)
        assert {row.step for row in office.rows("wang")} == {"review"}
        nobody = '<zeebe:assignmentDefinition candidateGroups="=[]"/>'
        lost = office.run(
            process(task("fill", nobody), task("review", CHIEFS), "s -> fill -> review -> e"), {}
        )
        params = {"incident_id": office.view(lost).incidents[0].id, "variables": {"filled": True}}
        asked = office.engine.intervene("skip", actor=wu, reason="补录", instance_id=lost, params=params)
        assert asked.proposal_id is not None
        office.engine.confirm(asked.proposal_id, actor=zheng)
        (skipped,) = events(office, lost, "element.skipped")
        assert skipped["confirmed_by"] == "user:zheng"

    def test_a_process_too(self, office: Office, instance: int) -> None:
        wu = office.who("wu")
        asked = office.engine.suspend_process("p", actor=wu, reason="新办法", cases=True)
        assert asked.proposal_id is not None
        assert office.view(instance).state == "waiting"
        office.engine.confirm(asked.proposal_id, actor=office.who("zheng"))
        assert office.view(instance).state == "suspended"

    def test_what_the_setting_does_not_name_one_person_does(self, office: Office, instance: int) -> None:
        suspend(office, instance)
        assert office.view(instance).state == "suspended"


class TestProcesses:
    """Processes that are suspended."""

    def test_no_new_case_starts_and_those_that_run_go_on(self, office: Office) -> None:
        instance, wu, li = office.run(FILL_AND_REVIEW), office.who("wu"), office.who("li")
        office.engine.suspend_process("p", actor=wu, reason="等新办法")
        with pytest.raises(Conflict) as caught:
            office.engine.start("p", actor=li, variables={"title": "x"})
        assert caught.value.code == "process.suspended"
        assert "停用" in caught.value.message("zh")
        with pytest.raises(Conflict):
            office.engine.suspend_process("p", actor=wu, reason="x")
        office.do("li")
        assert office.view(instance).state == "waiting"
        office.engine.resume_process("p", actor=wu, reason="新办法已发")
        office.engine.start("p", actor=li, variables={"title": "x"})

    def test_its_cases_are_suspended_and_resumed_with_it_where_that_is_asked(self, office: Office) -> None:
        wu, done = office.who("wu"), []
        first, second = office.run(FILL_AND_REVIEW), office.run(FILL_AND_REVIEW)
        suspend(office, first)
        office.engine.suspend_process("p", actor=wu, reason="等新办法", cases=True, progress=done.append)
        assert [office.view(one).state for one in (first, second)] == ["suspended", "suspended"]
        assert done == [1]
        office.engine.resume_process("p", actor=wu, reason="新办法已发", cases=True)
        # The first was suspended for a reason of its own.
        assert [office.view(one).state for one in (first, second)] == ["suspended", "waiting"]

    def test_what_was_cut_off_before_the_last_case_is_asked_for_again(self, office: Office) -> None:
        wu = office.who("wu")
        first, second = office.run(FILL_AND_REVIEW), office.run(FILL_AND_REVIEW)

        def cut(_done: int) -> None:
            raise RuntimeError("the power is gone")

        with pytest.raises(RuntimeError):
            office.engine.suspend_process("p", actor=wu, reason="等新办法", cases=True, progress=cut)
        assert [office.view(one).state for one in (first, second)] == ["suspended", "waiting"]
        office.engine.suspend_process("p", actor=wu, reason="等新办法", cases=True)
        assert [office.view(one).state for one in (first, second)] == ["suspended", "suspended"]
        with pytest.raises(Conflict):
            office.engine.suspend_process("p", actor=wu, reason="等新办法", cases=True)

    def test_start_events_wait_until_it_is_resumed(self, office: Office, clock: SteppedClock) -> None:
        roots = '<bpmn:message id="come" name="Come"/>'
        at = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>"
        source = process(
            f"startEvent daily | {at}",
            'startEvent called | <bpmn:messageEventDefinition messageRef="come"/>',
            task("last"),
            "s -> last -> e",
            "daily -> last",
            "called -> last",
            roots=roots,
        )
        office.engine.deploy({"p.bpmn": source}, actor="user:root")
        office.engine.suspend_process("p", actor=office.who("wu"), reason="等新办法")
        office.engine.publish("Come", "A", time_to_live=timedelta(days=9))
        clock.advance(timedelta(days=2))
        assert office.engine.run_due() == 0
        assert office.rows("li") == []
        office.engine.resume_process("p", actor=office.who("wu"), reason="新办法已发")
        while office.engine.run_due():
            pass
        assert len(office.rows("li")) == 3

    def test_one_version_may_be_suspended_alone(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        newer = FILL_AND_REVIEW.replace(b'id="fill"', b'id="fill" name="x"')
        office.engine.deploy({"p.bpmn": newer}, actor="user:root")
        office.engine.suspend_process("p", actor=office.who("wu"), reason="有错", version=2)
        li = office.who("li")
        with pytest.raises(Conflict):
            office.engine.start("p", actor=li, variables={"title": "x"})
        office.engine.start("p", actor=li, variables={"title": "x"}, version=1)
        with pytest.raises(NotFound):
            office.engine.suspend_process("p", actor=office.who("wu"), reason="x", version=9)


def test_a_play_suspends_resumes_and_terminates() -> None:
    plugins = load_plugins(entry_points=False)

    def run(*answers: dict[str, Any]) -> dict[str, Any]:
        return play(
            {"p.bpmn": FILL_AND_REVIEW}, "p.bpmn", {"variables": {"title": "x"}, "answers": answers}, plugins
        )

    hold = {"operation": "suspend", "by": "user:wu", "reason": "审计"}
    refused = run(hold, {"element": "fill"})
    assert refused["error"]["code"] == "play.refused"
    assert "审计" in refused["error"]["message"]
    assert refused["state"] == "waiting"
    assert refused["suspended"] is True
    assert run({"operation": "suspend"})["error"]["code"] == "play.refused"
    over = run(
        hold,
        {"operation": "resume", "reason": "好"},
        {"element": "fill"},
        {"operation": "terminate", "reason": "废"},
    )
    assert "error" not in over
    assert (over["state"], over["open"]) == ("terminated", [])


def test_doctor_finds_a_suspended_case_whose_timers_run(broken_office: Office) -> None:
    office = broken_office
    instance = office.run(TIMED, {})
    suspend(office, instance)
    with office.engine.database.write() as unit:
        unit.execute(tables.jobs.update().values(state="open"))
    assert [finding.rule for finding in office.engine.doctor()] == ["instance.suspended_jobs"]
    resume(office, instance)
    assert office.engine.doctor() == []
