"""Claims, drafting by staff, and drafts that are never lost."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Conflict, Forbidden, InvalidAnswers, Refused
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

DRAFTED = process(
    task(
        "review",
        CHIEFS,
        outcomes="同意",
        drafters="=[role(&quot;staff&quot;, &quot;S1&quot;)]",
        document="review",
    ),
    "s -> review -> e",
)


def claim(office: Office, person: str) -> int:
    row = office.row(person)
    return office.engine.claim(row.item_id, actor=office.who(person), version=row.version)


class TestClaims:
    """A pooled item becomes one person's, and goes back."""

    def test_a_claim_takes_the_item_out_of_the_others_inboxes(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        claim(office, "li")
        assert office.rows("liu") == []
        assert office.row("li").assignee == "user:li"

    def test_what_is_put_back_is_everybodys_again(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        claim(office, "li")
        row = office.row("li")
        office.engine.unclaim(row.item_id, actor=office.who("li"), version=row.version)
        assert len(office.rows("liu")) == 1

    def test_the_loser_is_told_who_was_first(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("liu")
        claim(office, "li")
        with pytest.raises(Conflict) as caught:
            office.engine.claim(row.item_id, actor=office.who("liu"), version=row.version)
        assert "李" in caught.value.message("zh")

    def test_nobody_else_completes_or_puts_back_what_is_claimed(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        claim(office, "li")
        row = office.row("li")
        for act in ("complete", "unclaim"):
            with pytest.raises(Conflict) as caught:
                getattr(office.engine, act)(row.item_id, actor=office.who("liu"), version=row.version)
            assert caught.value.code == "item.held"


class TestDraftingByStaff:
    """A chief gives the item out, staff drafts, the chief decides in one act."""

    def assigned(self, office: Office) -> Any:
        office.run(DRAFTED, {})
        row = office.row("wang")
        office.engine.assign_out(row.item_id, actor=office.who("wang"), to="qian", version=row.version)
        return office.row("qian")

    def test_the_draft_goes_to_staff_and_comes_back_with_what_was_typed(self, office: Office) -> None:
        row = self.assigned(office)
        qian = office.who("qian")
        office.engine.save_draft(row.item_id, actor=qian, answers={"score": 92}, based_on=None)
        office.engine.hand_in(row.item_id, actor=qian, version=row.version, opinion="建议同意")
        assert office.rows("qian") == []
        seen = office.engine.task(row.item_id, office.who("wang"))
        assert (seen.answers, seen.draft_by, seen.draft_opinion) == ({"score": 92}, "钱", "建议同意")
        office.do("wang", "同意", answers=seen.answers)

    def test_staff_can_not_decide(self, office: Office) -> None:
        row = self.assigned(office)
        with pytest.raises(Forbidden) as caught:
            office.engine.complete(row.item_id, actor=office.who("qian"), version=row.version)
        assert caught.value.code == "item.drafter_only"

    def test_the_chief_can_decide_without_waiting(self, office: Office) -> None:
        self.assigned(office)
        office.do("wang", "同意", answers={"score": 80})
        assert office.rows("qian") == []

    def test_only_those_whom_the_file_names_can_draft(self, office: Office) -> None:
        office.run(DRAFTED, {})
        row = office.row("wang")
        for person in ("li", "nobody", "wang"):
            with pytest.raises(Refused):
                office.engine.assign_out(
                    row.item_id, actor=office.who("wang"), to=person, version=row.version
                )

    def test_a_step_without_drafters_can_not_be_given_out(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        with pytest.raises(Forbidden) as caught:
            office.engine.assign_out(row.item_id, actor=office.who("li"), to="liu", version=row.version)
        assert caught.value.code == "item.no_drafters"


class TestDrafts:
    """Nothing that was typed is lost."""

    def test_a_draft_is_what_its_writer_finds_again_and_nobody_else(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        for number in (1, 2):
            saved = office.engine.save_draft(
                row.item_id, actor=office.who("li"), answers={"n": number}, based_on=None, opinion="想想"
            )
        assert saved.revision == 2
        mine = office.engine.task(row.item_id, office.who("li"))
        assert (mine.answers, mine.draft_opinion, mine.draft_by) == ({"n": 2}, "想想", "李")
        assert office.engine.task(row.item_id, office.who("liu")).draft_saved_at is None

    def test_what_was_typed_for_a_refused_completion_is_a_draft(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        office.do("li")
        row = office.row("wang")
        with pytest.raises(InvalidAnswers):
            office.do("wang", "退回补正", answers={"typed": "很多字"})
        seen = office.engine.task(row.item_id, office.who("wang"))
        assert seen.answers == {"typed": "很多字"}

    def test_who_comes_second_keeps_what_they_typed(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        office.do("liu")
        with pytest.raises(Conflict):
            office.engine.complete(
                row.item_id, actor=office.who("li"), version=row.version, answers={"typed": "半页正文"}
            )
        assert office.engine.task(row.item_id, office.who("li")).answers == {"typed": "半页正文"}

    def test_a_draft_survives_a_claim_and_its_return(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        office.engine.save_draft(row.item_id, actor=office.who("li"), answers={"n": 1}, based_on=None)
        claim(office, "liu")
        back = office.row("liu")
        office.engine.unclaim(back.item_id, actor=office.who("liu"), version=back.version)
        assert office.engine.task(row.item_id, office.who("li")).answers == {"n": 1}

    def test_a_draft_is_gone_when_it_was_submitted_or_discarded(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row, li = office.row("li"), office.who("li")
        office.engine.save_draft(row.item_id, actor=li, answers={"n": 1}, based_on=None)
        office.engine.discard_draft(row.item_id, actor=li)
        assert office.engine.task(row.item_id, li).draft_saved_at is None
        office.engine.save_draft(row.item_id, actor=li, answers={"n": 1}, based_on=None)
        office.do("li", answers={"n": 2})
        assert office.engine.task(row.item_id, li).draft_saved_at is None
