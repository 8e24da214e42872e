"""A step that several people sign: who is asked when, how their signatures make one outcome, and what is kept of them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from engine import Conflict, Forbidden
from engine.commands.loading import load_instance
from engine.commands.signing import signers_of
from tests.engine.office import CHIEFS, Office, process, properties, task
from tests.engine.test_time import timer

pytestmark = pytest.mark.quick_on_sqlite

SIGNERS = '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;liu&quot;, &quot;sun&quot;]"/>'
OUTCOMES = "同意,有条件同意,不同意,弃权"


def signed(signing: str, who: str = SIGNERS, extra: str = "", **values: str) -> bytes:
    """A process with one step that several people sign."""
    return process(
        task("sign", who, extra, signing=signing, **{"outcomes": OUTCOMES, "rejects": "不同意", **values}),
        task("after", CHIEFS),
        "s -> sign -> after -> e",
    )


def outcome(office: Office, instance: int) -> Any:
    """Return the outcome that the step left, None while it isn't decided."""
    return variables(office, instance).get("outcome")


def variables(office: Office, instance: int) -> dict[str, Any]:
    """Return the process's variables."""
    with office.engine.database.read() as unit:
        return load_instance(office.engine.ports, unit, instance, "system", lock=False).scopes.visible(0)


def asked(office: Office) -> set[str]:
    """Return in whose inbox the signing stands."""
    return {person for person in ("li", "liu", "sun", "wang", "zhou", "qian") if office.rows(person)}


class TestAll:
    """会签: everybody signs, then one rejection rejects."""

    def test_everybody_has_an_item_of_their_own_at_once(self, office: Office) -> None:
        office.run(signed("all"), {})
        assert asked(office) == {"li", "liu", "sun"}
        assert len({office.row(person).item_id for person in ("li", "liu", "sun")}) == 3

    def test_it_goes_on_when_the_last_one_has_signed(self, office: Office) -> None:
        instance = office.run(signed("all"), {})
        office.do("li", "同意")
        office.do("liu", "同意")
        assert asked(office) == {"sun"}
        office.do("sun", "同意")
        assert asked(office) == {"wang", "zhou"}
        assert outcome(office, instance) == "同意"

    def test_one_conditional_approval_makes_the_whole_conditional(self, office: Office) -> None:
        instance = office.run(signed("all"), {})
        for person, what in (("li", "同意"), ("liu", "有条件同意"), ("sun", "弃权")):
            office.do(person, what)
        assert outcome(office, instance) == "有条件同意"

    def test_a_rejection_waits_for_the_others_by_default(self, office: Office) -> None:
        instance = office.run(signed("all"), {})
        office.do("li", "不同意", opinion="依据不足")
        assert asked(office) == {"liu", "sun"}
        office.do("liu", "同意")
        office.do("sun", "同意")
        assert outcome(office, instance) == "不同意"

    def test_a_rejection_ends_it_at_once_where_the_file_says_so(self, office: Office) -> None:
        instance = office.run(signed("all", on_reject="at once"), {})
        row = office.row("sun")
        office.do("li", "不同意", opinion="依据不足")
        assert asked(office) == {"wang", "zhou"}
        assert outcome(office, instance) == "不同意"
        with pytest.raises(Conflict) as caught:
            office.engine.complete(row.item_id, actor=office.who("sun"), version=row.version, outcome="同意")
        assert caught.value.code == "item.cancelled"

    def test_the_lead_concludes_last_and_decides(self, office: Office) -> None:
        instance = office.run(signed("all", lead="sun"), {})
        assert asked(office) == {"li", "liu"}
        office.do("li", "同意")
        office.do("liu", "不同意", opinion="再议")
        assert asked(office) == {"sun"}
        office.do("sun", "同意")
        assert outcome(office, instance) == "同意"

    def test_a_role_is_one_item_of_which_the_first_one_signs(self, office: Office) -> None:
        named = "[role(&quot;clerk&quot;, &quot;U1&quot;), role(&quot;chief&quot;, &quot;S1&quot;)]"
        roles = f'<zeebe:assignmentDefinition candidateGroups="={named}"/>'
        office.run(signed("all", roles), {})
        assert office.row("li").item_id == office.row("liu").item_id
        office.do("li", "同意")
        assert asked(office) == {"wang", "zhou"}

    def test_the_members_of_a_role_are_one_item_each(self, office: Office) -> None:
        everybody = (
            '<zeebe:assignmentDefinition candidateGroups="=members(&quot;chief&quot;, &quot;S1&quot;)"/>'
        )
        office.run(signed("all", everybody), {})
        assert office.row("wang").item_id != office.row("zhou").item_id


class TestOtherModes:
    """或签, 票决, 依次, and a condition of the file's own."""

    def test_any_is_decided_by_whoever_is_first(self, office: Office) -> None:
        instance = office.run(signed("any"), {})
        office.do("liu", "同意")
        assert outcome(office, instance) == "同意"
        assert asked(office) == {"wang", "zhou"}

    def test_any_may_ask_on_after_a_rejection(self, office: Office) -> None:
        instance = office.run(signed("any", on_reject="after all"), {})
        office.do("liu", "不同意", opinion="不妥")
        assert asked(office) == {"li", "sun"}
        office.do("li", "同意")
        assert outcome(office, instance) == "同意"

    def test_two_of_three_are_two_thirds(self, office: Office) -> None:
        instance = office.run(signed("ratio 2/3"), {})
        office.do("li", "同意")
        assert outcome(office, instance) is None
        office.do("liu", "同意")
        assert outcome(office, instance) == "同意"

    def test_a_vote_ends_when_it_can_not_be_won_any_more(self, office: Office) -> None:
        instance = office.run(signed("ratio 2/3"), {})
        office.do("li", "弃权")
        office.do("liu", "不同意", opinion="不妥")
        assert outcome(office, instance) == "不同意"
        assert asked(office) == {"wang", "zhou"}

    def test_in_order_each_one_is_asked_after_the_one_before(self, office: Office) -> None:
        instance = office.run(signed("in order"), {})
        for person, others in (("li", {"liu"}), ("liu", {"sun"}), ("sun", {"wang", "zhou"})):
            assert asked(office) == {person}
            office.do(person, "同意")
            assert asked(office) == others
        assert outcome(office, instance) == "同意"

    def test_in_order_a_rejection_ends_it(self, office: Office) -> None:
        instance = office.run(signed("in order"), {})
        office.do("li", "不同意", opinion="不妥")
        assert outcome(office, instance) == "不同意"

    def test_nobody_signs_before_their_turn(self, office: Office) -> None:
        instance = office.run(signed("in order"), {})
        with office.engine.database.read() as unit:
            later = signers_of(unit, instance, 2)[2]
        with pytest.raises(Conflict) as caught:
            office.engine.complete(
                later.item_id, actor=office.who("sun"), version=later.version, outcome="同意"
            )
        assert caught.value.code == "item.pending"

    def test_a_condition_says_when_it_is_enough(self, office: Office) -> None:
        instance = office.run(signed("=approvals &gt;= 2"), {})
        office.do("li", "同意")
        office.do("sun", "有条件同意")
        assert outcome(office, instance) == "有条件同意"

    def test_a_condition_may_name_the_outcome(self, office: Office) -> None:
        source = signed("=if rejections = 1 then &quot;不同意&quot; else null")
        instance = office.run(source, {})
        office.do("li", "不同意", opinion="不妥")
        assert outcome(office, instance) == "不同意"

    def test_a_condition_that_fails_is_an_incident_and_nobodys_signature_is_lost(
        self, office: Office
    ) -> None:
        instance = office.run(signed("=approvals &gt;= wanted"), {})
        office.do("li", "同意")
        view = office.view(instance)
        assert [one.code for one in view.incidents] == ["feel.unknown_name"]
        assert asked(office) == {"liu", "sun"}
        office.do("liu", "同意")
        assert office.view(instance).state == "incident"


class TestWhatIsKept:
    """Signatures are in history, on the page and in a variable."""

    def test_later_steps_know_who_signed_what(self, office: Office) -> None:
        instance = office.run(signed("ratio 2/3"), {})
        office.do("li", "同意")
        office.do("liu", "同意")
        found = variables(office, instance)["signatures"]
        assert [(one["by"], one["outcome"]) for one in found] == [("user:li", "同意"), ("user:liu", "同意")]

    def test_history_has_each_signature_and_what_it_decided(self, office: Office) -> None:
        instance = office.run(signed("any"), {})
        office.do("sun", "同意")
        events = [one for one in office.view(instance).timeline if one.kind == "item.completed"]
        assert [(one.actor, one.data["signer"], one.data["decided"]) for one in events] == [
            ("user:sun", 2, "同意")
        ]

    def test_who_did_not_sign_may_not(self, office: Office) -> None:
        office.run(signed("all"), {})
        row = office.row("li")
        with pytest.raises(Forbidden):
            office.engine.complete(row.item_id, actor=office.who("liu"), version=row.version, outcome="同意")


class TestOwnVariablesAndDocuments:
    """Each signer has an index, variables and a document of their own."""

    def test_each_signer_saves_their_own_document_and_later_steps_see_all(self, office: Office) -> None:
        source = process(
            task("score", SIGNERS, signing="all", document="score"),
            task("after", CHIEFS, shows="score"),
            "s -> score -> after -> e",
        )
        office.run(source, {})
        for person, points in (("sun", 3), ("li", 1), ("liu", 2)):
            office.do(person, answers={"points": points})
        seen = office.engine.task(office.row("wang").item_id, office.who("wang"))
        assert [(one.author, one.body["points"]) for one in seen.shows] == [
            ("user:li", 1),
            ("user:liu", 2),
            ("user:sun", 3),
        ]

    def test_an_expression_sees_the_signers_documents_as_a_list_in_their_order(self, office: Office) -> None:
        source = process(
            task("score", SIGNERS, signing="all", document="score"),
            "exclusiveGateway gate",
            task("good", CHIEFS),
            "s -> score -> gate",
            "gate -> good: sum(score.points) = 6 and score[1].points = 1",
            "gate -> e: default",
            "good -> e",
        )
        office.run(source, {})
        for person, points in (("sun", 3), ("li", 1), ("liu", 2)):
            office.do(person, answers={"points": points})
        assert asked(office) == {"wang", "zhou"}

    def test_another_round_begins_without_the_documents_of_the_last_one(self, office: Office) -> None:
        source = process(
            task("score", SIGNERS, signing="any", outcomes="同意", document="score"),
            task("look", CHIEFS, shows="score", outcomes="再来,完成", needs_opinion=""),
            "exclusiveGateway gate",
            "s -> score -> look -> gate",
            'gate -> score: outcome = "再来"',
            "gate -> e: default",
        )
        office.run(source, {})
        office.do("li", answers={"points": 1})
        office.do("wang", "再来")
        office.do("sun", answers={"points": 3})
        seen = office.engine.task(office.row("wang").item_id, office.who("wang"))
        assert [one.body for one in seen.shows] == [{"points": 3}]

    def test_nobody_else_sees_a_signers_draft_or_document_as_theirs(self, office: Office) -> None:
        office.run(signed("all", document="score"), {})
        office.do("li", "同意", answers={"points": 1})
        row = office.row("liu")
        seen = office.engine.task(row.item_id, office.who("liu"))
        assert (seen.answers, seen.document_version) == ({}, None)

    def test_the_loop_counter_counts_the_signers(self, office: Office) -> None:
        days = "duration(&quot;P&quot; + string(loopCounter) + &quot;D&quot;)"
        due = f'<zeebe:taskSchedule dueDate="=now() + {days}"/>'
        office.run(signed("all", extra=due), {})
        gap = office.row("sun").due_at - office.row("li").due_at
        assert gap.days == 2


class TestTheTaskPage:
    """Whoever signs sees who has signed, as far as they may."""

    def test_the_view_shows_who_has_signed_and_who_has_not(self, office: Office) -> None:
        office.run(signed("in order"), {})
        office.do("li", "同意", opinion="可以")
        view = office.engine.task(office.row("liu").item_id, office.who("liu"))
        assert view.signing == "in order"
        assert [(one.names, one.state, one.outcome, one.opinion) for one in view.signatures] == [
            (["李"], "completed", "同意", "可以"),
            (["刘"], "open", "", ""),
            (["孙"], "pending", "", ""),
        ]

    def test_an_opinion_is_shown_to_its_audience_only(self, office: Office) -> None:
        office.run(signed("in order", opinion_audience="=[&quot;user:sun&quot;]"), {})
        office.do("li", "同意", opinion="内部意见")
        seen = office.engine.task(office.row("liu").item_id, office.who("liu"))
        assert seen.signatures[0].opinion is None
        office.do("liu", "同意")
        seen = office.engine.task(office.row("sun").item_id, office.who("sun"))
        assert seen.signatures[0].opinion == "内部意见"


class TestEventsOnTheTask:
    """What interrupts the task ends all its items."""

    def test_a_boundary_timer_cancels_every_signers_item(self, office: Office, clock: Any) -> None:
        source = process(
            task("sign", SIGNERS, signing="in order", outcomes=OUTCOMES, rejects="不同意"),
            timer("late", "timeDuration", "P1D", attached="sign"),
            task("after", CHIEFS),
            "s -> sign -> e",
            "late -> after -> e",
        )
        office.run(source, {})
        office.do("li", "同意")
        clock.advance(timedelta(days=2))
        assert office.engine.run_due() == 1
        assert asked(office) == {"wang", "zhou"}
        office.sound()

    def test_two_hundred_signers_take_no_more_statements_than_three(self, office: Office) -> None:
        people = ", ".join(f"&quot;p{number}&quot;" for number in range(200))
        many = f'<zeebe:assignmentDefinition candidateUsers="=[{people}, &quot;li&quot;]"/>'
        seen: list[str] = []
        event.listen(
            office.engine.database.engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, *_: seen.append(statement),
        )
        counts = []
        for who in (SIGNERS, many):
            office.run(signed("all", who), {})
            row, li = office.row("li"), office.who("li")
            seen.clear()
            office.engine.complete(row.item_id, actor=li, version=row.version, outcome="同意")
            counts.append(len(seen))
        assert counts[0] == counts[1] <= 10


def instances(inner: str, sequential: bool = False, **loop: str) -> str:
    """The XML of a multi-instance marker."""
    attributes = " ".join(f'{name}="{value}"' for name, value in loop.items())
    extension = f"<bpmn:extensionElements><zeebe:loopCharacteristics {attributes}/></bpmn:extensionElements>"
    flag = str(sequential).lower()
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{tag} isSequential="{flag}">{extension}{inner}</{tag}>'


def many(inner: str = "", sequential: bool = False, outcomes: str = "", **more: str) -> bytes:
    """A user task for each of ``people``, assigned to the person who is the item."""
    loop = instances(
        inner,
        sequential,
        inputCollection="=people",
        inputElement="person",
        outputCollection="scores",
        outputElement="=points * loopCounter",
    )
    who = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=person"/>'
    values = {"document": "score", **({"outcomes": outcomes} if outcomes else {}), **more}
    extension = f"<bpmn:extensionElements>{who}{properties(**values)}</bpmn:extensionElements>"
    return process(
        f"userTask each | {extension}{loop}",
        task("after", CHIEFS),
        "s -> each -> after -> e",
    )


PEOPLE = {"people": ["li", "liu", "sun"]}


class TestMultiInstance:
    """A multi-instance user task is one token with an item for each element of the input."""

    def test_each_item_is_for_its_own_person_and_the_output_keeps_the_order_of_the_input(
        self, office: Office
    ) -> None:
        instance = office.run(many(), PEOPLE)
        for person, points in (("sun", 10), ("li", 20), ("liu", 30)):
            office.do(person, answers={"points": points})
        assert asked(office) == {"wang", "zhou"}
        assert variables(office, instance)["scores"] == [20, 60, 30]

    def test_in_sequence_each_one_begins_after_the_one_before(self, office: Office) -> None:
        office.run(many(sequential=True), PEOPLE)
        for person in ("li", "liu", "sun"):
            assert asked(office) == {person}
            office.do(person, answers={"points": 1})

    def test_a_completion_condition_ends_it_early_and_the_missing_outputs_are_null(
        self, office: Office
    ) -> None:
        enough = (
            "<bpmn:completionCondition>=numberOfCompletedInstances / numberOfInstances &gt; 0.5"
            "</bpmn:completionCondition>"
        )
        instance = office.run(many(enough), PEOPLE)
        office.do("li", answers={"points": 5})
        office.do("sun", answers={"points": 5})
        assert asked(office) == {"wang", "zhou"}
        assert variables(office, instance)["scores"] == [5, None, 15]

    def test_no_items_are_done_at_once(self, office: Office) -> None:
        instance = office.run(many(), {"people": []})
        assert asked(office) == {"wang", "zhou"}
        assert variables(office, instance)["scores"] == []

    def test_what_is_no_list_is_an_incident_before_anybody_is_asked(self, office: Office) -> None:
        instance = office.run(many(), {"people": "li"})
        assert [one.code for one in office.view(instance).incidents] == ["signing.no_list"]

    def test_an_output_that_fails_is_an_incident_and_what_was_filled_in_is_kept(self, office: Office) -> None:
        instance = office.run(many(), PEOPLE)
        for person in ("li", "liu"):
            office.do(person, answers={"points": 1})
        office.do("sun", answers={"marks": 1})
        view = office.view(instance)
        assert [one.code for one in view.incidents] == ["feel.unknown_name"]
        assert [one.body for one in view.documents][-1] == {"marks": 1}

    def test_a_mode_of_signing_decides_for_the_items_too(self, office: Office) -> None:
        instance = office.run(many(signing="any", outcomes="同意,不同意"), PEOPLE)
        office.do("liu", "同意", answers={"points": 2})
        assert asked(office) == {"wang", "zhou"}
        assert variables(office, instance)["scores"] == [None, 4, None]


class TestTwoAtOnce:
    """Two people on one signing at the same moment are as one after the other."""

    def test_both_signatures_count_and_the_step_goes_on_once(self, office: Office) -> None:
        instance = office.run(signed("ratio 1/3", outcomes="同意,不同意"), {})
        rows = {person: office.row(person) for person in ("li", "liu", "sun")}
        barrier = threading.Barrier(3)
        results: list[Any] = []

        def work(person: str) -> None:
            actor = office.who(person)
            barrier.wait()
            row = rows[person]
            try:
                office.engine.complete(row.item_id, actor=actor, version=row.version, outcome="同意")
                results.append("signed")
            except Conflict as error:
                results.append(error.code)

        threads = [threading.Thread(target=work, args=(person,)) for person in rows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["item.cancelled", "item.cancelled", "signed"]
        assert len(variables(office, instance)["signatures"]) == 1
        assert asked(office) == {"wang", "zhou"}


class TestTheDoctor:
    """What does not fit together is found."""

    @pytest.mark.parametrize(
        ("damage", "rule"),
        [
            ("UPDATE work_items SET state = 'pending' WHERE state = 'open'", "instance.idle"),
            ("DELETE FROM signatures WHERE item_id = (SELECT min(item_id) FROM signatures)", "signing.rows"),
            ("UPDATE signatures SET token = token + 7", "signing.rows"),
        ],
    )
    def test_rows_that_do_not_agree_are_named(self, broken_office: Office, damage: str, rule: str) -> None:
        broken_office.run(signed("in order"), {})
        with broken_office.engine.database.write() as unit:
            unit.execute(text(damage))
        assert rule in {one.rule for one in broken_office.engine.doctor()}

    def test_an_opinion_that_nobody_can_give_is_named(self, broken_office: Office) -> None:
        broken_office.run(signed("all"), {})
        row = broken_office.row("li")
        broken_office.engine.delegate(
            row.item_id, actor=broken_office.who("li"), version=row.version, to="qian"
        )
        with broken_office.engine.database.write() as unit:
            unit.execute(text("UPDATE work_items SET assignee = NULL WHERE delegated_by IS NOT NULL"))
        assert "item.delegated" in {one.rule for one in broken_office.engine.doctor()}
