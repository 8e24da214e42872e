"""Many tasks at once: deadlines that move, hand-over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import Forbidden, NotFound, Refused
from engine.calendar import ZONE
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task
from tests.engine.test_time import timer

pytestmark = pytest.mark.quick_on_sqlite

CHIEF_OWNS = "=role(&quot;chief&quot;, &quot;S1&quot;)"
DATES = ("2026-05-20T18:00:00+08:00", "2026-05-18T09:00:00+08:00")
WHEN = [f"=date and time(&quot;{one}&quot;)" for one in DATES]
DUE = f'<zeebe:taskSchedule dueDate="{WHEN[0]}" followUpDate="{WHEN[1]}"/>'
WITH_DEADLINE = process(
    task("fill", extra=DUE, deadline_owner=CHIEF_OWNS),
    timer("late", "timeDate", DATES[0], attached="fill", interrupting=False),
    task("beg", CHIEFS),
    "s -> fill -> e",
    "late -> beg -> e",
)
OLD = datetime(2026, 5, 20, 18, tzinfo=ZONE)
NEW = datetime(2026, 5, 27, 18, tzinfo=ZONE)


def ask(office: Office, due: datetime = NEW) -> int:
    row = office.row("li")
    return office.engine.extend(
        row.item_id, actor=office.who("li"), version=row.version, due=due, reason="材料未齐"
    )


class TestOneDeadline:
    """延期: the holder asks, the owner of the deadline decides."""

    def test_due_date_reminder_and_timers_follow_what_is_granted(self, office: Office, clock: Any) -> None:
        office.run(WITH_DEADLINE, {})
        ask(office)
        (asked,) = office.engine.extensions(office.who("wang"))
        assert (asked.asked_by_name, asked.reason, asked.due_at) == ("李", "材料未齐", NEW)
        assert office.row("li").due_at == OLD
        office.engine.decide_extension(asked.id, actor=office.who("wang"), grant=True)
        assert office.row("li").due_at == NEW
        clock.set(OLD + timedelta(days=1))
        assert office.engine.run_due() == 0
        clock.set(NEW)
        assert office.engine.run_due() == 1

    def test_the_old_date_stays_in_history(self, office: Office) -> None:
        instance = office.run(WITH_DEADLINE, {})
        ask(office)
        (asked,) = office.engine.extensions(office.who("wang"))
        office.engine.decide_extension(asked.id, actor=office.who("wang"), grant=True, answer="同意延期")
        (told,) = [one for one in office.view(instance).timeline if one.kind == "extension.granted"]
        assert datetime.fromisoformat(told.data["before"]) == OLD
        assert (datetime.fromisoformat(told.data["due"]), told.data["timers"]) == (NEW, 1)

    def test_a_refused_request_changes_nothing_and_may_be_asked_again(self, office: Office) -> None:
        office.run(WITH_DEADLINE, {})
        ask(office)
        with pytest.raises(Refused) as caught:
            ask(office)
        assert caught.value.code == "extend.asked_already"
        (asked,) = office.engine.extensions(office.who("wang"))
        office.engine.decide_extension(asked.id, actor=office.who("wang"), grant=False)
        assert office.row("li").due_at == OLD
        ask(office)

    def test_only_an_owner_decides_and_the_date_must_be_later(self, office: Office) -> None:
        office.run(WITH_DEADLINE, {})
        number = ask(office)
        with pytest.raises(NotFound):
            office.engine.decide_extension(number, actor=office.who("li"), grant=True)
        assert office.engine.extensions(office.who("li")) == []
        with pytest.raises(Refused) as caught:
            office.engine.decide_extension(number, actor=office.who("wang"), grant=True, due=OLD)
        assert caught.value.code == "extend.not_later"

    def test_whose_deadline_it_is_moves_it_at_once(self, office: Office) -> None:
        office.run(process(task("fill", extra=DUE), "s -> fill -> e"), {})
        ask(office)
        assert office.row("li").due_at == NEW

    def test_without_a_deadline_there_is_nothing_to_extend(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        with pytest.raises(Forbidden) as caught:
            ask(office)
        assert caught.value.code == "extend.no_due"


class TestADeadlineThatSeveralSign:
    """The timers on a step that several sign follow the last deadline of those who are still to sign."""

    SOURCE = process(
        task(
            "sign",
            '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;sun&quot;]"/>',
            DUE,
            signing="all",
            deadline_owner=CHIEF_OWNS,
        ),
        timer("late", "timeDate", DATES[0], attached="sign", interrupting=True),
        task("beg", CHIEFS),
        "s -> sign -> e",
        "late -> beg -> e",
    )

    def move(self, office: Office, person: str, due: datetime) -> None:
        row = office.row(person)
        number = office.engine.extend(
            row.item_id, actor=office.who(person), version=row.version, due=due, reason="出差"
        )
        office.engine.decide_extension(number, actor=office.who("wang"), grant=True)

    def test_who_has_more_time_is_not_cut_off_by_the_old_timer(self, office: Office, clock: Any) -> None:
        office.run(self.SOURCE, {})
        self.move(office, "sun", NEW)
        clock.set(OLD + timedelta(hours=1))
        assert office.engine.run_due() == 0
        assert office.row("li").due_at == OLD
        clock.set(NEW)
        assert office.engine.run_due() == 1
        assert office.row("wang").element == "beg"

    def test_two_who_are_given_the_same_time_move_the_timer_once(self, office: Office, clock: Any) -> None:
        office.run(self.SOURCE, {})
        self.move(office, "sun", NEW)
        self.move(office, "li", NEW)
        clock.set(NEW - timedelta(minutes=1))
        assert office.engine.run_due() == 0
        clock.set(NEW)
        assert office.engine.run_due() == 1

    def test_a_campaign_moved_earlier_takes_the_timer_along_with_the_last_signer(
        self, office: Office, clock: Any
    ) -> None:
        office.run(self.SOURCE, {})
        wang, sooner = office.who("wang"), OLD - timedelta(days=2)
        found = office.engine.due_changes("p", "sign", sooner, actor=wang)
        results = office.engine.change_dues(found, actor=wang, reason="提前")
        assert [one.error for one in results] == [None, None]
        clock.set(sooner)
        assert office.engine.run_due() == 1


class TestACampaign:
    """调整截止日: all deadlines of a step, with a preview."""

    def test_the_preview_says_what_the_change_then_does(self, office: Office) -> None:
        for _ in range(3):
            office.run(WITH_DEADLINE, {})
        wang = office.who("wang")
        found = office.engine.due_changes("p", "fill", NEW, actor=wang)
        assert [(one.before, one.after, one.timers, one.refusal) for one in found] == [
            (OLD, NEW, 1, None)
        ] * 3
        results = office.engine.change_dues(found, actor=wang, reason="统一延期")
        assert [one.error for one in results] == [None] * 3
        assert {row.due_at for row in office.rows("li")} == {NEW}

    def test_what_has_changed_since_the_preview_is_left_alone(self, office: Office) -> None:
        for _ in range(2):
            office.run(WITH_DEADLINE, {})
        wang = office.who("wang")
        found = office.engine.due_changes("p", "fill", NEW, actor=wang)
        row = office.rows("li")[0]
        office.engine.claim(row.item_id, actor=office.who("li"), version=row.version)
        results = office.engine.change_dues(found, actor=wang, reason="统一延期")
        assert [one.error is None for one in results] == [False, True]

    def test_who_does_not_own_the_deadline_changes_nothing(self, office: Office) -> None:
        office.run(WITH_DEADLINE, {})
        found = office.engine.due_changes("p", "fill", NEW, actor=office.who("qian"))
        assert [one.refusal for one in found] == ["extend.not_owner"]
        (result,) = office.engine.change_dues(found, actor=office.who("qian"), reason="…")
        assert result.error is not None


LI = '<zeebe:assignmentDefinition assignee="li"/>'


class TestHandOver:
    """交接: all open tasks of somebody who leaves."""

    def test_everything_by_name_goes_to_the_others_in_turn(self, office: Office) -> None:
        for _ in range(3):
            office.run(process(task("fill", LI), "s -> fill -> e"), {})
        results = office.engine.hand_over("li", ["sun", "qian"], actor=office.who("li"), reason="调离")
        assert [one.error for one in results] == [None] * 3
        assert (len(office.rows("li")), len(office.rows("sun")), len(office.rows("qian"))) == (0, 2, 1)

    def test_chosen_items_go_to_chosen_people(self, office: Office) -> None:
        for _ in range(2):
            office.run(process(task("fill", LI), "s -> fill -> e"), {})
        first = office.rows("li")[0].item_id
        office.engine.hand_over("li", ["sun"], actor=office.who("li"), chosen={first: "qian"})
        assert office.row("qian").item_id == first
        assert len(office.rows("sun")) == 1

    def test_the_draft_goes_along(self, office: Office) -> None:
        office.run(process(task("fill", LI), "s -> fill -> e"), {})
        row = office.row("li")
        office.engine.save_draft(row.item_id, actor=office.who("li"), answers={"n": 1}, based_on=None)
        office.engine.hand_over("li", ["sun"], actor=office.who("root"))
        assert office.engine.task(row.item_id, office.who("sun")).answers == {"n": 1}

    def test_turns_that_have_not_come_and_what_comes_back_go_too(self, office: Office) -> None:
        order = '<zeebe:assignmentDefinition candidateUsers="=[&quot;sun&quot;, &quot;li&quot;]"/>'
        office.run(process(task("sign", order, signing="in order"), "s -> sign -> e"), {})
        office.engine.hand_over("li", ["qian"], actor=office.who("li"))
        office.do("sun")
        assert office.rows("li") == []
        office.do("qian")

    def test_what_the_other_may_not_have_stays(self, office: Office) -> None:
        source = process(task("fill"), task("again", LI, separate_from="fill"), "s -> fill -> again -> e")
        office.run(source, {})
        office.do("liu")
        (result,) = office.engine.hand_over("li", ["liu"], actor=office.who("li"))
        assert result.error is not None
        assert result.error.code == "item.to_separated"
        assert len(office.rows("li")) == 1

    def test_nobody_hands_over_anothers_tasks(self, office: Office) -> None:
        office.run(process(task("fill", LI), "s -> fill -> e"), {})
        (result,) = office.engine.hand_over("li", ["sun"], actor=office.who("sun"))
        assert result.error is not None
        assert result.error.code == "handover.own_only"
