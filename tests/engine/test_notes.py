"""What people tell one another about a case: copies with receipts, urges, comments, and who follows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import Conflict, Forbidden, NotFound, Refused
from engine.directory import PeopleQuery
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task


class TestCopies:
    """抄送: someone reads it, and the sender knows that they have."""

    def test_who_gets_a_copy_may_read_the_case(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        with pytest.raises(NotFound):
            office.view(instance, "qian")
        office.engine.copy(instance, actor=office.who("li"), to=["qian"], text="供参考")
        (note,) = office.engine.notes(office.who("qian"), "copy")
        assert (note.sender_name, note.text, note.subject) == ("李", "供参考", "路灯改造")
        assert office.view(instance, "qian").id == instance

    def test_a_receipt_says_who_read_it_once(self, office: Office, clock: Any) -> None:
        instance = office.run(FILL_AND_REVIEW)
        office.engine.copy(instance, actor=office.who("li"), to=["qian", "sun"])
        (note,) = office.engine.notes(office.who("qian"), unread=True)
        assert office.engine.read_note(note.id, actor=office.who("qian"))
        assert not office.engine.read_note(note.id, actor=office.who("qian"))
        assert office.engine.notes(office.who("qian"), unread=True) == []
        found = office.engine.receipts(instance, office.who("li"))
        assert [(one.name, one.read_at) for one in found] == [("钱", clock.now()), ("孙", None)]

    def test_nobody_reads_what_was_sent_to_another(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        office.engine.copy(instance, actor=office.who("li"), to=["qian"])
        (note,) = office.engine.notes(office.who("qian"))
        with pytest.raises(NotFound):
            office.engine.read_note(note.id, actor=office.who("sun"))

    def test_a_role_is_everybody_who_holds_it_today(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        sent = office.engine.copy(instance, actor=office.who("li"), to=["role:chief@S1"])
        assert sent == ["user:wang", "user:zhou"]

    def test_who_may_not_see_the_case_copies_nothing(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        with pytest.raises(NotFound):
            office.engine.copy(instance, actor=office.who("qian"), to=["sun"])
        with pytest.raises(Forbidden):
            office.engine.copy(instance, actor=office.who("root"), to=["sun"])
        with pytest.raises(Refused):
            office.engine.copy(instance, actor=office.who("li"), to=["nobody"])

    def test_the_file_says_who_gets_a_copy_of_what_was_done(self, office: Office) -> None:
        copied = task("fill", cc="=[role(&quot;chief&quot;, &quot;S1&quot;), &quot;qian&quot;]")
        office.run(process(copied, "s -> fill -> e"), {})
        office.do("li")
        for person in ("wang", "zhou", "qian"):
            assert [one.kind for one in office.engine.notes(office.who(person))] == ["copy"]

    def test_a_copy_that_the_file_gets_wrong_does_not_hold_the_work_up(self, office: Office) -> None:
        instance = office.run(process(task("fill", cc="=ghost"), "s -> fill -> e"), {})
        office.do("li")
        assert [one.kind for one in office.view(instance).timeline][1:3] == ["item.completed", "copy.failed"]


class TestUrges:
    """催办: a nudge to who holds it, once in four hours."""

    def test_the_holder_is_told_and_history_keeps_it(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        office.do("li")
        item = office.row("wang").item_id
        told = office.engine.urge(item, actor=office.who("li"), text="本周要报")
        assert told == ["user:wang", "user:zhou"]
        (note,) = office.engine.notes(office.who("wang"), "urge")
        assert (note.item_id, note.text) == (item, "本周要报")
        assert "task.urged" in [one.kind for one in office.view(instance).timeline]

    def test_again_only_after_four_hours(self, office: Office, clock: Any) -> None:
        office.run(FILL_AND_REVIEW)
        office.do("li")
        item, li = office.row("wang").item_id, office.who("li")
        office.engine.urge(item, actor=li)
        clock.advance(timedelta(hours=3, minutes=59))
        with pytest.raises(Refused) as caught:
            office.engine.urge(item, actor=li)
        assert caught.value.code == "urge.again"
        clock.advance(timedelta(minutes=1))
        office.engine.urge(item, actor=li)

    def test_nobody_urges_themself_or_what_is_done(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        item, li = office.row("li").item_id, office.who("li")
        with pytest.raises(Refused) as caught:
            office.engine.urge(item, actor=li)
        assert caught.value.code == "urge.oneself"
        office.do("li")
        with pytest.raises(Refused) as caught:
            office.engine.urge(item, actor=li)
        assert caught.value.code == "urge.closed"


class TestComments:
    """评论: on the case, kept with it."""

    def test_a_comment_is_on_the_timeline_and_tells_whom_it_mentions(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        office.do("li")
        office.engine.comment(instance, actor=office.who("li"), text="附件已补", mentions=["wang"])
        (said,) = [one for one in office.view(instance).timeline if one.kind == "comment.added"]
        assert (said.actor_name, said.opinion, said.data["to_name"]) == ("李", "附件已补", "王")
        assert [one.kind for one in office.engine.notes(office.who("wang"))] == ["mention"]

    def test_nobody_is_let_in_by_being_mentioned(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        with pytest.raises(Refused) as caught:
            office.engine.comment(instance, actor=office.who("li"), text="看看", mentions=["qian"])
        assert caught.value.code == "comment.not_here"

    def test_a_colleague_of_ones_own_office_is_mentioned_though_the_case_has_not_come_to_them(
        self, office: Office
    ) -> None:
        office.engine.people.add_post("qian", "head", "U1")  # where the clerk is, too
        instance = office.run(FILL_AND_REVIEW)
        found = office.engine.colleagues(PeopleQuery(), actor=office.who("li"), instance_id=instance)
        assert "qian" in {one.person for one in found}
        office.engine.comment(instance, actor=office.who("li"), text="@钱 请过目", mentions=["qian"])
        assert [note.text for note in office.engine.notes(office.who("qian"))] == ["@钱 请过目"]
        assert office.view(instance, "qian").comments[0].text == "@钱 请过目"

    @pytest.mark.parametrize(("text", "code"), [(" ", "comment.empty"), ("长" * 2001, "notes.too_long")])
    def test_a_comment_says_something_and_not_too_much(self, office: Office, text: str, code: str) -> None:
        instance = office.run(FILL_AND_REVIEW)
        with pytest.raises(Refused) as caught:
            office.engine.comment(instance, actor=office.who("li"), text=text)
        assert caught.value.code == code


def test_a_case_is_followed_and_not_any_more(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    li = office.who("li")
    assert office.engine.follow(instance, actor=li)
    assert not office.engine.follow(instance, actor=li)
    assert office.engine.followed(li) == [instance]
    assert office.engine.follow(instance, actor=li, on=False)
    assert office.engine.followed(li) == []


def test_the_same_copy_twice_under_one_key_is_one(office: Office) -> None:
    instance = office.run(process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e"), {})
    for _ in range(2):
        office.engine.copy(instance, actor=office.who("li"), to=["qian"], request_key="one")
    assert len(office.engine.notes(office.who("qian"))) == 1


class TestTakingBack:
    """撤下评论: its author can; that it was there stays."""

    def said(self, office: Office) -> tuple[int, Any]:
        instance = office.run(FILL_AND_REVIEW)
        office.do("li")
        office.engine.comment(instance, actor=office.who("li"), text="@王 附件有误", mentions=["wang"])
        (comment,) = office.view(instance).comments
        return instance, comment

    def test_those_who_take_part_read_the_thread_and_only_the_author_can_take_it_back(
        self, office: Office
    ) -> None:
        instance, comment = self.said(office)
        assert (comment.author_name, comment.text, comment.mentions) == ("李", "@王 附件有误", ["王"])
        assert comment.may_strike
        (seen,) = office.view(instance, "wang").comments
        assert (seen.text, seen.may_strike) == (comment.text, False)
        with pytest.raises(Forbidden) as caught:
            office.engine.strike_comment(instance, comment.number, actor=office.who("wang"))
        assert caught.value.code == "comment.not_yours"

    def test_what_was_taken_back_is_shown_nowhere_and_stays_in_history(
        self, office: Office, clock: Any
    ) -> None:
        instance, comment = self.said(office)
        clock.advance(timedelta(minutes=5))
        office.engine.strike_comment(instance, comment.number, actor=office.who("li"))
        for person in ("li", "wang"):
            view = office.view(instance, person)
            (left,) = view.comments
            assert (left.text, left.struck_at, left.may_strike) == ("", clock.now(), False)
            told = {event.kind: event.opinion for event in view.timeline}
            assert told["comment.added"] is None
            assert "comment.struck" in told
        assert [note.text for note in office.engine.notes(office.who("wang"), "mention")] == [""]
        with pytest.raises(Conflict):
            office.engine.strike_comment(instance, comment.number, actor=office.who("li"))

    def test_another_event_is_no_comment(self, office: Office) -> None:
        instance, comment = self.said(office)
        for number in (1, comment.number + 1, 999):
            with pytest.raises(NotFound):
                office.engine.strike_comment(instance, number, actor=office.who("li"))

    def test_who_may_not_see_the_case_learns_nothing(self, office: Office) -> None:
        instance, comment = self.said(office)
        with pytest.raises(NotFound):
            office.engine.strike_comment(instance, comment.number, actor=office.who("sun"))
