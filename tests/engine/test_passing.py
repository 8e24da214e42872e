"""Passing a task on: to somebody instead of me, to somebody first and back; receipts."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Conflict, Forbidden, Refused
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task


def operate(office: Office, operation: str, person: str, **more: Any) -> Any:
    """Do an operation on the only item that waits for a person."""
    row = office.row(person)
    command = getattr(office.engine, operation)
    return command(row.item_id, actor=office.who(person), version=row.version, **more)


class TestTransfer:
    """转办: someone else instead of me."""

    def test_the_item_is_the_others_alone(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        operate(office, "transfer", "li", to="sun", reason="出差")
        assert office.rows("li") == office.rows("liu") == []
        office.do("sun", "提交")

    def test_history_says_who_gave_it_to_whom_and_why(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        operate(office, "transfer", "li", to="sun", reason="出差")
        (told,) = [one for one in office.view(instance).timeline if one.kind == "item.transferred"]
        assert (told.actor_name, told.data["to_name"], told.data["reason"]) == ("李", "孙", "出差")

    @pytest.mark.parametrize(
        ("to", "code"),
        [("li", "item.to_oneself"), ("nobody", "item.no_colleague"), ("root", "item.to_admin")],
    )
    def test_it_can_not_be_given_to_just_anybody(self, office: Office, to: str, code: str) -> None:
        office.run(FILL_AND_REVIEW)
        with pytest.raises(Refused) as caught:
            operate(office, "transfer", "li", to=to)
        assert caught.value.code == code

    def test_nobody_decides_by_a_transfer_what_the_file_keeps_apart_from_what_they_did(
        self, office: Office
    ) -> None:
        source = process(
            task("fill"), task("review", CHIEFS, separate_from="fill"), "s -> fill -> review -> e"
        )
        office.run(source, {})
        office.do("li")
        with pytest.raises(Refused) as caught:
            operate(office, "transfer", "wang", to="li")
        assert caught.value.code == "item.to_separated"

    def test_the_same_request_twice_is_one_transfer(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row, li = office.row("li"), office.who("li")
        given = {"actor": li, "version": row.version, "to": "sun", "request_key": "once"}
        first = office.engine.transfer(row.item_id, **given)
        assert office.engine.transfer(row.item_id, **given) == first

    def test_two_at_once_and_the_second_is_told(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("liu")
        operate(office, "transfer", "li", to="sun")
        with pytest.raises(Conflict) as caught:
            office.engine.transfer(row.item_id, actor=office.who("liu"), version=row.version, to="qian")
        assert "孙" in caught.value.message("zh")
        assert "transferred" in caught.value.message("en")


class TestAskingFirst:
    """征求意见、协办: someone else first, then back to me."""

    def asked(self, office: Office) -> int:
        instance = office.run(FILL_AND_REVIEW)
        office.do("li")
        operate(office, "delegate", "wang", to="qian", reason="请核一下数")
        return instance

    def test_it_goes_to_whoever_is_asked_and_comes_back_with_their_opinion(self, office: Office) -> None:
        self.asked(office)
        assert office.rows("wang") == office.rows("zhou") == []
        operate(office, "hand_back", "qian", opinion="数字无误")
        seen = office.engine.task(office.row("wang").item_id, office.who("wang"))
        assert (seen.draft_by, seen.draft_opinion) == ("钱", "数字无误")
        assert office.rows("zhou") == []
        office.do("wang", "同意")

    def test_whoever_is_asked_completes_nothing(self, office: Office) -> None:
        self.asked(office)
        done = office.do("qian", "同意", opinion="可以")
        assert done.state == "waiting"
        assert office.row("wang").element == "review"

    def test_whoever_is_asked_can_not_pass_it_on(self, office: Office) -> None:
        self.asked(office)
        with pytest.raises(Forbidden) as caught:
            operate(office, "transfer", "qian", to="zhou")
        assert caught.value.code == "item.only_asked"

    def test_whoever_asked_can_take_it_back(self, office: Office) -> None:
        self.asked(office)
        row = office.row("qian")
        office.engine.hand_back(row.item_id, actor=office.who("wang"), version=row.version)
        assert office.rows("qian") == []
        office.do("wang", "同意")

    def test_whoever_filled_the_form_may_be_asked_though_they_may_not_decide(self, office: Office) -> None:
        source = process(
            task("fill"), task("review", CHIEFS, separate_from="fill"), "s -> fill -> review -> e"
        )
        office.run(source, {})
        office.do("li")
        operate(office, "delegate", "wang", to="li")
        operate(office, "hand_back", "li", opinion="已说明")
        office.do("wang")

    def test_who_was_not_asked_has_nothing_to_hand_back(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        with pytest.raises(Forbidden) as caught:
            operate(office, "hand_back", "li", opinion="…")
        assert caught.value.code == "item.not_asked"


class TestReceipts:
    """签收: it has arrived."""

    def test_a_receipt_names_person_and_time_and_there_is_one(self, office: Office) -> None:
        instance = office.run(FILL_AND_REVIEW)
        operate(office, "acknowledge", "li")
        assert [one.kind for one in office.view(instance).timeline][-1] == "item.acknowledged"
        assert len(office.rows("liu")) == 1
        with pytest.raises(Forbidden) as caught:
            operate(office, "acknowledge", "liu")
        assert caught.value.code == "item.acknowledged_already"


def test_the_task_says_what_may_be_done_and_why_not(office: Office) -> None:
    office.run(FILL_AND_REVIEW)
    can = office.engine.task(office.row("li").item_id, office.who("li")).can
    assert can["transfer"] is can["delegate"] is can["acknowledge"] is None
    assert can["hand_back"] == "item.not_asked"
    assert can["remove_signer"] == "signing.single"
