"""加签 and 减签: signers are added before, after and beside, also to one person's step, and taken out before they signed."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Refused
from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_signing import asked, outcome, signed, variables

pytestmark = pytest.mark.quick_on_sqlite


def add(office: Office, person: str, to: str, position: str) -> int:
    row = office.row(person)
    return office.engine.add_signer(
        row.item_id, actor=office.who(person), version=row.version, to=to, position=position
    )


def remove(office: Office, person: str, whom: str) -> Any:
    row = office.row(person)
    views = office.engine.task(row.item_id, office.who(person)).signatures
    (gone,) = [one for one in views if whom in one.names and one.state != "cancelled"]
    return office.engine.remove_signer(
        row.item_id, actor=office.who(person), version=row.version, signer=gone.item_id, reason="不涉及"
    )


class TestAddingSigners:
    """加签 before, after and beside me; 减签 of those who have not signed."""

    def test_beside_me_is_one_more_who_must_sign(self, office: Office) -> None:
        instance = office.run(signed("all"), {})
        add(office, "li", "qian", "beside")
        for person in ("li", "liu", "sun"):
            office.do(person, "同意")
        assert outcome(office, instance) is None
        office.do("qian", "同意")
        assert outcome(office, instance) == "同意"

    def test_before_me_i_wait_until_they_have_signed(self, office: Office) -> None:
        office.run(signed("all"), {})
        add(office, "li", "qian", "before")
        assert asked(office) == {"liu", "sun", "qian"}
        office.do("qian", "同意")
        assert asked(office) == {"li", "liu", "sun"}

    def test_after_me_they_wait_until_i_have_signed(self, office: Office) -> None:
        office.run(signed("all"), {})
        add(office, "li", "qian", "after")
        assert asked(office) == {"li", "liu", "sun"}
        office.do("li", "同意")
        assert asked(office) == {"qian", "liu", "sun"}

    @pytest.mark.parametrize(
        ("position", "turns"),
        [
            ("before", [{"qian"}, {"li"}, {"liu"}, {"sun"}]),
            ("after", [{"li"}, {"qian"}, {"liu"}, {"sun"}]),
            ("beside", [{"li", "qian"}, {"liu"}, {"sun"}]),
        ],
    )
    def test_in_order_the_new_one_has_a_place_in_the_order(
        self, office: Office, position: str, turns: list[set[str]]
    ) -> None:
        instance = office.run(signed("in order"), {})
        add(office, "li", "qian", position)
        for turn in turns:
            assert asked(office) == turn
            for person in sorted(turn):
                office.do(person, "同意")
        assert outcome(office, instance) == "同意"

    def test_the_lead_comes_after_those_who_were_added(self, office: Office) -> None:
        office.run(signed("all", lead="sun"), {})
        add(office, "li", "qian", "beside")
        office.do("li", "同意")
        office.do("liu", "同意")
        assert asked(office) == {"qian"}
        office.do("qian", "同意")
        assert asked(office) == {"sun"}

    def test_a_vote_counts_those_who_were_added(self, office: Office) -> None:
        instance = office.run(signed("ratio 2/3"), {})
        add(office, "li", "qian", "beside")
        office.do("li", "同意")
        office.do("liu", "同意")
        assert outcome(office, instance) is None

    def test_nobody_is_added_twice(self, office: Office) -> None:
        office.run(signed("all"), {})
        with pytest.raises(Refused) as caught:
            add(office, "li", "sun", "beside")
        assert caught.value.code == "signing.already"

    def test_who_is_taken_out_is_not_waited_for(self, office: Office) -> None:
        instance = office.run(signed("all"), {})
        office.do("liu", "同意")
        remove(office, "li", "孙")
        assert asked(office) == {"li"}
        office.do("li", "同意")
        assert outcome(office, instance) == "同意"

    def test_taking_the_last_one_out_may_decide_it(self, office: Office) -> None:
        instance = office.run(signed("ratio 2/3"), {})
        office.do("liu", "同意")
        assert remove(office, "li", "孙") is None
        assert asked(office) == {"li"}
        add(office, "li", "sun", "after")
        assert remove(office, "li", "孙") is None
        office.do("li", "同意")
        assert outcome(office, instance) == "同意"

    def test_in_order_the_turn_passes_over_who_is_taken_out(self, office: Office) -> None:
        office.run(signed("in order"), {})
        remove(office, "li", "刘")
        office.do("li", "同意")
        assert asked(office) == {"sun"}

    def test_who_has_signed_stays(self, office: Office) -> None:
        office.run(signed("all"), {})
        office.do("liu", "同意")
        with pytest.raises(Refused) as caught:
            remove(office, "li", "刘")
        assert caught.value.code == "signing.signed_already"


class TestOnePersonsStep:
    """Signers can be added to a step that the file gives to one person: all approve, one rejection ends it."""

    ALONE = process(
        task("sign", CHIEFS, outcomes="同意,不同意", document="paper"),
        task("after"),
        "s -> sign -> after -> e",
    )

    def test_before_the_holder_another_signs_and_the_holder_concludes(self, office: Office) -> None:
        instance = office.run(self.ALONE, {})
        add(office, "wang", "qian", "before")
        assert asked(office) == {"qian"}
        office.do("qian", "同意", answers={"n": 1})
        assert asked(office) == {"wang", "zhou"}
        seen = office.engine.task(office.row("wang").item_id, office.who("wang"))
        assert (seen.answers, seen.document_version) == ({"n": 1}, 1)
        office.do("wang", "同意", answers={"n": 2})
        assert outcome(office, instance) == "同意"
        assert [one.body for one in office.view(instance).documents] == [{"n": 2}]

    def test_after_the_holder_another_has_the_last_word(self, office: Office) -> None:
        instance = office.run(self.ALONE, {})
        add(office, "wang", "qian", "after")
        office.do("wang", "同意")
        office.do("qian", "不同意", opinion="再议")
        assert outcome(office, instance) == "不同意"

    def test_what_was_filled_in_reaches_the_process(self, office: Office) -> None:
        instance = office.run(process(task("sign"), task("after"), "s -> sign -> after -> e"), {})
        add(office, "li", "sun", "after")
        office.do("li", answers={"x": 5})
        office.do("sun")
        assert variables(office, instance)["x"] == 5

    def test_who_was_added_can_be_taken_out_again(self, office: Office) -> None:
        instance = office.run(self.ALONE, {})
        add(office, "wang", "qian", "beside")
        remove(office, "wang", "钱")
        office.do("wang", "同意")
        assert outcome(office, instance) == "同意"
