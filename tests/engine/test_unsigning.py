"""Withdrawing one signature (撤回) while the signing is open: it goes back alone, as long as nothing followed from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import NewPin, NotFound, Reply
from engine.errors import BihuanError
from tests.engine.office import CHIEFS, Office, process, task

THREE = (
    '<zeebe:assignmentDefinition candidateUsers="=[&quot;wang&quot;, &quot;zhou&quot;, &quot;qian&quot;]"/>'
)


def signing(mode: str = "all", extra: str = "", **more: str) -> bytes:
    return process(
        task("fill", document="form"),
        task(
            "sign",
            THREE,
            extra,
            signing=mode,
            outcomes="同意,不同意",
            rejects="不同意",
            document="said",
            **more,
        ),
        task("after"),
        "s -> fill -> sign -> after -> e",
    )


def opened(office: Office, mode: str = "all", **more: str) -> int:
    instance = office.run(signing(mode, **more), {})
    office.do("li", answers={"a": 1})
    return instance


def sign(office: Office, person: str, outcome: str = "同意", **more: Any) -> int:
    """Sign, and return the signer's item."""
    item = office.row(person).item_id
    office.do(person, outcome, **more)
    return item


def refused(office: Office, item: int, person: str) -> str:
    with pytest.raises(BihuanError) as caught:
        office.engine.withdraw(item, actor=office.who(person))
    assert office.engine.task(item, office.who(person)).can["withdraw"] == caught.value.code
    return caught.value.code


def test_a_signature_goes_back_alone_and_is_given_again(office: Office) -> None:
    instance = opened(office)
    item = sign(office, "wang", "不同意", opinion="写错了", answers={"score": 60})
    assert office.engine.task(item, office.who("wang")).can["withdraw"] is None
    done = office.engine.withdraw(item, actor=office.who("wang"), reason="点错")
    assert [one.item_id for one in done.open_items] == [item]
    view = office.engine.task(item, office.who("wang"))
    assert (view.state, view.can["complete"], view.answers) == ("open", None, {"score": 60})
    states = {one.names[0]: (one.state, one.outcome, one.opinion) for one in view.signatures}
    assert states["王"] == ("open", "", "")
    (told,) = [one for one in office.view(instance).timeline if one.kind == "signature.withdrawn"]
    assert (told.actor_name, told.data["reason"]) == ("王", "点错")
    sign(office, "wang")
    sign(office, "zhou")
    sign(office, "qian")
    assert office.row("li").element == "after"
    votes = office.engine.task(item, office.who("wang")).signatures
    assert [one.outcome for one in votes] == ["同意", "同意", "同意"]


def test_what_was_written_in_a_withdrawn_signature_counts_no_more(office: Office) -> None:
    instance = opened(office)
    sign(office, "zhou", answers={"score": 80})
    item = sign(office, "wang", answers={"score": 60})
    office.engine.withdraw(item, actor=office.who("wang"))
    said = [one.body for one in office.view(instance).documents if one.name == "said"]
    assert said == [{"score": 80}]


def test_once_the_signing_is_decided_it_is_too_late(office: Office) -> None:
    opened(office, "any")
    assert refused(office, sign(office, "wang"), "wang") == "withdraw.signing"


def test_only_who_signed_takes_it_back(office: Office) -> None:
    opened(office)
    item = sign(office, "wang")
    assert refused(office, item, "zhou") == "withdraw.not_yours"
    with pytest.raises(NotFound):
        office.engine.withdraw(item, actor=office.who("root"))


class TestInOrder:
    """依次: who comes after waits again, unless they have signed or begun to write."""

    def test_the_next_one_waits_again_and_is_told(self, office: Office, clock: Any) -> None:
        due = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P3D&quot;)"/>'
        instance = office.run(signing("in order", due), {})
        office.do("li")
        item = sign(office, "wang")
        row = office.row("zhou")
        office.engine.opened(row.item_id, actor=office.who("zhou"))
        assert office.engine.task(item, office.who("wang")).opened_by == ["周"]
        office.engine.withdraw(item, actor=office.who("wang"))
        assert office.rows("zhou") == []
        (notice,) = office.engine.notices(office.who("zhou"))
        assert (notice.instance_id, notice.by) == (instance, "user:wang")
        clock.advance(timedelta(days=1))
        sign(office, "wang")
        again = office.row("zhou")
        assert (again.item_id, again.due_at) == (row.item_id, clock.now() + timedelta(days=3))
        sign(office, "zhou")
        sign(office, "qian")

    def test_not_when_the_next_one_has_signed(self, office: Office) -> None:
        opened(office, "in order")
        item = sign(office, "wang")
        sign(office, "zhou")
        assert refused(office, item, "wang") == "withdraw.signed_after"

    def test_not_when_the_next_one_has_begun_to_write(self, office: Office) -> None:
        opened(office, "in order")
        item = sign(office, "wang")
        row = office.row("zhou")
        office.engine.save_draft(
            row.item_id, actor=office.who("zhou"), answers={}, based_on=None, opinion="阅"
        )
        assert refused(office, item, "wang") == "withdraw.writing_after"

    def test_the_lead_waits_again_for_all(self, office: Office) -> None:
        opened(office, lead="=&quot;user:qian&quot;")
        sign(office, "wang")
        item = sign(office, "zhou")
        assert len(office.rows("qian")) == 1
        office.engine.withdraw(item, actor=office.who("zhou"))
        assert office.rows("qian") == []
        sign(office, "zhou")
        sign(office, "qian")
        assert office.row("li").element == "after"


def test_a_signature_beside_somebody_who_was_added_goes_back(office: Office) -> None:
    office.run(
        process(task("fill"), task("review", CHIEFS), task("after"), "s -> fill -> review -> after -> e"), {}
    )
    office.do("li")
    row = office.row("wang")
    office.engine.add_signer(
        row.item_id, actor=office.who("wang"), version=row.version, to="sun", position="beside"
    )
    item = sign(office, "wang", "")
    office.engine.withdraw(item, actor=office.who("wang"))
    sign(office, "sun", "")
    sign(office, "wang", "")
    assert office.row("li").element == "after"


def test_who_was_asked_to_sign_before_me_takes_it_back_and_i_wait_with_my_dates(office: Office) -> None:
    due = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P3D&quot;)"/>'
    office.run(process(task("fill"), task("review", CHIEFS, due), "s -> fill -> review -> e"), {})
    office.do("li")
    row = office.row("wang")
    office.engine.add_signer(
        row.item_id, actor=office.who("wang"), version=row.version, to="sun", position="before"
    )
    item = sign(office, "sun", "")
    office.engine.withdraw(item, actor=office.who("sun"))
    assert office.rows("wang") == []
    sign(office, "sun", "")
    assert office.row("wang").due_at == row.due_at
    office.do("wang")


def test_the_one_who_signed_may_do_what_is_kept_apart_from_it_again(office: Office) -> None:
    source = process(
        task("sign", THREE, signing="all", outcomes="同意"),
        task("other", CHIEFS, separate_from="sign"),
        "parallelGateway split",
        "parallelGateway join",
        "s -> split -> sign -> join -> e",
        "split -> other -> join",
    )
    office.run(source, {})
    item, other = (
        next(row.item_id for row in office.rows("wang") if row.element == element)
        for element in ("sign", "other")
    )
    wang = office.who("wang")
    version = office.engine.task(item, wang).version
    office.engine.complete(item, actor=wang, version=version, outcome="同意")
    assert office.engine.task(other, wang).can["complete"] == "item.separated"
    office.engine.withdraw(item, actor=wang)
    assert office.engine.task(other, wang).can["complete"] is None


class TestPins:
    """Pinned opinions go back with the completion that they came with."""

    SOURCE = process(
        task("fill", document="form", outcomes="提交"),
        task("review", CHIEFS, pins="form", outcomes="同意,退回补正"),
        "exclusiveGateway gate",
        "s -> fill -> review -> gate",
        'gate -> fill: outcome = "退回补正"',
        "gate -> e: default",
    )

    def test_those_that_it_made_are_gone_and_those_that_it_closed_are_there(self, office: Office) -> None:
        instance = office.run(self.SOURCE, {})
        office.do("li", "提交", answers={"a": 1})
        sent = sign(office, "wang", "退回补正", opinion="补", pins=[NewPin("form", "a", None, "偏低")])
        assert [one.state for one in office.view(instance).pins] == ["open"]
        office.engine.withdraw(sent, actor=office.who("wang"))
        assert [one.state for one in office.view(instance).pins] == ["closed"]
        sign(office, "wang", "退回补正", opinion="补", pins=[NewPin("form", "a", None, "仍偏低")])
        (pin,) = [one for one in office.view(instance).pins if one.open]
        answered = sign(office, "li", "提交", answers={"a": 2}, replies={pin.id: Reply("changed", "")})
        office.engine.withdraw(answered, actor=office.who("li"))
        (pin,) = [one for one in office.view(instance).pins if one.id == pin.id]
        assert (pin.state, pin.reply_kind) == ("open", None)
        with pytest.raises(BihuanError):
            office.do("li", "提交", answers={"a": 2})
        sign(office, "li", "提交", answers={"a": 2}, replies={pin.id: Reply("changed", "")})
        closing = sign(office, "wang", "退回补正", opinion="再补", pins=[NewPin("form", "a", None, "再看")])
        office.engine.withdraw(closing, actor=office.who("wang"))
        states = {one.text: one.state for one in office.view(instance).pins}
        assert states == {"偏低": "closed", "仍偏低": "answered", "再看": "closed"}
        office.do("wang", "同意")


def test_a_signature_can_not_be_taken_back_while_the_case_is_held(office: Office) -> None:
    instance = opened(office)
    item = sign(office, "wang")
    office.engine.suspend(instance, actor="system", reason="复核")
    with pytest.raises(BihuanError) as caught:
        office.engine.withdraw(item, actor=office.who("wang"))
    assert caught.value.code == "instance.suspended"
    office.engine.resume(instance, actor="system", reason="继续")
    office.engine.withdraw(item, actor=office.who("wang"))
