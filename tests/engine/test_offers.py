"""What a page offers beside deciding: for each operation, state and person the same as the command does, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from engine import BihuanError, FolderStore
from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_attachments import PDF

pytestmark = pytest.mark.quick_on_sqlite

DUE = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'
SOURCE = process(
    task("fill"),
    task(
        "review",
        CHIEFS,
        DUE,
        outcomes="同意",
        paper="=&quot;li&quot;",
        deadline_owner="=role(&quot;clerk&quot;, &quot;U1&quot;)",
    ),
    task("after"),
    "s -> fill -> review -> after -> e",
)


def review(office: Office) -> Any:
    """The chiefs have the item, nobody has done anything with it."""
    return office.row("wang")


def urged(office: Office) -> Any:
    row = office.row("wang")
    office.engine.urge(row.item_id, actor=office.who("li"))
    return row


def extended(office: Office) -> Any:
    """The holder has asked for a later deadline."""
    row = office.row("wang")
    office.engine.extend(
        row.item_id,
        actor=office.who("wang"),
        version=row.version,
        due=row.due_at + timedelta(days=1),
        reason="材料未齐",
    )
    return row


def begun(office: Office) -> Any:
    """The holder has begun to write, and is asked to let what came before go back."""
    done = completed_by_li(office)
    row = office.row("wang")
    office.engine.save_draft(row.item_id, actor=office.who("wang"), answers={}, based_on=None, opinion="阅")
    office.engine.ask_withdrawal(done, actor=office.who("li"), reason="填错")
    return row


def suspended(office: Office) -> Any:
    row = office.row("wang")
    office.engine.suspend(row.instance_id, actor="system", reason="复核")
    return row


def done(office: Office) -> Any:
    """The chief has completed it, and nobody has done anything since."""
    row = office.row("wang")
    office.do("wang", "同意")
    return row


def overtaken(office: Office) -> Any:
    """The chief has completed it, and the next holder has begun to write."""
    row = done(office)
    after = office.row("li")
    office.engine.save_draft(after.item_id, actor=office.who("li"), answers={}, based_on=None, opinion="收到")
    return row


def completed_by_li(office: Office) -> int:
    done = office.engine.done(office.who("li")).rows
    found: int = done[0].item_id
    return found


STATES = (review, urged, extended, begun, suspended, done, overtaken)
PEOPLE = ("li", "wang", "zhou", "qian", "root")


def later(row: Any) -> Any:
    return row.due_at + timedelta(days=3)


def change(office: Office, row: Any, actor: Any) -> None:
    found = office.engine.due_changes("p", "review", later(row), actor=actor, instances=[row.instance_id])
    if not found:  # the item is closed, so the campaign has nothing to move
        office.engine.task(row.item_id, actor)
        raise BihuanError("item.completed")
    (result,) = office.engine.change_dues(found, actor=actor, reason="统一延期")
    if result.error is not None:
        raise result.error


def decide(office: Office, row: Any, actor: Any) -> None:
    view = office.engine.task(row.item_id, actor)
    office.engine.decide_extension(view.extension.id if view.extension else 0, actor=actor, grant=True)


def register(office: Office, row: Any, actor: Any) -> None:
    office.engine.register_signature(
        row.item_id,
        actor=actor,
        version=office.engine.task(row.item_id, actor).version,
        outcome="同意",
        signer="局长",
        signed_on=office.engine.clock.now().date(),
        name="签批件.pdf",
        scan=PDF,
    )


def answer(office: Office, row: Any, actor: Any) -> None:
    view = office.engine.task(row.item_id, actor)
    asked = view.asked[0].item_id if view.asked else 0
    office.engine.answer_withdrawal(
        row.item_id, actor=actor, version=view.version, asked=asked, grant=False, reason="已办"
    )


COMMANDS: dict[str, Callable[[Office, Any, Any], object]] = {
    "urge": lambda o, row, actor: o.engine.urge(row.item_id, actor=actor),
    "copy": lambda o, row, actor: o.engine.copy(row.instance_id, actor=actor, to=["liu"]),
    "comment": lambda o, row, actor: o.engine.comment(row.instance_id, actor=actor, text="请核对"),
    "follow": lambda o, row, actor: o.engine.follow(row.instance_id, actor=actor),
    "register_signature": register,
    "decide_extension": decide,
    "change_dues": change,
    "withdraw": lambda o, row, actor: o.engine.withdraw(row.item_id, actor=actor),
    "ask_withdrawal": lambda o, row, actor: o.engine.ask_withdrawal(row.item_id, actor=actor, reason="填错"),
    "answer_withdrawal": answer,
}


@pytest.fixture
def desk(office: Office, tmp_path: Any) -> Office:
    """An office whose county allows signatures on paper."""
    office.engine.store = FolderStore(tmp_path / "files")
    office.engine.set_setting("paper_signing", True, "user:root")
    return office


def fresh(office: Office, state: Callable[[Office], Any]) -> Any:
    """Return the row of a new case's item in a state; what was open before is ended."""
    for person in ("li", "wang"):
        for row in office.rows(person):
            office.engine.terminate(row.instance_id, actor="system", reason="收尾")
    office.run(SOURCE, {})
    office.do("li")
    return state(office)


@pytest.mark.parametrize("state", STATES, ids=[one.__name__ for one in STATES])
def test_what_is_offered_is_what_is_done(desk: Office, state: Callable[[Office], Any]) -> None:
    row = fresh(desk, state)
    for person in PEOPLE:
        actor = desk.who(person)
        for operation, command in COMMANDS.items():
            can: str | None = "item.unknown"
            with suppress(BihuanError):
                can = desk.engine.task(row.item_id, actor).can[operation]
            code = None
            try:
                command(desk, row, actor)
            except BihuanError as error:
                code = error.code
            assert (can is None) == (code is None), (person, operation, can, code)
            if code is None:
                row = fresh(desk, state)


@pytest.mark.parametrize(
    ("state", "person", "operation", "code"),
    [
        (review, "wang", "urge", "urge.oneself"),
        (urged, "li", "urge", "urge.again"),
        (done, "li", "urge", "urge.closed"),
        (suspended, "li", "urge", "instance.suspended"),
        (review, "wang", "register_signature", "paper.not_clerk"),
        (extended, "wang", "extend", "extend.asked_already"),
        (extended, "zhou", "decide_extension", "extend.not_owner"),
        (review, "li", "decide_extension", "extend.not_asked"),
        (review, "wang", "change_dues", "extend.not_owner"),
        (review, "wang", "answer_withdrawal", "withdraw.not_asked"),
        (review, "li", "withdraw", "withdraw.not_yours"),
        (overtaken, "wang", "withdraw", "withdraw.opinion"),
        (done, "wang", "ask_withdrawal", "withdraw.possible"),
    ],
)
def test_a_refusal_names_its_reason_in_both_languages(
    desk: Office, state: Callable[[Office], Any], person: str, operation: str, code: str
) -> None:
    row = fresh(desk, state)
    view = desk.engine.task(row.item_id, desk.who(person))
    assert view.can[operation] == code
    for language in ("zh", "en"):
        text = view.why(operation, language)
        assert text
        assert "{" not in text
        assert text != code


def test_it_is_told_when_one_may_urge_again(desk: Office, clock: Any) -> None:
    row = fresh(desk, urged)
    view = desk.engine.task(row.item_id, desk.who("li"))
    assert view.because["urge"]["at"] == clock.now() + timedelta(hours=4)
    (holder,) = desk.engine.instance(row.instance_id, desk.who("li")).holders
    assert holder.can == {"urge": "urge.again"}
    clock.advance(timedelta(hours=4, minutes=1))
    assert desk.engine.task(row.item_id, desk.who("li")).can["urge"] is None
    (holder,) = desk.engine.instance(row.instance_id, desk.who("li")).holders
    assert holder.can == {"urge": None}


def test_the_case_tells_what_may_be_taken_back_and_who_has_opened_it(desk: Office) -> None:
    row = fresh(desk, review)
    li = desk.who("li")
    (mine,) = desk.engine.instance(row.instance_id, li).done
    assert (mine.step, mine.can["withdraw"], mine.opened_by) == ("fill", None, [])
    desk.engine.opened(row.item_id, actor=desk.who("wang"))
    (mine,) = desk.engine.instance(row.instance_id, li).done
    assert (mine.can["withdraw"], mine.opened_by) == (None, ["王"])
    assert desk.engine.task(mine.item_id, li).opened_by == ["王"]
    desk.engine.save_draft(row.item_id, actor=desk.who("wang"), answers={}, based_on=None, opinion="阅")
    (mine,) = desk.engine.instance(row.instance_id, li).done
    assert (mine.can["withdraw"], mine.can["ask_withdrawal"]) == ("withdraw.opinion", None)
    assert "王" in (mine.why("withdraw") or "")


def test_following_and_open_requests_are_told(desk: Office) -> None:
    row = fresh(desk, extended)
    wang = desk.who("wang")
    desk.engine.follow(row.instance_id, actor=wang)
    view = desk.engine.task(row.item_id, wang)
    case = desk.engine.instance(row.instance_id, wang)
    assert view.following
    assert case.following
    assert not desk.engine.task(row.item_id, desk.who("li")).following
    assert view.extension is not None
    assert [one.id for one in case.extensions] == [view.extension.id]
